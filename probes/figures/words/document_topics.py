"""Draw topics in documents: their shares, typical documents, values of a field, a search."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from probes.drawing.dot_whiskers import draw_dot_whiskers, figure_height
from probes.drawing.labels import listed_words, shortened
from probes.drawing.refusals import NothingToDrawError
from probes.drawing.style import (
    MARKERS,
    MUTED,
    PALETTE,
    axes_or_new,
    legend_above,
    literal,
    styled,
)
from probes.shared.intervals import Interval
from probes.topics.documents.by_value import TopicsByValue
from probes.topics.documents.representatives import TopicDocuments
from probes.topics.documents.result import DocumentTopics
from probes.topics.search import TopicSearch

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LONGEST_LIST = 34
_LONGEST_BEGINNING = 30
_MOST_MODES = 4
_MOST_LABELS = 12


def plot_document_topics(found: DocumentTopics, *, ax: Axes | None = None) -> Axes:
    """Draw the share of documents that have each topic, with its interval.

    Parameters
    ----------
    found : DocumentTopics
        Documents and their topics.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Raises
    ------
    NothingToDrawError
        No document has a topic.

    Examples
    --------
    >>> from probes.topics.documents import Documents, document_topics
    >>> from repsearch import Embeddings
    >>> words = ["ice", "cold", "snow", "frost", "wave", "tide", "salt", "fish"]
    >>> modes = Embeddings(words, np.repeat([[1.0], [-1.0]], 4, axis=0))
    >>> texts = ["ice cold snow frost " * 4] * 9 + ["wave tide salt fish " * 4] * 9
    >>> axes = plot_document_topics(document_topics(modes, Documents.of_texts(texts)))
    >>> len(axes.get_yticks())
    2
    """
    having = [place for place in range(len(found.topics)) if np.any(found.own == place)]
    if not having:
        raise NothingToDrawError("no document has a topic")
    rows = [
        f"{listed_words(found.topics[place].words, _LONGEST_LIST)}  {found.names[place]}"
        for place in having
    ]
    with styled():
        ax = axes_or_new(ax, height=figure_height(len(rows), 1))
        draw_dot_whiskers(ax, rows, {"": [found.shares[place] for place in having]}, scale=100)
        ax.set_xlabel("documents whose topic it is, %")
        ax.set_xlim(left=0)
    return ax


def plot_topic_documents(found: TopicDocuments, *, ax: Axes | None = None) -> Axes:
    """Draw the weights of typical documents, with twice their noise to either side.

    Parameters
    ----------
    found : TopicDocuments
        Documents by topic.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Raises
    ------
    NothingToDrawError
        No document has a topic.

    Examples
    --------
    >>> from probes.topics.documents import Representative
    >>> one = Representative("1+", 1, 7, "7", 120, 0.9, 0.2, "the ice")
    >>> axes = plot_topic_documents(TopicDocuments((one,), {"1+": "ice cold"}))
    >>> axes.get_yticklabels()[0].get_text()
    '1+  7: the ice'
    """
    if not found.documents:
        raise NothingToDrawError("no document has a topic")
    rows = []
    for one in found.documents:
        begins = shortened(one.begins, _LONGEST_BEGINNING) if one.begins else "-"
        rows.append(f"{one.topic}  {shortened(one.name, 20)}: {begins}")
    numbers = [
        Interval(one.weight, one.weight - 2 * one.noise, one.weight + 2 * one.noise)
        for one in found.documents
    ]
    with styled():
        ax = axes_or_new(ax, height=figure_height(len(rows), 1))
        draw_dot_whiskers(ax, rows, {"": numbers})
        ax.axvline(0.0, color=MUTED, linewidth=0.9, linestyle=":")
        ax.set_xlabel("weight of the topic (whisker: twice its noise)")
    return ax


def plot_topics_by_value(found: TopicsByValue, *, ax: Axes | None = None) -> Axes:
    """Draw the mean weights of the modes that differ most, over the values of the field.

    Parameters
    ----------
    found : TopicsByValue
        Mean weights by value.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on; values that are numbers stand where they lie.

    Examples
    --------
    >>> from probes.topics.documents import ValueOfTopic
    >>> share = Interval(0.5, 0.2, 0.8)
    >>> rows = [
    ...     ValueOfTopic(year, 1, 8, Interval(0.3, 0.1, 0.5), share, share)
    ...     for year in ("1999", "2001")
    ... ]
    >>> labels = {1: "ice against sea"}
    >>> axes = plot_topics_by_value(TopicsByValue(tuple(rows), "year", {1: 0.01}, labels))
    >>> axes.get_xlabel(), axes.lines[0].get_xdata().tolist()
    ('year', [1999.0, 2001.0])
    """
    order = sorted(found.p_values, key=lambda mode: (found.p_values[mode], mode))
    modes = sorted(order[:_MOST_MODES])
    values = found.values
    places = _numbers(values)
    numeric = places is not None
    at = np.arange(len(values), dtype=np.float64) if places is None else np.array(places)
    step = float(np.diff(np.unique(at)).min()) if len(values) > 1 else 1.0
    held = {(row.value, row.mode): row.weight for row in found.rows}
    with styled():
        ax = axes_or_new(ax, height=3.2 + 0.2 * len(modes))
        for number, mode in enumerate(modes):
            weights = [held[value, mode] for value in values]
            known = [k for k, one in enumerate(weights) if one is not None]
            shown = [one for one in weights if one is not None]
            middle, low, high = (
                np.array([getattr(one, end) for one in shown]) for end in ("value", "low", "high")
            )
            # Beside each other, so that whiskers do not hide others.
            beside = 0.08 * step * (number - (len(modes) - 1) / 2) if len(modes) > 1 else 0.0
            ax.errorbar(
                at[known] + beside,
                middle,
                yerr=np.stack([middle - low, high - middle]),
                fmt=f"-{MARKERS[number]}",
                color=PALETTE[number],
                markersize=4,
                linewidth=1.1,
                elinewidth=0.9,
                capsize=0,
                label=f"{mode}: {shortened(found.labels[mode], 52)}",
            )
        ax.axhline(0.0, color=MUTED, linewidth=0.9, linestyle=":")
        if not numeric:
            every = -(-len(values) // _MOST_LABELS)
            ax.set_xticks(at[::every], labels=[shortened(value, 14) for value in values[::every]])
            for label in ax.get_xticklabels():
                literal(label)
            if max(map(len, values)) > 5:
                ax.tick_params(axis="x", rotation=30)
        else:
            ax.ticklabel_format(axis="x", style="plain", useOffset=False)
        literal(ax.xaxis.label)
        ax.set_xlabel(shortened(found.by, 40))
        ax.set_ylabel("mean weight, 95 % interval")
        legend_above(ax, columns=1)
    return ax


def plot_topic_search(found: TopicSearch, *, ax: Axes | None = None) -> Axes:
    """Draw the cosine of the words asked for with each topic, those beyond chance in colour.

    Parameters
    ----------
    found : TopicSearch
        Topics by how near they are.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Examples
    --------
    >>> from probes.topics import search_topics
    >>> from repsearch import Embeddings
    >>> words = ["hot", "cold", "loud", "quiet"]
    >>> vectors = [[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]]
    >>> axes = plot_topic_search(search_topics(Embeddings(words, vectors), ["quiet"]))
    >>> axes.get_xlabel()
    "cosine with 'quiet'"
    """
    rows = [f"{listed_words(one.words, _LONGEST_LIST)}  {one.topic}" for one in found.topics]
    with styled():
        ax = axes_or_new(ax, height=0.95 + 0.26 * len(rows))
        places = np.arange(len(rows))
        colours = [PALETTE[0] if one.p < 0.05 else MUTED for one in found.topics]
        ax.barh(places, [one.cosine for one in found.topics], color=colours, height=0.66)
        ax.set_yticks(places, labels=rows)
        for label in ax.get_yticklabels():
            literal(label)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_xlim(0.0, 1.0)
        ax.tick_params(length=0)
        ax.spines["left"].set_visible(False)
        asked = " + ".join(repr(word) for word in found.asked)
        literal(ax.xaxis.label)
        ax.set_xlabel(f"cosine with {shortened(asked, 60)}")
    return ax


def _numbers(values: tuple[str, ...]) -> list[float] | None:
    try:
        found = [float(value) for value in values]
    except ValueError:
        return None
    return found if all(isfinite(one) for one in found) else None
