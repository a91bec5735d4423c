"""Compare measured half-height times of modes with predicted ones, and their order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq
from scipy.stats import kendalltau

from probes.shared.intervals import Interval
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]
Status = Literal[
    "learned", "not in this run", "predicted only", "measured only", "from the start", "never"
]


@dataclass(frozen=True)
class RiseTime:
    """When a strength first rises to a level, and between which rows.

    Parameters
    ----------
    time : float
        Flow time, interpolated.
    before, after : float
        Flow times of the two recorded rows around it.
    """

    time: float
    before: float
    after: float


@dataclass(frozen=True)
class LearningTime:
    """Half-height time of one mode.

    Parameters
    ----------
    mode : int
        Number of the mode in the order of learning by theory, from 1.
    height : float
        What its strength grows to by theory, lambda_k.
    measured, predicted : RiseTime or None
        When it reaches half of that in training and by theory; None where it does not
        do so in this run.
    status : str
        ``"learned"``: both do. ``"not in this run"``: neither does, the run is too short.
        ``"predicted only"``, ``"measured only"``. ``"from the start"``: it stands
        above half of its height in the first row. ``"never"``: it has no height.
    began : float
        Flow time of the start.

    Examples
    --------
    >>> measured, predicted = RiseTime(2.1, 2.0, 2.2), RiseTime(2.0, 1.8, 2.0)
    >>> mode = LearningTime(1, 9.0, measured, predicted, "learned", began=0.0)
    >>> print(mode.error)
    0.050 [0.000, 0.100]
    """

    mode: int
    height: float
    measured: RiseTime | None
    predicted: RiseTime | None
    status: Status
    began: float

    @property
    def error(self) -> Interval | None:
        """(measured - predicted) / predicted, both since the start; None unless learned.

        The interval is what the spacing of rows leaves open: a rise anywhere
        between the two rows around it would look the same.
        """
        if self.measured is None or self.predicted is None:
            return None
        wait = self.predicted.time - self.began
        ends = (self.measured.time, self.measured.before, self.measured.after)
        value, low, high = ((end - self.predicted.time) / wait for end in ends)
        return Interval(value, low, high, method="spacing of the recorded rows")


@dataclass(frozen=True)
class Order:
    """Whether modes are learned in the predicted order.

    Parameters
    ----------
    n : int
        Number of modes with both times.
    tau : float
        Kendall's rank correlation of the two; NaN for fewer than two modes.
    p_value : float
        Probability of so large a |tau| for an order at random, exact without ties.
    swapped : tuple of (int, int)
        Pairs of modes learned in the other order.
    resolved : tuple of (int, int)
        Those of them whose measured times lie between different rows, so
        that the swap is no matter of interpolation.

    Examples
    --------
    >>> import numpy as np
    >>> from probes.theory_check.learning_times import learning_times, order
    >>> times, heights = np.arange(6.0), np.array([1.0, 1.0])
    >>> first, second = np.minimum(0.1 * 2.0**times, 1), np.minimum(0.05 * 2.0**times, 1)
    >>> predicted, measured = np.stack([first, second], 1), np.stack([second, first], 1)
    >>> order(learning_times(times, measured, predicted, heights, began=0.0)).swapped
    ((1, 2),)
    """

    n: int
    tau: float
    p_value: float
    swapped: tuple[tuple[int, int], ...]
    resolved: tuple[tuple[int, int], ...]


def rise_time(times: Real, strengths: Real, level: float) -> RiseTime | None:
    """Find when a curve first rises to a level.

    Between rows, log strength is interpolated by monotone cubics in time (Fritsch
    and Carlson 1980), for a growing mode is an exponential.

    Parameters
    ----------
    times : (T,) float
        Flow times of the recorded rows, increasing.
    strengths : (T,) float
        The curve, not negative.
    level : float
        What it rises to, positive.

    Returns
    -------
    RiseTime or None
        None for a curve that is at or above the level from the first, or stays below it.

    References
    ----------
    Fritsch and Carlson 1980, SIAM Journal on Numerical Analysis 17, 238-246.
    """
    above = strengths >= level
    if above[0] or not above.any():
        return None
    row = int(np.argmax(above))
    before, after = float(times[row - 1]), float(times[row])
    # Zeros have no logarithm; a mode that starts from one is as small as a float can be.
    heights = np.log(np.maximum(strengths, np.finfo(float).tiny)) - math.log(level)
    # The two rows on each side are all that these cubics depend on.
    near = slice(max(row - 2, 0), row + 2)
    curve = PchipInterpolator(times[near], heights[near])
    if curve(after) <= 0:  # the level to rounding
        return RiseTime(after, before, after)
    return RiseTime(float(brentq(lambda t: float(curve(t)), before, after)), before, after)


def learning_times(
    times: Real, measured: Real, predicted: Real, heights: Real, *, began: float
) -> tuple[LearningTime, ...]:
    """Find half-height times of modes by one rule, from measured and from predicted strengths.

    Parameters
    ----------
    times : (T,) float
        Flow times of the recorded rows, increasing.
    measured, predicted : (T, k) float
        Strengths of k modes in training and by theory.
    heights : (k,) float
        What they grow to.
    began : float
        Flow time of the start.

    Returns
    -------
    tuple of LearningTime
        One for each mode.
    """
    found = []
    for k, height in enumerate(heights.tolist()):
        curves = (measured[:, k], predicted[:, k])
        here, there = (rise_time(times, c, height / 2) if height > 0 else None for c in curves)
        started = height > 0 and any(c[0] >= height / 2 for c in curves)
        status: Status
        if height <= 0:
            status = "never"
        elif started:
            status = "from the start"
        elif here and there:
            status = "learned"
        else:
            status = "measured only" if here else "predicted only" if there else "not in this run"
        found.append(LearningTime(k + 1, height, here, there, status, began))
    return tuple(found)


def order(found: tuple[LearningTime, ...]) -> Order:
    """Compare the order of learning with the predicted one.

    Parameters
    ----------
    found : tuple of LearningTime
        All modes; those that have both times count.

    Returns
    -------
    Order
        Kendall's tau and the pairs that changed places.
    """
    both = [(m.mode, m.measured, m.predicted) for m in found if m.measured and m.predicted]
    swapped, resolved = [], []
    for (i, here, there), (j, other, elsewhere) in combinations(both, 2):
        if (here.time - other.time) * (there.time - elsewhere.time) < 0:
            swapped.append((i, j))
            if here.before != other.before:
                resolved.append((i, j))
    if len(both) < 2:
        return Order(len(both), math.nan, math.nan, (), ())
    result = kendalltau([m.time for _, m, _ in both], [p.time for _, _, p in both])
    return Order(
        len(both), float(result.statistic), float(result.pvalue), tuple(swapped), tuple(resolved)
    )


def learning_table(found: tuple[LearningTime, ...]) -> list[dict[str, Cell]]:
    """Give learning times, one row for each mode.

    Parameters
    ----------
    found : tuple of LearningTime
        All modes.

    Returns
    -------
    list of dict
        Columns ``mode``, ``height``, ``predicted``, ``measured``, ``row_before``, ``row_after``,
        ``relative_error``, ``low``, ``high`` and ``status``.
    """
    rows: list[dict[str, Cell]] = []
    for mode in found:
        error = mode.error
        rows.append(
            {
                "mode": mode.mode,
                "height": mode.height,
                "predicted": mode.predicted.time if mode.predicted else None,
                "measured": mode.measured.time if mode.measured else None,
                "row_before": mode.measured.before if mode.measured else None,
                "row_after": mode.measured.after if mode.measured else None,
                "relative_error": error.value if error else None,
                "low": error.low if error else None,
                "high": error.high if error else None,
                "status": mode.status,
            }
        )
    return rows
