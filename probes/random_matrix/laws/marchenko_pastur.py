"""Compute the Marchenko-Pastur law of the eigenvalues of isotropic noise.

For N rows of d independent entries with mean 0 and variance σ², the N
eigenvalues of Ξ Ξᵀ / d have, for large N and d with N / d = γ, this law. It
is written throughout in the angle φ of x = σ² (1 + γ − 2 √γ cos φ), in which
nothing is singular at the ends of the support.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import brentq

from repsearch.checks import is_whole
from repsearch.errors import InputError

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MarchenkoPastur:
    """The law of the eigenvalues of Ξ Ξᵀ / d for isotropic noise.

    Parameters
    ----------
    ratio : float
        Aspect ratio γ = N / d, rows over columns. Above 1 a share 1 − 1/γ of the
        eigenvalues is 0.
    variance : float
        Variance σ² of an entry.

    Raises
    ------
    InputError
        A parameter is not positive and finite.

    References
    ----------
    Marchenko and Pastur 1967, Math. USSR Sb. 1, 457-483.

    Examples
    --------
    >>> law = MarchenkoPastur(ratio=0.25)
    >>> law.support
    (0.25, 2.25)
    >>> f"{law.cdf(1.0):.4f}", f"{law.quantile(0.5):.4f}", law.moment(2)
    ('0.5534', '0.9160', 1.25)
    """

    ratio: float
    variance: float = 1.0

    def __post_init__(self) -> None:
        for name in ("ratio", "variance"):
            value = getattr(self, name)
            if not 0 < value < math.inf:
                raise InputError(f"{name} is {value!r}; pass a positive number")

    @property
    def support(self) -> tuple[float, float]:
        """Give the ends σ² (1 ∓ √γ)² of the continuous part.

        Returns
        -------
        low, high : float
            In the units of an eigenvalue.
        """
        root = math.sqrt(self.ratio)
        return self.variance * (1 - root) ** 2, self.variance * (1 + root) ** 2

    @property
    def atom(self) -> float:
        """Give the share of the eigenvalues that are 0: max(0, 1 − 1/γ).

        Returns
        -------
        float
            From 0 to 1.
        """
        return max(0.0, 1 - 1 / self.ratio)

    def density(self, x: ArrayLike) -> _Floats:
        """Compute the density of the continuous part, which has mass 1 − `atom`.

        Parameters
        ----------
        x : array_like of float
            Eigenvalues, of any shape.

        Returns
        -------
        ndarray of float64, shape of `x`
            √((λ₊ − x)(x − λ₋)) / (2π γ σ² x) inside the support, 0 outside.
            At γ = 1 it grows without limit towards 0, where it is given as inf.
        """
        x = np.asarray(x, np.float64)
        low, high = self.support
        inside = np.maximum(high - x, 0) * np.maximum(x - low, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.sqrt(inside) / (2 * np.pi * self.ratio * self.variance * x)
        if low == 0:
            value = np.where(x == 0, np.inf, value)
        return np.where((x < low) | (x > high) | ((x == 0) & (low > 0)), 0.0, value)

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
        root = math.sqrt(self.ratio)
        cosine = (1 + self.ratio - x / self.variance) / (2 * root)
        share = self.atom + self._mass(np.arccos(np.clip(cosine, -1, 1)))
        return np.where(x < 0, 0.0, np.clip(share, 0.0, 1.0))

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
        return np.array([self._quantile(p) for p in shares.flat]).reshape(shares.shape)

    def moment(self, order: int) -> float:
        """Compute E λ^k = σ^2k Σ_{j<k} γ^j C(k, j) C(k−1, j) / (j + 1), zeros included.

        Parameters
        ----------
        order : int
            Order k of the moment, at least 0.

        Returns
        -------
        float
            In the units of λ^k.

        Raises
        ------
        InputError
            The order is no whole number from 0 up, or the moment exceeds what a float holds.
        """
        if not is_whole(order) or order < 0:
            raise InputError(f"the order of a moment is {order!r}; pass a whole number from 0 up")
        if order == 0:
            return 1.0
        terms = (
            self.ratio**j * math.comb(order, j) * math.comb(order - 1, j) / (j + 1)
            for j in range(order)
        )
        try:
            moment = float(self.variance**order * math.fsum(terms))
        except OverflowError:
            moment = math.inf
        if not math.isfinite(moment):
            upper = order * math.log10(self.variance * (1 + math.sqrt(self.ratio)) ** 2)
            raise InputError(
                f"the moment of order {order}, up to 10^{upper:.0f}, exceeds what a float holds; "
                "pass a smaller order"
            )
        return moment

    def sample(self, rows: int, *, seed: int = 0) -> _Floats:
        """Draw the eigenvalues of one random matrix with this law.

        The tridiagonal form of a Wishart matrix has the same eigenvalues and
        needs no N x d array; d = `rows` / γ need not be whole.

        Parameters
        ----------
        rows : int
            Number N of rows, at least 1.
        seed : int
            Seed of the random numbers.

        Returns
        -------
        ndarray of float64, shape (N,)
            In decreasing order.

        Raises
        ------
        InputError
            Fewer than one row, or less than one column.

        References
        ----------
        Dumitriu and Edelman 2002, J. Math. Phys. 43, 5830-5847.
        """
        if not is_whole(rows) or rows < 1:
            raise InputError(f"rows is {rows!r}; pass a whole number of at least 1")
        columns = rows / self.ratio
        small, large = sorted((float(rows), columns))
        if rows > columns:
            small = float(round(columns))
            large = float(rows)
        if small < 1:
            raise InputError(
                f"{rows} rows at a ratio of {self.ratio:g} have {columns:g} columns; "
                "pass at least as many rows as the ratio"
            )
        rng = np.random.default_rng(seed)
        n = int(small)
        diagonal = np.sqrt(rng.chisquare(large - np.arange(n)))
        below = np.sqrt(rng.chisquare(np.arange(n - 1, 0, -1.0))) if n > 1 else np.empty(0)
        main = diagonal**2
        main[1:] += below**2
        values = eigh_tridiagonal(main, diagonal[:-1] * below, eigvals_only=True)
        found = np.zeros(rows)
        found[:n] = np.maximum(values[::-1], 0) * self.variance / columns
        return found

    def _mass(self, angle: _Floats) -> _Floats:
        """(2/π) ∫₀^φ sin² t / (1 + γ − 2 √γ cos t) dt, by parts."""
        root = math.sqrt(self.ratio)
        b = 2 * root
        turn = np.arctan2((1 + root) * np.sin(angle / 2), abs(1 - root) * np.cos(angle / 2))
        total = (
            b * np.sin(angle) + (1 + self.ratio) * angle - 2 * abs(1 - self.ratio) * turn
        ) / b**2
        return np.asarray(2 / np.pi * total)

    def _quantile(self, share: float) -> float:
        rest = share - self.atom
        low, high = self.support
        if rest < 0 or (rest == 0 and self.atom > 0):
            return 0.0
        if rest >= 1 - self.atom:
            return high
        if rest == 0:
            return low
        angle = brentq(lambda t: float(self._mass(np.array(t))) - rest, 0.0, math.pi, xtol=1e-15)
        root = math.sqrt(self.ratio)
        # Near φ = 0, 1 − cos φ as it stands would lose all digits.
        return float(self.variance * ((1 - root) ** 2 + 4 * root * math.sin(angle / 2) ** 2))


def checked_shares(share: ArrayLike) -> _Floats:
    """Refuse shares outside 0 to 1, at which there is no quantile.

    Parameters
    ----------
    share : array_like of float
        Shares, of any shape.

    Returns
    -------
    ndarray of float64
        The same shares.

    Raises
    ------
    InputError
        A share is not between 0 and 1.
    """
    shares = np.asarray(share, np.float64)
    wrong = shares[~((shares >= 0) & (shares <= 1))]
    if wrong.size:
        raise InputError(f"a quantile is asked for at {wrong.flat[0]}; pass shares from 0 to 1")
    return shares
