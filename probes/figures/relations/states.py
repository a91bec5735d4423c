"""Draw what is read from hidden states: labels one by one, numbers, layer after layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from probes.drawing.dot_whiskers import draw_dot_whiskers, figure_height
from probes.drawing.labels import shortened
from probes.drawing.style import FAINT, MUTED, PALETTE, axes_or_new, legend_above, literal, styled
from probes.hidden_states.labels_result import LabelsProbe
from probes.hidden_states.layers_probe import LayersProbe
from probes.hidden_states.target_probe import TargetProbe
from probes.shared.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_ROWS = 30
_MOST_POINTS = 3_000


def plot_labels_probe(found: LabelsProbe, *, ax: Axes | None = None) -> Axes:
    """Draw the recall of each label beside that of shuffled labels.

    Parameters
    ----------
    found : LabelsProbe
        What `probes.hidden_states.probe_many_labels` gave.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on; the rarest of more than thirty labels are left out.

    Examples
    --------
    >>> from probes.hidden_states import probe_many_labels
    >>> labels = np.repeat([0, 1, 2], 8)
    >>> states = np.random.default_rng(0).normal(size=(24, 3)) + 5 * np.eye(3)[labels]
    >>> axes = plot_labels_probe(probe_many_labels(states, labels, permutations=20, controls=0))
    >>> len(axes.get_yticks())
    4
    """
    times = np.bincount(found.held.codes, minlength=len(found.labels))
    shown = sorted(np.argsort(-times, kind="stable")[:_MOST_ROWS].tolist())
    low, high = np.quantile(found.null_recall, [0.025, 0.975], axis=0)
    mean = found.null_recall.mean(axis=0)
    whole = found.null
    ends = [float(end) for end in np.quantile(whole, [0.025, 0.975])]
    centre = float(whole.mean())
    rows = ["all, balanced", *(shortened(found.labels[code], 24) for code in shown)]
    series: dict[str, list[Interval | None]] = {
        "found": [found.balanced, *(found.recall[code] for code in shown)],
        "shuffled labels": [
            Interval(centre, min(ends[0], centre), max(ends[1], centre)),
            *(
                Interval(float(mean[k]), float(min(low[k], mean[k])), float(max(high[k], mean[k])))
                for k in shown
            ),
        ],
    }
    with styled():
        ax = axes_or_new(ax, height=figure_height(len(rows), 2))
        draw_dot_whiskers(ax, rows, series, scale=100)
        ax.axvline(100 / len(found.labels), color=MUTED, linewidth=0.9, linestyle=":")
        ax.set_xlim(-2, 102)
        ax.set_xlabel(f"rows that get their label, groups held out, % (p = {found.p:.2g})")
        legend_above(ax)
    return ax


def plot_target_probe(found: TargetProbe, *, ax: Axes | None = None) -> Axes:
    """Draw predicted against true numbers, each predicted from other groups.

    Parameters
    ----------
    found : TargetProbe
        What `probes.hidden_states.probe_targets` gave.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on; of more than 3,000 rows every so many.

    Examples
    --------
    >>> from probes.hidden_states import probe_targets
    >>> states = np.random.default_rng(0).normal(size=(30, 3))
    >>> axes = plot_target_probe(probe_targets(states, states[:, 0], permutations=20, controls=0))
    >>> axes.get_xlabel()
    'true'
    """
    every = -(-len(found.targets) // _MOST_POINTS)
    true, guess = found.targets[::every], found.predicted[::every]
    ends = [float(true.min()), float(true.max())]
    with styled():
        ax = axes_or_new(ax, height=4.2, width=4.6)
        ax.plot(ends, ends, color=MUTED, linewidth=0.9, linestyle=":", label="as true")
        ax.plot(true, guess, ".", color=PALETTE[0], markersize=4, alpha=0.6, label="rows")
        ax.set_xlabel("true")
        ax.set_ylabel("predicted from other groups")
        ax.set_title(f"R² {found.r2}, p = {found.p:.2g}", loc="left", pad=20.0)
        legend_above(ax)
    return ax


def plot_layers_probe(found: LayersProbe, *, ax: Axes | None = None) -> Axes:
    """Draw the measure over layers, with its interval, over that of shuffles.

    Parameters
    ----------
    found : LayersProbe
        What `probes.hidden_states.probe_layers` gave.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on; layers whose adjusted p is below 0.05 have full dots.

    Examples
    --------
    >>> from probes.hidden_states import probe_hidden_states, probe_layers
    >>> labels = np.arange(20) % 2
    >>> states = np.random.default_rng(0).normal(size=(2, 20, 3))
    >>> axes = plot_layers_probe(
    ...     probe_layers(
    ...         states, lambda one: probe_hidden_states(one, labels, permutations=20, controls=0)
    ...     )
    ... )
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('layer', 'balanced accuracy, groups held out')
    """
    at = np.array(found.layers)
    value, low, high = (
        np.array([getattr(one, end) for one in found.values]) for end in ("value", "low", "high")
    )
    tails = np.stack([np.quantile(null, [0.025, 0.975]) for null in found.nulls], axis=1)
    sure = np.array(found.adjusted) < 0.05
    with styled():
        ax = axes_or_new(ax, height=3.0)
        ax.fill_between(at, *tails, color=FAINT, linewidth=0, label="shuffled, 95 %")
        ax.axhline(found.chance, color=MUTED, linewidth=0.9, linestyle=":")
        if found.grouped:
            seen = [one.seen.value for one in found.probes]
            ax.plot(at, seen, "--", color=PALETTE[2], linewidth=1, label="rows held out")
            if all(one.control for one in found.probes):
                mean = [float(np.mean(one.control)) for one in found.probes]
                ax.plot(at, mean, ":", color=PALETTE[1], linewidth=1.2, label="random by group")
        ax.errorbar(
            at, value, yerr=np.stack([value - low, high - value]), fmt="-", color=PALETTE[0],
            elinewidth=1.0, label="groups held out",
        )  # fmt: skip
        ax.plot(at[sure], value[sure], "o", color=PALETTE[0], markersize=5)
        ax.plot(at[~sure], value[~sure], "o", color=PALETTE[0], markersize=5, markerfacecolor="w")
        ax.set_xlabel("layer")
        literal(ax.yaxis.label)
        ax.set_ylabel(f"{found.measure}, groups held out")
        if np.all(at == np.round(at)):
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        # R² far below 0 says no more than that it is.
        lowest = min(float(np.min(value)), float(tails.min()), found.chance)
        ax.set_ylim(bottom=max(-1.0, min(float(low.min()), lowest)) - 0.03)
        legend_above(ax, columns=2)
    return ax
