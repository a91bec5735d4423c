"""A low-rank matrix, and the same under noise."""

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
    """Given eigenvalues in a random basis, hidden under Gaussian noise.

    `mstar` and `spectrum` are the truth, `observed` what is seen of it.

    Parameters
    ----------
    eigenvalues : sequence of float
        Those that are not zero, of either sign, in any order.
    size : int
        V, at least the number of eigenvalues.
    noise : float
        Standard deviation of the entries of the noise off the diagonal, 0 or more.
    seed : int
        Of the basis. The noise has a seed of its own.

    Raises
    ------
    InputError
        No eigenvalue or more than words, a number out of range.
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
        """None: the basis is random."""
        return {}

    @cached_property
    def basis(self) -> Real:
        """(V, V) a uniformly random orthonormal basis; its first columns have `eigenvalues`."""
        square = np.random.default_rng(self.seed).standard_normal((self.size, self.size))
        q, r = np.linalg.qr(square)
        # Without the signs of R the distribution of Q would be LAPACK's choice.
        return np.asarray(q * np.sign(np.diag(r)))

    def mstar(self) -> Real:
        """(V, V) the matrix without noise."""
        values = np.array(self.eigenvalues)
        leading = self.basis[:, : len(values)]
        product = (leading * values) @ leading.T
        return np.asarray((product + product.T) / 2)

    def spectrum(self) -> Spectrum:
        """All V eigenpairs without noise; all but those given have the eigenvalue 0."""
        values = np.zeros(self.size)
        values[: len(self.eigenvalues)] = self.eigenvalues
        return known_spectrum(self.words, self.mstar(), values, self.basis)

    def observed(self, *, seed: int) -> Real:
        """(V, V) the matrix under noise; another seed draws other noise.

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
        """Where noise moves each of `eigenvalues` for large V, NaN where it buries them.

        lambda + noise^2 V / lambda if |lambda| > noise sqrt(V), else inside the
        bulk between +-2 noise sqrt(V) (Peche 2006; Benaych-Georges and
        Nadakuditi 2011).
        """
        values = np.array(self.eigenvalues)
        power = self.noise**2 * self.size
        found = np.full(len(values), np.nan)
        seen = values**2 > power
        found[seen] = values[seen] + power / values[seen]
        return found

    def noisy_overlaps(self) -> Real:
        """(v.u)^2 of each true and observed eigenvector for large V.

        1 - noise^2 V / lambda^2 where noise does not bury the eigenvalue, else 0
        (the same sources).
        """
        values = np.array(self.eigenvalues)
        power = self.noise**2 * self.size
        seen = values**2 > power
        return np.asarray(np.where(seen, 1 - power / np.where(seen, values**2, 1.0), 0.0))
