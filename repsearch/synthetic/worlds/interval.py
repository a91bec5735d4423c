"""Words on a line with two ends, under an exponential kernel."""

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
    """M*_ij = exp(-|x_i - x_j| / length), x_i the middles of L equal parts of [-1, 1].

    The eigenpairs of M* come from LAPACK. For many words, those of M* with its
    row and column means taken away are known in closed form (arXiv 2602.15029,
    proposition 3): `wavenumbers`, `limit_eigenvalues` and `limit_eigenfunctions`.

    Parameters
    ----------
    size : int
        L, the number of words.
    length : float
        sigma.

    Raises
    ------
    InputError
        A number out of range.
    """

    size: int
    length: float = 0.5

    def __post_init__(self) -> None:
        check_whole("size", self.size, 2)
        check_size(self.size, "this interval")
        check_positive("length", self.length)

    @property
    def words(self) -> tuple[str, ...]:
        """The V words, from left to right."""
        return tuple(f"x{k}" for k in range(self.size))

    @property
    def relations(self) -> Mapping[str, Pairs]:
        """None: the words lie on a curve."""
        return {}

    @property
    def positions(self) -> Real:
        """(V,) x_i."""
        return -1 + (2 * np.arange(self.size) + 1) / self.size

    def mstar(self) -> Real:
        """(V, V) the kernel of the distances."""
        lag = np.abs(np.subtract.outer(np.arange(self.size), np.arange(self.size)))
        return np.asarray(np.exp(-2 * lag / (self.size * self.length)))

    def spectrum(self) -> Spectrum:
        """All V eigenpairs of M*."""
        return spectrum_of(self.words, self.mstar())

    def centred(self) -> Real:
        """(V, V) M* with the means of rows and columns taken away, as principal components see."""
        matrix = self.mstar()
        matrix = matrix - matrix.mean(axis=0)
        return np.asarray(matrix - matrix.mean(axis=1, keepdims=True))

    def wavenumbers(self, n: int) -> Real:
        """(n,) k_1 < k_2 < ... of the centred kernel, in the limit of many words.

        Odd mu: k = (mu + 1) pi / 2 - arctan(sigma k). Even mu:
        k = mu pi / 2 + arctan(k / (1 + sigma (1 + sigma) k^2)).

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
        """(n,) 2 sigma / (1 + sigma^2 k^2): eigenvalues of the centred M*, times 2 / L."""
        return np.asarray(2 * self.length / (1 + (self.length * self.wavenumbers(n)) ** 2))

    def limit_eigenfunctions(self, n: int) -> Real:
        """(V, n) sin(k x) for odd mu, cos(k x) - sin(k) / k for even, each column of length 1."""
        k = self.wavenumbers(n)
        angles = np.outer(self.positions, k)
        odd = np.arange(1, n + 1) % 2 == 1
        waves = np.where(odd, np.sin(angles), np.cos(angles) - np.sin(k) / k)
        return np.asarray(waves / np.linalg.norm(waves, axis=0))
