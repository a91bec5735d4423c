"""Models of the noise of difference vectors, fitted to their columns."""
