"""Draw M* beside a model: overlaps by space, and the map of modes by space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from probes.drawing.labels import shortened
from probes.drawing.style import MARKERS, PALETTE, axes_or_new, legend_above, literal, styled
from probes.model_theory.mode_shares import ModesPresent
from probes.model_theory.overlaps import SpaceOverlaps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

_LONGEST = 24
_MOST_LINES = 4


def plot_space_overlaps(found: SpaceOverlaps, *, ax: Axes | None = None) -> Axes:
    """Draw the overlap with each space, a line for each number of modes, with its null.

    Parameters
    ----------
    found : SpaceOverlaps
        Overlaps by space; of more than four numbers of modes, four are drawn.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Examples
    --------
    >>> from probes.model_theory.frequency_bins import without_frequency
    >>> from probes.model_theory.measured import measured
    >>> rng = np.random.default_rng(0)
    >>> axes = np.linalg.qr(without_frequency(rng.normal(size=(200, 2)))).Q
    >>> made = {"made": measured(axes, axes, [2], permutations=20, seed=0)}
    >>> plot_space_overlaps(SpaceOverlaps((2,), made, 200, {})).get_ylabel().split(chr(10))[0]
    'overlap of leading subspaces'
    """
    names = list(found.measures)
    x = np.arange(len(names))
    few = min(len(found.ks), _MOST_LINES)
    shown = sorted({round(k) for k in np.linspace(0, len(found.ks) - 1, few)})
    with styled():
        ax = axes_or_new(ax, height=3.6)
        for line, number in enumerate(shown):
            colour = PALETTE[line % len(PALETTE)]
            ends = [found.null(name, number).high for name in names]
            ax.plot(x, ends, color=colour, linewidth=0.9, linestyle=":", marker="_")
            ax.plot(
                x,
                [found.measures[name].overlaps[number] for name in names],
                color=colour,
                marker=MARKERS[line % len(MARKERS)],
                markersize=4,
                linewidth=1.2,
                label=f"{found.ks[number]} modes",
            )
        _name_spaces(ax, names)
        ax.set_ylim(bottom=0)
        ax.set_ylabel("overlap of leading subspaces\n(dotted: 97.5 % of words permuted)")
        ax.grid(visible=True, axis="y")
        legend_above(ax, columns=_MOST_LINES)
    return ax


def plot_mode_map(found: ModesPresent, *, ax: Axes | None = None) -> Axes:
    """Draw how much of each mode each space has beyond frequency, dots where it is present.

    Parameters
    ----------
    found : ModesPresent
        Shares by space.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Examples
    --------
    >>> from probes.model_theory.frequency_bins import without_frequency
    >>> from probes.model_theory.measured import measured
    >>> rng = np.random.default_rng(0)
    >>> axes = np.linalg.qr(without_frequency(rng.normal(size=(200, 2)))).Q
    >>> made = {"made": measured(axes, axes, [2], permutations=20, seed=0)}
    >>> ends = (("ice", "fire"), ("red", "blue"))
    >>> plot_mode_map(ModesPresent(np.ones(2), ends, np.zeros(2), made, {})).get_xlabel()
    'mode of M*'
    """
    names = list(found.measures)
    beyond = np.array([found.excess(name) for name in names])
    there = np.array([found.present(name) for name in names])
    rows, columns = beyond.shape
    with styled():
        ax = axes_or_new(ax, height=max(2.2, 1.1 + 0.24 * rows))
        image = ax.imshow(
            np.clip(beyond, 0.0, 1.0),
            cmap="Blues",
            vmin=0.0,
            vmax=max(0.05, float(np.clip(beyond, 0.0, 1.0).max())),
            extent=(0.5, columns + 0.5, rows - 0.5, -0.5),
            interpolation="nearest",
            aspect="auto",
        )
        space, mode = np.nonzero(~there)
        if len(space):
            ax.plot(
                mode + 1,
                space,
                linestyle="none",
                marker="x",
                markersize=2.5,
                markeredgewidth=0.6,
                color=PALETTE[1],
                label="not told from frequency",
            )
        ax.set_xlim(0.5, columns + 0.5)
        ax.set_ylim(rows - 0.5, -0.5)
        ax.set_yticks(np.arange(rows), [shortened(name, _LONGEST) for name in names])
        for label in ax.get_yticklabels():
            literal(label)
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 2.5, 5, 10]))
        ax.set_xlabel("mode of M*")
        for side in ("top", "right"):
            ax.spines[side].set_visible(True)
        figure = ax.get_figure(root=True)
        if figure is not None:
            bar = figure.colorbar(image, ax=ax, shrink=0.9)
            bar.set_label("share beyond frequency")
            bar.outline.set_visible(False)
        legend_above(ax)
    return ax


def _name_spaces(ax: Axes, names: Sequence[str]) -> None:
    """Name spaces below the axis; layers by their number alone, where all are layers."""
    layers = [name.removeprefix("layer ") for name in names]
    if all(one.isdecimal() for one in layers):
        ax.set_xticks(np.arange(len(names)), layers)
        ax.set_xlabel("layer (0: the input)")
        return
    ax.set_xticks(
        np.arange(len(names)),
        [shortened(name, _LONGEST) for name in names],
        rotation=30,
        ha="right",
    )
    for label in ax.get_xticklabels():
        literal(label)
