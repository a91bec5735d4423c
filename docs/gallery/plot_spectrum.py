"""
Spectrum
========
"""

import repsearch as rs
from repsearch.data import carried_counts
from probes.figures import plot_spectrum

spectrum = rs.eigenpairs(rs.mstar(carried_counts()), d=20)
plot_spectrum(spectrum)
