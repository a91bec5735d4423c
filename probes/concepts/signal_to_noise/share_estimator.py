"""Estimate the share of the mean from products of pairs that share no word."""

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
    """Estimates of |m|^2, of |m|^2 + Tr Sigma and of their ratio, the share of the mean.

    They are averages of r_i . r_j, and of squared lengths, over pairs i and j of different
    groups: U-statistics, so without bias. Sums over groups are all that they need, whole,
    without one group, resampled or flipped.

    Parameters
    ----------
    cross : (D, C, C) float
        Sums of r_i . r_j over the pairs i of one group and j of another.
    lengths : (D, C) float
        Sums of r_i . r_i over the pairs of a group.
    sizes : (C,) float
        Number of pairs of each group.

    Examples
    --------
    >>> pairs = (("a", "b"), ("c", "d"), ("e", "f"))
    >>> family = Differences(np.array([[1.0, 0.0], [1.0, 1.0], [1.0, -1.0]]), pairs)
    >>> estimator = ShareEstimator.of(family.gram[None], family)
    >>> estimator.squared_mean().round(3), estimator.squared_length().round(3)
    (array([0.667]), array([1.667]))
    """

    cross: Real
    lengths: Real
    sizes: Real

    @classmethod
    def of(cls, grams: Real, differences: Differences) -> ShareEstimator:
        """Sum Gram matrices over the connected components of the pairs.

        Parameters
        ----------
        grams : (D, N, N) float
            Inner products of the N differences, for each of D embeddings.
        differences : Differences
            The pairs, by their components.

        Returns
        -------
        ShareEstimator

        Raises
        ------
        InputError
            All pairs are joined by common words, or all differences of a Gram matrix are zero.
        """
        groups = differences.groups
        name = differences.name or "the family"
        belongs = indicator(groups)
        if belongs.shape[1] < 2:
            raise InputError(
                f"all {len(groups)} pairs of {name} are joined by common words, so that no two "
                "are independent; add pairs of other words"
            )
        lengths = np.einsum("knn->kn", grams)
        if not lengths.any(axis=1).all():
            raise InputError(f"all differences of {name} are zero; there is no direction in them")
        cross = belongs.T @ grams @ belongs
        return cls(np.asarray(cross), np.asarray(lengths @ belongs), belongs.sum(axis=0))

    @property
    def groups(self) -> int:
        """Number C of groups."""
        return len(self.sizes)

    def squared_mean(self) -> Real:
        """Average r_i . r_j over pairs of different groups, without bias for |m|^2.

        Returns
        -------
        (D,) float
        """
        across = self.cross.sum(axis=(1, 2)) - np.einsum("kcc->k", self.cross)
        return np.asarray(across / self._weight)

    def squared_length(self) -> Real:
        """Average (|r_i|^2 + |r_j|^2) / 2 over the same pairs, without bias for |m|^2 + Tr Sigma.

        Over the same pairs, for so the share cannot exceed 1 however unequal
        the groups are; where each pair is a group of its own it is the plain mean.

        Returns
        -------
        (D,) float
        """
        return np.asarray(self.lengths @ (self.sizes.sum() - self.sizes) / self._weight)

    def shares(self) -> Real:
        """Divide the squared mean by the squared length.

        Returns
        -------
        (D,) float
            At most 1.
        """
        # Beyond 1 there is rounding alone.
        return np.asarray(np.minimum(1.0, self.squared_mean() / self.squared_length()))

    def shares_without_one(self) -> Real:
        """Give the shares without one of the groups each, for the jackknife.

        Returns
        -------
        (D, C) float
        """
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
        """Give the shares when the order within the pairs of some groups is flipped.

        Parameters
        ----------
        signs : (B, C) float
            +1 or −1 for each group, in each of B flips.

        Returns
        -------
        (D, B) float
        """
        quadratic = np.einsum("bc,kbc->kb", signs, signs @ self.cross)
        across = quadratic - np.einsum("kcc->k", self.cross)[:, None]
        return np.asarray(across / self._weight / self.squared_length()[:, None])

    def resampled_shares(self, times: Real) -> Real:
        """Give the shares of resamples of the groups, for the bootstrap.

        Parameters
        ----------
        times : (B, C) float
            How often each group is drawn, in each of B resamples.

        Returns
        -------
        (D, B) float
            NaN where a resample consists of one group alone.
        """
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
