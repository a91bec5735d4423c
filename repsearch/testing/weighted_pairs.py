"""Weighted shares of pairs, which is all that a loss knows of a corpus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch.errors import InputError

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WeightedPairs:
    """Psi+_ij P_ij and Psi-_ij P_i P_j of arXiv 2502.09863, eq. (1).

    Parameters
    ----------
    positive, negative : (V, V) array_like
        The two products, finite and not negative.

    Raises
    ------
    InputError
        Shapes that do not fit, or a negative entry.
    """

    positive: Real
    negative: Real

    def __post_init__(self) -> None:
        for name in ("positive", "negative"):
            array = np.asarray(getattr(self, name), dtype=float)
            if array.ndim != 2 or array.shape[0] != array.shape[1]:
                raise InputError(f"{name} has shape {array.shape}; pass a square matrix")
            if not (array >= 0).all() or not np.isfinite(array).all():
                raise InputError(f"{name} has an entry of {array.min()!r}; pass shares from 0 on")
            object.__setattr__(self, name, array)
        if self.positive.shape != self.negative.shape:
            raise InputError(
                f"positive has shape {self.positive.shape} and negative {self.negative.shape}; "
                "pass equal ones"
            )

    @classmethod
    def unweighted(cls, distribution: ArrayLike, *, negatives: float = 1.0) -> WeightedPairs:
        """Psi+ = 1 and Psi- = k, for a symmetric P that sums to 1 and its row sums."""
        p = np.asarray(distribution, dtype=float)
        marginals = p.sum(axis=1)
        return cls(p, negatives * np.outer(marginals, marginals))

    @classmethod
    def setting31(cls, distribution: ArrayLike, *, negatives: float = 1.0) -> WeightedPairs:
        """Setting 3.1: Psi+ = 1 / (P_ij + k P_i P_j) and Psi- = k Psi+, so that G = 1."""
        plain = cls.unweighted(distribution, negatives=negatives)
        sums = plain.positive + plain.negative
        positive = np.divide(plain.positive, sums, out=np.zeros_like(sums), where=sums > 0)
        return cls(positive, 1 - positive)

    @property
    def weights(self) -> Real:
        """(V, V), G_ij: the sum of the two."""
        return np.asarray(self.positive + self.negative)

    @property
    def target(self) -> Real:
        """(V, V), M*_ij by its definition, eq. (5); -2 where both shares are 0."""
        half = self.weights / 2
        return np.divide(
            self.positive - self.negative, half, out=np.full_like(half, -2.0), where=half > 0
        )
