"""Compute M*, the target matrix that word2vec factorises near the origin."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import DTypeLike, NDArray

from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.target.from_ratios import target_from_ratios
from repsearch.target.target import Target
from repsearch.target.weighting import Setting31, Weighting

ZeroCounts = Literal["exact", "smooth", "neutral"]


def mstar(
    counts: Counts,
    weighting: Weighting | None = None,
    *,
    zeros: ZeroCounts = "exact",
    smoothing: float = 0.01,
    dtype: DTypeLike = np.float64,
) -> Target:
    """Compute M*, the target matrix of the quartic loss (arXiv 2502.09863, Eq. 5).

    ::

        M*_ij = (Psi+_ij P_ij - Psi-_ij P_i P_j) / ((Psi+_ij P_ij + Psi-_ij P_i P_j) / 2)

    P_ij is the skip-gram distribution (the counts divided by their sum), P_i its
    row sums, Psi+ and Psi- the weights of positive and negative pairs. It equals
    2 tanh((PMI_ij + log(Psi+_ij / Psi-_ij)) / 2), so its entries lie between -2,
    for a pair that was never seen, and 2, and are 0 for independent words where
    Psi+ = Psi-. A word that co-occurs with nothing, say the only word of its
    document, has P_i = 0, where the formula is 0 / 0: its pairs are taken for
    pairs that were never seen.

    Parameters
    ----------
    counts : Counts
        Co-occurrence counts.
    weighting : Weighting, optional
        Weights of pairs, Psi+ and Psi-; `Setting31` with one negative pair per
        positive pair by default.
    zeros : {"exact", "smooth", "neutral"}
        Entry of a pair that was never seen. ``"exact"``: what the formula
        says, -2, however few such pairs could be expected; in small
        corpora, where most pairs are unseen, this alone gives M* an eigenvalue
        near -2 V times their fraction. ``"smooth"``: Psi+ P is mixed with Psi- PP
        as (1 - smoothing) to smoothing, so that unseen pairs have
        -2 (1 - smoothing) / (1 + smoothing) and independent pairs still have 0;
        it damps rare pairs most. ``"neutral"``: an unseen pair says nothing and
        has 0; the evidence that two frequent words avoid each other is lost.
    smoothing : float
        Fraction of negative pairs mixed in, between 0 and 1, for ``zeros="smooth"``.
    dtype : dtype
        Type of the stored entries, which are computed in float64.

    Returns
    -------
    Target
        M* over the words of the counts, as sparse as they are.

    Raises
    ------
    InputError
        An unknown choice, a smoothing out of range, counts without a pair.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat sat", "the dog sat"], vocabulary_size=None)
    >>> counts = rs.count(corpus, rs.Window(1))
    >>> counts.words
    ('sat', 'the', 'cat', 'dog')
    >>> mstar(counts).dense().round(2)
    array([[-2.  , -2.  ,  0.67,  0.67],
           [-2.  , -2.  ,  0.67,  0.67],
           [ 0.67,  0.67, -2.  , -2.  ],
           [ 0.67,  0.67, -2.  , -2.  ]])
    >>> bool(np.allclose(mstar(counts).dense(), 2 * np.tanh(rs.pmi(counts).dense() / 2)))
    True
    """
    if zeros not in get_args(ZeroCounts):
        raise InputError(f"zeros is {zeros!r}; choose 'exact', 'smooth' or 'neutral'")
    if not 0 < smoothing < 1:
        raise InputError(f"smoothing is {smoothing!r}; pass a number between 0 and 1")
    floor = smoothing if zeros == "smooth" else 0.0
    unseen = -2 * (1 - floor) / (1 + floor)
    constant = 0.0 if zeros == "neutral" else unseen

    def entry(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        mixed = (1 - floor) * ratio + floor
        return 2 - 4 / (mixed + 1) - constant  # 2 (r - 1) / (r + 1), also for a huge r

    return target_from_ratios("M*", counts, weighting or Setting31(), entry, constant, dtype)
