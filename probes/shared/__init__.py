"""Compute and write what several probes need: intervals, resamples, rank correlations, tables."""
