"""Draw numbers with their intervals, one a row: the picture most results need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from probes.drawing.dot_whiskers import draw_dot_whiskers, figure_height
from probes.drawing.labels import family_label
from probes.drawing.refusals import NothingToDrawError
from probes.drawing.style import MUTED, axes_or_new, legend_above, styled
from probes.shared.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_intervals(
    numbers: Mapping[str, Interval | None] | Mapping[str, Mapping[str, Interval | None]],
    *,
    label: str,
    reference: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a dot and a whisker for each number, rows from top to bottom.

    Parameters
    ----------
    numbers : mapping of str to Interval or None, or of str to such mappings
        Numbers by row; None leaves a row empty. Mappings of mappings are series, by name, which
        have the same rows.
    label : str
        Label of the horizontal axis, with the unit.
    reference : float, optional
        Where a vertical line stands, such as chance.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Raises
    ------
    NothingToDrawError
        No row has a number.

    Examples
    --------
    >>> from probes import Interval
    >>> axes = plot_intervals({"plural": Interval(0.7, 0.6, 0.8)}, label="accuracy")
    >>> axes.get_xlabel()
    'accuracy'
    """
    series: dict[str, dict[str, Interval | None]] = {}
    for name, held in numbers.items():
        if isinstance(held, Mapping):
            series[name] = dict(held)
        else:
            series.setdefault("", {})[name] = held
    rows = list(dict.fromkeys(row for held in series.values() for row in held))
    if not any(held is not None for one in series.values() for held in one.values()):
        raise NothingToDrawError("there is no number to draw")
    with styled():
        ax = axes_or_new(ax, height=figure_height(len(rows), len(series)))
        draw_dot_whiskers(
            ax,
            [family_label(row) for row in rows],
            {name: [one.get(row) for row in rows] for name, one in series.items()},
        )
        if reference is not None:
            ax.axvline(reference, color=MUTED, linewidth=0.9, linestyle=":")
        ax.set_xlabel(label)
        if len(series) > 1:
            legend_above(ax)
    return ax
