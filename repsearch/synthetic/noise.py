"""Draw symmetric noise, as the sampling error of a finite corpus leaves it in a matrix."""

from __future__ import annotations

import numpy as np

from repsearch.synthetic.checks import check_positive, check_size, check_whole
from repsearch.synthetic.world import Real


def symmetric_noise(size: int, scale: float, *, seed: int) -> Real:
    """Draw a matrix of the Gaussian orthogonal ensemble.

    Entries are N(0, scale^2), on the diagonal N(0, 2 scale^2). The spectral norm is
    near 2 scale sqrt(size) for a large size (Wigner's semicircle law).

    Parameters
    ----------
    size : int
        Number of rows.
    scale : float
        Standard deviation of an entry off the diagonal.
    seed : int
        Seed of the draw.

    Returns
    -------
    (size, size) float64
        Exactly symmetric.

    Raises
    ------
    InputError
        A number out of range.

    Examples
    --------
    >>> noise = symmetric_noise(100, 0.1, seed=0)
    >>> round(float(noise.std()), 2), round(float(np.linalg.norm(noise, 2)), 1)
    (0.1, 1.9)
    """
    check_whole("size", size, 1)
    check_size(size, "the noise")
    check_positive("scale", scale)
    check_whole("seed", seed, 0)
    square = np.random.default_rng(seed).standard_normal((size, size))
    return np.asarray(scale * (square + square.T) / np.sqrt(2))
