"""Resample and flip groups of pairs that share words; give intervals of shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from probes.shared.intervals import (
    Interval,
    jeffreys_interval,
    largest_unseen_share,
    percentile_interval,
)
from repsearch.checks import is_whole
from repsearch.errors import InputError

Real = NDArray[np.float64]
Labels = NDArray[np.int64]


def components(pairs: Sequence[tuple[str, str]]) -> Labels:
    """Number the connected components of the graph whose edges are the pairs.

    Two pairs that share a word, directly or by way of other pairs, are not
    independent of each other. Splits, resamples and flips therefore take whole
    components.

    Parameters
    ----------
    pairs : sequence of (str, str)
        N pairs.

    Returns
    -------
    ndarray of int64, shape (N,)
        Component of each pair, numbered from 0 in the order of the pairs.

    Examples
    --------
    >>> components([("houston", "texas"), ("boston", "massachusetts"), ("dallas", "texas")])
    array([0, 1, 0])
    """
    numbers: dict[str, int] = {}
    ends = [[numbers.setdefault(word, len(numbers)) for word in pair] for pair in pairs]
    first, second = np.array(ends, dtype=np.int64).reshape(-1, 2).T
    edges = coo_array((np.ones(len(pairs)), (first, second)), shape=(len(numbers), len(numbers)))
    _, of_words = connected_components(edges, directed=False)
    _, begins, found = np.unique(of_words[first], return_index=True, return_inverse=True)
    return np.argsort(np.argsort(begins))[found]


def indicator(groups: Labels) -> Real:
    """Give the matrix with a one where a pair belongs to a group.

    Parameters
    ----------
    groups : (N,) int
        Group of each pair, numbered from 0.

    Returns
    -------
    (N, C) float

    Examples
    --------
    >>> indicator(np.array([0, 0, 1]))
    array([[1., 0.],
           [1., 0.],
           [0., 1.]])
    """
    return np.asarray(groups[:, None] == np.arange(groups.max(initial=-1) + 1), dtype=np.float64)


def bootstrap_interval(
    value: float,
    resampled: ArrayLike,
    *,
    trials: ArrayLike,
    weights: ArrayLike = (1.0,),
    level: float,
    over: str,
) -> Interval:
    """Give the bootstrap interval of a share, or another where the bootstrap has no width.

    Of outcomes that are all right, or all wrong, every resample gives the same share: the
    bootstrap would claim that it is known exactly, from however few of them. They get the
    exact bound. Where groups have all one share between 0 and 1, it is Jeffreys' interval
    for as many trials as there are groups.

    Parameters
    ----------
    value : float
        The share itself, from 0 to 1.
    resampled : (B,) array_like of float
        The share in each resample.
    trials : (F,) array_like of float
        Independent outcomes in each stratum; one stratum is the rule.
    weights : (F,) array_like of float, default (1.0,)
        Weight of each stratum in the share; they sum to 1.
    level : float
        Nominal coverage, between 0 and 1.
    over : str
        What was resampled and how many of it, in words, such as "12 groups".

    Returns
    -------
    Interval

    Raises
    ------
    InputError
        The level is not between 0 and 1.

    Examples
    --------
    >>> print(bootstrap_interval(0.5, [0.3, 0.5, 0.7], trials=[8], level=0.9, over="8 groups"))
    0.500 [0.320, 0.680]
    >>> print(bootstrap_interval(1.0, [1.0, 1.0, 1.0], trials=[8], level=0.9, over="8 groups"))
    1.000 [0.688, 1.000]
    """
    if value in (0.0, 1.0):
        return exact_bound(value, trials=trials, weights=weights, level=level, over=over)
    drawn = np.asarray(resampled, dtype=np.float64)
    if np.ptp(drawn) <= 1e-12:
        # Of strata the one that says least: weight over trials is largest there.
        number = 1 / float(np.max(np.asarray(weights) / np.asarray(trials)))
        method = f"no spread among {over}: Jeffreys' interval"
        return jeffreys_interval(value, number, level=level, method=method)
    method = f"bootstrap over {over}, {len(drawn):,} resamples"
    return percentile_interval(value, drawn, level=level, method=method)


def exact_bound(
    value: float,
    *,
    trials: ArrayLike,
    weights: ArrayLike = (1.0,),
    level: float,
    over: str,
    ends: tuple[float, float] = (0.0, 1.0),
    change: float = 1.0,
) -> Interval:
    """Give the interval of a mean whose outcomes are all alike, by the binomial law.

    Parameters
    ----------
    value : float
        The mean, which is that of every outcome.
    trials, weights : (F,) array_like of float
        Independent outcomes in each stratum, and its weight in the mean
        (`probes.shared.intervals.largest_unseen_share`).
    level : float
        Nominal coverage, between 0 and 1.
    over : str
        What the independent outcomes are, in words.
    ends : (float, float), default (0.0, 1.0)
        The least and the largest mean there can be.
    change : float, default 1.0
        What an exception of full weight changes the mean by at most.

    Returns
    -------
    Interval

    Raises
    ------
    InputError
        The level is not between 0 and 1.

    References
    ----------
    Clopper and Pearson 1934, Biometrika 26, 404-413.

    Examples
    --------
    Of 20 outcomes that are all right, at 95 %:

    >>> print(exact_bound(1.0, trials=[20], level=0.95, over="20 pairs"))
    1.000 [0.832, 1.000]
    """
    reach = change * largest_unseen_share(weights, trials, level=level)
    low, high = max(ends[0], value - reach), min(ends[1], value + reach)
    return Interval(value, low, high, level, f"all alike: exact bound for {over}")


@dataclass(frozen=True, eq=False)
class Flips:
    """Signs for groups: the null that the order within pairs means nothing.

    Parameters
    ----------
    signs : ndarray of float64, shape (B, C)
        Each +1 or −1, the first group's always +1: to flip all is to flip none.
    exact : bool
        Whether these are all 2^(C − 1) ways, the unflipped one among them.

    Examples
    --------
    >>> drawn = flips(3, most=100, seed=0)
    >>> drawn.exact, drawn.p_value(4.0, [4.0, 1.0, 0.0, -2.0])
    (True, 0.25)
    """

    signs: Real
    exact: bool

    def p_value(self, observed: float, null: ArrayLike) -> float:
        """Give the share of flips whose statistic is as large as the observed one or larger.

        Of drawn flips the observed one counts as one more, so that the test keeps its level
        (Phipson and Smyth 2010, Statistical Applications in Genetics and Molecular Biology 9).

        Parameters
        ----------
        observed : float
            The statistic of the data.
        null : (B,) array_like of float
            The statistic of each flip.

        Returns
        -------
        float
            Above 0, at most 1.
        """
        values = np.asarray(null, dtype=np.float64)
        # Rounding must not make the unflipped arrangement smaller than itself.
        room = 1e-12 * max(abs(observed), float(np.abs(values).max(initial=0.0)))
        above = int(np.count_nonzero(values >= observed - room))
        return above / len(values) if self.exact else (1 + above) / (1 + len(values))


def flips(groups: int, *, most: int, seed: int) -> Flips:
    """Give all sign flips of groups where these are few enough, else a random sample of them.

    Parameters
    ----------
    groups : int
        Number of groups C, at least 1.
    most : int
        Flips at most.
    seed : int
        Seed of the sample.

    Returns
    -------
    Flips

    Examples
    --------
    >>> flips(3, most=100, seed=0).signs
    array([[ 1.,  1.,  1.],
           [ 1., -1.,  1.],
           [ 1.,  1., -1.],
           [ 1., -1., -1.]])
    >>> flips(30, most=100, seed=0).signs.shape
    (100, 30)
    """
    if groups - 1 <= 30 and 2 ** (groups - 1) <= most:
        codes = np.arange(2 ** (groups - 1))
        bits = (codes[:, None] >> np.arange(groups - 1)) & 1
        rest, exact = 1.0 - 2.0 * bits, True
    else:
        rng = np.random.default_rng(seed)
        rest, exact = 1.0 - 2.0 * rng.integers(2, size=(most, groups - 1)), False
    return Flips(np.hstack([np.ones((len(rest), 1)), rest]), exact)


def check_draws(*, name: str, draws: int, least: int, seed: int) -> None:
    """Refuse a seed, or a number of draws, that cannot be used.

    Parameters
    ----------
    name : str
        What the draws are called, for the message.
    draws : int
        How many were asked for.
    least : int
        The fewest that are taken.
    seed : int
        Seed of the draws.

    Raises
    ------
    InputError
        One of the two is not a whole number, or too small.

    Examples
    --------
    >>> check_draws(name="permutations", draws=10, least=20, seed=0)
    Traceback (most recent call last):
        ...
    repsearch.errors.InputError: permutations is a whole number of at least 20; got 10
    """
    if not is_whole(seed) or seed < 0:
        raise InputError(f"a seed is a whole number from 0 up; got {seed!r}")
    if not is_whole(draws) or draws < least:
        raise InputError(f"{name} is a whole number of at least {least}; got {draws!r}")
