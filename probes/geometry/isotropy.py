"""Measure isotropy: how evenly the vectors of words point in all directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from probes.drawing.interval_rows import plot_intervals
from probes.result import WIDTH, Result
from probes.shared.intervals import (
    Interval,
    check_resampling,
    interval_cells,
    multiplicities,
    percentile_interval,
)
from probes.shared.text_table import fixed_width
from probes.shared.wording import with_interval
from repsearch.checks import is_whole
from repsearch.embeddings import Embeddings
from repsearch.embeddings.neighbours import unit_rows
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEWEST_WORDS = 10
_STRIP = 1000


@dataclass(frozen=True)
class Isotropy(Result):
    """How evenly the vectors of words point in all directions.

    Parameters
    ----------
    mean_cosine : Interval
        Mean cosine of two different words; 0 where no direction is preferred.
    directions : Interval
        Effective number of directions, one over the mean squared cosine of two different
        words: d where all directions are taken alike, 1 where all vectors are collinear.
    centred_cosine, centred_directions : Interval
        The same after the mean vector was subtracted.
    dimension : int
        d, of the embeddings.
    settings : dict
        Words looked at, resamples and seed.

    Examples
    --------
    >>> from probes.geometry import isotropy
    >>> from repsearch import Embeddings
    >>> vectors = np.random.default_rng(0).normal(size=(500, 8)) + [2, 0, 0, 0, 0, 0, 0, 0]
    >>> found = isotropy(Embeddings([f"w{k}" for k in range(500)], vectors))
    >>> round(found.mean_cosine.value, 1), round(found.centred_directions.value)
    (0.3, 8)
    """

    name = "isotropy"
    columns: ClassVar[Mapping[str, str]] = {
        "mean cosine": "of two different words; above 0 all words lean to one side",
        "effective directions": "one over the mean squared cosine: d where all are taken alike",
        "centred": "after the mean vector is subtracted",
    }
    next_step: ClassVar[str] = (
        "where vectors lean to one side, compare cosines with those of random words before "
        "calling one large; 'probe concepts' is not misled by it, for differences have no mean "
        "vector."
    )

    mean_cosine: Interval
    directions: Interval
    centred_cosine: Interval
    centred_directions: Interval
    dimension: int
    settings: dict[str, Cell]

    def summary(self) -> str:
        """Say whether a direction is preferred, and how many directions are taken."""
        preferred = (
            "so that no direction is shown to be preferred"
            if 0 in self.mean_cosine
            else "so that vectors lean towards a common direction"
            if self.mean_cosine.value > 0
            else "so that vectors point away from each other more than at random"
        )
        return (
            f"Two words have a mean cosine of {with_interval(self.mean_cosine)}, {preferred}. "
            f"They take {with_interval(self.directions)} of {self.dimension} directions in "
            f"effect, and {with_interval(self.centred_directions)} once the mean vector is "
            "subtracted. Intervals are for another sample of such words."
        )

    def table(self) -> list[dict[str, Cell]]:
        """One row for each quantity, with what isotropic vectors have."""
        rows = (
            ("mean cosine", self.mean_cosine, 0.0),
            ("effective directions", self.directions, float(self.dimension)),
            ("mean cosine, centred", self.centred_cosine, 0.0),
            ("effective directions, centred", self.centred_directions, self.dimension),
        )
        return [
            {
                "quantity": quantity,
                **interval_cells("value", interval, missing=""),
                "if isotropic": float(even),
            }
            for quantity, interval, even in rows
        ]

    def text(self, width: int = WIDTH) -> str:
        """Quantities with their intervals, beside those of isotropic vectors."""
        rows = [
            (str(row["quantity"]), with_interval(interval), f"{row['if isotropic']:g}")
            for row, interval in zip(
                self.table(),
                (self.mean_cosine, self.directions, self.centred_cosine, self.centred_directions),
                strict=True,
            )
        ]
        return fixed_width(("quantity", "value [95 % interval]", "if isotropic"), rows)

    def rests_on(self) -> dict[str, Cell]:
        """Words, resamples, seed, dimension."""
        return {"dimension": self.dimension, **self.settings}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the effective directions, and all that there are as a line."""
        numbers = {"as they are": self.directions, "centred": self.centred_directions}
        return plot_intervals(
            numbers,
            label=f"effective directions (dotted: all {self.dimension})",
            reference=float(self.dimension),
            ax=ax,
        )


@one_blas_thread()
def isotropy(
    embeddings: Embeddings, *, words: int = 4000, resamples: int = 200, seed: int = 0
) -> Isotropy:
    """Measure how evenly the vectors of the most frequent words point in all directions.

    Means are over pairs of different words, so neither they nor their resamples count a
    word's cosine with itself. The mean cosine is the anisotropy of Ethayarajh (2019);
    subtracting the mean vector is the first step of Mu and Viswanath (2018). Intervals are too
    wide where vectors are nearly isotropic: coverage is simulated in
    ``tests/probes/geometry/test_isotropy.py``.

    Parameters
    ----------
    embeddings : Embeddings
        With at least ten words whose vectors are not zero.
    words : int, default 4000
        How many of the most frequent words are looked at; all if there are fewer.
    resamples : int, default 200
        Bootstrap resamples of the words.
    seed : int, default 0
        Seed of the resampling.

    Returns
    -------
    Isotropy

    Raises
    ------
    InputError
        Fewer than ten words with vectors, or a setting out of range.

    References
    ----------
    Ethayarajh 2019, arXiv 1909.00512, section 4.1. Mu and Viswanath 2018, arXiv 1702.01417.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.3, 0.2, 0.1, 0.1])
    >>> found = isotropy(world.spectrum().embeddings(4))
    >>> found.dimension
    4
    """
    check_resampling(seed=seed, resamples=resamples)
    if not is_whole(words) or words < _FEWEST_WORDS:
        raise InputError(f"words is {words!r}; pass a whole number of {_FEWEST_WORDS} or more")
    vectors = np.asarray(embeddings.vectors[:words], dtype=np.float64)
    vectors = vectors[np.abs(vectors).max(axis=1, initial=0.0) > 0]
    if len(vectors) < _FEWEST_WORDS:
        raise InputError(
            f"{len(vectors)} words have vectors that are not zero; isotropy needs "
            f"{_FEWEST_WORDS} or more"
        )
    drawn = multiplicities(len(vectors), resamples, np.random.default_rng(seed))
    as_they_are = _intervals(unit_rows(vectors), drawn)
    centred = _intervals(unit_rows(vectors - vectors.mean(axis=0)), drawn)
    return Isotropy(
        *as_they_are,
        *centred,
        dimension=embeddings.dimension,
        settings={"words": len(vectors), "resamples": resamples, "seed": seed},
    )


def _intervals(units: NDArray[np.float64], drawn: NDArray[np.float64]) -> tuple[Interval, Interval]:
    """Mean cosine of two different words, and one over the mean squared cosine."""
    counts = np.vstack([np.ones(len(units)), drawn])
    alike = (counts**2).sum(axis=1)
    pairs = counts.sum(axis=1) ** 2 - alike
    sums = np.zeros((2, len(counts)))
    # Strips of the V x V array of cosines, which is never whole.
    for first in range(0, len(units), _STRIP):
        strip = slice(first, first + _STRIP)
        cosines = units[strip] @ units.T
        for power in (0, 1):
            sums[power] += np.einsum("bi,bi->b", counts[:, strip] @ cosines, counts)
            np.square(cosines, out=cosines)
    means, squares = (sums - alike) / pairs
    method = f"bootstrap over words, {len(drawn):,} resamples"
    return (
        percentile_interval(means[0], means[1:], level=0.95, method=method),
        percentile_interval(1 / squares[0], 1 / squares[1:], level=0.95, method=method),
    )
