"""Draw numbers and their intervals as dots with whiskers, by row and by series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from probes.drawing.style import FAINT, MARKERS, PALETTE, literal
from probes.shared.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SPREAD = 0.56
"""Share of the distance between two rows that a row's series take up."""


def draw_dot_whiskers(
    ax: Axes,
    rows: Sequence[str],
    series: Mapping[str, Sequence[Interval | None]],
    *,
    scale: float = 1.0,
) -> None:
    """Draw one line a row, from top to bottom, with a dot and a whisker for each series.

    Series differ in colour and in shape.

    Parameters
    ----------
    ax : Axes
        Where to draw; empty.
    rows : sequence of str
        Labels, taken as they are.
    series : mapping of str to sequence of Interval or None
        For each label of the legend, a number for each row; None draws nothing.
    scale : float, default 1
        What numbers are multiplied by, 100 for percentages.

    Examples
    --------
    >>> from probes.drawing.style import axes_or_new
    >>> ax = axes_or_new(None, height=2)
    >>> draw_dot_whiskers(ax, ["plural"], {"M*": [Interval(0.7, 0.6, 0.8)]}, scale=100)
    >>> ax.lines[0].get_xdata().tolist()
    [70.0]
    """
    offsets = np.linspace(-0.5, 0.5, len(series)) * _SPREAD if len(series) > 1 else [0.0]
    places = np.arange(len(rows))
    for place in places[:-1]:
        ax.axhline(place + 0.5, color=FAINT, linewidth=0.5)
    for number, (name, intervals) in enumerate(series.items()):
        colour = PALETTE[number % len(PALETTE)]
        shown = [row for row, interval in enumerate(intervals) if interval is not None]
        known = [interval for interval in intervals if interval is not None]
        middle, low, high = (
            scale * np.array([getattr(interval, end) for interval in known], dtype=np.float64)
            for end in ("value", "low", "high")
        )
        ax.errorbar(
            middle,
            places[shown] + offsets[number],
            xerr=np.stack([middle - low, high - middle]),
            fmt=MARKERS[number % len(MARKERS)],
            color=colour,
            markersize=4.6 if number == 0 else 3.9,
            markeredgewidth=0,
            elinewidth=1.3 if number == 0 else 1.0,
            capsize=0,
            label=name,
        )
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks(places, labels=list(rows))
    for label in ax.get_yticklabels():
        literal(label)
    ax.tick_params(length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(visible=True, axis="x")


def figure_height(rows: int, series: int) -> float:
    """Give a height of the figure that leaves every dot its room.

    Parameters
    ----------
    rows : int
        How many rows.
    series : int
        How many dots a row has.

    Returns
    -------
    float
        Inches.
    """
    return 0.95 + rows * max(0.26, 0.105 * series + 0.07)
