"""Noise of a relation beside what delocalised eigenvectors give, with no parameter.

If the entries of the eigenvectors were independent of each other with variance
1 / V, the difference of two words would have variance 2 s_k^2 / V along mode k.
Cut to d columns, the noise of any family would have

    Tr Sigma = (2 / V) sum_{k<=d} s_k^2,    d_eff = (sum s_k^2)^2 / sum s_k^4.

How far families are from it says how far their words are from random ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.concepts.principal_axes import on_principal_axes
from probes.concepts.signal_to_noise.share_estimator import ShareEstimator
from probes.concepts.signal_to_noise.truncation import checked_dims, truncated_grams
from probes.emergence.sources import differences_or_none, rounding_of
from probes.random_matrix import effective_dimension
from probes.relations.relations import Relations
from probes.shared.intervals import Interval
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

_FEWEST_ROWS = 3


@dataclass(frozen=True)
class DelocalisedNoise:
    """Noise of one family in one dimension, measured and predicted.

    Parameters
    ----------
    family : str
    d : int
        Leading columns.
    noise, predicted : float
        Tr Sigma, in squared units of the embeddings.
    dimension : Interval or None
        Effective dimension (Tr Sigma)^2 / Tr Sigma^2; None where it cannot be told.
    predicted_dimension : float
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
        """Cells of a table's row."""
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


def delocalised_noise(
    embeddings: Embeddings,
    relations: Relations,
    *,
    dims: Iterable[int] | None = None,
    seed: int = 0,
) -> tuple[DelocalisedNoise, ...]:
    """Set the noise of every family beside that of delocalised eigenvectors.

    Parameters
    ----------
    embeddings : Embeddings
        Turned to their principal axes here.
    relations : Relations
        Families; those without two pairs that share no word are left out.
    dims : iterable of int, optional
        Numbers of columns; all of them by default.
    seed : int, default 0
        Of the intervals.

    Raises
    ------
    InputError
        All embeddings are zero, or dimensions are out of range.
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
    return tuple(found)


def _dimension(rows: NDArray[np.float64], seed: int) -> Interval | None:
    if len(rows) < _FEWEST_ROWS or rows.shape[1] < 2 or np.ptp(rows, axis=0).max() == 0:
        return None
    return effective_dimension(rows, seed=seed)
