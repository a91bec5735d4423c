"""What several probes need: intervals, resampling, rank correlation, unit vectors, tables."""
