"""Rank correlation with an interval and a permutation test."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from probes.shared.intervals import Interval
from probes.shared.rank_correlation import spearman_interval

Real = NDArray[np.float64]

_MOST_EXACT = 5040
_FEWEST = 3


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's correlation of n points.

    Parameters
    ----------
    rho : Interval
    p_value : float
        Probability of so large a |rho| when one of the two is permuted; of all
        permutations of up to 7 points, otherwise of drawn ones.
    points : int
        n.
    """

    rho: Interval
    p_value: float
    points: int

    def __str__(self) -> str:
        return f"rank correlation {self.rho}, p = {self.p_value:.2g} (n = {self.points})"


def rank_correlation(
    x: ArrayLike, y: ArrayLike, *, seed: int, level: float, resamples: int, draws: int = 9999
) -> RankCorrelation | None:
    """Spearman's correlation with its interval and its permutation p-value.

    Parameters
    ----------
    x, y : (n,) array_like
        Finite.
    seed : int
        Of resamples and permutations.
    level : float
        Nominal coverage.
    resamples : int
        Of the bootstrap.
    draws : int, default 9999
        Permutations, where they are not all taken.

    Returns
    -------
    RankCorrelation or None
        None for fewer than 3 points or where all of x or of y are equal.
    """
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    n = len(first)
    if n < _FEWEST or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    rho = spearman_interval(first, second, seed=seed, level=level, resamples=resamples)
    u, v = (rankdata(values) - (n + 1) / 2 for values in (first, second))
    exact = n <= 20 and factorial(n) <= _MOST_EXACT
    if exact:
        orders = np.array(list(permutations(range(n))))
    else:
        rng = np.random.default_rng([seed, 2])
        orders = rng.permuted(np.tile(np.arange(n), (draws, 1)), axis=1)
    # Ranks are halves of whole numbers: their products are exact, and ties are ties.
    products = np.abs(v[orders] @ u)
    above = int(np.count_nonzero(products >= abs(float(u @ v))))
    p_value = above / len(orders) if exact else (1 + above) / (1 + len(orders))
    return RankCorrelation(rho, p_value, n)
