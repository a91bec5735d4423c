"""Draw the overlaps of modes with their partners in other bases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from probes.drawing.dot_whiskers import draw_dot_whiskers, figure_height
from probes.drawing.labels import listed_words
from probes.drawing.style import MUTED, axes_or_new, styled
from probes.shared.intervals import Interval
from probes.topics.stability.result import HALF, StabilityTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LONGEST_LIST = 16


def plot_stability(table: StabilityTable, *, ax: Axes | None = None) -> Axes:
    """Draw the median overlap of each mode, and the least and the largest of several bases.

    At the right of the dotted line, 1/2, a mode is stable: no other mode is as near.

    Parameters
    ----------
    table : StabilityTable
        Stability of one mode or more.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Examples
    --------
    >>> import numpy as np
    >>> from probes.modes import Basis
    >>> from probes.topics import topic_stability
    >>> words = tuple(f"w{k}" for k in range(30))
    >>> modes = np.linalg.qr(np.random.default_rng(0).normal(size=(30, 2)))[0]
    >>> found = topic_stability(Basis(modes, words=words), [Basis(-modes, words=words)], words=3)
    >>> len(plot_stability(found).get_yticks())
    2
    """
    rows, numbers = [], []
    for one in table.modes:
        ends = " – ".join(listed_words(end.words, _LONGEST_LIST) for end in one.ends)
        rows.append(f"{ends}  {one.mode}")
        middle = float(np.median(one.overlaps))
        numbers.append(Interval(middle, min(one.overlaps), max(one.overlaps)))
    with styled():
        ax = axes_or_new(ax, height=figure_height(len(rows), 1))
        draw_dot_whiskers(ax, rows, {"": numbers})
        for text, one in zip(ax.get_yticklabels(), table.modes, strict=True):
            if not one.stable:
                text.set_color(MUTED)
        ax.axvline(HALF, color=MUTED, linewidth=0.9, linestyle=":")
        ax.set_xlim(-0.02, 1.02)
        others = "the other basis" if table.n_others == 1 else f"{table.n_others} other bases"
        ax.set_xlabel(f"overlap with the partner in {others}, (v · u)²")
    return ax
