"""Compare the noise of relations with that of delocalised eigenvectors, with no parameter.

If the entries of the eigenvectors were independent of each other with variance
1 / V, the difference of two words would have variance 2 s_k^2 / V along mode k.
Cut to d columns, the noise of any family would have

    Tr Sigma = (2 / V) sum_{k<=d} s_k^2,    d_eff = (sum s_k^2)^2 / sum s_k^4.

How far families are from it says how far their words are from random ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from probes.concepts.principal_axes import on_principal_axes
from probes.concepts.signal_to_noise.share_estimator import ShareEstimator
from probes.concepts.signal_to_noise.truncation import checked_dims, truncated_grams
from probes.drawing.labels import family_label
from probes.emergence.family_differences import differences_or_none, rounding_of
from probes.random_matrix import effective_dimension
from probes.relations.relations import Relations
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEWEST_ROWS = 3


@dataclass(frozen=True)
class DelocalisedNoise:
    """Noise of one family in one dimension, measured and predicted.

    Parameters
    ----------
    family : str
        Name of the relation.
    d : int
        Number of leading columns.
    noise, predicted : float
        Tr Sigma as measured and by the formula, in squared units of the embeddings.
    dimension : Interval or None
        Effective dimension (Tr Sigma)^2 / Tr Sigma^2; None where it cannot be told.
    predicted_dimension : float
        Effective dimension by the formula.

    Examples
    --------
    >>> DelocalisedNoise("plural", 10, 0.5, 2.0, None, 8.8).ratio
    0.25
    """

    family: str
    d: int
    noise: float
    predicted: float
    dimension: Interval | None
    predicted_dimension: float

    @property
    def ratio(self) -> float:
        """Measured noise over the predicted one."""
        return self.noise / self.predicted

    def cells(self) -> dict[str, Cell]:
        """Give the cells of a table's row.

        Returns
        -------
        dict
            Noise and effective dimension, measured and predicted.
        """
        found = self.dimension
        return {
            "family": self.family,
            "d": self.d,
            "noise": self.noise,
            "noise_predicted": self.predicted,
            "ratio": self.ratio,
            "effective_dimension": found.value if found else None,
            "effective_dimension_low": found.low if found else None,
            "effective_dimension_high": found.high if found else None,
            "effective_dimension_predicted": self.predicted_dimension,
        }


@dataclass(frozen=True, eq=False)
class NoiseTable(Result):
    """Noise of all families in several dimensions, measured and predicted.

    Parameters
    ----------
    rows : tuple of DelocalisedNoise
        By family, then by dimension.
    words : int
        Number of words, V.
    settings : dict
        Seed and level of the intervals.

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.emergence import delocalised_noise
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> found = delocalised_noise(world.spectrum().embeddings(3), Relations(world.relations))
    >>> len(found), [one.family for one in found][:1]
    (3, ['attribute 1'])
    """

    name = "noise"

    rows: tuple[DelocalisedNoise, ...]
    words: int
    settings: dict[str, Cell]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[DelocalisedNoise]:
        return iter(self.rows)

    def summary(self) -> str:
        """Say how much of the noise of delocalised eigenvectors the families have.

        Returns
        -------
        str
            A paragraph, about the largest of the dimensions.
        """
        ratios = {one.family: one.ratio for one in self._last()}
        if not ratios:
            return "No family has two pairs without a common word, so none has a noise."
        least = min(ratios, key=lambda one: ratios[one])
        most = max(ratios, key=lambda one: ratios[one])
        return (
            f"Noise is {np.median(list(ratios.values())):.2f} of that of delocalised eigenvectors "
            f"in the median over {counted(len(ratios), 'family', 'families')}, from "
            f"{ratios[least]:.2f} ({family_label(least)}) to {ratios[most]:.2f} "
            f"({family_label(most)})."
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each family and dimension.

        Returns
        -------
        list of dict
            Noise and effective dimension, measured and predicted, and the ratio of noises.
        """
        return [one.cells() for one in self.rows]

    def rests_on(self) -> dict[str, Cell]:
        """Give numbers of families, dimensions and words, and the settings of the intervals.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "families": len({one.family for one in self.rows}),
            "dimensions": len({one.d for one in self.rows}),
            "words": self.words,
            "fitted constants": 0,
            **self.settings,
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw effective dimensions of the noise, with the predicted one as a line.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            Those drawn on.

        Raises
        ------
        NothingToDrawError
            No family has an effective dimension.
        """
        from probes.drawing.interval_rows import plot_intervals

        last = self._last()
        return plot_intervals(
            {one.family: one.dimension for one in last},
            label="effective dimension of the noise (dotted: delocalised eigenvectors)",
            reference=last[0].predicted_dimension if last else None,
            ax=ax,
        )

    def text(self, width: int = WIDTH) -> str:
        """Lay out noise and effective dimensions in the largest of the dimensions.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal; the table has at most 80.

        Returns
        -------
        str
            A table, one line for each family.
        """
        rows = [
            (
                family_label(one.family),
                f"{one.d}",
                f"{one.noise:.3g}",
                f"{one.predicted:.3g}",
                f"{one.ratio:.2f}",
                "-" if one.dimension is None else f"{one.dimension.value:.3g}",
                f"{one.predicted_dimension:.3g}",
            )
            for one in self._last()
        ]
        head = ("family", "d", "noise", "noise predicted", "ratio", "d_eff", "d_eff predicted")
        return fixed_width(head, rows, width=width)

    def _last(self) -> list[DelocalisedNoise]:
        last = max((one.d for one in self.rows), default=0)
        return [one for one in self.rows if one.d == last]


def delocalised_noise(
    embeddings: Embeddings,
    relations: Relations,
    *,
    dims: Iterable[int] | None = None,
    seed: int = 0,
) -> NoiseTable:
    """Compare the noise of every family with that of delocalised eigenvectors.

    Parameters
    ----------
    embeddings : Embeddings
        Words and their vectors, which are turned to their principal axes here.
    relations : Relations
        Families of pairs; those without two pairs that share no word are left out.
    dims : iterable of int, optional
        Numbers of columns; all of them by default.
    seed : int, default 0
        Seed of the intervals.

    Returns
    -------
    NoiseTable
        One row for each family and dimension.

    Raises
    ------
    InputError
        All embeddings are zero, or dimensions are out of range.

    Examples
    --------
    >>> from probes import Relations
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> found = delocalised_noise(world.spectrum().embeddings(3), Relations(world.relations))
    >>> [round(one.noise, 6) for one in found]  # analogies are perfect there
    [0.0, 0.0, 0.0]
    """
    turned = on_principal_axes(embeddings)
    squares = np.sum(turned.vectors**2, axis=0)
    if not squares.any():
        raise InputError("all embeddings are zero; there is no noise to predict")
    columns = (turned.dimension,) if dims is None else checked_dims(dims, turned.dimension)
    found = []
    for family in relations.families:
        here = differences_or_none(turned, relations, family)
        if here is None:
            continue
        grams = truncated_grams(here.vectors, columns)
        some = np.einsum("knn->k", grams) > rounding_of(turned, here)
        if not some.any():
            continue
        sums = ShareEstimator.of(grams[some], here)
        noises = sums.squared_length() - sums.squared_mean()
        for d, noise in zip(np.array(columns)[some].tolist(), noises.tolist(), strict=True):
            s = squares[:d]
            found.append(
                DelocalisedNoise(
                    family=family,
                    d=d,
                    noise=max(0.0, noise),
                    predicted=float(2 * s.sum() / len(turned.words)),
                    dimension=_dimension(here.vectors[:, :d], seed),
                    predicted_dimension=float(s.sum() ** 2 / np.sum(s**2)),
                )
            )
    levels = {one.dimension.level for one in found if one.dimension is not None}
    settings: dict[str, Cell] = {"seed": seed, "level": max(levels) if levels else None}
    return NoiseTable(tuple(found), len(turned.words), settings)


def _dimension(rows: NDArray[np.float64], seed: int) -> Interval | None:
    if len(rows) < _FEWEST_ROWS or rows.shape[1] < 2 or np.ptp(rows, axis=0).max() == 0:
        return None
    return effective_dimension(rows, seed=seed)
