"""Give the interval of an accuracy less what control tasks reach."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from probes.shared.intervals import Interval

Real = NDArray[np.float64]


def selectivity_interval(accuracy: Interval, control: Real) -> Interval | None:
    """Subtract the mean of control tasks; the reaches of both intervals add as their squares.

    Parameters
    ----------
    accuracy : Interval
        The accuracy.
    control : (controls,) float
        Accuracies on the control tasks (Hewitt and Liang 2019), from 0 to 1. The interval of
        their mean is Student's; of a single one it is all of [0, 1].

    Returns
    -------
    Interval or None
        None without control tasks.

    References
    ----------
    Zou and Donner 2008, Statistics in Medicine 27, 1693-1702.

    Examples
    --------
    >>> accuracy = Interval(1.0, 0.8, 1.0, 0.95, "exact")
    >>> found = selectivity_interval(accuracy, np.array([0.5, 0.5]))
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
    (0.5, 0.3, 0.5)
    """
    number = len(control)
    if not number:
        return None
    mean = float(control.mean())
    reach = 1.0
    if number > 1:
        quantile = float(stdtrit(number - 1, (1 + accuracy.level) / 2))
        reach = quantile * float(control.std(ddof=1)) / sqrt(number)
    least, most = max(0.0, mean - reach), min(1.0, mean + reach)
    value = accuracy.value - mean
    below = float(np.hypot(accuracy.value - accuracy.low, most - mean))
    above = float(np.hypot(accuracy.high - accuracy.value, mean - least))
    return Interval(
        value,
        value - below,
        value + above,
        accuracy.level,
        f"{accuracy.method}; with that of the mean of {number} controls",
    )
