"""Compute whole studies for the larger commands, without a word to the screen."""
