"""Find the leading eigenpairs of a matrix over words, by signed value."""

from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.spectrum.shrinkage import noise_edge, shrunk
from repsearch.spectrum.spectrum import Spectrum

__all__ = [
    "Spectrum",
    "eigenpairs",
    "noise_edge",
    "shrunk",
]
