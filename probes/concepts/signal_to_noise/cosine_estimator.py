"""Products of the differences of two families, those of pairs that hang together left out."""

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
    one, other : (C, C) float
        Of each family with itself.
    cross : (C, C) float
        Of the first with the second.
    one_sizes, other_sizes : (C,) float
        Pairs of each component.
    """

    one: Real
    other: Real
    cross: Real
    one_sizes: Real
    other_sizes: Real

    @classmethod
    def of(cls, f: Differences, g: Differences) -> CosineEstimator:
        """Sum the products of two families' differences."""
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
        """(B,) estimates of |m_f|^2, |m_g|^2 and m_f . m_g; component c counts times[b, c] times.

        Products within a component are left out.
        """
        found = []
        for products, one, other in (
            (self.one, self.one_sizes, self.one_sizes),
            (self.other, self.other_sizes, self.other_sizes),
            (self.cross, self.one_sizes, self.other_sizes),
        ):
            total = np.einsum("bc,bc->b", times @ products, times)
            total -= times**2 @ np.diagonal(products)
            weight = (times @ one) * (times @ other) - times**2 @ (one * other)
            safe = np.where(weight > 0, weight, 1.0)
            found.append(np.where(weight > 0, total / safe, np.nan))
        return found[0], found[1], found[2]

    def flipped(self, signs: Real, side: Literal["one", "other"]) -> Real:
        """(B,) estimates of m_f . m_g but for a factor, one family flipped by component."""
        without = self.cross - np.diag(np.diagonal(self.cross))
        along = without.sum(axis=1) if side == "one" else without.sum(axis=0)
        return np.asarray(signs @ along)


def cosines(one: Real, other: Real, cross: Real) -> Real:
    """(B,) cosines from the estimates of `means`; NaN where a squared length is not positive."""
    known = (one > 0) & (other > 0)
    safe = np.sqrt(np.where(known, one * other, 1.0))
    return np.asarray(np.where(known, np.clip(cross / safe, -1.0, 1.0), np.nan))
