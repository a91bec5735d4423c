"""Draw analogy accuracy by family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from probes.analogy.result import AnalogyResult
from probes.drawing.dot_whiskers import draw_dot_whiskers, figure_height
from probes.drawing.labels import family_label, in_two_lines
from probes.drawing.style import MUTED, axes_or_new, legend_above, styled
from probes.shared.intervals import Interval
from repsearch.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABEL_WIDTH = 28


def plot_analogies(
    results: AnalogyResult | Mapping[str, AnalogyResult], *, ax: Axes | None = None
) -> Axes:
    """Draw accuracy by family with its interval, one series for each result.

    Families stand in the order of the first result's accuracy, the best on
    top; at the bottom stand the share of all questions answered rightly and
    the mean of the families. Families without a question are left out.

    Parameters
    ----------
    results : AnalogyResult, or mapping of str to AnalogyResult
        One result, or several by the name that the legend shows; the first one leads.
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

    Examples
    --------
    >>> import probes
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.3, 0.2, 0.1])
    >>> relations = probes.Relations(world.relations)
    >>> found = {
    ...     f"d = {d}": probes.analogies(world.spectrum().embeddings(d), relations)
    ...     for d in (2, 3)
    ... }
    >>> plot_analogies(found).get_xlabel()
    'right answers (%), 95 % intervals'
    """
    if isinstance(results, AnalogyResult):
        results = {results.embeddings: results}
    if not results:
        raise InputError("there is no analogy result to plot; pass at least one")
    found = {
        name: {score.family: score.accuracy for score in result.families}
        for name, result in results.items()
    }
    families = _in_order(found)
    rows = [
        *(in_two_lines(family_label(family), _LABEL_WIDTH) for family in families),
        "all questions",
        "mean of families",
    ]
    series: dict[str, list[Interval | None]] = {
        name: [*(scores.get(family) for family in families), result.micro, result.macro]
        for (name, result), scores in zip(results.items(), found.values(), strict=True)
    }
    with styled():
        ax = axes_or_new(ax, height=figure_height(len(rows), len(series)))
        draw_dot_whiskers(ax, rows, series, scale=100.0)
        if families:
            ax.axhline(len(families) - 0.5, color=MUTED, linewidth=0.9)
        ax.set_xlim(-1.5, 101.5)
        ax.spines["bottom"].set_visible(False)
        ax.set_xlabel(f"right answers (%){_level(results)}")
        legend_above(ax)
    return ax


def _in_order(found: Mapping[str, Mapping[str, Interval | None]]) -> list[str]:
    """Families with a question, by the accuracy of the first result that has one."""
    best: dict[str, float] = {}
    for scores in found.values():
        for family, accuracy in scores.items():
            if accuracy is not None:
                best.setdefault(family, accuracy.value)
    return sorted(best, key=lambda family: -best[family])


def _level(results: Mapping[str, AnalogyResult]) -> str:
    levels = {result.micro.level for result in results.values()}
    return f", {100 * levels.pop():g} % intervals" if len(levels) == 1 else ", with intervals"
