"""Compute a target entry by entry from the ratio of positive to negative pairs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike, NDArray

from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.target.operator import precision
from repsearch.target.target import Target
from repsearch.target.weighting import Weighting


def target_from_ratios(
    name: str,
    counts: Counts,
    weighting: Weighting,
    entry: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    constant: float,
    dtype: DTypeLike,
) -> Target:
    """Compute the entries of a target from r_ij = Psi+_ij P_ij / (Psi-_ij P_i P_j).

    Parameters
    ----------
    name : str
        Name of the target.
    counts : Counts
        Co-occurrence counts.
    weighting : Weighting
        Weights of pairs, Psi+ and Psi-.
    entry : callable
        Function from an array of ratios to entries less `constant`.
    constant : float
        Entry of a pair that was never seen.
    dtype : dtype
        Type of the stored entries.

    Returns
    -------
    Target
        Over the words of the counts, with the sparsity of the counts.

    Raises
    ------
    InputError
        Counts without a pair; another dtype than float32 and float64.
    """
    if counts.total == 0:
        raise InputError("the counts hold no pair of words; count a longer text or a wider window")
    dtype = precision(dtype)
    pairs = weighting.of(counts)
    n = len(counts.values)
    below = np.empty(n, dtype)
    above = below if weighting.symmetric else np.empty(n, dtype)
    total, marginals = counts.total, counts.marginals
    for low, high, rows in counts.blocks():
        columns = counts.columns[low:high]
        p = counts.values[low:high] / total
        independent = marginals[rows] * marginals[columns]
        for side, i, j in ((below, rows, columns), (above, columns, rows)):
            ratio = pairs.positive(i, j, p, independent) / pairs.negative(i, j, p, independent)
            side[low:high] = entry(ratio)
            if weighting.symmetric:
                break
    return Target(
        name=name,
        words=counts.words,
        indptr=counts.indptr,
        columns=counts.columns,
        below=below,
        above=above,
        constant=constant,
        counts=counts,
        weighting=weighting,
    )
