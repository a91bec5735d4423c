"""Compute products, sums, modes and draws to the same bits on any number of threads."""
