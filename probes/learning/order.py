"""Hold the order in which relations become directions against that of the closed form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from probes.drawing.labels import family_label
from probes.emergence.followed import followed_closed_form
from probes.emergence.linear.linear_times import linear_times
from probes.emergence.linear.result import CENSORED, LinearTimes
from probes.learning.concept import ConceptLearning
from probes.relations.relations import Relations
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval
from probes.shared.rank_correlation import RankCorrelation, rank_correlation
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted
from repsearch.progress import Progress, silent
from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.storage.tables import Cell
from repsearch.target.mstar import mstar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repsearch.counts.counts import Counts

START = 1e-6
"""Standard deviation of an entry of W(0); the order of the modes does not depend on it."""
_RESAMPLES = 2000
Measured = Literal["direction", "half", "growth"]
Beside = Literal["learning time", "co-occurrences"]
_TITLES: dict[Measured, str] = {
    "direction": "First step as a direction",
    "half": "Step of half of the final share",
    "growth": "Step of half of the final |m|²",
}


@dataclass(frozen=True)
class RelationOrder:
    """When one relation is learned, in the model and in closed form.

    Parameters
    ----------
    relation : str
        Its name.
    direction : int or None
        First step from which on it is a direction; None where that is not known from both sides.
    half : Interval or None
        Step from which on its share is at half of the final one; None likewise.
    growth : Interval or None
        Step from which on the square of its mean difference is at half of the final one; likewise.
    learning : Interval or None
        Mean learning time of the modes of M* that its direction lives on, in flow time.
    co_occurrences : float
        Median over its pairs of how often their words occur near each other, as M* counts it.

    Examples
    --------
    >>> RelationOrder("plural", 100, None, None, Interval(0.2, 0.1, 0.3), 40.0).co_occurrences
    40.0
    """

    relation: str
    direction: int | None
    half: Interval | None
    growth: Interval | None
    learning: Interval | None
    co_occurrences: float


@dataclass(frozen=True)
class OrderOfLearning(Result):
    """The order of learning in a model and in closed form; made by `order_of_learning`.

    Parameters
    ----------
    relations : tuple of RelationOrder
        In the order in which they were asked.
    correlations : dict
        By what was measured ("direction", "half", "growth") and what it is set beside ("learning
        time", "co-occurrences"); None for fewer than three relations that have both.
    settings : dict
        Columns, start, level, resamples and seed.

    Examples
    --------
    >>> half = Interval(20.0, 10.0, 30.0)
    >>> one = RelationOrder("plural", 100, half, None, Interval(0.2, 0.1, 0.3), 40.0)
    >>> print(OrderOfLearning((one,), {}, {}).text())
    relation  direction  half  grown  learned  together
    ---------------------------------------------------
    plural          100    20      -      0.2        40
    """

    name = "order"
    figure = "probes.figures.relations.order_of_learning:plot_order_of_learning"
    columns: ClassVar[Mapping[str, str]] = {
        "direction": "first step from which on it is a direction",
        "half": "step from which on its share is at half of the final one; '-': not known from "
        "both sides",
        "grown": "step from which on |m|² is at half of its final value",
        "learned": "in closed form: mean learning time of the modes of M* that the direction lives "
        "on",
        "together": "of its pairs, how often both words occur within a window, in the median",
    }

    relations: tuple[RelationOrder, ...]
    correlations: Mapping[tuple[Measured, Beside], RankCorrelation | None]
    settings: dict[str, Cell]

    def summary(self) -> str:
        """Say how the steps go with learning times, and with co-occurrences.

        Returns
        -------
        str
            A paragraph.
        """
        said = []
        for (measured, beside), found in self.correlations.items():
            text = f"{_TITLES[measured]} beside {_said(beside)}: "
            if found is None:
                few = counted(self._dated(measured), "relation is dated", "relations are dated")
                text += f"{few} from both sides, too few or too much alike to rank."
            else:
                text += f"{found}."
            said.append(text)
        return " ".join(said)

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each relation.

        Returns
        -------
        list of dict
            Steps, learning time with its interval, co-occurrences.
        """
        rows: list[dict[str, Cell]] = []
        for one in self.relations:
            row: dict[str, Cell] = {"relation": one.relation, "direction_from": one.direction}
            row |= _ends("half", one.half) | _ends("growth", one.growth)
            row |= _ends("learning_time", one.learning)
            rows.append(row | {"co_occurrences": one.co_occurrences})
        return rows

    def rests_on(self) -> dict[str, Cell]:
        """Give numbers of relations, the closed form's settings and the seed.

        Returns
        -------
        dict
            Name to value.
        """
        found: dict[str, Cell] = {"relations": len(self.relations)}
        for (measured, beside), one in self.correlations.items():
            name = f"{measured} beside {beside}"
            found[name] = None if one is None else one.rho.value
            found[f"{name}, low"] = None if one is None else one.rho.low
            found[f"{name}, high"] = None if one is None else one.rho.high
            found[f"{name}, p"] = None if one is None else one.p_value
            found[f"{name}, relations"] = self._dated(measured) if one is None else one.points
        return found | self.settings

    def text(self, width: int = WIDTH) -> str:
        """Lay out one line a relation.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            A table.
        """
        rows = [
            (
                family_label(one.relation),
                "-" if one.direction is None else str(one.direction),
                "-" if one.half is None else f"{one.half.value:.0f}",
                "-" if one.growth is None else f"{one.growth.value:.0f}",
                "-" if one.learning is None else f"{one.learning.value:.3g}",
                f"{one.co_occurrences:.0f}",
            )
            for one in self.relations
        ]
        head = ("relation", "direction", "half", "grown", "learned", "together")
        return fixed_width(head, rows, width=width)

    def _dated(self, measured: Measured) -> int:
        return sum(getattr(one, measured) is not None for one in self.relations)


def order_of_learning(
    concepts: Sequence[ConceptLearning],
    linear: LinearTimes | None,
    relations: Relations,
    counts: Counts,
    *,
    d: int,
    level: float = 0.95,
    seed: int = 0,
    progress: Progress = silent,
) -> OrderOfLearning:
    """Set the steps at which relations become directions beside learning times and co-occurrences.

    Relations whose step is not known from both sides are no points of a correlation. The learning
    time of a relation is the mean of tau_k = ln(lambda_k / s_0^2) / (2 lambda_k) of the modes of
    M*, weighted with the shares of the relation's final squared mean on them
    (`probes.emergence.linear_times`).

    Parameters
    ----------
    concepts : sequence of ConceptLearning
        When relations become directions in the model.
    linear : LinearTimes or None
        When their shares are at half of their final values there.
    relations : Relations
        The same families.
    counts : Counts
        Of the text that the model was trained on.
    d : int
        Number of modes of M*, at most.
    level : float, default 0.95
        Nominal coverage of the intervals.
    seed : int, default 0
        Seed of resamples and permutations.
    progress : Progress
        What is told how far eigenpairs are.

    Returns
    -------
    OrderOfLearning

    Raises
    ------
    InputError
        No pair has both words among those of the counts.

    References
    ----------
    arXiv 2502.09863, Result 3, for learning times.

    Examples
    --------
    >>> from probes.layers import AtLayer, ConceptCurve
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> at = (AtLayer(0), AtLayer(50, Interval(1.0, 0.9, 1.0), 0.01))
    >>> seen = [
    ...     ConceptLearning(ConceptCurve(name, "relation", 4, 4, 4, 0.001, at))
    ...     for name in world.relations
    ... ]
    >>> counts = world.sample(100_000, seed=0)
    >>> found = order_of_learning(seen, None, Relations(world.relations), counts, d=3)
    >>> [one.direction for one in found.relations]
    [50, 50, 50]
    """
    spectrum = eigenpairs(mstar(counts), min(d, len(counts.words)), progress=progress)
    closed = followed_closed_form(spectrum, scale=START, seed=seed)
    assert closed.theory is not None
    assert closed.times is not None
    ends = (closed.times[0], closed.times[len(closed.times) // 2], closed.times[-1])
    learned = linear_times(closed.theory, relations, theory=closed.theory, times=ends, seed=seed)
    learning = {one.family: one.learning for one in learned.families}
    half, growth = (
        {one.family: one.uncensored(which) for one in linear.families} if linear else {}
        for which in CENSORED
    )
    together = co_occurrences(counts, relations.within(closed.final))
    rows = tuple(
        RelationOrder(
            name := one.curve.concept,
            one.step if one.when == "between" else None,
            half.get(name),
            growth.get(name),
            learning.get(name),
            together.get(name, float("nan")),
        )
        for one in concepts
    )
    measured: tuple[Measured, ...] = ("direction", "half", "growth")
    besides: tuple[Beside, ...] = ("learning time", "co-occurrences")
    return OrderOfLearning(
        rows,
        {(a, b): _correlated(rows, a, b, level, seed) for a in measured for b in besides},
        {
            "columns": spectrum.dimension,
            "start": START,
            "window": counts.window.size,
            "level": level,
            "resamples": _RESAMPLES,
            "seed": seed,
        },
    )


def co_occurrences(counts: Counts, relations: Relations) -> dict[str, float]:
    """Give how often the words of a pair occur near each other, in the median of a relation.

    Parameters
    ----------
    counts : Counts
        Of a text; each occurrence has the weight of its distance.
    relations : Relations
        Pairs in the spelling of the counts' words.

    Returns
    -------
    dict of str to float
        By relation, those without a pair left out.

    Examples
    --------
    >>> import repsearch as rs
    >>> counts = rs.count(rs.encode(["a b a c"], vocabulary_size=None), rs.Window(1))
    >>> co_occurrences(counts, Relations({"one": [("a", "b"), ("b", "c")]}))
    {'one': 1.0}
    """
    row = {word: place for place, word in enumerate(counts.words)}
    matrix = counts.matrix()
    return {
        family: float(np.median([float(matrix[row[a], row[b]]) for a, b in pairs]))
        for family, pairs in relations.families.items()
        if pairs
    }


def _correlated(
    rows: Sequence[RelationOrder], measured: Measured, beside: Beside, level: float, seed: int
) -> RankCorrelation | None:
    points = []
    for one in rows:
        found = getattr(one, measured)
        first = found.value if isinstance(found, Interval) else found
        second = one.co_occurrences
        if beside == "learning time":
            second = one.learning.value if one.learning else float("nan")
        if first is not None and np.isfinite(second):
            points.append((float(first), second))
    x, y = zip(*points, strict=True) if points else ((), ())
    return rank_correlation(x, y, seed=seed, level=level, resamples=_RESAMPLES)


def _said(beside: Beside) -> str:
    return "learning times in closed form" if beside == "learning time" else "co-occurrences"


def _ends(name: str, found: Interval | None) -> dict[str, Cell]:
    return {
        name: None if found is None else found.value,
        f"{name}_low": None if found is None else found.low,
        f"{name}_high": None if found is None else found.high,
    }
