"""Hold the worlds with known answers, one in a file."""
