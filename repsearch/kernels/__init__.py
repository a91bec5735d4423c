"""Compile the inner loops."""
