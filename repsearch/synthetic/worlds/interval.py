"""Place words on a line with two ends, with an exponential kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from repsearch.spectrum.spectrum import Spectrum
from repsearch.synthetic.checks import check_positive, check_size, check_whole
from repsearch.synthetic.spectra import spectrum_of
from repsearch.synthetic.world import Pairs, Real


@dataclass(frozen=True)
class Interval:
    """Words on a line, with M*_ij = exp(-|x_i - x_j| / length).

    The positions x_i are the middles of L equal parts of [-1, 1]. The eigenpairs of M*
    come from LAPACK. For many words, those of M* with its row and column means subtracted
    are known in closed form (arXiv 2602.15029, proposition 3): `wavenumbers`,
    `limit_eigenvalues` and `limit_eigenfunctions`.

    Parameters
    ----------
    size : int
        L, the number of words.
    length : float
        Distance over which M* falls by a factor e; sigma in the paper.

    Raises
    ------
    InputError
        A number out of range.

    Examples
    --------
    >>> world = Interval(200, length=0.5)
    >>> found = np.linalg.eigvalsh(world.centred())[::-1]
    >>> (2 / 200 * found[:3]).round(3)
    array([0.433, 0.249, 0.134])
    >>> world.limit_eigenvalues(3).round(3)
    array([0.433, 0.249, 0.134])
    """

    size: int
    length: float = 0.5

    def __post_init__(self) -> None:
        check_whole("size", self.size, 2)
        check_size(self.size, "this interval")
        check_positive("length", self.length)

    @property
    def words(self) -> tuple[str, ...]:
        """The L words, from left to right."""
        return tuple(f"x{k}" for k in range(self.size))

    @property
    def relations(self) -> Mapping[str, Pairs]:
        """Empty: the words lie on a curve, where equal steps are no equal differences."""
        return {}

    @property
    def positions(self) -> Real:
        """(L,) x_i, the position of each word, between -1 and 1."""
        return -1 + (2 * np.arange(self.size) + 1) / self.size

    def mstar(self) -> Real:
        """Evaluate the kernel at the distances of all pairs.

        Returns
        -------
        (L, L) float64
            M*.
        """
        lag = np.abs(np.subtract.outer(np.arange(self.size), np.arange(self.size)))
        return np.asarray(np.exp(-2 * lag / (self.size * self.length)))

    def spectrum(self) -> Spectrum:
        """Compute all eigenpairs of M* by LAPACK.

        Returns
        -------
        Spectrum
            L eigenpairs, largest eigenvalue first.
        """
        return spectrum_of(self.words, self.mstar())

    def centred(self) -> Real:
        """Subtract the means of rows and columns from M*, as principal component analysis does.

        Returns
        -------
        (L, L) float64
            M* with rows and columns that sum to 0.
        """
        matrix = self.mstar()
        matrix = matrix - matrix.mean(axis=0)
        return np.asarray(matrix - matrix.mean(axis=1, keepdims=True))

    def wavenumbers(self, n: int) -> Real:
        """Solve for the wavenumbers of the centred kernel, in the limit of many words.

        Odd mu: k = (mu + 1) pi / 2 - arctan(sigma k). Even mu:
        k = mu pi / 2 + arctan(k / (1 + sigma (1 + sigma) k^2)) (arXiv 2602.15029,
        proposition 3).

        Parameters
        ----------
        n : int
            Number of wavenumbers.

        Returns
        -------
        (n,) float64
            k_1 < k_2 < ..., in radians per unit of position.

        Raises
        ------
        InputError
            An `n` that is not a positive whole number.
        """
        check_whole("n", n, 1)
        sigma = self.length

        def excess(k: float, mu: int) -> float:
            if mu % 2:
                return float(k - (mu + 1) * np.pi / 2 + np.arctan(sigma * k))
            return float(k - mu * np.pi / 2 - np.arctan(k / (1 + sigma * (1 + sigma) * k**2)))

        # The arctangents lie between 0 and pi / 2, so each k has an interval of its own.
        return np.array(
            [
                brentq(excess, mu * np.pi / 2, (mu + 1) * np.pi / 2, (mu,), xtol=1e-15)
                for mu in range(1, n + 1)
            ]
        )

    def limit_eigenvalues(self, n: int) -> Real:
        """Compute the eigenvalues of the centred M*, in the limit of many words.

        Parameters
        ----------
        n : int
            Number of eigenvalues.

        Returns
        -------
        (n,) float64
            2 sigma / (1 + sigma^2 k^2), largest first: the eigenvalues times 2 / L.

        Raises
        ------
        InputError
            An `n` that is not a positive whole number.
        """
        return np.asarray(2 * self.length / (1 + (self.length * self.wavenumbers(n)) ** 2))

    def limit_eigenfunctions(self, n: int) -> Real:
        """Sample the eigenfunctions of the centred kernel at the words' positions.

        Parameters
        ----------
        n : int
            Number of eigenfunctions.

        Returns
        -------
        (L, n) float64
            sin(k x) for odd mu, cos(k x) - sin(k) / k for even mu; columns of norm 1.

        Raises
        ------
        InputError
            An `n` that is not a positive whole number.
        """
        k = self.wavenumbers(n)
        angles = np.outer(self.positions, k)
        odd = np.arange(1, n + 1) % 2 == 1
        waves = np.where(odd, np.sin(angles), np.cos(angles) - np.sin(k) / k)
        return np.asarray(waves / np.linalg.norm(waves, axis=0))
