"""Compute laws of the eigenvalues of noise, and the outliers of spikes."""
