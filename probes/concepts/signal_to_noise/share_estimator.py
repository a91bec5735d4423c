"""Averages of a Gram matrix over the pairs that share no word, whole, resampled and flipped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.concepts.differences import Differences
from probes.shared.resampling import indicator
from repsearch.errors import InputError

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ShareEstimator:
    """Sums of Gram matrices over groups of pairs, all that the estimates need.

    Parameters
    ----------
    cross : (D, C, C) float
        Sums of r_i . r_j over the pairs i of one group and j of another.
    lengths : (D, C) float
        Sums of r_i . r_i over the pairs of a group.
    sizes : (C,) float
        Pairs of each group.
    """

    cross: Real
    lengths: Real
    sizes: Real

    @classmethod
    def of(cls, grams: Real, differences: Differences) -> ShareEstimator:
        """Sum Gram matrices (D, N, N) over the connected components of the pairs.

        Raises
        ------
        InputError
            All pairs hang together, or all differences of a Gram matrix are zero.
        """
        groups = differences.groups
        name = differences.name or "the family"
        belongs = indicator(groups)
        if belongs.shape[1] < 2:
            raise InputError(
                f"all {len(groups)} pairs of {name} hang together by common words, so that no two "
                "are independent; add pairs of other words"
            )
        lengths = np.einsum("knn->kn", grams)
        if not lengths.any(axis=1).all():
            raise InputError(f"all differences of {name} are zero; there is no direction in them")
        cross = belongs.T @ grams @ belongs
        return cls(np.asarray(cross), np.asarray(lengths @ belongs), belongs.sum(axis=0))

    @property
    def groups(self) -> int:
        """C."""
        return len(self.sizes)

    def squared_mean(self) -> Real:
        """(D,) means of r_i . r_j over pairs of different groups, unbiased for |m|^2."""
        across = self.cross.sum(axis=(1, 2)) - np.einsum("kcc->k", self.cross)
        return np.asarray(across / self._weight)

    def squared_length(self) -> Real:
        """(D,) means of (|r_i|^2 + |r_j|^2) / 2 over the same pairs, for |m|^2 + Tr Sigma.

        Over the same pairs, for so the share cannot exceed 1 however unequal
        the groups are; where each pair is a group of its own it is the plain mean.
        """
        return np.asarray(self.lengths @ (self.sizes.sum() - self.sizes) / self._weight)

    def shares(self) -> Real:
        """(D,) shares of the mean."""
        # Beyond 1 there is rounding alone.
        return np.asarray(np.minimum(1.0, self.squared_mean() / self.squared_length()))

    def shares_without_one(self) -> Real:
        """(D, C) shares without one of the groups each."""
        own = np.einsum("kcc->kc", self.cross)
        rows = self.cross.sum(axis=2)
        # Of the sum over c != c', all terms in which the group stands go.
        across = rows.sum(axis=1)[:, None] - own.sum(axis=1)[:, None] - 2 * (rows - own)
        left = self.sizes.sum() - self.sizes
        sized = self.lengths * self.sizes
        lengths = left * (self.lengths.sum(axis=1)[:, None] - self.lengths)
        lengths -= sized.sum(axis=1)[:, None] - sized
        known = lengths > 0
        return np.asarray(np.where(known, across / np.where(known, lengths, 1.0), 0.0))

    def flipped_shares(self, signs: Real) -> Real:
        """(D, B) shares when groups are flipped by signs (B, C)."""
        quadratic = np.einsum("bc,kbc->kb", signs, signs @ self.cross)
        across = quadratic - np.einsum("kcc->k", self.cross)[:, None]
        return np.asarray(across / self._weight / self.squared_length()[:, None])

    def resampled_shares(self, times: Real) -> Real:
        """(D, B) shares when group c is drawn times[b, c] times; NaN where one group is all."""
        squares = times**2
        across = np.einsum("bc,kbc->kb", times, times @ self.cross)
        across -= np.einsum("kcc->kc", self.cross) @ squares.T
        pairs = times @ self.sizes
        lengths = (self.lengths @ times.T) * pairs - (self.lengths * self.sizes) @ squares.T
        # With one group drawn again and again nothing is left, to rounding.
        known = np.count_nonzero(times, axis=1) > 1
        safe = np.where(known & (lengths > 0), lengths, 1.0)
        return np.asarray(np.where(known, across / safe, np.nan))

    @property
    def _weight(self) -> float:
        return float(self.sizes.sum() ** 2 - np.sum(self.sizes**2))
