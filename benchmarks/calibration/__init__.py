"""Calibration of `probes.random_matrix` by simulation."""
