from .eigensolver import eigenpairs
from .shrinkage import noise_edge, shrunk
from .singular import SingularTriplets, singular_triplets
from .spectrum import Spectrum

__all__ = [
    "SingularTriplets",
    "Spectrum",
    "eigenpairs",
    "noise_edge",
    "shrunk",
    "singular_triplets",
]
