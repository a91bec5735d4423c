"""Draw when relations rise beside when the modes are learned that they live on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from probes.drawing.dot_whiskers import figure_height
from probes.drawing.labels import family_label, shortened
from probes.drawing.refusals import NothingToDrawError
from probes.drawing.style import (
    FAINT,
    MUTED,
    PALETTE,
    axes_or_new,
    legend_above,
    literal,
    styled,
)
from probes.emergence.linear.result import LinearTimes
from probes.shared.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_RISEN = {"linear": "half the final share", "growth": "half the final |m|²"}
_BEFORE = "by then or before"
_LABEL_WIDTH = 30
_APART = 0.17
"""Distance of the two marks of a row from its middle."""


def plot_linear_times(
    found: LinearTimes, *, which: Literal["linear", "growth"] = "growth", ax: Axes | None = None
) -> Axes:
    """Draw linear or growth times beside the learning times of the modes that means live on.

    A row for each family, those whose modes are learned first above. A time that is known from
    above only is an open mark, with a dotted line towards all the times at which it may have
    been.

    Parameters
    ----------
    found : LinearTimes
        What `linear_times` found with a theory.
    which : {"growth", "linear"}
        When |m|^2 is at half of its final value, or when the common share is.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Those drawn on.

    Raises
    ------
    NothingToDrawError
        No family has both times.

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.emergence import linear_times, theory_of
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3, 0.2])
    >>> flow = gradient_flow(world.spectrum(), Aligned(1e-3), d=4)
    >>> found = linear_times(
    ...     flow, Relations(world.relations), theory=theory_of(flow), times=[1, 5, 10, 20, 40]
    ... )
    >>> axes = plot_linear_times(found)
    >>> [label.get_text() for label in axes.get_yticklabels()][:2]  # learned first
    ['attribute 1', 'attribute 2']
    """
    rows: list[tuple[str, Interval, Interval, bool]] = sorted(
        (
            (one.family, one.learning, time, one.uncensored(which) is None)
            for one in found.families
            if (time := getattr(one, which)) is not None and one.learning is not None
        ),
        key=lambda row: row[1].value,
    )
    if not rows:
        raise NothingToDrawError("no family has both times; pass a theory to linear_times")
    with styled():
        ax = axes_or_new(ax, height=figure_height(len(rows), 2) + 0.25)
        for place in range(len(rows) - 1):
            ax.axhline(place + 0.5, color=FAINT, linewidth=0.5)
        places = np.arange(len(rows), dtype=np.float64)
        _draw(ax, [row[1] for row in rows], places - _APART, "s", MUTED, "modes learned")
        dated = [k for k, row in enumerate(rows) if not row[3]]
        open_ = [k for k, row in enumerate(rows) if row[3]]
        if dated:
            times = [rows[k][2] for k in dated]
            _draw(ax, times, places[dated] + _APART, "o", PALETTE[0], _RISEN[which])
        left = min(0.0, ax.get_xlim()[0])
        if open_:
            bounds = np.array([rows[k][2].value for k in open_])
            at = places[open_] + _APART
            ax.hlines(at, left, bounds, color=PALETTE[0], linewidth=1.0, linestyle=(0, (1, 1.5)))
            ax.plot(
                bounds,
                at,
                "<",
                color=PALETTE[0],
                markerfacecolor="white",
                markersize=5.5,
                label=f"{_RISEN[which]}, {_BEFORE}",
            )
        ax.set_xlim(left, None)
        ax.set_ylim(len(rows) - 0.5, -0.5)
        names = [shortened(family_label(row[0]), _LABEL_WIDTH) for row in rows]
        ax.set_yticks(places, labels=names)
        for label in ax.get_yticklabels():
            literal(label)
        ax.tick_params(length=0)
        ax.spines["left"].set_visible(False)
        ax.grid(visible=True, axis="x")
        correlation = found.growth_correlation if which == "growth" else found.correlation
        said = "" if correlation is None else f"\n{correlation}"
        if open_ and correlation is not None:
            said += ", open marks left out"
        ax.set_xlabel(f"flow time t{said}")
        legend_above(ax)
    return ax


def _draw(
    ax: Axes, times: list[Interval], at: np.ndarray, mark: str, colour: str, label: str
) -> None:
    value, low, high = (
        np.array([getattr(one, end) for one in times]) for end in ("value", "low", "high")
    )
    ax.errorbar(
        value,
        at,
        xerr=np.stack([value - low, high - value]),
        fmt=mark,
        color=colour,
        markersize=4.4,
        markeredgewidth=0,
        elinewidth=1.1,
        label=label,
    )
