"""Draw a trained run over the closed form, in the same time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from probes.drawing.refusals import NothingToDrawError, PanelsError
from probes.drawing.style import (
    FAINT,
    INK,
    MUTED,
    PALETTE,
    WIDTH,
    axes_or_new,
    legend_above,
    literal,
    log_axis_below,
    styled,
)
from probes.figures.modes.overlap import plot_overlap
from probes.figures.modes.singular_values import colour_bar

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from probes.theory_check import Comparison

_TIME = "flow time t"
_LIGHTEST = 0.92
_BEFORE = 8.0
"""Nothing is to be seen before this part of the first learning time."""
_ROOM = 0.1
_CLOSEST = 0.045
"""Share of the axis between two plateaus that can be told apart."""


def plot_comparison(comparison: Comparison) -> Figure:
    """Draw singular values, learning times, the loss, and modes at the last snapshot.

    Parameters
    ----------
    comparison : Comparison
        What `probes.theory_check.compare` found.

    Returns
    -------
    matplotlib.figure.Figure
        Of four panels.

    Examples
    --------
    >>> import tempfile
    >>> from probes.theory_check import compare
    >>> from repsearch import Gaussian, training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = training.train(
    ...         counts, f"{folder}/run", d=2, until=8.0, start=Gaussian(1e-2, 0),
    ...         record=training.Record(when=training.evenly(8.0, 20)),
    ...     )
    ...     found = compare(run, counts, n_modes=2)
    >>> len(plot_comparison(found).axes) >= 4
    True
    """
    with styled():
        figure = Figure(figsize=(1.75 * WIDTH, 1.3 * WIDTH), layout="constrained")
        grid = figure.subplots(2, 2)
        plot_compared_values(comparison, ax=grid[0, 0])
        plot_learning_times(comparison, ax=grid[0, 1])
        plot_compared_loss(comparison, ax=grid[1, 0])
        plot_compared_modes(comparison, ax=grid[1, 1])
        title = figure.suptitle(f"{comparison.loss} loss, {comparison.weighting}", fontsize=10)
        literal(title)
    return figure


def draw_comparison(comparison: Comparison, *, ax: Axes | None = None) -> Axes:
    """Draw the four panels of `plot_comparison`, for `Comparison.plot`.

    Parameters
    ----------
    comparison : Comparison
        What `probes.theory_check.compare` found.
    ax : matplotlib.axes.Axes, optional
        None, for there are four of them.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel.

    Raises
    ------
    InputError
        Axes were given.
    """
    if ax is not None:
        raise PanelsError(
            "a comparison is drawn on four panels; pass no ax, or call plot of one of its parts"
        )
    return plot_comparison(comparison).axes[0]


def plot_compared_values(comparison: Comparison, *, ax: Axes | None = None) -> Axes:
    """Draw singular values over time, trained ones in full and the closed form dashed.

    Parameters
    ----------
    comparison : Comparison
        What `probes.theory_check.compare` found.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default. A colour bar takes its room from
        these axes.

    Returns
    -------
    matplotlib.axes.Axes
        Those drawn on.

    Examples
    --------
    >>> import tempfile
    >>> from probes.theory_check import compare
    >>> from repsearch import Gaussian, training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = training.train(
    ...         counts, f"{folder}/run", d=2, until=8.0, start=Gaussian(1e-2, 0),
    ...         record=training.Record(when=training.evenly(8.0, 20)),
    ...     )
    ...     found = compare(run, counts, n_modes=2)
    >>> plot_compared_values(found).get_ylabel()
    'singular value of W'
    """
    curves = comparison.curves
    shown = curves.n_modes
    colours = colormaps["viridis"](np.linspace(0, _LIGHTEST, shown))
    with styled():
        ax = axes_or_new(ax, height=4.1)
        _time_axis(ax)
        for k in range(shown):
            # Pale and wide, so that dashes can be seen on what they agree with.
            ax.plot(curves.times, curves.measured[:, k], color=colours[k], linewidth=2.6, alpha=0.5)
            ax.plot(curves.times, curves.predicted[:, k], color=INK, linewidth=0.8, dashes=(4, 3))
        ax.plot([], [], color=colours[0], linewidth=2.6, alpha=0.5, label="trained")
        ax.plot([], [], color=INK, linewidth=0.8, dashes=(4, 3), label="closed form")
        legend_above(ax)
        if shown > 1:
            colour_bar(ax, colours, shown)
        ax.set_xlim(_first(comparison, curves.times), curves.times[-1])
        ax.set_ylim(bottom=0)
        ax.grid(visible=True, which="major")
        ax.tick_params(which="both", length=0)
        ax.set_ylabel(f"singular value of {'W' if comparison.prediction.tied else 'A Bᵀ'}")
    return ax


def plot_early_growth(comparison: Comparison, *, ax: Axes | None = None) -> Axes:
    """Draw singular values while they are small, beside the weighted matrix G o M* / mean(G).

    Parameters
    ----------
    comparison : Comparison
        Of a run whose weights of pairs are not constant.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Those drawn on.

    Raises
    ------
    NothingToDrawError
        No row lies before the first learning time, or weights are constant.
    """
    early = comparison.early
    if early is None or not len(early.times):
        raise NothingToDrawError("no row lies before the first learning time")
    return plot_compared_values(replace(comparison, curves=early, learning=()), ax=ax)


def plot_compared_modes(comparison: Comparison, *, ax: Axes | None = None) -> Axes:
    """Draw squared cosines of the run's modes and the closed form's at the last snapshot.

    Parameters
    ----------
    comparison : Comparison
        What `probes.theory_check.compare` found.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Those drawn on.

    Examples
    --------
    >>> import tempfile
    >>> from probes.theory_check import compare
    >>> from repsearch import Gaussian, training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = training.train(
    ...         counts, f"{folder}/run", d=2, until=8.0, start=Gaussian(1e-2, 0),
    ...         record=training.Record(when=training.evenly(8.0, 20)),
    ...     )
    ...     found = compare(run, counts, n_modes=2)
    >>> plot_compared_modes(found).get_ylabel()
    'mode of training at t = 8'
    """
    ax = plot_overlap(
        comparison.overlaps.overlaps[-1],
        one=f"training at t = {comparison.overlaps.times[-1]:.3g}",
        other="closed form",
        ax=ax,
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    return ax


def plot_learning_times(comparison: Comparison, *, ax: Axes | None = None) -> Axes:
    """Draw measured half-height times over predicted ones, with the diagonal.

    Whiskers are what the spacing of the recorded rows leaves open. Modes that have
    only one of the two times are not on the plane; they are counted below it.

    Parameters
    ----------
    comparison : Comparison
        What `probes.theory_check.compare` found.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Those drawn on.

    Examples
    --------
    >>> import tempfile
    >>> from probes.theory_check import compare
    >>> from repsearch import Gaussian, training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = training.train(
    ...         counts, f"{folder}/run", d=2, until=8.0, start=Gaussian(1e-2, 0),
    ...         record=training.Record(when=training.evenly(8.0, 20)),
    ...     )
    ...     found = compare(run, counts, n_modes=2)
    >>> plot_learning_times(found).get_ylabel()
    'learning time in training'
    """
    both = [(mode.predicted, mode.measured, mode.mode) for mode in comparison.learning]
    known = [(p, m, mode) for p, m, mode in both if p is not None and m is not None]
    with styled():
        ax = axes_or_new(ax, height=4.1, width=4.6)
        if known:
            predicted = np.array([p.time for p, _, _ in known])
            measured = np.array([m.time for _, m, _ in known])
            reach = [
                [m.time - m.before for _, m, _ in known],
                [m.after - m.time for _, m, _ in known],
            ]
            low, high = min(predicted.min(), measured.min()), max(predicted.max(), measured.max())
            room = _ROOM * ((high - low) or high)
            low, high = low - room, high + room
            ax.plot([low, high], [low, high], color=FAINT, linewidth=1.0, zorder=1)
            ax.errorbar(
                predicted,
                measured,
                yerr=reach,
                fmt="o",
                color=PALETTE[0],
                markersize=4.0,
                elinewidth=1.0,
                zorder=3,
            )
            # To the inner side, where there is room on the plane.
            for k, x, side in ((0, 8, "left"), (len(known) - 1, -8, "right"))[: len(known)]:
                ax.annotate(
                    f"mode {known[k][2]}",
                    (predicted[k], measured[k]),
                    xytext=(x, 0),
                    textcoords="offset points",
                    ha=side,
                    va="center",
                    fontsize=8,
                    color=MUTED,
                )
            ax.set(xlim=(low, high), ylim=(low, high))
        left_out = len(both) - len(known)
        note = f" ({left_out} of {len(both)} modes without both)" if left_out else ""
        ax.set_xlabel(f"learning time by the closed form{note}")
        ax.set_ylabel("learning time in training")
        ax.grid(visible=True)
        ax.tick_params(length=0)
    return ax


def plot_compared_loss(comparison: Comparison, *, ax: Axes | None = None) -> Axes:
    """Draw the loss in units of the quartic loss, trained and by the closed form, with plateaus.

    Parameters
    ----------
    comparison : Comparison
        What `probes.theory_check.compare` found.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Those drawn on.

    Examples
    --------
    >>> import tempfile
    >>> from probes.theory_check import compare
    >>> from repsearch import Gaussian, training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = training.train(
    ...         counts, f"{folder}/run", d=2, until=8.0, start=Gaussian(1e-2, 0),
    ...         record=training.Record(when=training.evenly(8.0, 20)),
    ...     )
    ...     found = compare(run, counts, n_modes=2)
    >>> plot_compared_loss(found).get_xlabel()
    'flow time t'
    """
    curve = comparison.loss_curve
    after = curve.times > 0
    times = curve.times[after]
    with styled():
        ax = axes_or_new(ax, height=3.9)
        _time_axis(ax)
        last = 0.0
        for plateau in curve.plateaus:
            if last - plateau.predicted < -_CLOSEST * float(curve.predicted.min()):
                continue
            last = plateau.predicted
            ax.axhline(plateau.predicted, color=FAINT, linewidth=0.8, zorder=1)
            ax.annotate(
                f"{plateau.learned} learned",
                (0.0, plateau.predicted),
                xycoords=("axes fraction", "data"),
                xytext=(3, 1.5),
                textcoords="offset points",
                fontsize=7.2,
                color=MUTED,
            )
        ax.plot(
            times,
            curve.measured[after],
            color=PALETTE[0],
            linewidth=2.6,
            alpha=0.5,
            label="trained",
        )
        ax.plot(
            times,
            curve.predicted[after],
            color=INK,
            linewidth=0.8,
            dashes=(4, 3),
            label="closed form",
        )
        legend_above(ax)
        ax.set_xlim(_first(comparison, times), times[-1])
        ax.ticklabel_format(axis="y", scilimits=(-3, 4))
        ax.tick_params(which="both", length=0)
        ax.set_ylabel("(L − L(0)) / 2cw")
    return ax


def _time_axis(ax: Axes) -> None:
    log_axis_below(ax)
    ax.set_xlabel(_TIME)


def _first(comparison: Comparison, times: NDArray[np.float64]) -> float:
    """Where the axis of times begins."""
    waits = [mode.predicted.time for mode in comparison.learning if mode.predicted]
    waits += [mode.measured.time for mode in comparison.learning if mode.measured]
    begin = min(waits) / _BEFORE if waits else 0.0
    return max(float(times[times > 0][0]), begin)
