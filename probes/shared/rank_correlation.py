"""Spearman's rank correlation with a bootstrap interval."""

from __future__ import annotations

from math import atanh, sqrt, tanh

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, rankdata

from probes.shared.intervals import Interval, multiplicities, percentile_interval
from repsearch.errors import InputError

FEWEST_TO_RESAMPLE = 10
"""Below this many points the bootstrap is not trusted (see `spearman_interval`)."""

_PART = 250  # resamples ranked at a time: 3,000 points make arrays of 6 MB


def spearman_interval(
    x: ArrayLike, y: ArrayLike, *, seed: int, level: float, resamples: int
) -> Interval:
    """Spearman's correlation of n points, ties with mean ranks, and its interval.

    The interval is the percentile bootstrap over points. With fewer than ten
    points, or a perfect correlation, where that would claim too much, it is
    Fisher's z with the variance (1 + ρ²/2) / (n − 3) of Bonett and Wright; a
    perfect ρ is taken there for one half-way to the next smaller value.

    Coverage is simulated in ``tests/probes/similarity/test_similarity.py``.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        The points' coordinates, neither all equal; n is 3 or more.
    seed : int
        Of the resampling.
    level : float
        Nominal coverage, between 0 and 1.
    resamples : int
        How many.

    Raises
    ------
    InputError
        When there are fewer than three points or all of x or y are equal.

    References
    ----------
    Bonett and Wright 2000, Psychometrika 65, 23-28.
    """
    x, y = (np.asarray(values, dtype=np.float64) for values in (x, y))
    n = len(x)
    if n < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        raise InputError(
            f"Spearman's correlation needs three points or more that differ in both "
            f"numbers; got {n}"
        )
    rank_x, rank_y = rankdata(x), rankdata(y)
    rho = float(np.clip(np.corrcoef(rank_x, rank_y)[0, 1], -1.0, 1.0))
    if n < FEWEST_TO_RESAMPLE or abs(rho) > 1 - 1e-12:
        return _fisher(rho, n, level=level)
    rng = np.random.default_rng(seed)
    resampled = np.concatenate(
        [
            _weighted_spearman(x, y, multiplicities(n, min(_PART, resamples - first), rng))
            for first in range(0, resamples, _PART)
        ]
    )
    # A resample in which all points tie has no correlation.
    resampled = resampled[np.isfinite(resampled)]
    return percentile_interval(
        rho, resampled, level=level, method=f"bootstrap over pairs, {resamples:,} resamples"
    )


def _weighted_spearman(
    x: NDArray[np.float64], y: NDArray[np.float64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Spearman's correlation of the points taken `counts` times, shape (resamples, n)."""
    total = counts.sum(axis=1, keepdims=True)
    centre = (total + 1) / 2
    u = _weighted_ranks(x, counts) - centre
    v = _weighted_ranks(y, counts) - centre
    weighted = counts * u
    covariance = np.einsum("ij,ij->i", weighted, v)
    variances = np.einsum("ij,ij->i", weighted, u) * np.einsum("ij,ij,ij->i", counts, v, v)
    flat = variances <= 0
    return np.where(flat, np.nan, covariance / np.sqrt(np.where(flat, 1.0, variances)))


def _weighted_ranks(
    values: NDArray[np.float64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean ranks in each resample, from one sorting of the whole sample."""
    _, group = np.unique(values, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    sizes = np.add.reduceat(counts[:, order], starts, axis=1)
    return np.asarray((np.cumsum(sizes, axis=1) - (sizes - 1) / 2)[:, group])


def _fisher(rho: float, n: int, *, level: float) -> Interval:
    method = "Fisher's z, variance of Bonett and Wright"
    if n <= 3:
        return Interval(rho, -1.0, 1.0, level, "three pairs are too few to tell")
    # 1 − 12 / (n³ − n) is the largest correlation of ranks below 1.
    largest = 1 - 6 / (n**3 - n)
    centre = min(max(rho, -largest), largest)
    reach = float(norm.ppf((1 + level) / 2)) * sqrt((1 + centre**2 / 2) / (n - 3))
    low, high = tanh(atanh(centre) - reach), tanh(atanh(centre) + reach)
    return Interval(rho, min(low, rho), max(high, rho), level, method)
