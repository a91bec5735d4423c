"""Give the interval of an accuracy less what control tasks reach."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probes.shared.intervals import Interval, multiplicities

Real = NDArray[np.float64]
_RESAMPLES = 2000


def selectivity_interval(accuracy: Interval, control: Real, *, seed: int) -> Interval | None:
    """Subtract the mean of control tasks; the reaches of both intervals add as their squares.

    Parameters
    ----------
    accuracy : Interval
        The accuracy.
    control : (controls,) float
        Accuracies on the control tasks (Hewitt and Liang 2019).
    seed : int
        Seed of the resamples of the control tasks.

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
    >>> found = selectivity_interval(accuracy, np.array([0.5, 0.5]), seed=0)
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
    (0.5, 0.3, 0.5)
    """
    if not len(control):
        return None
    times = multiplicities(len(control), _RESAMPLES, np.random.default_rng([seed, 1]))
    mean = float(control.mean())
    tail = (1 - accuracy.level) / 2
    least, most = np.quantile(times @ control / len(control), [tail, 1 - tail])
    value = accuracy.value - mean
    below = float(np.hypot(accuracy.value - accuracy.low, max(most - mean, 0.0)))
    above = float(np.hypot(accuracy.high - accuracy.value, max(mean - least, 0.0)))
    return Interval(
        value,
        value - below,
        value + above,
        accuracy.level,
        f"{accuracy.method}; with that of the mean of {len(control)} controls",
    )
