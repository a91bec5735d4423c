"""Find from when on a curve stays at or above a height."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]


class RiseTimes(NamedTuple):
    """Times of the last rise of B curves.

    Parameters
    ----------
    time : (B,) float
        Flow times, interpolated; NaN where a curve ends below its height.
    before, after : (B,) float
        The two times looked at around it, between which it can be anywhere.
    """

    time: Real
    before: Real
    after: Real


def rise_times(times: Real, curves: Real, heights: Real) -> RiseTimes:
    """Find the time of each curve's last rise to its height.

    Linear between the times. A curve that never is below its height is given the
    first time for all three: it has risen by then.

    Parameters
    ----------
    times : (T,) float
        Flow times, increasing, at least two.
    curves : (B, T) float
        Values of the curves at the times, finite.
    heights : (B,) float
        What each curve rises to.

    Returns
    -------
    RiseTimes
        One time for each curve.

    Examples
    --------
    >>> import numpy as np
    >>> curve = np.array([[0.8, 0.2, 0.4, 1.0]])  # a first rise would be at 0
    >>> rise_times(np.array([0.0, 1.0, 2.0, 3.0]), curve, np.array([0.5])).time.round(3).tolist()
    [2.167]
    """
    below = curves < heights[:, None]
    rises = below.any(axis=1) & ~below[:, -1]
    # The last time below.
    last = np.where(rises, len(times) - 1 - np.argmax(below[:, ::-1], axis=1), 0)
    rows = np.arange(len(curves))
    low, high = curves[rows, last], curves[rows, last + 1]
    part = np.where(rises, (heights - low) / np.where(rises, high - low, 1.0), 0.0)
    before = np.where(rises, times[last], times[0])
    after = np.where(rises, times[last + 1], times[0])
    found = before + part * (after - before)
    return RiseTimes(*(np.where(below[:, -1], np.nan, one) for one in (found, before, after)))
