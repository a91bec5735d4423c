"""When a curve rises for good above a level that it ends above."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]


class Rises(NamedTuple):
    """Last rises of B curves.

    Parameters
    ----------
    time : (B,) float
        Interpolated; NaN where a curve ends below its height.
    before, after : (B,) float
        The two times looked at around it, between which it can be anywhere.
    """

    time: Real
    before: Real
    after: Real


def last_rises(times: Real, curves: Real, heights: Real) -> Rises:
    """Find each curve's last rise to its height.

    Linear between the times. A curve that never is below its height is given the
    first time for all three: it has risen by then.

    Parameters
    ----------
    times : (T,) float
        Increasing, at least two.
    curves : (B, T) float
        Finite.
    heights : (B,) float
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
    return Rises(*(np.where(below[:, -1], np.nan, one) for one in (found, before, after)))
