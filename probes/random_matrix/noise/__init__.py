"""Fit the noise of difference vectors and draw its null distributions."""
