"""The words at the two ends of one mode, with their entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from probes.drawing.labels import shortened
from probes.drawing.style import MUTED, PALETTE, axes_or_new, literal, styled
from probes.topics.topics import TopicTable
from repsearch.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LONGEST_WORD = 24


def plot_topic(table: TopicTable, *, mode: int = 1, ax: Axes | None = None) -> Axes:
    """Entries of the words at both ends of a mode as bars, one end above the other.

    Parameters
    ----------
    table : TopicTable
        Topics with the mode among them.
    mode : int, default 1
        Its number.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        The table does not have the mode.
    """
    ends = {topic.end: topic for topic in table.topics if topic.mode == mode}
    if not ends:
        there = ", ".join(str(number) for number in dict.fromkeys(t.mode for t in table.topics))
        raise InputError(f"the table has no mode {mode!r}; it has {there}")
    words: list[str] = []
    entries: list[float] = []
    colours: list[str] = []
    for end, colour in (("+", PALETTE[0]), ("-", PALETTE[1])):
        for topic in (ends[end],) if end in ends else ():
            # The most extreme words are outermost, so the bars run in one order.
            step = 1 if end == "+" else -1
            words += topic.words[::step]
            entries += topic.entries[::step]
            colours += [colour] * len(topic.words)
    eigenvalue = next(iter(ends.values())).eigenvalue
    with styled():
        ax = axes_or_new(ax, height=0.9 + 0.17 * len(words), width=4.2)
        places = np.arange(len(words))
        ax.barh(places, entries, color=colours, height=0.72)
        ax.set_yticks(places, labels=[shortened(word, _LONGEST_WORD) for word in words])
        for label in ax.get_yticklabels():
            literal(label)
        ax.set_ylim(len(words) - 0.4, -0.6)
        ax.axvline(0.0, color=MUTED, linewidth=0.8)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.grid(visible=True, axis="x")
        of_unit = "cosine with the mode" if table.normalise == "cosine" else "entry in W"
        ax.set_xlabel(of_unit)
        strength = "" if eigenvalue is None else f", λ = {eigenvalue:,.5g}"
        ax.set_title(f"mode {mode}{strength}", loc="left")
    return ax
