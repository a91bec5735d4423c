"""Estimate the cosine of two families' means from products of pairs that share no word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from probes.concepts.differences import Differences
from probes.shared.resampling import components, indicator

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CosineEstimator:
    """Products of differences summed over the components of two families' pairs together.

    Parameters
    ----------
    first, second : (C, C) float
        Products of each family with itself.
    cross : (C, C) float
        Products of the first with the second.
    first_sizes, second_sizes : (C,) float
        Number of pairs of each component.
    """

    first: Real
    second: Real
    cross: Real
    first_sizes: Real
    second_sizes: Real

    @classmethod
    def of(cls, f: Differences, g: Differences) -> CosineEstimator:
        """Sum the products of two families' differences.

        Parameters
        ----------
        f, g : Differences
            The two families, in as many dimensions.

        Returns
        -------
        CosineEstimator
        """
        joint = components((*f.pairs, *g.pairs))
        belongs = indicator(joint)
        mine, theirs = belongs[: len(f)], belongs[len(f) :]
        return cls(
            mine.T @ f.gram @ mine,
            theirs.T @ g.gram @ theirs,
            mine.T @ (f.vectors @ g.vectors.T) @ theirs,
            mine.sum(axis=0),
            theirs.sum(axis=0),
        )

    def means(self, times: Real) -> tuple[Real, Real, Real]:
        """Estimate |m_f|^2, |m_g|^2 and m_f . m_g; products within a component are left out.

        Parameters
        ----------
        times : (B, C) float
            How often each component counts, in each of B resamples.

        Returns
        -------
        tuple of three (B,) float
            NaN where no product is left.
        """
        found = []
        for products, one, other in (
            (self.first, self.first_sizes, self.first_sizes),
            (self.second, self.second_sizes, self.second_sizes),
            (self.cross, self.first_sizes, self.second_sizes),
        ):
            total = np.einsum("bc,bc->b", times @ products, times)
            total -= times**2 @ np.diagonal(products)
            weight = (times @ one) * (times @ other) - times**2 @ (one * other)
            safe = np.where(weight > 0, weight, 1.0)
            found.append(np.where(weight > 0, total / safe, np.nan))
        return found[0], found[1], found[2]

    def flipped(self, signs: Real, side: Literal["first", "second"]) -> Real:
        """Estimate m_f . m_g, but for a factor, with one family flipped by component.

        Parameters
        ----------
        signs : (B, C) float
            Sign of each component, in each of B flips.
        side : {"first", "second"}
            Which family is flipped.

        Returns
        -------
        (B,) float
        """
        without = self.cross - np.diag(np.diagonal(self.cross))
        along = without.sum(axis=1) if side == "first" else without.sum(axis=0)
        return np.asarray(signs @ along)


def cosines(first: Real, second: Real, cross: Real) -> Real:
    """Compute cosines from the estimates of `CosineEstimator.means`.

    Parameters
    ----------
    first, second : (B,) float
        Squared lengths of the two means.
    cross : (B,) float
        Their inner products.

    Returns
    -------
    (B,) float
        Between -1 and 1; NaN where a squared length is not positive.

    Examples
    --------
    >>> cosines(np.array([4.0, -0.1]), np.array([1.0, 1.0]), np.array([1.0, 1.0]))
    array([0.5, nan])
    """
    known = (first > 0) & (second > 0)
    safe = np.sqrt(np.where(known, first * second, 1.0))
    return np.asarray(np.where(known, np.clip(cross / safe, -1.0, 1.0), np.nan))
