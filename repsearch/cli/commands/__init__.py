"""Define the commands, one a file: their options, and what they say."""
