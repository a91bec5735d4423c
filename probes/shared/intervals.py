"""Estimate confidence intervals, and hold them with their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, log

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

from repsearch.checks import is_whole
from repsearch.errors import InputError

_DECIMALS, _MOST_DECIMALS = 3, 9


@dataclass(frozen=True)
class Interval:
    """An estimate and its confidence interval.

    Parameters
    ----------
    value : float
        Estimate, in the units of the quantity.
    low, high : float
        Ends of the interval, ``low <= value <= high``, in the same units.
    level : float
        Nominal coverage, between 0 and 1.
    method : str
        Method that found the interval, in words.

    Raises
    ------
    InputError
        When a number is not finite, the value lies outside the interval, or
        the level is not between 0 and 1.

    Examples
    --------
    >>> accuracy = Interval(value=0.6, low=0.52, high=0.67, method="bootstrap over pairs")
    >>> print(accuracy)
    0.600 [0.520, 0.670]
    >>> 0.5 in accuracy, round(accuracy.width, 2)
    (False, 0.15)
    """

    value: float
    low: float
    high: float
    level: float = 0.95
    method: str = ""

    def __post_init__(self) -> None:
        check_level(self.level)
        if not (isfinite(self.low) and isfinite(self.high) and self.low <= self.value <= self.high):
            raise InputError(
                f"an interval needs finite ends around its value; got {self.value} "
                f"in [{self.low}, {self.high}]"
            )

    @property
    def width(self) -> float:
        """Give the high end less the low end.

        Returns
        -------
        float
            In the units of the quantity.
        """
        return self.high - self.low

    def __contains__(self, number: float) -> bool:
        return self.low <= number <= self.high

    def __str__(self) -> str:
        decimals = _DECIMALS
        # A narrow interval has as many as tell its ends apart: 0.011 [0.011, 0.011] says nothing.
        while self.low < self.high and decimals < _MOST_DECIMALS:
            if f"{self.low:.{decimals}f}" != f"{self.high:.{decimals}f}":
                break
            decimals += 1
        low, value, high = (f"{x:.{decimals}f}" for x in (self.low, self.value, self.high))
        return f"{value} [{low}, {high}]"


def percentile_interval(
    value: float, resampled: ArrayLike, *, level: float, method: str
) -> Interval:
    """Compute a percentile bootstrap interval, widened if need be to hold its value.

    Parameters
    ----------
    value : float
        Estimate from the sample itself.
    resampled : array_like of float, shape (resamples,)
        Estimate from each resample.
    level : float
        Nominal coverage, between 0 and 1.
    method : str
        Things that were resampled, in words.

    Returns
    -------
    Interval
        In the units of the estimate.

    Raises
    ------
    InputError
        When `level` is not between 0 and 1.

    References
    ----------
    Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapter 13.

    Examples
    --------
    >>> print(percentile_interval(0.5, np.linspace(0, 1, 101), level=0.9, method="example"))
    0.500 [0.050, 0.950]
    """
    check_level(level)
    low, high = np.quantile(
        np.asarray(resampled, dtype=np.float64), [(1 - level) / 2, (1 + level) / 2]
    )
    return Interval(
        value=float(value),
        low=float(min(low, value)),
        high=float(max(high, value)),
        level=level,
        method=method,
    )


def jeffreys_interval(value: float, trials: float, *, level: float, method: str) -> Interval:
    """Compute Jeffreys' interval of a share of so many independent trials.

    Parameters
    ----------
    value : float
        The share, from 0 to 1.
    trials : float
        Independent trials, above 0; need not be whole.
    level : float
        Nominal coverage, between 0 and 1.
    method : str
        Where share and trials come from, in words.

    Returns
    -------
    Interval
        Widened if need be to hold its value.

    Raises
    ------
    InputError
        When `level` is not between 0 and 1.

    References
    ----------
    Brown, Cai and DasGupta 2001, Statistical Science 16, 101-133.

    Examples
    --------
    >>> print(jeffreys_interval(0.5, 16, level=0.95, method="example"))
    0.500 [0.272, 0.728]
    """
    check_level(level)
    tail = (1 - level) / 2
    a, b = value * trials + 0.5, (1 - value) * trials + 0.5
    low, high = float(betaincinv(a, b, tail)), float(betaincinv(a, b, 1 - tail))
    return Interval(value, min(low, value), max(high, value), level, method)


def range_of_null(values: NDArray[np.float64], method: str) -> Interval:
    """Give the mean and the 95 % range of the draws of a null.

    Parameters
    ----------
    values : (B,) float
        Draws.
    method : str
        What was drawn, in words.

    Returns
    -------
    Interval
        It holds the mean, however skewed the draws are.

    Examples
    --------
    >>> print(range_of_null(np.arange(101.0), "numbers"))
    50.000 [2.500, 97.500]
    """
    low, high = np.quantile(values, [0.025, 0.975])
    mean = float(values.mean())
    return Interval(mean, min(float(low), mean), max(float(high), mean), method=method)


def largest_unseen_share(weights: ArrayLike, trials: ArrayLike, *, level: float) -> float:
    """Bound the share of exceptions that can have gone unseen in trials that all agreed.

    When every question is right (or wrong) a bootstrap gives an interval of no
    width. But if the share of exceptions in group f is θ_f, then nᶠ independent
    trials of each group show none with probability Π (1 − θ_f)^nᶠ. The result is
    the largest Σ w_f θ_f for which that is at least (1 − `level`) / 2; with one
    group it is the Clopper-Pearson end 1 − ((1 − level) / 2)^(1/n).

    Parameters
    ----------
    weights : array_like of float, shape (groups,)
        Weight of each group in the total; they sum to 1.
    trials : array_like of float, shape (groups,)
        Number of independent trials in each group.
    level : float
        Nominal coverage, between 0 and 1.

    Returns
    -------
    float
        Largest share, between 0 and 1.

    Raises
    ------
    InputError
        When `level` is not between 0 and 1.

    References
    ----------
    Clopper and Pearson 1934, Biometrika 26, 404-413.

    Examples
    --------
    Ten right answers out of ten:

    >>> f"{1 - largest_unseen_share([1.0], [10], level=0.95):.3f}"
    '0.692'
    """
    check_level(level)
    w = np.asarray(weights, dtype=np.float64)
    n = np.asarray(trials, dtype=np.float64)
    # Lagrange: exceptions go first where a trial carries most weight, down to
    # one multiplier μ; θ_f = 1 − μ / r_f with r_f = w_f / n_f where r_f > μ.
    order = np.argsort(-w / n, kind="stable")
    w, n = w[order], n[order]
    r = w / n
    budget = log(2 / (1 - level))
    log_mu = (np.cumsum(n * np.log(r)) - budget) / np.cumsum(n)
    following = np.append(np.log(r[1:]), -np.inf)
    active = int(np.argmax(log_mu >= following)) + 1
    mu = float(np.exp(log_mu[active - 1]))
    return float(np.sum(w[:active] * (1 - mu / r[:active])))


def interval_cells(
    name: str, interval: Interval | None, *, missing: str
) -> dict[str, str | float | None]:
    """Lay out a number and its interval as cells of a table's row.

    Parameters
    ----------
    name : str
        Name of the column of the number.
    interval : Interval or None
        Number with its interval; None where there is none, which makes its cells None.
    missing : str
        Reason why there is none, for the column ``interval`` in the method's place.

    Returns
    -------
    dict of str to str, float or None
        Keys `name`, ``low``, ``high``, ``level`` and ``interval``.

    Examples
    --------
    >>> interval_cells("accuracy", None, missing="no questions")
    {'accuracy': None, 'low': None, 'high': None, 'level': None, 'interval': 'no questions'}
    """
    if interval is None:
        return {name: None, "low": None, "high": None, "level": None, "interval": missing}
    return {
        name: interval.value,
        "low": interval.low,
        "high": interval.high,
        "level": interval.level,
        "interval": interval.method,
    }


def check_level(level: float) -> None:
    """Refuse a confidence level that is not strictly between 0 and 1.

    Parameters
    ----------
    level : float
        Nominal coverage.

    Raises
    ------
    InputError
        The level is 0 or less, or 1 or more.
    """
    if not 0 < level < 1:
        raise InputError(f"a confidence level lies between 0 and 1, such as 0.95; got {level!r}")


def check_resampling(*, seed: int, resamples: int) -> None:
    """Refuse a seed or a number of resamples that cannot be used.

    Parameters
    ----------
    seed : int
        Seed of the resampling.
    resamples : int
        Number of resamples.

    Raises
    ------
    InputError
        The seed is no whole number from 0 up, or there are fewer than 100 resamples.
    """
    if not is_whole(seed) or seed < 0:
        raise InputError(f"a seed is a whole number from 0 up; got {seed!r}")
    if not is_whole(resamples) or resamples < 100:
        raise InputError(f"an interval needs at least 100 resamples; got {resamples!r}")


def multiplicities(size: int, resamples: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw bootstrap resamples, as the number of times that each thing is in each of them.

    Parameters
    ----------
    size : int
        Number of things in the sample, and in each resample.
    resamples : int
        Number of resamples.
    rng : numpy.random.Generator
        Source of the random numbers.

    Returns
    -------
    ndarray of float64, shape (resamples, size)
        Rows sum to `size`.

    Examples
    --------
    >>> drawn = multiplicities(4, 100, np.random.default_rng(0))
    >>> drawn.shape, drawn.sum(axis=1)[:3].tolist()
    ((100, 4), [4.0, 4.0, 4.0])
    """
    drawn = rng.integers(size, size=(resamples, size))
    drawn += size * np.arange(resamples)[:, None]
    counted = np.bincount(drawn.ravel(), minlength=resamples * size)
    return counted.reshape(resamples, size).astype(np.float64)
