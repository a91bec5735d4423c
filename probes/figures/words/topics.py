"""Draw the words at the ends of modes with their entries, and labels with their shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from probes.drawing.dot_whiskers import draw_dot_whiskers, figure_height
from probes.drawing.labels import listed_words, shortened
from probes.drawing.refusals import NothingToDrawError, PanelsError
from probes.drawing.style import MUTED, PALETTE, WIDTH, axes_or_new, legend_above, literal, styled
from probes.shared.intervals import Interval
from probes.topics.labels import LabelTable
from probes.topics.topics import TopicTable
from repsearch.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LONGEST_WORD = 24
_LONGEST_LABEL = 34
_MOST_PANELS = 4


def plot_topics(table: TopicTable, *, ax: Axes | None = None) -> Axes:
    """Draw the words of the leading modes of a table, a panel for each of up to four.

    Parameters
    ----------
    table : TopicTable
        Topics of one mode or more.
    ax : Axes, optional
        Where to draw the topics of a single mode; several are panels of a new figure.

    Returns
    -------
    Axes
        Those of the first mode.

    Raises
    ------
    InputError
        `ax` was given for several modes.

    Examples
    --------
    >>> from probes import topics
    >>> from repsearch.synthetic import BinaryAttributes
    >>> axes = plot_topics(topics(BinaryAttributes([0.3, 0.2]).spectrum(), words_per_end=2))
    >>> len(axes.get_figure().axes)
    3
    """
    modes = list(dict.fromkeys(topic.mode for topic in table.topics))[:_MOST_PANELS]
    if len(modes) == 1:
        return plot_topic(table, mode=modes[0], ax=ax)
    if ax is not None:
        raise PanelsError(
            f"the {len(modes)} modes are panels of a figure of their own, so they take no ax; "
            "draw one with plot_topic"
        )
    rows = -(-len(modes) // 2)
    words = max(len(topic.words) for topic in table.topics)
    with styled():
        figure = Figure(figsize=(WIDTH, rows * (0.75 + 0.3 * words)), layout="constrained")
        panels = [figure.add_subplot(rows, 2, place + 1) for place in range(len(modes))]
    for mode, panel in zip(modes, panels, strict=True):
        plot_topic(table, mode=mode, ax=panel)
    return panels[0]


def plot_labels(table: LabelTable, *, ax: Axes | None = None) -> Axes:
    """Draw how much of each word of a label lies on its mode.

    A row for each topic, with a dot for each word at the share of its squared embedding.
    Names of topics that are no more coherent than chance are grey.

    Parameters
    ----------
    table : LabelTable
        Labels with words.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Raises
    ------
    NothingToDrawError
        No label has a word.

    Examples
    --------
    >>> from probes.topics import topic_labels
    >>> from repsearch.synthetic import BinaryAttributes
    >>> axes = plot_labels(topic_labels(BinaryAttributes([0.3, 0.2]).spectrum(), words=1))
    >>> len(axes.get_yticks())
    6
    """
    most = max((len(label.words) for label in table.labels), default=0)
    if not most:
        raise NothingToDrawError("no label has a word to draw")
    series: dict[str, list[Interval | None]] = {
        f"word {place + 1} of the label": [
            Interval(*3 * (label.shares[place],)) if place < len(label.shares) else None
            for label in table.labels
        ]
        for place in range(most)
    }
    rows = [
        f"{listed_words(one.words or (str(one),), _LONGEST_LABEL)}  {one.name}"
        for one in table.labels
    ]
    with styled():
        ax = axes_or_new(ax, height=figure_height(len(rows), 1))
        draw_dot_whiskers(ax, rows, series)
        for text, label in zip(ax.get_yticklabels(), table.labels, strict=True):
            if label.coherent is False:
                text.set_color(MUTED)
        ax.set_xlim(-0.02, 1.02)
        ax.set_xlabel("share of the word's squared embedding on the mode")
        legend_above(ax)
    return ax


def plot_topic(table: TopicTable, *, mode: int = 1, ax: Axes | None = None) -> Axes:
    """Draw entries of the words at both ends of a mode as bars, one end above the other.

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
        Those drawn on.

    Raises
    ------
    InputError
        The table does not have the mode.

    Examples
    --------
    >>> from probes import topics
    >>> from repsearch import Embeddings
    >>> found = topics(Embeddings(["hot", "cold"], [[2.0, 0.1], [-2.0, 0.1]]), words_per_end=1)
    >>> [tick.get_text() for tick in plot_topic(found).get_yticklabels()]
    ['hot', 'cold']
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
