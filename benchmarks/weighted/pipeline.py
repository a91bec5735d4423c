"""Go from a corpus to the weighted minimiser, for a setting."""

from benchmarks.weighted.settings import DIMENSION, Setting
from repsearch import Corpus, Counts, Embeddings, Setting31, Window, Word2Vec, count, mstar
from repsearch.corpus.subsampling import subsample
from repsearch.dynamics.weighted.minimiser import (
    WeightedMinimiser,
    power_weights,
    weighted_minimiser,
)
from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.spectrum.shrinkage import noise_edge


def counted(corpus: Corpus, setting: Setting, seed: int = 0) -> Counts:
    """Counts of the text, subsampled if so set."""
    if setting.subsample is not None:
        corpus = subsample(corpus, setting.subsample, seed=seed)
    return count(corpus, Window(setting.window))


def solved(
    counts: Counts, setting: Setting, tolerance: float | None = None
) -> tuple[WeightedMinimiser, float]:
    """The minimiser, and the edge of the noise that the setting takes into account."""
    weighting = (
        Setting31(setting.negatives)
        if setting.smoothing == 1
        else Word2Vec(setting.negatives, setting.smoothing, subsample=None)
    )
    target = mstar(counts, weighting, dtype="float32")
    g = power_weights(counts, setting.g_exponent)
    minimiser = weighted_minimiser(target, g, DIMENSION, tolerance=tolerance)
    if not setting.shrinkage:
        return minimiser, 0.0
    # Eigenvalues far below zero are not noise either.
    extreme = eigenpairs(minimiser.matrix, 5, by="magnitude").eigenvalues
    return minimiser, noise_edge(minimiser.spectrum, extreme[extreme < 0].tolist())


def embedded(
    corpus: Corpus, setting: Setting, exponent: float, tolerance: float | None = None
) -> Embeddings:
    """Embeddings at an exponent of the eigenvalues."""
    minimiser, edge = solved(counted(corpus, setting), setting, tolerance)
    return minimiser.embeddings(exponent=exponent, noise_edge=edge)
