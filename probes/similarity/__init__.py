"""Correlate cosines with human ratings of word pairs."""

from probes.similarity.similarity import SimilarityResult, similarity

__all__ = [
    "SimilarityResult",
    "similarity",
]
