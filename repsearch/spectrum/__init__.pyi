from .eigensolver import eigenpairs
from .shrinkage import noise_edge, shrunk
from .spectrum import Spectrum

__all__ = [
    "Spectrum",
    "eigenpairs",
    "noise_edge",
    "shrunk",
]
