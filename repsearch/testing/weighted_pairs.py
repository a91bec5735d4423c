"""Weight positive and negative pairs: all that a loss needs to know of a corpus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch.errors import InputError

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WeightedPairs:
    """Weighted probabilities of pairs: Psi+_ij P_ij and Psi-_ij P_i P_j.

    They are the factors of the two terms of arXiv 2502.09863, eq. (1) and (3).

    Parameters
    ----------
    positive : (V, V) array_like
        Psi+_ij P_ij, finite and not negative.
    negative : (V, V) array_like
        Psi-_ij P_i P_j, finite and not negative.

    Raises
    ------
    InputError
        Shapes that do not fit, or a negative entry.

    Examples
    --------
    >>> pairs = WeightedPairs.unweighted([[0.3, 0.1], [0.1, 0.5]])
    >>> pairs.target.round(3)
    array([[ 0.609, -0.824],
           [-0.824,  0.326]])
    >>> WeightedPairs.setting31([[0.3, 0.1], [0.1, 0.5]]).weights
    array([[1., 1.],
           [1., 1.]])
    """

    positive: Real
    negative: Real

    def __post_init__(self) -> None:
        for name in ("positive", "negative"):
            array = np.asarray(getattr(self, name), dtype=float)
            if array.ndim != 2 or array.shape[0] != array.shape[1]:
                raise InputError(f"{name} has shape {array.shape}; pass a square matrix")
            if not (array >= 0).all() or not np.isfinite(array).all():
                raise InputError(f"{name} has an entry of {array.min()!r}; pass numbers from 0 on")
            object.__setattr__(self, name, array)
        if self.positive.shape != self.negative.shape:
            raise InputError(
                f"positive has shape {self.positive.shape} and negative {self.negative.shape}; "
                "pass equal ones"
            )

    @classmethod
    def unweighted(cls, distribution: ArrayLike, *, negatives: float = 1.0) -> WeightedPairs:
        """Give all pairs the weights Psi+ = 1 and Psi- = k.

        Parameters
        ----------
        distribution : (V, V) array_like
            P, symmetric, with sum 1; P_i are its row sums.
        negatives : float
            k, negative pairs per positive pair.

        Returns
        -------
        WeightedPairs
            P_ij and k P_i P_j.
        """
        p = np.asarray(distribution, dtype=float)
        marginals = p.sum(axis=1)
        return cls(p, negatives * np.outer(marginals, marginals))

    @classmethod
    def setting31(cls, distribution: ArrayLike, *, negatives: float = 1.0) -> WeightedPairs:
        """Give all pairs the weights of Setting 3.1, under which G = 1 (arXiv 2502.09863).

        Parameters
        ----------
        distribution : (V, V) array_like
            P, symmetric, with sum 1; P_i are its row sums.
        negatives : float
            k, negative pairs per positive pair.

        Returns
        -------
        WeightedPairs
            With Psi+ = 1 / (P_ij + k P_i P_j) and Psi- = k Psi+.
        """
        plain = cls.unweighted(distribution, negatives=negatives)
        sums = plain.positive + plain.negative
        positive = np.divide(plain.positive, sums, out=np.zeros_like(sums), where=sums > 0)
        return cls(positive, 1 - positive)

    @property
    def weights(self) -> Real:
        """(V, V) G_ij, the sum of the two (arXiv 2502.09863, eq. 5)."""
        return np.asarray(self.positive + self.negative)

    @property
    def target(self) -> Real:
        """(V, V) M*_ij by its definition (arXiv 2502.09863, eq. 5); -2 where both are 0."""
        half = self.weights / 2
        return np.divide(
            self.positive - self.negative, half, out=np.full_like(half, -2.0), where=half > 0
        )
