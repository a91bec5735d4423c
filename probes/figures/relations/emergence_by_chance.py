"""Mark what chance gives in pictures of emergence: its level, and where no measure is a finding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from numpy.typing import NDArray

from probes.drawing.style import FAINT, MUTED, PALETTE
from probes.emergence.points import Measure, Point

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

TOO_FEW = "fewer than 2 dimensions"
_DOTTED = (0, (1, 1.5))


def mark_chance(
    ax: Axes,
    line: Sequence[Point],
    x: NDArray[np.float64],
    measures: Sequence[Measure],
    *,
    geometric: bool,
) -> None:
    """Draw what chance gives as dotted lines, and grey where dimensions are too few.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A panel.
    line : sequence of Point
        One family along time or dimension.
    x : (n,) float
        Where the points lie.
    measures : sequence of str
        What is drawn; those that have no level of chance have no line.
    geometric : bool
        Whether the axis is logarithmic, so that half of the way is the geometric mean.
    """
    for number, measure in enumerate(measures):
        level = [point.by_chance(measure) for point in line]
        known = np.array([np.nan if one is None else one for one in level])
        if np.isfinite(known).any():
            ax.plot(x, known, color=PALETTE[number], linewidth=0.9, linestyle=_DOTTED, zorder=1)
    few = np.array([point.too_few_dimensions for point in line])
    for k in np.flatnonzero(few).tolist():
        begin, end = _around(x, k, geometric=geometric)
        ground = Rectangle(
            (begin, 0),
            end - begin,
            1,
            transform=ax.get_xaxis_transform(),
            color=FAINT,
            alpha=0.45,
            linewidth=0,
            zorder=0,
        )
        ax.add_artist(ground)  # which, unlike a span, leaves the limits to what was measured


def strike_out(
    ax: Axes, grid: Sequence[Sequence[Point]], which: Callable[[Point], bool], hatch: str
) -> bool:
    """Hatch cells of a plane in which no share is a finding.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A panel with a cell of size 1 for each time and dimension.
    grid : sequence of sequence of Point
        By time, then by dimension.
    which : callable
        Tells of a point whether its cell is hatched.
    hatch : str
        As Matplotlib has it.

    Returns
    -------
    bool
        Whether there are such cells.
    """
    struck = np.array([[which(point) for point in row] for row in grid]).T
    for y, x in np.argwhere(struck).tolist():
        ax.add_patch(
            Rectangle((x, y), 1, 1, facecolor="white", edgecolor=MUTED, hatch=hatch, linewidth=0)
        )
    return bool(struck.any())


def chance_in_legend(lines: Sequence[Sequence[Point]], measures: Sequence[Measure]) -> list[Artist]:
    """Give what stands in a legend for the marks that were made.

    Parameters
    ----------
    lines : sequence of sequence of Point
        Those of all families.
    measures : sequence of str
        What is drawn.

    Returns
    -------
    list of matplotlib.artist.Artist
        Each with its label; none where nothing was marked.
    """
    points = [point for line in lines for point in line]
    found: list[Artist] = []
    if any(point.by_chance(measure) is not None for point in points for measure in measures):
        found.append(Line2D([], [], color=MUTED, linestyle=_DOTTED, linewidth=0.9, label="chance"))
    if any(point.too_few_dimensions for point in points):
        found.append(Patch(color=FAINT, alpha=0.45, linewidth=0, label=TOO_FEW))
    return found


def _around(x: NDArray[np.float64], k: int, *, geometric: bool) -> tuple[float, float]:
    """Ground of a point: half of the way to either side, at an end as far out as inwards."""
    y = np.log(x) if geometric else x
    if len(y) < 2:
        return float(x[k]), float(x[k])
    gaps = np.diff(y) / 2
    ends = y[k] - gaps[max(k - 1, 0)], y[k] + gaps[min(k, len(gaps) - 1)]
    low, high = np.exp(ends) if geometric else ends
    return float(low), float(high)
