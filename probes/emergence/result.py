"""What `emergence` finds: every family at every time and in every dimension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from probes.concepts.signal_to_noise.signal import Signal
from probes.emergence.linear.last_rises import last_rises
from probes.emergence.scores import AnswerScores
from probes.shared.intervals import Interval
from probes.shared.text_table import fixed_width
from repsearch.errors import InputError
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
        Leading columns used.
    scores : AnswerScores or None
        None without a question.
    signal : Signal or None
        The common share of the differences; None where all pairs hang together.
    """

    time: float | None
    d: int
    scores: AnswerScores | None
    signal: Signal | None

    def of(self, measure: Measure) -> Interval | None:
        """Give one of the measures with its interval, None where there is none."""
        if measure == "share":
            return self.signal.share if self.signal else None
        found: Interval | None = getattr(self.scores, measure) if self.scores else None
        return found

    def cells(self) -> dict[str, Cell]:
        """Cells of a table's row."""
        row: dict[str, Cell] = {"time": self.time, "d": self.d}
        row["questions"] = self.scores.questions if self.scores else 0
        for measure in MEASURES:
            found = self.of(measure)
            row[measure] = found.value if found else None
            row[f"{measure}_low"] = found.low if found else None
            row[f"{measure}_high"] = found.high if found else None
        row["share_p_value"] = self.signal.p_value if self.signal else None
        row["squared_mean"] = self.signal.squared_mean if self.signal else None
        row["noise"] = self.signal.noise if self.signal else None
        return row


@dataclass(frozen=True)
class FamilyEmergence:
    """One family on the whole grid.

    Parameters
    ----------
    family : str
    pairs : int
        Pairs with both words in the vocabulary.
    points : tuple of tuple of Point
        By time, then by dimension.
    """

    family: str
    pairs: int
    points: tuple[tuple[Point, ...], ...]

    def values(self, measure: Measure) -> Real:
        """(T, D) values of a measure, NaN where there is none."""
        found = [[point.of(measure) for point in row] for row in self.points]
        return np.array([[np.nan if one is None else one.value for one in row] for row in found])

    def rise(self, measure: Measure) -> float | None:
        """Time from which on a measure is at half of its final value or above, in all columns.

        None at fewer than two times, or where there is nothing to rise to.
        """
        curve = self.values(measure)[:, -1]
        if len(curve) < 2 or not np.isfinite(curve).all() or curve[-1] <= 0:
            return None
        times = np.array([row[0].time for row in self.points], dtype=np.float64)
        return float(last_rises(times, curve[None], curve[-1:] / 2).time[0])


@dataclass(frozen=True)
class Emergence:
    """Analogies by family on a grid of times and dimensions; made by `emergence`.

    Parameters
    ----------
    times : tuple of float or None
        Flow times, increasing; (None,) of embeddings.
    dims : tuple of int
        Numbers of leading columns, increasing.
    families : tuple of FamilyEmergence
    left_out : tuple of str
        Families with neither a question nor two independent pairs in the vocabulary.
    level : float
        Nominal coverage of all intervals.
    """

    times: tuple[float | None, ...]
    dims: tuple[int, ...]
    families: tuple[FamilyEmergence, ...]
    left_out: tuple[str, ...]
    level: float

    def __getitem__(self, family: str) -> FamilyEmergence:
        """One family by its name.

        Raises
        ------
        InputError
            There is no such family.
        """
        for one in self.families:
            if one.family == family:
                return one
        raise InputError(
            f"there is no family {family!r}; take one of "
            f"{', '.join(one.family for one in self.families)}"
        )

    def __str__(self) -> str:
        rows = []
        for one in self.families:
            last = one.points[-1][-1]
            accuracy = last.of("accuracy")
            rows.append(
                (
                    one.family[:22],
                    f"{last.scores.questions:,}" if last.scores else "0",
                    "-"
                    if accuracy is None
                    else f"{100 * accuracy.value:.0f} [{100 * accuracy.low:.0f}, "
                    f"{100 * accuracy.high:.0f}]",
                    *(
                        "-" if found is None else f"{found.value:{form}}"
                        for found, form in (
                            (last.of("median_rank"), ".0f"),
                            (last.of("reciprocal_rank"), ".2f"),
                            (last.of("cosine"), ".2f"),
                            (last.of("margin"), ".2f"),
                            (last.of("share"), ".2f"),
                        )
                    ),
                )
            )
        head = ("family", "asked", "% right", "rank", "1/rank", "cosine", "margin", "share")
        time = "" if self.times[-1] is None else f"t = {self.times[-1]:.4g}, "
        lines = [f"At {time}d = {self.dims[-1]}:", fixed_width(head, rows)]
        lines += [f"{name}: no question and no independent pairs." for name in self.left_out]
        return "\n".join(lines)

    def table(self, predicted: Emergence | None = None) -> list[dict[str, Cell]]:
        """Rows for a CSV or JSON file, one a family, time and dimension.

        Parameters
        ----------
        predicted : Emergence, optional
            Of the closed form, on the same grid: adds its values and the residuals,
            measured less predicted.

        Raises
        ------
        InputError
            The two grids or families are not the same.
        """
        self.check_same_grid(predicted)
        rows = []
        for one in self.families:
            for number, row in enumerate(one.points):
                for column, point in enumerate(row):
                    cells: dict[str, Cell] = {"family": one.family, "pairs": one.pairs}
                    cells |= point.cells()
                    if predicted is not None:
                        other = predicted[one.family].points[number][column]
                        cells |= _residuals(point, other)
                    rows.append(cells)
        return rows

    def check_same_grid(self, other: Emergence | None) -> None:
        """Refuse another emergence that is not on this grid or not of these families.

        Raises
        ------
        InputError
            With what differs.
        """
        if other is None:
            return
        if other.times != self.times or other.dims != self.dims:
            raise InputError(
                f"the prediction is on {len(other.times)} times and dimensions {other.dims}, the "
                f"measurement on {len(self.times)} and {self.dims}; pass the same to both"
            )
        for one in self.families:
            other[one.family]


def _residuals(point: Point, other: Point) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for measure in MEASURES:
        found, theory = point.of(measure), other.of(measure)
        cells[f"{measure}_predicted"] = theory.value if theory else None
        cells[f"{measure}_residual"] = found.value - theory.value if found and theory else None
    return cells
