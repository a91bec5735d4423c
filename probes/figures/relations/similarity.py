"""Draw rank correlations with human ratings of similarity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from probes.drawing.dot_whiskers import draw_dot_whiskers, figure_height
from probes.drawing.labels import in_two_lines, set_label
from probes.drawing.refusals import NothingToDrawError
from probes.drawing.style import MUTED, axes_or_new, legend_above, styled
from probes.similarity.similarity import SimilarityResult
from repsearch.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_similarity(
    similarities: SimilarityResult | Mapping[str, Sequence[SimilarityResult]],
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw Spearman's correlations with their intervals: a row a set, a series an embedding.

    Parameters
    ----------
    similarities : SimilarityResult, or mapping of str to sequence of SimilarityResult
        By the name that the legend shows. Sets without a correlation have an
        empty row.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Raises
    ------
    InputError
        There is no result.
    NothingToDrawError
        A single result has no correlation.

    Examples
    --------
    >>> from probes import SimilaritySet, similarity
    >>> from repsearch import Embeddings
    >>> embeddings = Embeddings(
    ...     ["cat", "lion", "car", "bus"], [[1, 0.1], [1, 0.3], [0.1, 1], [0.3, 1]]
    ... )
    >>> pairs = [("cat", "lion"), ("cat", "car"), ("lion", "bus")]
    >>> found = similarity(embeddings, SimilaritySet(pairs, [9.0, 1.5, 2.0], name="toy"))
    >>> axes = plot_similarity({"vectors": [found]})
    >>> [tick.get_text() for tick in axes.get_yticklabels()]
    ['toy']
    """
    if isinstance(similarities, SimilarityResult):
        if similarities.spearman is None:
            raise NothingToDrawError(f"there is no correlation to draw: {similarities.reason}")
        similarities = {similarities.embeddings: (similarities,)}
    found = {
        name: {result.dataset: result.spearman for result in results}
        for name, results in similarities.items()
    }
    sets = list(dict.fromkeys(name for scores in found.values() for name in scores))
    if not sets:
        raise InputError("there is no similarity result to plot; pass at least one")
    series = {name: [scores.get(row) for row in sets] for name, scores in found.items()}
    known = [interval for row in series.values() for interval in row if interval is not None]
    lowest = min((interval.low for interval in known), default=0.0)
    with styled():
        ax = axes_or_new(ax, height=figure_height(len(sets), len(series)))
        draw_dot_whiskers(ax, [in_two_lines(set_label(name), 28) for name in sets], series)
        ax.set_xlim(-1.02 if lowest < -0.25 else min(-0.01, lowest - 0.03), 1.01)
        if lowest < 0:
            ax.axvline(0.0, color=MUTED, linewidth=0.9)
        ax.spines["bottom"].set_visible(False)
        levels = {interval.level for interval in known}
        with_level = f"{100 * levels.pop():g} % intervals" if len(levels) == 1 else "with intervals"
        ax.set_xlabel(f"Spearman's ρ, {with_level}")
        legend_above(ax)
    return ax
