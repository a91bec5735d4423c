"""Weigh pairs of words that are kept by chance, and negative samples drawn for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.integer]
Real = NDArray[np.float64]


@dataclass(frozen=True)
class SampledWeights:
    """Weigh pairs of kept words, and of a kept word with one drawn as a negative sample.

    Parameters
    ----------
    k : float
        Negative samples per positive pair.
    kept : (V,) array of float
        Weight of a word in a positive pair: Psi+_ij = kept_i kept_j.
    centre : (V,) array of float
        Weight of the word that negatives are drawn for.
    drawn : (V,) array of float
        Probability to be drawn.
    symmetrise : bool
        Whether the negative part is averaged over (i, j) and (j, i).

    Examples
    --------
    >>> weights = SampledWeights(2.0, np.ones(2), np.array([0.8, 0.2]), np.full(2, 0.5), False)
    >>> weights.negative(np.array([0]), np.array([1]), np.ones(1), np.ones(1)).tolist()
    [0.8]
    """

    k: float
    kept: Real
    centre: Real
    drawn: Real
    symmetrise: bool

    def positive(self, i: Index, j: Index, p: Real, independent: Real) -> Real:
        """Compute Psi+_ij P_ij.

        Parameters
        ----------
        i, j : (n,) array of int
            Numbers of the words of each pair, centre and context.
        p, independent : (n,) array of float
            P_ij, and P_i P_j, which is not used.

        Returns
        -------
        (n,) array of float
            Weighted frequency of each pair as a positive pair.
        """
        return np.asarray(self.kept[i] * self.kept[j] * p)

    def negative(self, i: Index, j: Index, p: Real, independent: Real) -> Real:
        """Compute Psi-_ij P_i P_j.

        Parameters
        ----------
        i, j : (n,) array of int
            Numbers of the words of each pair, centre and context.
        p, independent : (n,) array of float
            P_ij and P_i P_j, neither of which is used.

        Returns
        -------
        (n,) array of float
            Weighted frequency of each pair as a negative pair.
        """
        pairs = self.centre[i] * self.drawn[j]
        if self.symmetrise:
            pairs = (pairs + self.centre[j] * self.drawn[i]) / 2
        return np.asarray(self.k * pairs)

    def negative_factors(self) -> tuple[Real, Real]:
        """Factorise the negative part, which is a sum of one or two outer products.

        Returns
        -------
        a, b : (1, V) or (2, V) float
            Factors.
        """
        if not self.symmetrise:
            return self.k * self.centre[None], self.drawn[None]
        halves = self.k / 2 * np.stack([self.centre, self.drawn])
        return halves, np.stack([self.drawn, self.centre])

    @property
    def seen(self) -> float:
        """0: the factors are all of the negative part."""
        return 0.0
