"""Test whether columns lie along the eigenvectors of the noise.

The sample variances of the columns give an exponent (`fitted_exponents`), and with it what
Tr G² / (Tr G)² of the Gram matrix ought to be. More than that means that the columns do
not lie along the eigenvectors of the noise, so that each of them mixes large and small eigenvalues.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probes.random_matrix.gram import centred, gram
from probes.random_matrix.noise.column_variances import fitted_exponents, posterior, run_variances
from probes.random_matrix.noise.power_noise import NoiseDraws

_Floats = NDArray[np.float64]


def columns_p_value(rows: _Floats, drawn: NoiseDraws) -> float:
    """Compute the p value of "the columns lie along the eigenvectors of noise of this family".

    Parameters
    ----------
    rows : (N, d) float
        Difference vectors R; a common mean does not enter.
    drawn : NoiseDraws
        Noise of N rows and d columns.

    Returns
    -------
    float
        Two-sided; never below 1 / (resamples + 1).
    """
    freedom = len(rows) - 1
    about_mean = centred(gram(rows))
    variances = run_variances(rows - rows.mean(axis=0), drawn.noise, freedom=freedom)
    exponents, weights = posterior(variances, drawn.noise, freedom=freedom)
    seen = _spread(np.trace(about_mean), np.sum(about_mean**2), freedom)
    # N − 1 rows of noise have the law of N rows about their mean, their columns too.
    spreads = _spread(*drawn.traces(exponents), freedom).T
    part = np.einsum("drii->dr", drawn.wishart[:, :, :freedom, :freedom])
    unit = part * drawn.noise.columns / (drawn.noise.sizes * freedom)
    values = drawn.noise.eigenvalues(exponents)
    refitted = fitted_exponents(unit * values[:, None, :], drawn.noise)
    middle, width = np.median(spreads, axis=1), np.maximum(spreads.std(axis=1), 1e-12)

    def distance(spread: _Floats, at: _Floats) -> _Floats:
        off = spread - np.interp(at, exponents, middle)
        return np.asarray(np.abs(off) / np.interp(at, exponents, width))

    own = distance(seen, exponents[1])
    reached = np.count_nonzero(distance(spreads, refitted) >= own, axis=1)
    return float(weights @ ((reached + 1) / (spreads.shape[1] + 1)))


def _spread(trace: ArrayLike, squares: ArrayLike, freedom: int) -> _Floats:
    """Measure how unequal the eigenvalues are, on a logarithmic scale; 0 or less for equal ones."""
    return np.asarray(np.log(np.maximum(freedom * np.divide(squares, np.square(trace)) - 1, 1e-15)))
