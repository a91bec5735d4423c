"""Draw the coherence of topics beside that of random topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.drawing.dot_whiskers import draw_dot_whiskers, figure_height
from probes.drawing.labels import listed_words
from probes.drawing.style import MUTED, axes_or_new, legend_above, styled
from probes.shared.intervals import Interval
from probes.topics.coherence import CoherenceTable, TopicCoherence, above_chance

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LONGEST_LIST = 30
_MEASURES = {"npmi": "NPMI", "c_v": "C_v", "u_mass": "U_mass"}


def plot_coherence(table: CoherenceTable, *, ax: Axes | None = None) -> Axes:
    """Draw each topic's coherence, and the mean and range of random topics.

    The range holds 95 % of topics of as many words drawn at random. Names of topics that
    are no more coherent than chance are grey.

    Parameters
    ----------
    table : CoherenceTable
        Coherence of one topic or more.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Examples
    --------
    >>> from probes.topics.coherence import coherence
    >>> from repsearch import encode
    >>> corpus = encode(["ice cold snow", "red blue green"] * 9, vocabulary_size=None)
    >>> axes = plot_coherence(coherence([["ice", "cold"], ["red", "blue"]], corpus))
    >>> [tick.get_text() for tick in axes.get_yticklabels()]
    ['ice, cold  1', 'red, blue  2']
    """
    coherent = above_chance(table)
    rows = [f"{listed_words(one.words, _LONGEST_LIST)}  {one.name}" for one in table.topics]
    series: dict[str, list[Interval | None]] = {
        "topic": [Interval(one.value, one.value, one.value) for one in table.topics],
        "random topics": [_null(one) for one in table.topics],
    }
    with styled():
        ax = axes_or_new(ax, height=figure_height(len(rows), len(series)))
        draw_dot_whiskers(ax, rows, series)
        for text, topic in zip(ax.get_yticklabels(), table.topics, strict=True):
            if not coherent[topic.name]:
                text.set_color(MUTED)
        ax.set_xlabel(f"coherence, {_MEASURES[table.measure]} by {table.unit}")
        legend_above(ax)
    return ax


def _null(topic: TopicCoherence) -> Interval:
    """Mean and range of random topics; the mean of a skewed law can lie outside."""
    low, high = topic.null_range or (topic.null, topic.null)
    return Interval(topic.null, min(low, topic.null), max(high, topic.null))
