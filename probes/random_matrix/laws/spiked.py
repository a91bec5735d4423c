"""Predict the outlier of a spike in noise: its place, and the overlap of its eigenvector.

Both kinds of spike are read off z(g) of `GeneralLaw`, in the parameter g of
the outlier, 0 < g < g₊, with g₊ that of the upper end of the noise:

* additive, Ξ Ξᵀ / d + μ a aᵀ: outlier where μ g = 1;
* mean shift, rows m + ξ_n, with strength a = N |m|² / d: outlier where
  a g q(g) = 1, q(g) = Σ_j w_j / (1 − (N/d) g s_j), and w_j the share of |m|²
  on the j-th eigenvector of Σ.

With a h(g) = 1 for either, the squared overlap of the outlier's eigenvector
with a (with 1/√N for the mean shift) is −g z'(g) / (a h'(g)). For the additive
spike and for w_j = 1/d these are the results of Benaych-Georges and Nadakuditi
(2011, Adv. Math. 227, 494-521; 2012, J. Multivariate Anal. 111, 120-135); any
other w follows from the same resolvent identity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from probes.random_matrix.laws.general_law import GeneralLaw
from repsearch.errors import InputError

_Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spike:
    """One spike on top of noise.

    Parameters
    ----------
    noise : GeneralLaw
        The law of the noise. Isotropic noise is a law with one eigenvalue of
        multiplicity d.
    kind : {"mean", "additive"}
        A mean shift of all rows, or a multiple of a aᵀ added to the Gram matrix.
    profile : (number of eigenvalues,) float, optional
        Share of |m|² on the eigenvectors of each eigenvalue of the noise; sums
        to 1. By default in proportion to multiplicity: a mean that lies in no
        special direction. Only for a mean shift.

    Raises
    ------
    InputError
        The profile does not fit the noise, or is given for an additive spike.

    Examples
    --------
    >>> spike = Spike(isotropic(rows=25, columns=100))
    >>> round(spike.threshold, 6)
    0.5
    >>> round(spike.outlier(1.0), 6), round(spike.overlap(1.0), 6)
    (2.5, 0.6)
    """

    noise: GeneralLaw
    kind: Literal["mean", "additive"] = "mean"
    profile: _Floats | None = None

    def __post_init__(self) -> None:
        if self.kind not in ("mean", "additive"):
            raise InputError(f'kind is {self.kind!r}; pass "mean" or "additive"')
        if self.profile is None:
            return
        if self.kind == "additive":
            raise InputError("an additive spike lies in the space of rows; it takes no profile")
        profile = np.asarray(self.profile, np.float64)
        if profile.shape != self.noise.eigenvalues.shape or not (profile >= 0).all():
            raise InputError(
                f"profile has shape {profile.shape}; pass one share of at least 0 for each of "
                f"the {len(self.noise.eigenvalues)} eigenvalues of the noise"
            )
        if not math.isclose(float(profile.sum()), 1.0, rel_tol=1e-9):
            raise InputError(f"the profile sums to {profile.sum():g}; divide it by its sum")
        object.__setattr__(self, "profile", profile)

    @property
    def threshold(self) -> float:
        """Find the strength below which the spike leaves no outlier (Baik, Ben Arous and Péché).

        Returns
        -------
        float
            In the units of an eigenvalue.
        """
        return 1 / self._h(self.noise.edge_transform)

    def outlier(self, strength: float) -> float:
        """Compute the place of the largest eigenvalue.

        Parameters
        ----------
        strength : float
            Strength μ, or N |m|² / d, in the units of an eigenvalue.

        Returns
        -------
        float
            An eigenvalue; below threshold the upper end of the noise.

        Raises
        ------
        InputError
            The strength is negative or not finite.
        """
        return float(self.noise.place(self._at(strength)))

    def overlap(self, strength: float) -> float:
        """Compute the squared overlap of the largest eigenvector with the spike's.

        Parameters
        ----------
        strength : float
            Strength μ, or N |m|² / d, in the units of an eigenvalue.

        Returns
        -------
        float
            From 0 to 1; 0 below threshold.

        Raises
        ------
        InputError
            The strength is negative or not finite.
        """
        g = self._at(strength)
        if strength <= self.threshold:
            return 0.0
        share = -float(self.noise.slope(g)) / (strength * g * self._h_slope(g))
        return min(1.0, max(0.0, share))

    def strength(self, outlier: float) -> float:
        """Find the strength of a spike from its outlier: the inverse of `outlier`.

        Parameters
        ----------
        outlier : float
            Eigenvalue above the upper end of the noise.

        Returns
        -------
        float
            In the units of an eigenvalue; 0 at the upper end of the noise or below it,
            for what lies there needs no spike.

        Raises
        ------
        InputError
            The place is not finite.
        """
        g = self._transform(outlier)
        return 0.0 if g is None else 1 / self._h(g)

    def shrunk(self, outlier: float) -> float:
        """Shrink the outlier's singular value optimally for the squared error of the signal.

        For a mean shift, σ̂ with the least E ‖σ̂ u vᵀ − 1 mᵀ/√d‖_F², where u and v are
        the outlier's singular vectors and its singular value is √`outlier`.
        With isotropic noise this is √((y² − β − 1)² − 4β) / y of Gavish and Donoho.

        Parameters
        ----------
        outlier : float
            Squared singular value of R / √d.

        Returns
        -------
        float
            Factor σ̂ on the singular vectors; 0 at the upper end of the noise or below it.

        Raises
        ------
        InputError
            The place is not finite, or the spike is additive.

        References
        ----------
        Gavish and Donoho 2017, IEEE Trans. Inf. Theory 63, 2137-2152; Nadakuditi
        2014, IEEE Trans. Inf. Theory 60, 3002-3018.
        """
        if self.kind != "mean":
            raise InputError(
                "an additive spike has no singular vectors to shrink; use a mean shift"
            )
        g = self._transform(outlier)
        if g is None:
            return 0.0
        # −2 D / D' with D(y) = h(g(y²)): the overlaps of both sides times the strength.
        return (
            -self._h(g)
            * float(self.noise.slope(g))
            / (g**2 * self._h_slope(g) * math.sqrt(outlier))
        )

    # ------------------------------------------------------------ h(g)

    def _h(self, g: float) -> float:
        return g if self.kind == "additive" else g * float(np.sum(self._shares * self._shrink(g)))

    def _h_slope(self, g: float) -> float:
        if self.kind == "additive":
            return 1.0
        # d/dg of g / (1 − c g s) is 1 / (1 − c g s)².
        return float(np.sum(self._shares * self._shrink(g) ** 2))

    def _shrink(self, g: float) -> _Floats:
        return np.asarray(1 / (1 - self.noise.ratio * g * self.noise.eigenvalues))

    @property
    def _shares(self) -> _Floats:
        if self.profile is not None:
            return self.profile
        assert self.noise.multiplicity is not None  # set when made
        return self.noise.multiplicity / self.noise.columns

    def _at(self, strength: float) -> float:
        if not 0 <= strength < math.inf:
            raise InputError(f"the strength of a spike is {strength!r}; pass a number from 0 up")
        top = self.noise.edge_transform
        if strength * self._h(top) <= 1:
            return top
        # h(g) >= g, so the root lies below 1 / strength.
        high = min(top, 1 / strength)
        return float(
            brentq(lambda g: strength * self._h(g) - 1, 0.0, high * (1 + 1e-12), xtol=1e-300)
        )

    def _transform(self, outlier: float) -> float | None:
        if not math.isfinite(outlier):
            raise InputError(f"the place of an outlier is {outlier!r}; pass a finite number")
        top = self.noise.edge_transform
        if outlier <= float(self.noise.place(top)):
            return None
        # g(z) lies between 1/z and 1/(z − λ₊).
        return float(
            brentq(
                lambda g: float(self.noise.place(g)) - outlier,
                (1 - 1e-12) / outlier,
                top,
                xtol=1e-300,
            )
        )


def isotropic(rows: float, columns: float, variance: float = 1.0) -> GeneralLaw:
    """Make the law of isotropic noise, for `Spike`; the same as `MarchenkoPastur`.

    Parameters
    ----------
    rows, columns : float
        Numbers N and d of rows and columns; they need not be whole.
    variance : float
        Variance σ² of an entry.

    Returns
    -------
    GeneralLaw
        With one eigenvalue of multiplicity d.

    Examples
    --------
    >>> law = isotropic(rows=25, columns=100)
    >>> [(round(low, 6), round(high, 6)) for low, high in law.support]
    [(0.25, 2.25)]
    """
    return GeneralLaw(np.array([variance]), rows, np.array([columns], np.float64))
