"""Draw how analogies emerge: curves over time or dimension, modes of a relation, ranks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator
from numpy.typing import NDArray

from probes.drawing.labels import family_label, shortened
from probes.drawing.refusals import NothingToDrawError
from probes.drawing.style import (
    FAINT,
    MARKERS,
    MUTED,
    PALETTE,
    axes_or_new,
    key_above,
    legend_above,
    literal,
    log_axis_below,
    styled,
)
from probes.emergence.points import FamilyEmergence, Measure, Point
from probes.emergence.result import Emergence
from probes.figures.relations.emergence_by_chance import chance_in_legend, mark_chance
from probes.figures.relations.family_panels import (
    family_panels,
    name_panel,
    not_drawn,
    refuse_axes,
    with_most_pairs,
)
from probes.shared.intervals import Interval
from probes.shared.wording import interval_of
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
_LABEL_WIDTH = 27
_WIDE = 30.0
"""Times whose last is more than so many times the first are drawn on a logarithmic axis."""
_WIDEST = 50.0
"""From there on a small panel has room for powers of ten alone."""


def plot_emergence(
    found: Emergence,
    predicted: Emergence | None = None,
    *,
    against: Against = "time",
    measures: Sequence[Measure] = ("share", "accuracy"),
    columns: int = 3,
) -> Figure:
    """Draw measures of every family against time or dimension, one small panel each.

    Points on a band are what was measured, with its intervals; lines are the closed
    form's. Without a prediction lines join the points. Dotted lines are what chance gives;
    where the embedding has fewer than 2 effective dimensions, and no measure is a finding, the
    ground is grey. The twelve families with the most pairs are drawn.

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
    shown, left = with_most_pairs(found.families, [one.pairs for one in found.families])
    with styled():
        figure, axes = family_panels(len(shown), columns)
        geometric = against == "d" or _over_many_times(found)
        for ax, one in zip(axes, shown, strict=True):
            line = _line(one, against)
            for number, measure in enumerate(measures):
                _draw_measured(ax, line, against, measure, number, joined=predicted is None)
                if predicted is not None:
                    theory = _line(predicted[one.family], against)
                    x, intervals = _known(theory, against, measure)
                    values = [known.value for known in intervals]
                    ax.plot(x, values, color=PALETTE[number], linewidth=1.0)
            mark_chance(ax, line, _places(line, against), measures, geometric=geometric)
            name_panel(ax, one.family, one.pairs)
            ax.grid(visible=True)
        _scale(axes, found, against)
        below = "flow time t" if against == "time" else "dimension d"
        figure.supxlabel(f"{below}{not_drawn(left)}", fontsize=9.0)
        figure.supylabel(", ".join(_NAMES[measure] for measure in measures), fontsize=9.0)
        handles: list[Any] = axes[0].get_legend_handles_labels()[0]
        handles.append(Patch(color=MUTED, alpha=0.25, linewidth=0, label=interval_of(found.level)))
        if predicted is not None:
            handles.append(Line2D([], [], color=MUTED, linewidth=1, label="closed form"))
        handles += chance_in_legend([_line(one, against) for one in shown], measures)
        key_above(figure, handles)
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
    refuse_axes(ax)
    if against is None:
        against = "time" if len(found.times) > 1 else "d"
    if len(found.times if against == "time" else found.dims) < 2:
        raise NothingToDrawError(f"a curve needs 2 values of {against}; there is 1")
    return plot_emergence(found, predicted, against=against, measures=measures).axes[0]


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


def _draw_measured(
    ax: Axes, line: list[Point], against: Against, measure: Measure, number: int, *, joined: bool
) -> None:
    """Points on a band of their intervals, so that two measures can lie over each other."""
    x, intervals = _known(line, against, measure)
    value, low, high = (
        np.array([getattr(one, end) for one in intervals], dtype=np.float64)
        for end in ("value", "low", "high")
    )
    colour = PALETTE[number]
    ax.fill_between(x, low, high, color=colour, alpha=0.16, linewidth=0)
    ax.plot(
        x,
        value,
        color=colour,
        marker=MARKERS[number],
        markersize=2.8,
        markeredgewidth=0,
        linewidth=1.0 if joined else 0.0,
        label=_NAMES[measure],
    )


def _over_many_times(found: Emergence) -> bool:
    """Whether times are drawn on a logarithmic axis."""
    first, last = found.times[0], found.times[-1]
    return bool(first and last and last > _WIDE * first)


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
        if _over_many_times(found):
            log_axis_below(first)
            if times[-1] > _WIDEST * times[0]:
                first.xaxis.set_major_locator(LogLocator())
        else:
            first.locator_params(axis="x", nbins=4)
    # Estimates far outside what the measures can be would flatten all others.
    first.set_ylim(max(first.get_ylim()[0], -0.35), min(first.get_ylim()[1], 1.45))
