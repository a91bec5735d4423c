"""Place words on a periodic lattice, with an M* that depends on their distance alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.synthetic.checks import as_sequence, check_size, check_whole
from repsearch.synthetic.fourier import fourier_basis
from repsearch.synthetic.kernels import Kernel
from repsearch.synthetic.kronecker import kronecker
from repsearch.synthetic.spectra import known_spectrum
from repsearch.synthetic.world import Pairs, Real


@dataclass(frozen=True)
class Lattice:
    """Words on a circle, torus or hypertorus, with M*_ij = C(distance of i and j).

    A word's position is -1 + 2 k / L on each axis, and distances go the short way around.
    Whatever the kernel C, the eigenvectors are products of cosines and sines (arXiv
    2602.15029, proposition 1). A word's name holds its place on each axis, such as "x3_0".

    Parameters
    ----------
    shape : sequence of int
        L, the number of places on each axis; ``(L,)`` is a circle.
    kernel : callable
        C, from an array of distances to one of values, such as `PeriodicExponential`.

    Raises
    ------
    InputError
        No axis, one with fewer than 3 places, or a kernel that does not give one
        finite value for each distance.

    Examples
    --------
    >>> from repsearch.synthetic import PeriodicExponential
    >>> world = Lattice((8,), PeriodicExponential(length=0.5))
    >>> world.spectrum().eigenvalues[:5].round(3)
    array([4.083, 1.239, 1.239, 0.462, 0.462])
    >>> world.waves[:5].ravel()
    array([0, 1, 1, 2, 2])
    """

    shape: Sequence[int]
    kernel: Kernel

    def __post_init__(self) -> None:
        shape = as_sequence("shape", self.shape)
        if not shape:
            raise InputError(f"shape is {self.shape!r}; pass the places on each axis, as (60,)")
        for places in shape:
            check_whole("an axis of shape", places, 3)
        object.__setattr__(self, "shape", tuple(map(int, shape)))
        check_size(math.prod(self.shape), "this shape")
        if not callable(self.kernel):
            raise InputError(f"kernel is {self.kernel!r}; pass a function of the distance")
        row = np.asarray(self.kernel(self._first_distances))
        if row.shape != (math.prod(self.shape),) or not np.isfinite(row).all():
            raise InputError(
                f"the kernel {self.kernel!r} does not give a finite value for each distance; "
                "make it a function from arrays to arrays that is defined from 0 on"
            )

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The V words, the last axis fastest."""
        return tuple("x" + "_".join(map(str, place)) for place in self._places.tolist())

    @property
    def relations(self) -> Mapping[str, Pairs]:
        """Empty: on a circle equal steps are no equal differences."""
        return {}

    @property
    def positions(self) -> Real:
        """(V, D) coordinates of each word, from -1 to below 1."""
        return np.asarray(-1 + 2 * self._places / np.array(self.shape))

    def mstar(self) -> Real:
        """Evaluate the kernel at the distances of all pairs.

        Returns
        -------
        (V, V) float64
            M*.
        """
        # Every entry is one of the first row, at the word as far from the first.
        same = np.zeros((len(self._places),) * 2, np.int64)
        for places, steps in zip(self.shape, self._places.T, strict=True):
            same = places * same + np.abs(steps[:, None] - steps)
        return np.asarray(self.kernel(self._first_distances), np.float64)[same]

    def spectrum(self) -> Spectrum:
        """Compute all eigenpairs: the Fourier transform of the kernel, and products of waves.

        Returns
        -------
        Spectrum
            V eigenpairs, largest eigenvalue first.
        """
        return known_spectrum(self.words, self.mstar(), *self._eigenpairs())

    @property
    def waves(self) -> NDArray[np.int64]:
        """(V, D) number of waves around each axis, of each eigenpair of `spectrum`."""
        values, _ = self._eigenpairs()
        return self._frequencies[np.argsort(-values, kind="stable")]

    def _eigenpairs(self) -> tuple[Real, Real]:
        row = np.asarray(self.kernel(self._first_distances), float).reshape(self.shape)
        transform = np.fft.fftn(row).real
        values = transform[tuple(self._frequencies.T)]
        return values, kronecker([fourier_basis(places)[1] for places in self.shape])

    @cached_property
    def _frequencies(self) -> NDArray[np.int64]:
        axes = np.meshgrid(*(fourier_basis(places)[0] for places in self.shape), indexing="ij")
        return np.stack([axis.ravel() for axis in axes], axis=1)

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        return np.indices(self.shape).reshape(len(self.shape), -1).T

    @cached_property
    def _first_distances(self) -> Real:
        sizes = np.array(self.shape)
        steps = np.minimum(self._places, sizes - self._places)
        distances: Real = np.linalg.norm(2 * steps / sizes, axis=1)
        return distances
