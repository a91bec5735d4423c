"""Compute Spearman's rank correlation with an interval and a permutation test."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations as all_permutations
from math import atanh, factorial, sqrt, tanh

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, rankdata

from probes.shared.intervals import Interval, multiplicities, percentile_interval
from repsearch.errors import InputError

Real = NDArray[np.float64]

FEWEST_TO_RESAMPLE = 10
"""Below this many points the bootstrap is not trusted (see `spearman_interval`)."""

_FEWEST = 3
_MOST_EXACT = 5040  # permutations of 7 points
_ENTRIES = 1 << 16
"""Points of all resamples that are ranked at a time: their arrays stay in the cache."""


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's correlation of n points.

    Parameters
    ----------
    rho : Interval
        Correlation ρ, from −1 to 1.
    p_value : float
        Probability of so large a |ρ| when one of the two is permuted; of all
        permutations of up to 7 points, otherwise of random ones.
    points : int
        Number n of points.

    Examples
    --------
    >>> first, second = [1, 2, 3, 4, 5], [2, 1, 3, 5, 4]
    >>> print(rank_correlation(first, second, seed=0, level=0.9, resamples=100))
    rank correlation 0.800 [-0.233, 0.985], p = 0.13 (n = 5)
    """

    rho: Interval
    p_value: float
    points: int

    def __str__(self) -> str:
        return f"rank correlation {self.rho}, p = {self.p_value:.2g} (n = {self.points})"


def rank_correlation(
    first: ArrayLike,
    second: ArrayLike,
    *,
    seed: int,
    level: float,
    resamples: int,
    permutations: int = 9999,
) -> RankCorrelation | None:
    """Compute Spearman's correlation with its interval and its permutation p value.

    Parameters
    ----------
    first, second : array_like of float, shape (n,)
        Coordinates of the points, finite.
    seed : int
        Seed of resamples and permutations.
    level : float
        Nominal coverage of the interval.
    resamples : int
        Number of bootstrap resamples.
    permutations : int, default 9999
        Number of random permutations, where not all are taken.

    Returns
    -------
    RankCorrelation or None
        None for fewer than 3 points or where all of `first` or of `second` are equal.

    Examples
    --------
    >>> found = rank_correlation(range(6), [0, 1, 2, 3, 5, 4], seed=0, level=0.9, resamples=100)
    >>> f"{found.rho.value:.3f}", f"{found.p_value:.3f}"
    ('0.943', '0.017')
    """
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    n = len(x)
    if n < _FEWEST or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    rho = spearman_interval(x, y, seed=seed, level=level, resamples=resamples)
    u, v = (rankdata(values) - (n + 1) / 2 for values in (x, y))
    exact = n <= 20 and factorial(n) <= _MOST_EXACT
    if exact:
        orders = np.array(list(all_permutations(range(n))))
    else:
        rng = np.random.default_rng([seed, 2])
        orders = rng.permuted(np.tile(np.arange(n), (permutations, 1)), axis=1)
    # Ranks are halves of whole numbers: their products are exact, and ties are ties.
    products = np.abs(v[orders] @ u)
    above = int(np.count_nonzero(products >= abs(float(u @ v))))
    p_value = above / len(orders) if exact else (1 + above) / (1 + len(orders))
    return RankCorrelation(rho, p_value, n)


def spearman_interval(
    first: ArrayLike, second: ArrayLike, *, seed: int, level: float, resamples: int
) -> Interval:
    """Compute Spearman's correlation of n points, ties with mean ranks, and its interval.

    The interval is the percentile bootstrap over points. With fewer than ten
    points, or a perfect correlation, where that would claim too much, it is
    Fisher's z with the variance (1 + ρ²/2) / (n − 3) of Bonett and Wright; a
    perfect ρ is taken there for one half-way to the next smaller value.

    Coverage is simulated in ``tests/probes/similarity/test_similarity.py``.

    Parameters
    ----------
    first, second : array_like of float, shape (n,)
        Coordinates of the points, neither all equal; n is 3 or more.
    seed : int
        Seed of the resampling.
    level : float
        Nominal coverage, between 0 and 1.
    resamples : int
        Number of bootstrap resamples.

    Returns
    -------
    Interval
        Within −1 to 1.

    Raises
    ------
    InputError
        When there are fewer than three points or all of `first` or `second` are equal.

    References
    ----------
    Bonett and Wright 2000, Psychometrika 65, 23-28.

    Examples
    --------
    >>> print(spearman_interval([1, 2, 3, 4], [2, 1, 3, 4], seed=0, level=0.9, resamples=100))
    0.800 [-0.659, 0.995]
    """
    x, y = (np.asarray(values, dtype=np.float64) for values in (first, second))
    n = len(x)
    if n < _FEWEST or np.ptp(x) == 0 or np.ptp(y) == 0:
        raise InputError(
            f"Spearman's correlation needs three points or more that differ in both "
            f"numbers; got {n}"
        )
    rank_x, rank_y = rankdata(x), rankdata(y)
    rho = float(np.clip(np.corrcoef(rank_x, rank_y)[0, 1], -1.0, 1.0))
    if n < FEWEST_TO_RESAMPLE or abs(rho) > 1 - 1e-12:
        return _fisher(rho, n, level=level)
    rng = np.random.default_rng(seed)
    part = max(1, _ENTRIES // n)
    resampled = np.concatenate(
        [
            _weighted_spearman(x, y, multiplicities(n, min(part, resamples - done), rng))
            for done in range(0, resamples, part)
        ]
    )
    # A resample in which all points tie has no correlation.
    resampled = resampled[np.isfinite(resampled)]
    return percentile_interval(
        rho, resampled, level=level, method=f"bootstrap over pairs, {resamples:,} resamples"
    )


def _weighted_spearman(x: Real, y: Real, counts: Real) -> Real:
    """Correlate the points taken `counts` times, shape (resamples, n)."""
    total = counts.sum(axis=1, keepdims=True)
    centre = (total + 1) / 2
    u = _weighted_ranks(x, counts) - centre
    v = _weighted_ranks(y, counts) - centre
    weighted = counts * u
    covariance = np.einsum("ij,ij->i", weighted, v)
    variances = np.einsum("ij,ij->i", weighted, u) * np.einsum("ij,ij,ij->i", counts, v, v)
    flat = variances <= 0
    return np.where(flat, np.nan, covariance / np.sqrt(np.where(flat, 1.0, variances)))


def _weighted_ranks(values: Real, counts: Real) -> Real:
    """Give mean ranks in each resample, from one sorting of the whole sample."""
    _, group = np.unique(values, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    sizes = np.add.reduceat(counts[:, order], starts, axis=1)
    return np.asarray((np.cumsum(sizes, axis=1) - (sizes - 1) / 2)[:, group])


def _fisher(rho: float, n: int, *, level: float) -> Interval:
    """Give the interval of Fisher's z, for few points or a perfect correlation."""
    method = "Fisher's z, variance of Bonett and Wright"
    if n <= 3:
        return Interval(rho, -1.0, 1.0, level, "three pairs are too few to tell")
    # 1 − 12 / (n³ − n) is the largest correlation of ranks below 1.
    largest = 1 - 6 / (n**3 - n)
    centre = min(max(rho, -largest), largest)
    reach = float(norm.ppf((1 + level) / 2)) * sqrt((1 + centre**2 / 2) / (n - 3))
    low, high = tanh(atanh(centre) - reach), tanh(atanh(centre) + reach)
    return Interval(rho, min(low, rho), max(high, rho), level, method)
