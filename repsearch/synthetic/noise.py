"""Symmetric noise, as the sampling error of a finite corpus leaves it in a matrix."""

from __future__ import annotations

import numpy as np

from repsearch.synthetic.checks import check_positive, check_size, check_whole
from repsearch.synthetic.world import Real


def symmetric_noise(size: int, scale: float, *, seed: int) -> Real:
    """Gaussian orthogonal ensemble: entries N(0, scale^2), on the diagonal N(0, 2 scale^2).

    Its spectral norm is near 2 scale sqrt(size).

    Parameters
    ----------
    size : int
        Number of rows.
    scale : float
        Standard deviation off the diagonal.
    seed : int
        Another seed draws another matrix.

    Returns
    -------
    (size, size) float64
        Exactly symmetric.

    Raises
    ------
    InputError
        A number out of range.
    """
    check_whole("size", size, 1)
    check_size(size, "the noise")
    check_positive("scale", scale)
    check_whole("seed", seed, 0)
    square = np.random.default_rng(seed).standard_normal((size, size))
    return np.asarray(scale * (square + square.T) / np.sqrt(2))
