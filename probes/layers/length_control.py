"""Order contrast pairs by the length of their texts alone, and tell what a direction adds."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probes.layers.contrasts import ContrastDifferences
from probes.shared.intervals import Interval
from probes.shared.matched_shares import difference_interval, matched_groups
from probes.shared.resampling import Labels

Real = NDArray[np.float64]


def ordered_by_length(differences: ContrastDifferences) -> Real:
    """Order each pair by the length of its texts, as other groups have it.

    Parameters
    ----------
    differences : ContrastDifferences
        N contrast pairs.

    Returns
    -------
    (N,) float
        1 where the order is right and 0 where it is wrong; a half where the two texts are equally
        long, or where the lengths of other groups do not say.

    Examples
    --------
    >>> pairs = (("it is", "it was not"), ("he is", "he was not"), ("all are", "all were"))
    >>> longer = np.array([5.0, 5.0, 0.0])
    >>> ordered_by_length(ContrastDifferences(np.eye(3), pairs, longer=longer))
    array([1. , 1. , 0.5])
    """
    longer = differences.longer
    others = differences.groups[:, None] != differences.groups
    return np.asarray((1 + np.sign(longer) * np.sign(others @ longer)) / 2)


def beyond_length(
    right: ArrayLike, lengths: Real, groups: Labels, *, level: float = 0.95
) -> Interval:
    """Give the share of pairs ordered rightly by a direction, less that by length.

    Both are of the same pairs, so the interval is that of the paired difference: neither share
    is taken for known, and what the two have in common does not widen it.

    Parameters
    ----------
    right : (N,) array_like of bool
        Whether the direction orders each pair rightly.
    lengths : (N,) float
        The same by length, as of `ordered_by_length`.
    groups : (N,) int
        Group of each pair, from 0.
    level : float, default 0.95
        Nominal coverage.

    Returns
    -------
    Interval

    Examples
    --------
    Whatever the direction finds, length finds as well:

    >>> found = beyond_length(np.ones(20), np.ones(20), np.arange(20))
    >>> print(found)
    0.000 [-0.093, 0.093]
    """
    one = matched_groups(np.asarray(right, dtype=np.float64) - lengths, groups)
    return difference_interval([one], [1.0], level=level, over="groups of pairs")
