"""Draw a map of the most frequent words."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from probes.drawing.label_placement import place_labels
from probes.drawing.labels import shortened
from probes.drawing.style import INK, PALETTE, WIDTH, axes_or_new, literal, styled
from probes.figures.words.leading_topics import LeadingTopic, leading_topics
from probes.figures.words.map_positions import map_positions
from repsearch.checks import is_whole
from repsearch.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from repsearch.embeddings import Embeddings

_FONT_SIZE = 6.6
_LONGEST_WORD = 24
_MOST_LABELS = 170
_POINTS_PER_INCH = 72


def plot_embedding_map(
    embeddings: Embeddings, *, n_words: int = 700, seed: int = 0, ax: Axes | None = None
) -> Axes:
    """Draw the most frequent words on a plane, coloured by the topic they load on most.

    Places are by t-SNE of the unit vectors (`map_positions`): close words have
    similar vectors, while axes, orientation and the distances between groups
    far apart mean nothing. Topics are both ends of the first four columns,
    which are modes where the embeddings come of a spectrum; circles are for
    positive ends, triangles for negative ones. As many words as fit are
    labelled, those with the largest entries in their topic first.

    Parameters
    ----------
    embeddings : Embeddings
        Words, the most frequent first, and vectors (V, d), d at least 2.
    n_words : int, default 700
        How many words to show, at least 10; all if there are fewer.
    seed : int, default 0
        Seed of the map.
    ax : Axes, optional
        Where to draw; a new figure by default. Labels are placed for the size
        that the axes have when this is called.

    Returns
    -------
    Axes
        Those drawn on.

    Raises
    ------
    InputError
        Too few words or dimensions.

    Examples
    --------
    >>> import numpy as np
    >>> from repsearch import Embeddings
    >>> vectors = np.random.default_rng(0).normal(size=(12, 3))
    >>> axes = plot_embedding_map(Embeddings([f"w{k}" for k in range(12)], vectors))
    >>> len(axes.get_lines()), len(axes.texts) <= 12
    (6, True)
    """
    if not is_whole(n_words) or n_words < 1:
        raise InputError(f"n_words is how many words to show, 10 or more; got {n_words!r}")
    n_words = min(n_words, len(embeddings.words))
    places = map_positions(embeddings.vectors[:n_words], seed=seed)
    found = leading_topics(embeddings, n_words=n_words)
    with styled():
        ax = axes_or_new(ax, height=WIDTH * 0.82 + 0.75)
        for number, topic in enumerate(found):
            ax.plot(
                *places[topic.rows].T,
                marker="o" if topic.end == "+" else "^",
                linestyle="none",
                markersize=3.4,
                markeredgewidth=0.25,
                markeredgecolor=INK,
                color=PALETTE[number % len(PALETTE)],
                alpha=0.8,
                label=f"{topic.label}  ({len(topic.rows)})",
            )
        ax.set_aspect("equal", adjustable="datalim")
        ax.margins(0.03)
        ax.set_xticks([])
        ax.set_yticks([])
        ax.spines[:].set_visible(False)
        legend = ax.legend(
            loc="upper left",
            bbox_to_anchor=(0.0, 0.0),
            ncols=2,
            fontsize=7.8,
            title="topics (mode and end, top words, number of words shown)",
            title_fontsize=7.8,
            alignment="left",
            handletextpad=0.3,
            columnspacing=2.0,
            labelspacing=0.35,
        )
        for text in legend.get_texts():
            literal(text)
        _label(ax, embeddings.words[:n_words], places, _in_turns(found))
    return ax


def _in_turns(found: list[LeadingTopic]) -> list[int]:
    """Rows of words, the topics taking turns, each with its most typical words first."""
    turns = [
        (turn, number, row)
        for number, topic in enumerate(found)
        for turn, row in enumerate(topic.rows.tolist())
    ]
    return [row for _, _, row in sorted(turns)]


def _label(ax: Axes, words: tuple[str, ...], places: NDArray[np.float64], order: list[int]) -> None:
    figure = cast(Figure, ax.get_figure(root=True))
    # The layout is settled now, since labels are fitted to it; they take no part in it.
    figure.draw_without_rendering()
    unit = _POINTS_PER_INCH / figure.dpi
    sizes = np.empty((len(words), 2))
    measure = ax.text(0, 0, "", fontsize=_FONT_SIZE)
    literal(measure)
    for row, word in enumerate(words):
        measure.set_text(shortened(word, _LONGEST_WORD))
        box = measure.get_window_extent()
        sizes[row] = box.width * unit, box.height * unit
    measure.remove()
    box = ax.get_window_extent()
    bounds = (box.x0 * unit, box.y0 * unit, box.x1 * unit, box.y1 * unit)
    points = ax.transData.transform(places) * unit
    for label in place_labels(points, sizes, order, bounds=bounds, most=_MOST_LABELS):
        text = ax.annotate(
            shortened(words[label.item], _LONGEST_WORD),
            places[label.item],
            xytext=(label.x, label.y),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=_FONT_SIZE,
            color=INK,
            path_effects=[withStroke(linewidth=1.6, foreground="white", alpha=0.85)],
        )
        literal(text)
        text.set_in_layout(False)
