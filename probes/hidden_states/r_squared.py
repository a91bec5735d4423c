"""Give R² on rows held out, with intervals that rest on the groups."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from probes.shared.intervals import Interval
from probes.shared.resampling import Labels

Real = NDArray[np.float64]


def r2_interval(
    predicted: Real, true: Real, folds: Labels, groups: Labels, *, level: float
) -> Interval:
    """Give R² on rows held out, with an interval over groups.

    With A the squared error and B that of the training mean, both sums over groups g, the
    variance of the ratio A/B is that of the mean of independent groups, linearised:
    G / (G − 1) Σ_g (a_g − b_g A/B)² / B². The interval is Student's, G − 1 degrees of freedom, of
    log A/B, so that it stays below 1. It is that of the predictions as they were made: what
    other training rows would have changed is not in it.

    Parameters
    ----------
    predicted, true : (n,) float
        Numbers.
    folds : (n,) int
        Fold in which each row was held out.
    groups : (n,) int
        Group of each row, from 0.
    level : float
        Nominal coverage.

    Returns
    -------
    Interval

    References
    ----------
    Cochran 1977, "Sampling techniques", section 6.3 (the variance of a ratio).

    Examples
    --------
    >>> true = np.arange(20.0)
    >>> bent = true + np.tile([2.0, -2.0], 10)
    >>> print(r2_interval(bent, true, np.arange(20) % 4, np.arange(20), level=0.95))
    0.883 [0.818, 0.925]
    """
    off, base = _errors(predicted, true, folds)
    number = int(groups.max()) + 1
    a, b = (np.bincount(groups, weights=one, minlength=number) for one in (off, base))
    ratio = float(a.sum() / b.sum())
    value = 1 - ratio
    method = f"Student's t of the log of the error over {number} groups"
    if ratio <= 1e-300:
        return Interval(1.0, 1.0, 1.0, level, method)
    residual = float(np.square(a - ratio * b).sum()) / float(b.sum()) ** 2
    error = sqrt(residual * number / (number - 1)) / ratio
    # Of so wide an interval no more is said than that it is.
    reach = min(float(stdtrit(number - 1, (1 + level) / 2)) * error, 50.0)
    low, high = 1 - ratio * np.exp(reach), 1 - ratio * np.exp(-reach)
    return Interval(value, min(float(low), value), max(float(high), value), level, method)


def _errors(predicted: Real, true: Real, folds: Labels) -> tuple[Real, Real]:
    """Squared errors of each row, and those of the mean of the other folds."""
    means = np.empty(len(true))
    for fold in range(int(folds.max()) + 1):
        means[folds == fold] = true[folds != fold].mean()
    return (true - predicted) ** 2, (true - means) ** 2


def r2_scores(predicted: Real, true: Real, folds: Labels) -> Real:
    """Give R² of several tasks.

    Parameters
    ----------
    predicted, true : (T, n) float
        Numbers of each task.
    folds : (n,) int
        Fold in which each row was held out.

    Returns
    -------
    (T,) float
    """
    found = []
    for guess, truth in zip(predicted, true, strict=True):
        off, base = _errors(guess, truth, folds)
        found.append(1 - off.sum() / base.sum())
    return np.array(found)


def r2_less_control(seen: Interval, control: Real) -> Interval | None:
    """Subtract the mean R² of control tasks; the reaches of both intervals add as squares.

    Parameters
    ----------
    seen : Interval
        R² of the true targets.
    control : (controls,) float
        R² of the control tasks; of a single one the interval is as wide as its size and 1.

    Returns
    -------
    Interval or None
        None without control tasks.

    References
    ----------
    Zou and Donner 2008, Statistics in Medicine 27, 1693-1702.
    """
    number = len(control)
    if not number:
        return None
    mean = float(control.mean())
    reach = abs(mean) + 1.0
    if number > 1:
        quantile = float(stdtrit(number - 1, (1 + seen.level) / 2))
        reach = quantile * float(control.std(ddof=1)) / sqrt(number)
    value = seen.value - mean
    below = float(np.hypot(seen.value - seen.low, reach))
    above = float(np.hypot(seen.high - seen.value, reach))
    method = f"{seen.method}; with that of the mean of {number} controls"
    return Interval(value, value - below, value + above, seen.level, method)
