"""Hold one relation at a time and in a dimension: its measures, beside what chance gives there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from probes.concepts.signal_to_noise.signal import Signal
from probes.emergence.chance import too_few
from probes.emergence.linear.rise_times import rise_times
from probes.emergence.repaired import Repaired
from probes.emergence.scores import AnswerScores
from probes.shared.intervals import Interval
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]
Measure = Literal["accuracy", "reciprocal_rank", "median_rank", "cosine", "margin", "share"]
MEASURES: tuple[Measure, ...] = (
    "accuracy",
    "median_rank",
    "reciprocal_rank",
    "cosine",
    "margin",
    "share",
)


@dataclass(frozen=True)
class Point:
    """One family at one time and in one dimension.

    Parameters
    ----------
    time : float or None
        Flow time; None of embeddings that have none.
    d : int
        Number of leading columns used.
    scores : AnswerScores or None
        How its questions are answered; None without a question.
    signal : Signal or None
        The common share of the differences; None where no two pairs are without a
        common word.
    effective_dimension : float, optional
        Of the embedding at that time and in that dimension.
    share_by_chance : float, optional
        The common share that one random family in twenty exceeds there; None without such
        families.
    repaired : Repaired, optional
        How the family's own words are answered there when they are paired at random.

    Examples
    --------
    >>> Point(time=0.5, d=3, scores=None, signal=None).of("accuracy") is None
    True
    """

    time: float | None
    d: int
    scores: AnswerScores | None
    signal: Signal | None
    effective_dimension: float | None = None
    share_by_chance: float | None = None
    repaired: Repaired | None = None

    @property
    def too_few_dimensions(self) -> bool:
        """Whether the embedding has fewer effective dimensions than 2: no measure is a finding."""
        return too_few(self.effective_dimension)

    def of(self, measure: Measure) -> Interval | None:
        """Give one of the measures.

        Parameters
        ----------
        measure : str
            One of ``MEASURES``.

        Returns
        -------
        Interval or None
            None where there is none.
        """
        if measure == "share":
            return self.signal.share if self.signal else None
        found: Interval | None = getattr(self.scores, measure) if self.scores else None
        return found

    def by_chance(self, measure: Measure) -> float | None:
        """Give what chance gives at that time and in that dimension.

        Parameters
        ----------
        measure : str
            One of ``MEASURES``.

        Returns
        -------
        float or None
            Of the share the value that one random family in twenty exceeds; of accuracy and
            margin the mean over the family's own words paired at random. None for the others,
            and where it is not known.
        """
        if measure == "share":
            return self.share_by_chance
        if self.repaired is None or measure not in ("accuracy", "margin"):
            return None
        found: float | None = getattr(self.repaired, measure)
        return found

    def cells(self) -> dict[str, Cell]:
        """Give the cells of a table's row.

        Returns
        -------
        dict
            Every measure with the ends of its interval, what chance gives, and the signal's
            other numbers.
        """
        row: dict[str, Cell] = {"time": self.time, "d": self.d}
        row["effective_dimension"] = self.effective_dimension
        row["too_few_dimensions"] = self.too_few_dimensions
        row["questions"] = self.scores.questions if self.scores else 0
        for measure in MEASURES:
            found = self.of(measure)
            row[measure] = found.value if found else None
            row[f"{measure}_low"] = found.low if found else None
            row[f"{measure}_high"] = found.high if found else None
            if measure in ("accuracy", "margin", "share"):
                row[f"{measure}_by_chance"] = self.by_chance(measure)
        row["share_p_value"] = self.signal.p_value if self.signal else None
        row["squared_mean"] = self.signal.squared_mean if self.signal else None
        row["noise"] = self.signal.noise if self.signal else None
        return row


@dataclass(frozen=True)
class FamilyEmergence:
    """One family at all times and in all dimensions.

    Parameters
    ----------
    family : str
        Name of the relation.
    pairs : int
        Number of pairs with both words in the vocabulary.
    points : tuple of tuple of Point
        By time, then by dimension.

    Examples
    --------
    >>> one = FamilyEmergence("plural", 5, ((Point(0.5, 3, None, None),),))
    >>> one.values("share").tolist(), one.rise("share")
    ([[nan]], None)
    """

    family: str
    pairs: int
    points: tuple[tuple[Point, ...], ...]

    def values(self, measure: Measure) -> Real:
        """Give a measure at all times and in all dimensions.

        Parameters
        ----------
        measure : str
            One of ``MEASURES``.

        Returns
        -------
        (T, D) ndarray
            NaN where there is none.
        """
        found = [[point.of(measure) for point in row] for row in self.points]
        return np.array([[np.nan if one is None else one.value for one in row] for row in found])

    def rise(self, measure: Measure) -> float | None:
        """Find from when on a measure is at half of its final value or above, in all columns.

        Parameters
        ----------
        measure : str
            One of ``MEASURES``.

        Returns
        -------
        float or None
            Flow time; None at fewer than two times, or where there is nothing to rise to.
        """
        curve = self.values(measure)[:, -1]
        if len(curve) < 2 or not np.isfinite(curve).all() or curve[-1] <= 0:
            return None
        times = np.array([row[0].time for row in self.points], dtype=np.float64)
        return float(rise_times(times, curve[None], curve[-1:] / 2).time[0])
