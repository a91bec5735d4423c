"""Compute the law of the eigenvalues of noise whose covariance has any spectrum.

N rows with covariance Σ in d dimensions; the eigenvalues of Ξ Ξᵀ / d. With
g(z) = E 1/(z − λ) and s the eigenvalues of Σ (Silverstein's equation),

    z(g) = 1/g + (1/d) Σ_j s_j / (1 − (N/d) g s_j).

All that is asked of the law, its ends and the places of outliers included, is
read off z(g), which is explicit, rather than g(z), which is not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq, minimize_scalar

from probes.random_matrix.laws.marchenko_pastur import checked_shares
from repsearch.errors import InputError

_Floats = NDArray[np.float64]
_Complexes = NDArray[np.complexfloating]

_NODES = 400
"""Points of the quadrature in each interval of the support."""


@dataclass(frozen=True, eq=False)
class GeneralLaw:
    """The law of the eigenvalues of Ξ Ξᵀ / d for rows with covariance Σ.

    The generalised Marchenko-Pastur law.

    Parameters
    ----------
    eigenvalues : (d,) float
        Eigenvalues of Σ, not negative, at least one positive.
    rows : float
        Number N of rows; it need not be whole.
    multiplicity : (d,) float, optional
        How often each eigenvalue stands in the spectrum; once by default. Runs
        of nearly equal eigenvalues can be given as one, which saves time.

    Raises
    ------
    InputError
        A parameter cannot be that of a covariance.

    References
    ----------
    Silverstein and Choi 1995, J. Multivariate Anal. 54, 295-309.

    Examples
    --------
    Noise with a variance of 4 in 20 columns and of 1 in 180 others:

    >>> law = GeneralLaw([4.0, 1.0], rows=50, multiplicity=[20, 180])
    >>> law.ratio, law.variance
    (0.25, 1.3)
    >>> [(round(low, 3), round(high, 3)) for low, high in law.support]
    [(0.283, 3.725)]
    """

    eigenvalues: _Floats
    rows: float
    multiplicity: _Floats | None = None

    def __post_init__(self) -> None:
        values = np.asarray(self.eigenvalues, np.float64)
        if values.ndim != 1 or not np.isfinite(values).all() or not (values >= 0).all():
            raise InputError(
                "the eigenvalues of a covariance are finite and at least 0; check them"
            )
        if not (values > 0).any():
            raise InputError("no eigenvalue of the covariance is positive; there is no noise")
        times = np.ones(len(values)) if self.multiplicity is None else self.multiplicity
        times = np.asarray(times, np.float64)
        if times.shape != values.shape or not (np.isfinite(times) & (times > 0)).all():
            raise InputError(
                f"multiplicity has shape {times.shape} for {len(values)} eigenvalues; pass one "
                "positive number for each"
            )
        if not 0 < self.rows < math.inf:
            raise InputError(f"rows is {self.rows!r}; pass a positive number")
        object.__setattr__(self, "eigenvalues", values)
        object.__setattr__(self, "multiplicity", times)

    @cached_property
    def columns(self) -> float:
        """Give the number d of columns.

        Returns
        -------
        float
            Sum of the multiplicities.
        """
        return float(self._times.sum())

    @property
    def ratio(self) -> float:
        """Give the aspect ratio N / d.

        Returns
        -------
        float
            Rows over columns.
        """
        return self.rows / self.columns

    @property
    def variance(self) -> float:
        """Give σ² = Tr Σ / d, the mean of the law.

        Returns
        -------
        float
            In the units of an eigenvalue.
        """
        return float(self._times @ self.eigenvalues) / self.columns

    @property
    def atom(self) -> float:
        """Give the share of the eigenvalues that are 0.

        Returns
        -------
        float
            From 0 to 1.
        """
        return max(0.0, 1 - self._rank / self.rows)

    # ------------------------------------------------------------ z(g)

    def place(self, g: ArrayLike) -> _Floats:
        """Compute z(g); where z' < 0 this inverts g(z) outside the support.

        Parameters
        ----------
        g : array_like of float
            Values of the Stieltjes transform, not 0, of any shape.

        Returns
        -------
        ndarray of float64, shape of `g`
            Places, in the units of an eigenvalue.
        """
        g = np.asarray(g, np.float64)
        gs = g[..., None] * self.eigenvalues
        terms = self._times * self.eigenvalues / (1 - self.ratio * gs)
        return np.asarray(1 / g + terms.sum(-1) / self.columns)

    def slope(self, g: ArrayLike) -> _Floats:
        """Compute g² z'(g): −1 at g = 0, and 0 at the ends of the support.

        Parameters
        ----------
        g : array_like of float
            Values of the Stieltjes transform, of any shape.

        Returns
        -------
        ndarray of float64, shape of `g`
            Without a unit.
        """
        g = np.asarray(g, np.float64)
        gs = g[..., None] * self.eigenvalues
        terms = self._times * (gs / (1 - self.ratio * gs)) ** 2
        return np.asarray(self.ratio * terms.sum(-1) / self.columns - 1)

    @cached_property
    def edge_transform(self) -> float:
        """Find g₊, the value of g at the upper end of the support; above that end 0 < g < g₊.

        Returns
        -------
        float
            Positive.
        """
        pole = 1 / (self.ratio * float(self.eigenvalues.max()))
        # slope is -1 at 0 and tends to +inf at the pole, increasing all the way.
        margin = 0.5
        while self.slope(pole * (1 - margin)) <= 0:
            margin /= 4
        return float(brentq(lambda g: float(self.slope(g)), 0.0, pole * (1 - margin), xtol=1e-300))

    # ------------------------------------------------------------ the law

    @cached_property
    def support(self) -> tuple[tuple[float, float], ...]:
        """Find the intervals of the continuous part.

        Returns
        -------
        tuple of (float, float)
            Lower and upper ends, in increasing order; one pair unless the law has gaps.
        """
        ends = [self._lowest_end()]
        for low, high in self._gaps():
            ends += [low, high]
        ends.append(float(self.place(self.edge_transform)))
        return tuple(zip(ends[::2], ends[1::2], strict=True))

    def density(self, x: ArrayLike) -> _Floats:
        """Compute the density of the continuous part, which has mass 1 − `atom`.

        Parameters
        ----------
        x : array_like of float
            Eigenvalues, of any shape.

        Returns
        -------
        ndarray of float64, shape of `x`
            0 outside the support.
        """
        x = np.asarray(x, np.float64)
        inside = np.zeros(x.shape, bool)
        for low, high in self.support:
            inside |= (x > low) & (x < high)
        value = np.zeros(x.shape)
        value[inside] = np.maximum(-self._transform(x[inside]).imag, 0) / np.pi
        return value

    def cdf(self, x: ArrayLike) -> _Floats:
        """Compute the share of the eigenvalues up to x, those that are 0 included.

        Parameters
        ----------
        x : array_like of float
            Eigenvalues, of any shape.

        Returns
        -------
        ndarray of float64, shape of `x`
            From 0 to 1.
        """
        x = np.asarray(x, np.float64)
        grid, shares = self._table
        return np.where(x < 0, 0.0, np.interp(x, grid, shares))

    def quantile(self, share: ArrayLike) -> _Floats:
        """Find the smallest x with cdf(x) >= share.

        Parameters
        ----------
        share : array_like of float
            Shares of the eigenvalues, from 0 to 1, of any shape.

        Returns
        -------
        ndarray of float64, shape of `share`
            Eigenvalues.

        Raises
        ------
        InputError
            A share is not between 0 and 1.
        """
        shares = checked_shares(share)
        grid, known = self._table
        found = np.interp(shares, known, grid)
        return np.where((self.atom > 0) & (shares <= self.atom), 0.0, found)

    # ------------------------------------------------------------ within

    @property
    def _times(self) -> _Floats:
        assert self.multiplicity is not None  # set when made
        return self.multiplicity

    @cached_property
    def _rank(self) -> float:
        return float(self._times[self.eigenvalues > 0].sum())

    def _lowest_end(self) -> float:
        """Find the lower end: g < 0 there if the rank exceeds N, else beyond all poles."""
        if math.isclose(self._rank, self.rows, rel_tol=1e-12):
            return 0.0
        smallest = float(self.eigenvalues[self.eigenvalues > 0].min())
        unit = 1 / (self.ratio * smallest)
        near, far = (-0.0, -unit) if self._rank > self.rows else (unit, 2 * unit)
        if self._rank > self.rows:
            while self.slope(far) < 0:
                far *= 2
        else:
            while self.slope(far) > 0:
                far *= 2
            step = unit
            while self.slope(unit + step) < 0:
                step /= 4
            near = unit + step
        g = brentq(lambda g: float(self.slope(g)), min(near, far), max(near, far), xtol=1e-300)
        return max(0.0, float(self.place(g)))

    def _gaps(self) -> list[tuple[float, float]]:
        """Find gaps inside the support: where the slope dips below 0 between two poles."""
        distinct = np.unique(self.eigenvalues[self.eigenvalues > 0])[::-1]
        poles = 1 / (self.ratio * distinct)
        left, right = poles[:-1], poles[1:]
        # g²z' is convex in between; most pairs of poles are seen at a glance to leave no gap.
        probes = left[:, None] + (right - left)[:, None] * np.linspace(0.02, 0.98, 25)
        lowest = np.array([float(self.slope(row).min()) for row in probes])
        gaps = []
        for k in np.flatnonzero(lowest < 1.0):
            bounds = (float(left[k]), float(right[k]))
            found = minimize_scalar(
                lambda g: float(self.slope(g)),
                bounds=bounds,
                method="bounded",
                options={"xatol": 1e-12 * bounds[1]},
            )
            if found.fun >= 0:
                continue
            middle = float(found.x)
            ends = [self._root_towards(middle, bound) for bound in bounds]
            # z falls with g inside a gap.
            gaps.append((float(self.place(ends[1])), float(self.place(ends[0]))))
        return gaps[::-1]

    def _root_towards(self, inside: float, pole: float) -> float:
        share = 0.5
        while self.slope(pole + (inside - pole) * share) <= 0:
            share /= 2
        ends = sorted((inside, pole + (inside - pole) * share))
        return float(brentq(lambda g: float(self.slope(g)), ends[0], ends[1], xtol=1e-300))

    def _transform(self, x: _Floats) -> _Complexes:
        """Compute g(x + i0) inside the support, by continuation from above.

        For Im z > 0 there is one root with Im g < 0 (Silverstein and Choi 1995),
        so a step that stays in that half plane cannot end at a wrong root.
        """
        scale = float(self.support[-1][1])
        height = 4.0 * scale
        z = x + 1j * height
        g = 1 / z
        while height > 1e-14 * scale:
            g = self._newton(g, z)
            height /= 3
            z = x + 1j * height
        return self._newton(g, x.astype(np.complex128))

    def _newton(self, g: _Complexes, z: _Complexes) -> _Complexes:
        for _ in range(30):
            gs = g[:, None] * self.eigenvalues
            shrunk = 1 / (1 - self.ratio * gs)
            terms = self._times * self.eigenvalues * shrunk
            miss = 1 / g + terms.sum(1) / self.columns - z
            steep = (
                self.ratio * (terms * self.eigenvalues * shrunk).sum(1) / self.columns - 1 / g**2
            )
            step = -miss / np.where(steep == 0, np.finfo(float).tiny, steep)
            # Never further than half way to the real axis.
            risen = np.maximum(step.imag, 0.5 * np.abs(g.imag))
            step *= np.clip(0.5 * np.abs(g.imag) / np.maximum(risen, 1e-300), 1e-3, 1.0)
            g = g + step
            if (np.abs(step) <= 1e-14 * np.abs(g)).all():
                break
        return g

    @cached_property
    def _table(self) -> tuple[_Floats, _Floats]:
        """Tabulate points of the support and the share up to each."""
        middle = (np.arange(_NODES) + 0.5) * np.pi / _NODES
        ends = np.arange(_NODES + 1) * np.pi / _NODES
        grids, shares = [np.zeros(1)], [np.array([self.atom])]
        for low, high in self.support:
            half = (high - low) / 2
            # x = low + half (1 - cos φ): the square roots at both ends are smooth in φ.
            x = low + 2 * half * np.sin(middle / 2) ** 2
            masses = self.density(x) * half * np.sin(middle) * np.pi / _NODES
            grids.append(low + 2 * half * np.sin(ends / 2) ** 2)
            shares.append(shares[-1][-1] + np.concatenate([[0.0], np.cumsum(masses)]))
        table = np.concatenate(shares)
        return np.concatenate(grids), np.minimum(table, 1.0)
