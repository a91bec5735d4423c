"""Compute PMI and shifted positive PMI."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.target.from_ratios import target_from_ratios
from repsearch.target.sampled_weights import SampledWeights
from repsearch.target.target import Target
from repsearch.target.weighting import PairWeights, Setting31, Weighting


def pmi(
    counts: Counts,
    *,
    zero_ratio: float = 1e-25,
    exponent: float = 1.0,
    dtype: DTypeLike = np.float64,
) -> Target:
    """Compute the pointwise mutual information, log(P_ij / (P_i P_j) + `zero_ratio`).

    What word2vec factorises where nothing limits its rank (Levy and Goldberg 2014;
    arXiv 2502.09863, Eq. 2, with Psi+ = Psi-).

    Parameters
    ----------
    counts : Counts
        Co-occurrence counts.
    zero_ratio : float
        Added to the ratio so that unseen pairs are finite; the paper's 1e-25
        gives them -57.6, the 1e-2 of Korchinski et al. (2505.18651) -4.6.
    exponent : float
        Smooths the distribution of contexts: P_j to this power, over the sum of all, takes the
        place of P_j (Levy, Goldberg and Dagan 2015, who advise 0.75). Below 1 the matrix is not
        symmetric: it has no eigenpairs, but singular vectors (`singular_triplets`).
    dtype : dtype
        Type of the stored entries.

    Returns
    -------
    Target
        PMI over the words of the counts.

    Raises
    ------
    InputError
        A `zero_ratio` that is not positive, an exponent not between 0 and 1, counts without
        a pair.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat sat", "the dog sat"], vocabulary_size=None)
    >>> target = pmi(rs.count(corpus, rs.Window(1)), zero_ratio=1e-2)
    >>> target.words[1:3], target.dense()[1, 1:3].round(2).tolist()
    (('the', 'cat'), [-4.61, 0.7])
    """
    if not 0 < zero_ratio < math.inf:
        raise InputError(f"zero_ratio is {zero_ratio!r}; pass a small positive number")
    constant = math.log(zero_ratio)

    def entry(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.log(ratio + zero_ratio) - constant)

    return target_from_ratios(
        _named("PMI", exponent), counts, _weighting(1.0, exponent), entry, constant, dtype
    )


def shifted_ppmi(
    counts: Counts,
    *,
    negatives: float = 1.0,
    exponent: float = 1.0,
    dtype: DTypeLike = np.float64,
) -> Target:
    """Compute shifted positive PMI, max(PMI_ij - log k, 0) (Levy and Goldberg 2014).

    Parameters
    ----------
    counts : Counts
        Co-occurrence counts.
    negatives : float
        Negative pairs per positive pair, k; 1 gives plain PPMI.
    exponent : float
        Smooths the distribution of contexts, as in `pmi`; the matrix is symmetric only with 1.
    dtype : dtype
        Type of the stored entries.

    Returns
    -------
    Target
        Shifted PPMI over the words of the counts; 0 for a pair that was never seen.

    Raises
    ------
    InputError
        `negatives` not positive, an exponent not between 0 and 1, counts without a pair.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat sat", "the dog sat"], vocabulary_size=None)
    >>> target = shifted_ppmi(rs.count(corpus, rs.Window(1)))
    >>> target.dense()[1].round(2).tolist()
    [0.0, 0.0, 0.69, 0.69]
    """

    def entry(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.log(np.maximum(ratio, 1.0)))

    name, weighting = _named("PPMI", exponent), _weighting(negatives, exponent)
    return target_from_ratios(name, counts, weighting, entry, 0.0, dtype)


@dataclass(frozen=True)
class _SmoothedContexts:
    """Weights under which the ratio is P_ij / (k P_i Q_j), Q_j proportional to P_j^exponent."""

    negatives: float
    exponent: float

    def __str__(self) -> str:
        return f"contexts smoothed by the exponent {self.exponent:g}, k = {self.negatives:g}"

    @property
    def symmetric(self) -> bool:
        """Words and contexts differ."""
        return False

    def of(self, counts: Counts) -> PairWeights:
        """Compute the weights for the counts of a corpus."""
        contexts = counts.context_marginals**self.exponent
        contexts[counts.context_marginals == 0] = 0.0
        ones = np.ones(len(counts.words))
        return SampledWeights(
            self.negatives, ones, counts.marginals, contexts / contexts.sum(), symmetrise=False
        )


def _named(name: str, exponent: float) -> str:
    """The name that spectra and embeddings keep, from which the smoothing can be read."""
    return name if exponent == 1 else f"{name} (contexts^{exponent:g})"


def _weighting(negatives: float, exponent: float) -> Weighting:
    setting = Setting31(negatives)
    if not 0 <= exponent <= 1:
        raise InputError(f"exponent is {exponent!r}; pass a number from 0 to 1, such as 0.75")
    return setting if exponent == 1 else _SmoothedContexts(negatives, exponent)
