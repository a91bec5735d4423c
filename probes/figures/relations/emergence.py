"""Draw how analogies emerge: curves over time or dimension, the plane of both, times of rise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

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
from probes.drawing.refusals import NothingToDrawError, PanelsError
from probes.drawing.style import (
    FAINT,
    INK,
    MARKERS,
    MUTED,
    PALETTE,
    WIDTH,
    axes_or_new,
    legend_above,
    literal,
    styled,
)
from probes.emergence.linear.result import LinearTimes
from probes.emergence.points import FamilyEmergence, Measure, Point
from probes.emergence.result import Emergence
from probes.figures.relations.emergence_by_chance import (
    TOO_FEW,
    chance_in_legend,
    mark_chance,
    strike_out,
)
from probes.shared.intervals import Interval
from repsearch.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from probes.emergence.answers import Answers
    from probes.emergence.mode_signal import ModeSignal

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
    """Draw measures of every family against time or dimension, one small panel each.

    Points with bars are what was measured, with intervals; lines are the closed
    form's. Without a prediction lines join the points. Dotted lines are what chance gives;
    where the embedding has fewer than 2 effective dimensions, and no measure is a finding, the
    ground is grey.

    Parameters
    ----------
    found : Emergence
        What was measured.
    predicted : Emergence, optional
        What the closed form has at the same times and in the same dimensions.
    against : {"time", "d"}
        Horizontal axis: time, in all columns, or dimension, at the last time.
    measures : sequence of str, default ("share", "accuracy")
        What to draw, on one scale; any but the median rank.
    columns : int, default 3
        Number of panels in a row.

    Returns
    -------
    matplotlib.figure.Figure
        One panel for each family.

    Raises
    ------
    NothingToDrawError
        There is no time to draw against.
    InputError
        No such measure, or a prediction at other times, dimensions or families.

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.emergence import emergence
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> found = emergence(
    ...     world.spectrum().embeddings(3), Relations(world.relations), dims=[1, 2, 3],
    ...     resamples=100,
    ... )
    >>> len(plot_emergence(found, against="d").axes)
    3
    """
    found.check_same_grid(predicted)
    if against == "time" and found.times[0] is None:
        raise NothingToDrawError("embeddings have no time to draw against; draw against 'd'")
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
            line = _line(one, against)
            mark_chance(ax, line, _places(line, against), measures)
            _name(ax, one)
            ax.grid(visible=True)
        _scale(axes, found, against)
        figure.supxlabel("flow time t" if against == "time" else "dimension d", fontsize=9.0)
        handles: list[Any] = axes[0].get_legend_handles_labels()[0]
        if predicted is not None:
            handles.append(Line2D([], [], color=MUTED, linewidth=1, label="closed form"))
        handles += chance_in_legend([_line(one, against) for one in found.families], measures)
        figure.legend(handles=handles, loc="outside upper right", ncols=len(handles))
    return figure


def draw_emergence(
    found: Emergence,
    *,
    predicted: Emergence | None = None,
    against: Against | None = None,
    measures: Sequence[Measure] = ("share", "accuracy"),
    ax: Axes | None = None,
) -> Axes:
    """Draw the panels of `plot_emergence`, for `Emergence.plot`.

    Parameters
    ----------
    found : Emergence
        What was measured.
    predicted : Emergence, optional
        What the closed form has at the same times and in the same dimensions.
    against : {"time", "d"}, optional
        Horizontal axis; time where there are several, otherwise dimension.
    measures : sequence of str, default ("share", "accuracy")
        What to draw.
    ax : matplotlib.axes.Axes, optional
        None, for there is a panel for each family.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel.

    Raises
    ------
    NothingToDrawError
        There is a single time, or a single dimension, to draw against.
    InputError
        Axes were given.
    """
    _refuse(ax)
    if against is None:
        against = "time" if len(found.times) > 1 else "d"
    if len(found.times if against == "time" else found.dims) < 2:
        raise NothingToDrawError(f"a curve needs 2 values of {against}; there is 1")
    return plot_emergence(found, predicted, against=against, measures=measures).axes[0]


def draw_share_plane(found: Emergence, *, ax: Axes | None = None) -> Axes:
    """Draw the panels of `plot_share_plane`, for `Emergence.pictures`.

    Parameters
    ----------
    found : Emergence
        What was measured.
    ax : matplotlib.axes.Axes, optional
        None, for there is a panel for each family.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel.

    Raises
    ------
    NothingToDrawError
        There is a single time or dimension, or no family with a share.
    InputError
        Axes were given.
    """
    _refuse(ax)
    return plot_share_plane(found).axes[0]


def plot_share_plane(found: Emergence, *, columns: int = 3) -> Figure:
    """Draw the common share of every family on the plane of time and dimension, one panel each.

    Where the embedding has fewer than 2 effective dimensions the plane is hatched.

    Parameters
    ----------
    found : Emergence
        At two times and in two dimensions at least.
    columns : int, default 3
        Number of panels in a row.

    Returns
    -------
    matplotlib.figure.Figure
        One panel for each family, with a colour bar.

    Raises
    ------
    NothingToDrawError
        A single time or dimension, or no family with a share.

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.emergence import emergence
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> found = emergence(
    ...     gradient_flow(world.spectrum(), Aligned(1e-3), d=3), Relations(world.relations),
    ...     times=[5, 40], dims=[2, 3], resamples=100, permutations=100,
    ... )
    >>> plot_share_plane(found).axes[0].get_title(loc="left")
    'attribute 1 (4)'
    """
    shown = [one for one in found.families if np.isfinite(one.values("share")).all()]
    if len(found.times) < 2 or len(found.dims) < 2 or not shown:
        raise NothingToDrawError(
            f"a plane needs 2 times, 2 dimensions and a family; got {len(found.times)}, "
            f"{len(found.dims)} and {len(shown)}"
        )
    at = np.unique(np.linspace(0, len(found.times) - 1, 3).round().astype(int))
    rows = np.unique(np.linspace(0, len(found.dims) - 1, 4).round().astype(int))
    with styled():
        figure, axes = _panels(len(shown), columns)
        norm = Normalize(0.0, 1.0)
        struck = False
        for ax, one in zip(axes, shown, strict=True):
            ax.pcolormesh(one.values("share").T, cmap=_COLOURS, norm=norm, rasterized=True)
            struck |= strike_out(ax, one.points)
            ax.set_xticks(at + 0.5, labels=[f"{found.times[k]:.2g}" for k in at])
            ax.set_yticks(rows + 0.5, labels=[f"{found.dims[k]:,}" for k in rows])
            ax.tick_params(labelsize=7.5)
            _name(ax, one, width=23)
        hatched = f" (hatched: {TOO_FEW})" if struck else ""
        figure.supxlabel(f"flow time t{hatched}", fontsize=9.0)
        figure.supylabel("dimension d", fontsize=9.0)
        figure.colorbar(
            ScalarMappable(norm, _COLOURS), ax=axes, label="common share", aspect=40, pad=0.02
        )
    return figure


def plot_linear_times(
    found: LinearTimes, *, which: Literal["linear", "growth"] = "growth", ax: Axes | None = None
) -> Axes:
    """Draw linear or growth times beside the learning times of the modes that means live on.

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
    >>> plot_linear_times(found).get_ylabel()
    '|m|² at half of its final value, t'
    """
    shown = [
        (family_label(one.family), one.learning, time, one.uncensored(which) is None)
        for one in found.families
        if (time := getattr(one, which)) is not None and one.learning is not None
    ]
    if not shown:
        raise NothingToDrawError("no family has both times; pass a theory to linear_times")
    with styled():
        ax = axes_or_new(ax, height=4.4)
        x, across = _ends([learning for _, learning, _, _ in shown])
        y, along = _ends([time for _, _, time, _ in shown])
        early = np.array([censored for *_, censored in shown])
        # A time known from above only hangs below its mark.
        for mark, some, name in (("o", ~early, None), ("v", early, "risen by then, or before")):
            if some.any():
                ax.errorbar(
                    x[some],
                    y[some],
                    xerr=across[:, some],
                    yerr=along[:, some],
                    fmt=mark,
                    color=PALETTE[0],
                    ecolor=FAINT,
                    elinewidth=1.2,
                    markersize=5,
                    markeredgewidth=0,
                    label=name,
                )
        if early.any():
            ax.legend(loc="lower right", fontsize=8.5, frameon=False)
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


def plot_mode_signal(found: ModeSignal, *, ax: Axes | None = None) -> Axes:
    """Draw the common part and the noise of a relation's differences on each mode.

    Parameters
    ----------
    found : ModeSignal
        What `probes.emergence.mode_signal` found.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Those drawn on.

    Examples
    --------
    >>> from probes.emergence import mode_signal
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> found = mode_signal(world.spectrum(), world.relations["attribute 1"], name="attribute 1")
    >>> plot_mode_signal(found).get_xlabel()
    'mode k'
    """
    modes = np.arange(1, len(found.mean) + 1)
    with styled():
        ax = axes_or_new(ax, height=3.2)
        ax.axhline(0, color=FAINT, linewidth=0.9, zorder=0)
        series = (("common part m_k²", found.squared_mean), ("noise v_k", found.noise))
        for number, (label, values) in enumerate(series):
            ax.plot(
                modes,
                values,
                MARKERS[number],
                color=PALETTE[number],
                markersize=4,
                markeredgewidth=0,
                label=label,
            )
        legend_above(ax)
        ax.set_xlabel("mode k")
        ax.set_ylabel("per unit of s_k²")
        ax.grid(visible=True)
        name = family_label(found.family) if found.family else ""
        literal(ax.set_title(shortened(name, _LABEL_WIDTH), loc="left", fontsize=8.5))
    return ax


def plot_answer_ranks(found: Answers, *, ax: Axes | None = None) -> Axes:
    """Draw which share of the right answers has a rank or a better one.

    Parameters
    ----------
    found : Answers
        What `probes.emergence.answers` found for one family.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Those drawn on.

    Raises
    ------
    NothingToDrawError
        The family has no question.

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.emergence import answers
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> found = answers(world.spectrum().embeddings(2), Relations(world.relations))
    >>> plot_answer_ranks(found["attribute 1"]).get_ylabel()
    'share of 12 questions'
    """
    number = len(found.ranks)
    if not number:
        raise NothingToDrawError(f"{found.asked.family} has no question")
    with styled():
        ax = axes_or_new(ax, height=3.2)
        ranks, counts = np.unique(found.ranks, return_counts=True)
        ax.step(ranks, np.cumsum(counts) / number, "o-", where="post", color=PALETTE[0])
        ax.set_xscale("log")
        # Powers of ten as they are: no font for formulas is needed.
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        ax.minorticks_off()
        ax.set_ylim(0, 1.02)
        ax.set_xlabel("rank of the right answer, or better")
        ax.set_ylabel(f"share of {number:,} questions")
        ax.grid(visible=True)
        name = shortened(family_label(found.asked.family), _LABEL_WIDTH)
        literal(ax.set_title(name, loc="left", fontsize=8.5))
    return ax


def _refuse(ax: Axes | None) -> None:
    if ax is not None:
        raise PanelsError(
            "there are panels for all families; pass no ax, or draw a figure with plot_emergence"
        )


def _panels(number: int, columns: int) -> tuple[Figure, list[Axes]]:
    """Make a figure with so many panels; those left over are hidden."""
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


def _places(line: list[Point], against: Against) -> Real:
    return np.array([getattr(point, against) for point in line], dtype=np.float64)


def _known(line: list[Point], against: Against, measure: Measure) -> tuple[Real, list[Interval]]:
    """Give where a measure is known, and its values there."""
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
    """Give values (n,), and the lengths of the bars below and above them (2, n)."""
    value, low, high = (
        np.array([getattr(one, end) for one in intervals], dtype=np.float64)
        for end in ("value", "low", "high")
    )
    return value, np.stack([value - low, high - value])


def _scale(axes: list[Axes], found: Emergence, against: Against) -> None:
    """Set the scales that all panels share."""
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
    """Write names beside points, those left out for which there is no room."""
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
