"""Measure how far the largest of n eigenvalues stands out of the others.

Both statistics are free of the scale of the noise, and use the lower
eigenvalues as the measure, so that spikes hide neither themselves nor others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probes.random_matrix.laws.tracy_widom import johnstone_scaling

_Floats = NDArray[np.float64]

FEWEST = 4
"""Eigenvalues from which an outlier can be told."""


def tracy_widom_statistic(spectra: _Floats) -> _Floats:
    """Compute (λ₁ − place) / width, in the noise that the bulk measures.

    The bulk gives σ² and an effective dimension ν by two moments, and
    `johnstone_scaling` of n and ν gives place and width.

    Parameters
    ----------
    spectra : (..., n) float
        Eigenvalues in decreasing order.

    Returns
    -------
    (...,) float
        Scaled largest eigenvalues.
    """
    rest = _bulk(spectra)
    dimension = _dimension(rest)
    place, width = johnstone_scaling(spectra.shape[-1], dimension)
    return np.asarray((spectra[..., 0] / rest.mean(-1) * dimension - place) / width)


def quantile_statistic(spectra: _Floats, expected: _Floats) -> _Floats:
    """Compute where the largest eigenvalue lies, in units of the lower part of the bulk.

    A line is laid through the smallest 3/4 of the eigenvalues against their
    expected places; the largest is given in the coordinate of that line. Large
    eigenvalues, spikes or not, have no part in the line.

    Parameters
    ----------
    spectra : (..., n) float
        Eigenvalues in decreasing order.
    expected : (n,) float
        Expected eigenvalues of noise, in any unit.

    Returns
    -------
    (...,) float
        Largest eigenvalues, in the coordinate of the line.
    """
    n = spectra.shape[-1]
    lower = slice(n - max(3, (3 * n) // 4), n)
    x = expected[lower] - expected[lower].mean()
    y = spectra[..., lower]
    slope = y @ x / (x @ x)
    tiny = 1e-12 * np.maximum(spectra[..., 0], np.finfo(float).tiny)
    return np.asarray((spectra[..., 0] - y.mean(-1)) / np.maximum(slope, tiny))


def _bulk(spectra: _Floats) -> _Floats:
    """Leave out the largest eighth, at least one: a second spike must not hide the first."""
    return spectra[..., max(1, spectra.shape[-1] // 8) :]


def _dimension(rest: _Floats) -> _Floats:
    """Estimate the effective dimension by two moments, at least 1."""
    k = rest.shape[-1]
    first, second = rest.sum(-1), (rest**2).sum(-1)
    squared = np.maximum((second - first**2 / k) / ((k + 2) * (k - 1)), 1e-12 * second)
    return np.asarray(np.maximum(1.0, (first**2 - 2 * k * squared) / (k**2 * squared)))
