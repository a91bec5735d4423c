"""Whole studies: what the commands compute, without a word to the screen."""
