"""Draw how far topics share words beyond chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from probes.drawing.labels import shortened
from probes.drawing.style import MUTED, PALETTE, axes_or_new, legend_above, literal, styled
from probes.shared.several_tests import is_finding
from probes.topics.tree import TopicTree

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LONGEST = 44


def plot_topic_tree(found: TopicTree, *, ax: Axes | None = None) -> Axes:
    """Draw the overlap of each merge, beside what chance gives; the nearest pairs where none is.

    Parameters
    ----------
    found : TopicTree
        Merged topics.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Examples
    --------
    >>> from probes.topics import topic_tree
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3]).spectrum()
    >>> plot_topic_tree(topic_tree(world, level=0.4, permutations=20)).get_xlabel()
    'words shared, of those of the smaller'
    """
    pairs = [
        (" ".join(one.first), " ".join(one.second), one.overlap, one.by_chance, one.p_value)
        for one in (*found.merges, *(() if found.left is None else (found.left,)))
    ]
    with styled():
        ax = axes_or_new(ax, height=1.2 + 0.3 * len(pairs))
        places = np.arange(len(pairs))
        for place, (_, _, overlap, chance, p) in zip(places, pairs, strict=True):
            ax.plot([chance, overlap], [place, place], color=MUTED, linewidth=1.0, zorder=1)
            colour = PALETTE[0] if is_finding(p) else MUTED
            ax.plot(overlap, place, "o", color=colour, zorder=2)
            ax.plot(chance, place, "|", color=MUTED, markersize=10, zorder=2)
        ax.plot([], [], "o", color=PALETTE[0], label="merged")
        ax.plot([], [], "o", color=MUTED, label="not merged")
        ax.plot([], [], "|", color=MUTED, markersize=10, label="by chance")
        names = [f"{shortened(a, _LONGEST)} | {shortened(b, _LONGEST)}" for a, b, *_ in pairs]
        ax.set_yticks(places, labels=names)
        for label in ax.get_yticklabels():
            literal(label)
        ax.set_ylim(len(pairs) - 0.4, -0.6)
        ax.set_xlim(left=0.0)
        ax.set_xlabel("words shared, of those of the smaller")
        ax.tick_params(axis="y", length=0)
        legend_above(ax)
    return ax
