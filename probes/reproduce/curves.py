"""Draw what the figures of curves share: colours of modes and axes of time."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

_LIGHTEST = 0.92


def colours_of(number: int) -> NDArray[np.float64]:
    """Give modes their colours, the leading ones dark.

    Parameters
    ----------
    number : int
        How many modes.

    Returns
    -------
    (number, 4) float64
        Red, green, blue and opacity.

    Examples
    --------
    >>> colours_of(3).shape
    (3, 4)
    """
    return np.asarray(colormaps["viridis"](np.linspace(0, _LIGHTEST, number)), dtype=np.float64)


def time_axis(ax: Axes, times: NDArray[np.float64]) -> None:
    """Make the axis of time logarithmic, from the first to the last of some times.

    Parameters
    ----------
    ax : Axes
        The axes.
    times : (T,) float
        Positive and increasing.
    """
    ax.set_xscale("log")
    ax.set_xlim(float(times[0]), float(times[-1]))
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_major_formatter(FuncFormatter(_plain))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.tick_params(which="both", length=0)
    ax.grid(visible=True, which="major")


def _plain(value: Any, _: Any) -> str:
    return f"{value:g}"
