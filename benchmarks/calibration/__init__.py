"""Calibrate `probes.random_matrix` by simulation."""
