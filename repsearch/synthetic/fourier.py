"""Compute the real Fourier basis of a ring."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repsearch.synthetic.world import Real


def fourier_basis(size: int) -> tuple[NDArray[np.int64], Real]:
    """Sample orthonormal cosines and sines at equal steps around a ring.

    Parameters
    ----------
    size : int
        L, the number of places on the ring.

    Returns
    -------
    frequencies : (L,) int64
        Waves around the ring of each column: 0, 1, 1, 2, 2, ...
    basis : (L, L) float64
        One wave in each column; of each frequency the cosine first.

    Examples
    --------
    >>> frequencies, basis = fourier_basis(5)
    >>> frequencies
    array([0, 1, 1, 2, 2])
    >>> bool(np.allclose(basis.T @ basis, np.eye(5)))
    True
    """
    # Whole numbers modulo L, so that the angle loses no digits at high frequencies.
    place = np.arange(size)
    frequencies = (np.arange(size) + 1) // 2
    angles = 2 * np.pi * (np.outer(place, frequencies) % size) / size
    cosine = np.arange(size) % 2 == 1
    cosine[0] = True
    basis = np.where(cosine, np.cos(angles), np.sin(angles))
    norms = np.full(size, np.sqrt(2 / size))
    norms[(2 * frequencies) % size == 0] = np.sqrt(1 / size)
    return frequencies, basis * norms
