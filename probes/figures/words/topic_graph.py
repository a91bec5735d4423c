"""Draw the graph of topics and words: topics left, words right, edges between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection

from probes.drawing.labels import listed_words, shortened
from probes.drawing.style import INK, MUTED, PALETTE, axes_or_new, literal, styled
from probes.topics import LabelTable, TopicGraph, TopicLabel
from repsearch.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW = 0.145
_LONGEST_LABEL, _LONGEST_WORD = 34, 20
_FREQUENT = 10
"""One word in so many, the most frequent, is not shown."""
_LEAST = 0.5
"""Of a word's heaviest edge, the share from which on another one is drawn."""
# Yellow is too weak for lines and words on white.
_COLOURS = PALETTE[:-1]
_CURVE = np.linspace(0.0, 1.0, 25)


def plot_topic_graph(
    found: TopicGraph,
    *,
    labels: LabelTable | None = None,
    words: int = 3,
    ax: Axes | None = None,
) -> Axes:
    """Draw topics at the left, their heaviest words at the right, in colours of communities.

    Of each topic some words are its heaviest, and one less than half the heaviest among those
    that another topic has at least half as much of. The most frequent words, a tenth of those
    in the graph's vocabulary, are left out: they are function words, which all topics share.
    Of each word its heaviest edge is drawn, and others of at least half that share, the wider
    the larger. Topics stand by community; words as near to their topics as they can.

    Parameters
    ----------
    found : TopicGraph
        Graph and communities, as of `probes.topics.topic_graph`.
    labels : LabelTable, optional
        Labels of the same modes; by default those that the graph was made with, or names
        alone. A label that is not coherent above chance stands in grey.
    words : int, default 3
        Words of a topic at most, from 2.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Raises
    ------
    InputError
        Fewer than two words a topic; a topic without a label.

    Examples
    --------
    >>> import numpy as np
    >>> from probes.topics import topic_graph
    >>> from repsearch import Embeddings
    >>> vectors = np.repeat(np.eye(6), 2, axis=0)
    >>> found = topic_graph(Embeddings([f"w{k}" for k in range(12)], vectors), modes=[1, 2])
    >>> [text.get_text() for text in plot_topic_graph(found).texts]
    ['w1', 'w2', 'w3', '1+', '2+']
    """
    labels = found.labels if labels is None else labels
    if words < 2:
        raise InputError(f"words is {words!r}; pass at least 2 words a topic")
    graph = found.graph
    home = {node: number for number, group in enumerate(found.communities) for node in group}
    kinds = graph.nodes(data="kind")
    topics = [node for group in found.communities for node in group if kinds[node] == "topic"]
    colour = _colours(topics, home)
    chosen = _shown(found, topics, words)
    n_rows = max(len(chosen), len(topics))
    heights = np.linspace(0, n_rows - 1, len(topics)) if len(topics) > 1 else np.array([0.0])
    place = dict(zip(topics, heights.tolist(), strict=True))
    ordered = sorted(chosen, key=lambda word: (_middle(found, word, place), word))
    rows = np.linspace(0, n_rows - 1, len(ordered)) if len(ordered) > 1 else np.array([0.0])
    with styled():
        ax = axes_or_new(ax, height=0.5 + _ROW * n_rows)
        lines, widths, tints = [], [], []
        for word, row in zip(ordered, rows.tolist(), strict=True):
            for topic, edge in _heaviest_edges(found, word):
                # Half a cosine leads from one height to the other.
                bend = (1 - np.cos(np.pi * _CURVE)) / 2
                height = place[topic] + (row - place[topic]) * bend
                lines.append(np.column_stack([_CURVE, height]))
                widths.append(0.4 + 4.0 * edge["weight"])
                tints.append(colour[home[topic]])
            text = ax.text(
                1.015,
                row,
                shortened(word, _LONGEST_WORD),
                ha="left",
                va="center",
                fontsize=7.5,
                color=colour[home[word]],
            )
            literal(text)
        ax.add_collection(LineCollection(lines, linewidths=widths, colors=tints, alpha=0.55))
        for topic, height in place.items():
            name = topic.strip()
            label = None if labels is None else labels[name]
            said = name if label is None else f"{_said(label)}   {name}"
            doubtful = label is not None and label.coherent is False
            literal(
                ax.text(
                    -0.015,
                    height,
                    said,
                    ha="right",
                    va="center",
                    fontsize=8.5,
                    color=MUTED if doubtful else INK,
                )
            )
        ax.scatter(
            np.zeros(len(topics)),
            heights,
            s=14,
            color=[colour[home[topic]] for topic in topics],
            zorder=3,
            clip_on=False,
        )
        ax.set_xlim(0.0, 1.0)
        ax.set_ylim(n_rows - 0.4, -0.6)
        ax.set_axis_off()
        ax.set_title(
            "each word with its heaviest edge, and others of at least half that share",
            fontsize=8.0, color=MUTED, loc="center",
        )  # fmt: skip
    return ax


def _said(label: TopicLabel) -> str:
    return listed_words(label.words, _LONGEST_LABEL) if label.words else str(label)


def _colours(topics: list[str], home: dict[str, int]) -> dict[int, str]:
    """A colour for each community of several topics, going round; grey for single topics."""
    groups = [home[topic] for topic in topics]
    several = list(dict.fromkeys(group for group in groups if groups.count(group) > 1))
    colours = dict.fromkeys(groups, MUTED)
    colours.update(
        (group, _COLOURS[number % len(_COLOURS)]) for number, group in enumerate(several)
    )
    return colours


def _shown(found: TopicGraph, topics: list[str], words: int) -> list[str]:
    """Choose the words of each topic: its heaviest, and those that lead to other topics."""
    chosen: dict[str, None] = {}
    ranks = found.graph.nodes(data="rank", default=0)
    most_frequent = int(found.settings.get("frequent") or 0) // _FREQUENT
    for topic in topics:
        edges = sorted(found.graph[topic].items(), key=lambda edge: (-edge[1]["weight"], edge[0]))
        own = [word for word, _ in edges if ranks[word] > most_frequent] or [w for w, _ in edges]
        heaviest = own[: words - words // 2]
        linking = [
            word
            for word in own
            if word not in heaviest and len(_heaviest_edges(found, word)) > 1
            and topic in dict(_heaviest_edges(found, word))
        ]  # fmt: skip
        chosen.update(dict.fromkeys([*heaviest, *linking[: words // 2]]))
    return list(chosen)


def _heaviest_edges(found: TopicGraph, word: str) -> list[tuple[str, dict[str, float]]]:
    """The edges of a word that are drawn, heaviest first."""
    edges = sorted(found.graph[word].items(), key=lambda edge: (-edge[1]["weight"], edge[0]))
    least = _LEAST * edges[0][1]["weight"]
    return [edge for edge in edges if edge[1]["weight"] >= least]


def _middle(found: TopicGraph, word: str, place: dict[str, float]) -> float:
    """Mean height of a word's topics, by weight."""
    edges = found.graph[word].items()
    total = sum(edge["weight"] for _, edge in edges)
    return float(sum(place[topic] * edge["weight"] for topic, edge in edges) / total)
