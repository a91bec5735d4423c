"""How analogies emerge: curves against time or dimension, the plane of both, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from probes.drawing.label_placement import place_labels
from probes.drawing.labels import family_label, shortened
from probes.drawing.style import (
    FAINT,
    INK,
    MARKERS,
    MUTED,
    PALETTE,
    WIDTH,
    axes_or_new,
    literal,
    styled,
)
from probes.emergence.linear.result import LinearTimes
from probes.emergence.result import Emergence, FamilyEmergence, Measure, Point
from probes.shared.intervals import Interval
from repsearch.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Against = Literal["time", "d"]
Real = NDArray[np.float64]
_NAMES: dict[Measure, str] = {
    "share": "common share",
    "accuracy": "analogy accuracy",
    "reciprocal_rank": "mean reciprocal rank",
    "margin": "margin",
    "cosine": "cosine with the right word",
}
_HALVES = {"linear": "common share", "growth": "|m|²"}
_COLOURS = "cividis"
_PANEL = 1.35
_LABEL_WIDTH = 27
_LABEL_SIZE = 7.5
_LETTER = 0.55
"""Mean width of a letter over the size of the type."""
_POINTS_PER_INCH = 72
_WIDE = 30.0
"""Times whose last is more than so many times the first are drawn on a logarithmic axis."""


def plot_emergence(
    found: Emergence,
    predicted: Emergence | None = None,
    *,
    against: Against = "time",
    measures: Sequence[Measure] = ("share", "accuracy"),
    columns: int = 3,
) -> Figure:
    """Measures of every family against time or dimension, one small panel each.

    Points with bars are what was measured, with intervals; lines are the closed
    form's. Without a prediction lines join the points.

    Parameters
    ----------
    found : Emergence
    predicted : Emergence, optional
        Of the closed form, on the same grid.
    against : {"time", "d"}
        Time in all columns, or dimension at the last time.
    measures : sequence of str, default ("share", "accuracy")
        What to draw, on one scale; any but the median rank.
    columns : int, default 3
        Panels in a row.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        Nothing to draw, no time to draw against, or grids that differ.
    """
    found.check_same_grid(predicted)
    if against == "time" and found.times[0] is None:
        raise InputError("embeddings have no time to draw against; draw against 'd'")
    if not measures or any(measure not in _NAMES for measure in measures):
        raise InputError(f"the measures are {list(measures)}; take some of {', '.join(_NAMES)}")
    with styled():
        figure, axes = _panels(len(found.families), columns)
        for ax, one in zip(axes, found.families, strict=True):
            theory = one if predicted is None else predicted[one.family]
            for number, measure in enumerate(measures):
                _draw_points(ax, _line(one, against), against, measure, number)
                x, intervals = _known(_line(theory, against), against, measure)
                ax.plot(x, [known.value for known in intervals], color=PALETTE[number], linewidth=1)
            _name(ax, one)
            ax.grid(visible=True)
        _scale(axes, found, against)
        figure.supxlabel("flow time t" if against == "time" else "dimension d", fontsize=9.0)
        handles, labels = axes[0].get_legend_handles_labels()
        if predicted is not None:
            handles.append(Line2D([], [], color=MUTED, linewidth=1))
            labels.append("closed form")
        figure.legend(handles, labels, loc="outside upper right", ncols=len(handles))
    return figure


def plot_share_plane(found: Emergence, *, columns: int = 3) -> Figure:
    """Common share of every family on the plane of time and dimension, one panel each.

    Parameters
    ----------
    found : Emergence
        At two times and in two dimensions at least.
    columns : int, default 3
        Panels in a row.

    Raises
    ------
    InputError
        A single time or dimension, or no family with a share.
    """
    shown = [one for one in found.families if np.isfinite(one.values("share")).all()]
    if len(found.times) < 2 or len(found.dims) < 2 or not shown:
        raise InputError(
            f"a plane needs 2 times, 2 dimensions and a family; got {len(found.times)}, "
            f"{len(found.dims)} and {len(shown)}"
        )
    at = np.unique(np.linspace(0, len(found.times) - 1, 3).round().astype(int))
    rows = np.unique(np.linspace(0, len(found.dims) - 1, 4).round().astype(int))
    with styled():
        figure, axes = _panels(len(shown), columns)
        norm = Normalize(0.0, 1.0)
        for ax, one in zip(axes, shown, strict=True):
            ax.pcolormesh(one.values("share").T, cmap=_COLOURS, norm=norm, rasterized=True)
            ax.set_xticks(at + 0.5, labels=[f"{found.times[k]:.2g}" for k in at])
            ax.set_yticks(rows + 0.5, labels=[f"{found.dims[k]:,}" for k in rows])
            ax.tick_params(labelsize=7.5)
            _name(ax, one, width=23)
        figure.supxlabel("flow time t", fontsize=9.0)
        figure.supylabel("dimension d", fontsize=9.0)
        figure.colorbar(
            ScalarMappable(norm, _COLOURS), ax=axes, label="common share", aspect=40, pad=0.02
        )
    return figure


def plot_linear_times(
    found: LinearTimes, *, which: Literal["linear", "growth"] = "growth", ax: Axes | None = None
) -> Axes:
    """Linear or growth times beside the learning times of the modes that the means live on.

    Parameters
    ----------
    found : LinearTimes
        Made with a theory.
    which : {"growth", "linear"}
        When |m|^2 is at half of its final value, or when the common share is.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        No family has both times.
    """
    shown = [
        (family_label(one.family), one.learning, time)
        for one in found.families
        if (time := getattr(one, which)) is not None and one.learning is not None
    ]
    if not shown:
        raise InputError("no family has both times; pass a theory to linear_times")
    with styled():
        ax = axes_or_new(ax, height=4.4)
        x, across = _ends([learning for _, learning, _ in shown])
        y, along = _ends([time for _, _, time in shown])
        ax.errorbar(
            x,
            y,
            xerr=across,
            yerr=along,
            fmt="o",
            color=PALETTE[0],
            ecolor=FAINT,
            elinewidth=1.2,
            markersize=5,
            markeredgewidth=0,
        )
        ends = [min(x.min(), y.min()), max(x.max(), y.max())]
        ax.plot(ends, ends, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
        ax.set_xlabel("learning time of the modes that the mean lives on, t")
        ax.set_ylabel(f"{_HALVES[which]} at half of its final value, t")
        correlation = found.growth_correlation if which == "growth" else found.correlation
        if correlation is not None:
            ax.set_title(str(correlation), loc="right", fontsize=8.5, color=MUTED)
        ax.grid(visible=True)
        _label(ax, np.column_stack([x, y]), [row[0] for row in shown])
    return ax


def _panels(number: int, columns: int) -> tuple[Figure, list[Axes]]:
    """A figure with so many panels; those left over are hidden."""
    if number < 1 or columns < 1:
        raise InputError(f"{number} families in {columns} columns; pass at least one of each")
    columns = min(columns, number)
    rows = -(-number // columns)
    figure = Figure(figsize=(WIDTH, 0.75 + _PANEL * rows), layout="constrained")
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for place, ax in enumerate(axes.flat):
        ax.set_visible(place < number)
        # The lowest panel of each column has the labels of the axis.
        if number - columns <= place < number:
            ax.tick_params(labelbottom=True)
    return figure, list(axes.flat)[:number]


def _line(one: FamilyEmergence, against: Against) -> list[Point]:
    return [row[-1] for row in one.points] if against == "time" else list(one.points[-1])


def _known(line: list[Point], against: Against, measure: Measure) -> tuple[Real, list[Interval]]:
    """Where a measure is known, and its values there."""
    known = [
        (getattr(point, against), value)
        for point in line
        if (value := point.of(measure)) is not None
    ]
    return np.array([x for x, _ in known], dtype=np.float64), [value for _, value in known]


def _draw_points(
    ax: Axes, line: list[Point], against: Against, measure: Measure, number: int
) -> None:
    x, intervals = _known(line, against, measure)
    y, ends = _ends(intervals)
    ax.errorbar(
        x,
        y,
        yerr=ends,
        fmt=MARKERS[number],
        color=PALETTE[number],
        markersize=2.6,
        markeredgewidth=0,
        elinewidth=0.7,
        alpha=0.8,
        label=_NAMES[measure],
    )


def _ends(intervals: Sequence[Interval]) -> tuple[Real, Real]:
    """Values (n,), and the lengths of the bars below and above them (2, n)."""
    value, low, high = (
        np.array([getattr(one, end) for one in intervals], dtype=np.float64)
        for end in ("value", "low", "high")
    )
    return value, np.stack([value - low, high - value])


def _scale(axes: list[Axes], found: Emergence, against: Against) -> None:
    """Scales that all panels share."""
    first = axes[0]
    if against == "d":
        first.set_xscale("log", base=2)
        ticks = [4**k for k in range(8) if found.dims[0] <= 4**k <= found.dims[-1]]
        first.set_xticks(ticks, labels=[str(d) for d in ticks])
        for ax in axes:
            ax.tick_params(axis="x", labelsize=7.5)
        first.minorticks_off()
    else:
        times = [time for time in found.times if time]
        if found.times[0] and times[-1] > _WIDE * times[0]:
            first.set_xscale("log")
            # Powers of ten as they are: no font for formulas is needed.
            first.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
            first.minorticks_off()
        else:
            first.locator_params(axis="x", nbins=4)
    # Estimates far outside what the measures can be would flatten all others.
    first.set_ylim(max(first.get_ylim()[0], -0.35), min(first.get_ylim()[1], 1.45))


def _name(ax: Axes, one: FamilyEmergence, *, width: int = _LABEL_WIDTH) -> None:
    name = shortened(family_label(one.family), width)
    literal(ax.set_title(f"{name} ({one.pairs})", loc="left", fontsize=8.0))


def _label(ax: Axes, points: Real, names: list[str]) -> None:
    """Names beside points, those left out for which there is no room."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    scale = _POINTS_PER_INCH / figure.dpi
    places = ax.transData.transform(points) * scale
    box = ax.bbox
    sizes = np.array([[_LETTER * _LABEL_SIZE * len(name), 1.2 * _LABEL_SIZE] for name in names])
    placed = place_labels(
        places,
        sizes,
        range(len(names)),
        bounds=(box.x0 * scale, box.y0 * scale, box.x1 * scale, box.y1 * scale),
        most=len(names),
        crowding=0,
    )
    for one in placed:
        literal(
            ax.annotate(
                names[one.item],
                tuple(points[one.item]),
                xytext=(one.x, one.y),
                textcoords="offset points",
                ha="center",
                va="center",
                fontsize=_LABEL_SIZE,
                color=INK,
                path_effects=[withStroke(linewidth=2, foreground="white")],
            )
        )
