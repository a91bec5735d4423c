"""Hide a low-rank matrix under Gaussian noise."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.synthetic.checks import as_numbers, check_size, check_whole, is_number
from repsearch.synthetic.noise import symmetric_noise
from repsearch.synthetic.spectra import known_spectrum
from repsearch.synthetic.world import Pairs, Real


@dataclass(frozen=True)
class LowRankPlusNoise:
    """A matrix of given eigenvalues in a random basis, observed under Gaussian noise.

    `mstar` and `spectrum` are the truth, `observed` is the truth plus noise.

    Parameters
    ----------
    eigenvalues : sequence of float
        Eigenvalues that are not zero, of either sign, in any order.
    size : int
        V, at least the number of eigenvalues.
    noise : float
        Standard deviation of the entries of the noise off the diagonal, 0 or more.
    seed : int
        Seed of the basis; the noise has one of its own.

    Raises
    ------
    InputError
        No eigenvalue, more of them than words, or a number out of range.

    Examples
    --------
    >>> world = LowRankPlusNoise([10.0, 5.0], size=100, noise=0.1)
    >>> found = np.linalg.eigvalsh(world.observed(seed=1))[::-1]
    >>> found[:2].round(1)
    array([10.1,  5.2])
    >>> world.noisy_eigenvalues().round(1)  # where theory expects them
    array([10.1,  5.2])
    """

    eigenvalues: Sequence[float]
    size: int
    noise: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        check_whole("size", self.size, 1)
        check_size(self.size, "size")
        check_whole("seed", self.seed, 0)
        eigenvalues = as_numbers("eigenvalues", self.eigenvalues)
        if not 1 <= len(eigenvalues) <= self.size:
            raise InputError(
                f"there are {len(eigenvalues)} eigenvalues; pass from 1 to {self.size}, the "
                "number of words"
            )
        if not is_number(self.noise) or not 0 <= self.noise < math.inf:
            raise InputError(f"noise is {self.noise!r}; pass a number of at least 0")
        object.__setattr__(self, "eigenvalues", eigenvalues)

    @property
    def words(self) -> tuple[str, ...]:
        """The V words; they have no order."""
        return tuple(f"w{k}" for k in range(self.size))

    @property
    def relations(self) -> Mapping[str, Pairs]:
        """Empty: the basis is random."""
        return {}

    @cached_property
    def basis(self) -> Real:
        """(V, V) a random orthonormal basis; the first columns belong to `eigenvalues`."""
        square = np.random.default_rng(self.seed).standard_normal((self.size, self.size))
        q, r = np.linalg.qr(square)
        # Without the signs of R the distribution of Q would be LAPACK's choice.
        return np.asarray(q * np.sign(np.diag(r)))

    def mstar(self) -> Real:
        """Multiply out the matrix without noise.

        Returns
        -------
        (V, V) float64
            Exactly symmetric, of rank at most the number of eigenvalues.
        """
        values = np.array(self.eigenvalues)
        leading = self.basis[:, : len(values)]
        product = (leading * values) @ leading.T
        return np.asarray((product + product.T) / 2)

    def spectrum(self) -> Spectrum:
        """List all eigenpairs without noise.

        Returns
        -------
        Spectrum
            V eigenpairs, largest eigenvalue first; all eigenvalues but those given are 0.
        """
        values = np.zeros(self.size)
        values[: len(self.eigenvalues)] = self.eigenvalues
        return known_spectrum(self.words, self.mstar(), values, self.basis)

    def observed(self, *, seed: int) -> Real:
        """Add noise to the matrix.

        Parameters
        ----------
        seed : int
            Seed of the noise.

        Returns
        -------
        (V, V) float64
            Exactly symmetric.

        Raises
        ------
        InputError
            A negative seed.
        """
        check_whole("seed", seed, 0)
        if self.noise == 0:
            return self.mstar()
        return self.mstar() + symmetric_noise(self.size, self.noise, seed=seed)

    def noisy_eigenvalues(self) -> Real:
        """Predict where noise moves each of `eigenvalues`, for large V.

        lambda + noise^2 V / lambda if |lambda| > noise sqrt(V), else the eigenvalue is hidden
        inside the bulk between +-2 noise sqrt(V) (Péché 2006; Benaych-Georges and
        Nadakuditi 2011).

        Returns
        -------
        (number of eigenvalues,) float64
            Places in the order of `eigenvalues`; NaN for those that noise hides.
        """
        values = np.array(self.eigenvalues)
        power = self.noise**2 * self.size
        found = np.full(len(values), np.nan)
        seen = values**2 > power
        found[seen] = values[seen] + power / values[seen]
        return found

    def noisy_overlaps(self) -> Real:
        """Predict the squared overlap of true and observed eigenvectors, for large V.

        1 - noise^2 V / lambda^2 if |lambda| > noise sqrt(V), else 0 (Benaych-Georges and
        Nadakuditi 2011).

        Returns
        -------
        (number of eigenvalues,) float64
            (v.u)^2 in the order of `eigenvalues`.
        """
        values = np.array(self.eigenvalues)
        power = self.noise**2 * self.size
        seen = values**2 > power
        return np.asarray(np.where(seen, 1 - power / np.where(seen, values**2, 1.0), 0.0))
