"""Draw modes: spectra, singular values over time, overlaps, loss."""
