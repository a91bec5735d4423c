"""Count and test the spikes that stand out of noise."""
