"""Estimate the effective dimension of noise, with an interval.

The effective dimension of rows with covariance Σ is the participation ratio
(Tr Σ)² / Tr Σ², between 1 and d. From the Gram matrix G of N centred rows,
with k = N − 1 (the moments of a Wishart matrix),

    E Tr G² = k (Tr Σ)² + k (k + 1) Tr Σ²,   E (Tr G)² = k² (Tr Σ)² + 2 k Tr Σ²

are solved for the two traces of Σ. The rows are centred once and no eigenvalue
is left out.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from probes.random_matrix.gram import check_rows, gram, noise_gram
from probes.random_matrix.noise.power_noise import (
    LARGEST_EXPONENT,
    NoiseDraws,
    PowerNoise,
    draw_noise,
)
from probes.shared.intervals import Interval, check_level, check_resampling

_Floats = NDArray[np.float64]

_EXPONENTS = np.linspace(0.0, LARGEST_EXPONENT, 81)
_LARGEST_RATIO = 1e3
"""Rows at equal distances fit no finite effective dimension; they are given this times d."""


def effective_dimension(
    rows: NDArray[np.floating],
    *,
    spectrum: NDArray[np.floating] | None = None,
    level: float = 0.9,
    resamples: int = 400,
    seed: int = 0,
) -> Interval:
    """Estimate the effective dimension of the covariance of rows, about their mean.

    The interval is found by inverting a test: it holds the dimensions for which
    the observed Tr G² / (Tr G)² is not in either tail of its distribution, drawn
    for noise with a covariance of eigenvalues u_k^α; for other shapes it is
    approximate. The value is the dimension for which the observed ratio is the
    median. The two-moment estimate itself (`dimension_from_traces`) has unbiased
    traces, but their ratio is too large by some 10 % in the median of 6 rows.
    Value and interval may lie above d: with that bound built in, the interval
    could not have its coverage at the bound.

    Parameters
    ----------
    rows : (N, d) float
        Vectors, at least 3, which need not have mean 0, of at least 2 columns.
    spectrum : (d,) float, optional
        Shape u of the noise (`PowerNoise`); 1/k by default.
    level : float
        Coverage of the interval.
    resamples : int
        Number of Gram matrices of noise behind the interval, at least 100.
    seed : int
        Seed of these matrices.

    Returns
    -------
    Interval
        Number of dimensions, at least 1.

    Raises
    ------
    InputError
        Fewer than 3 rows or 2 columns, a number that is not finite, rows that
        are all equal, or bad options.

    References
    ----------
    Bai and Saranadasa 1996, Statist. Sinica 6, 311-329, have the moments.

    Examples
    --------
    Isotropic noise in 50 columns, of which 20 rows tell this much:

    >>> rows = np.random.default_rng(0).normal(size=(20, 50))
    >>> found = effective_dimension(rows)
    >>> f"{found.value:.0f} [{found.low:.0f}, {found.high:.0f}]"
    '44 [34, 52]'
    """
    checked = check_rows(rows)
    check_level(level)
    check_resampling(seed=seed, resamples=resamples)
    noise = PowerNoise(checked.shape[1], spectrum)
    drawn = draw_noise(len(checked), noise, resamples=resamples, seed=seed)
    return dimension_interval(noise_gram(gram(checked)), drawn, level=level)


def dimension_from_traces(first: float, second: float, freedom: float) -> float:
    """Solve the two moments for (Tr Σ)² / Tr Σ².

    Parameters
    ----------
    first, second : float
        Traces Tr G and Tr G².
    freedom : float
        Degrees of freedom k, rows less what was projected out; above 1.

    Returns
    -------
    float
        At least 1; inf where all k eigenvalues are equal.
    """
    squared = (second - first**2 / freedom) / ((freedom + 2) * (freedom - 1))
    if squared <= 1e-14 * second:
        return np.inf
    return max(1.0, (first**2 - 2 * freedom * squared) / (freedom**2 * squared))


def dimension_interval(centred_gram: _Floats, drawn: NoiseDraws, *, level: float) -> Interval:
    """Estimate the effective dimension and its interval from a Gram matrix.

    Parameters
    ----------
    centred_gram : (N, N) float
        Gram matrix of rows about their mean.
    drawn : NoiseDraws
        Noise of N rows and d columns.
    level : float
        Coverage of the interval.

    Returns
    -------
    Interval
        Number of dimensions, at least 1.
    """
    freedom, columns = len(centred_gram) - 1, drawn.noise.columns
    first = float(np.trace(centred_gram))
    second = float(np.sum(centred_gram**2))
    spread = np.log(max(freedom * second / first**2 - 1, 1e-15))
    traces, squares = drawn.traces(_EXPONENTS)
    spreads = np.log(np.maximum(freedom * squares / traces**2 - 1, 1e-15))
    dimensions = np.log(drawn.noise.effective_dimension(_EXPONENTS))
    ends = []
    for tail in ((1 + level) / 2, 0.5, (1 - level) / 2):
        # Spread grows with α. Sampling could break the order only by noise.
        known = np.maximum.accumulate(np.quantile(spreads, tail, axis=0))
        if spread <= known[0]:
            # Beyond isotropic noise in d dimensions: the spread of isotropic
            # noise in ν > d dimensions is smaller in proportion to 1/ν.
            end = dimensions[0] + known[0] - spread
        else:
            end = np.interp(spread, known, dimensions)
        found = float(np.exp(min(end, np.log(_LARGEST_RATIO * columns))))
        # All of d is d, and not d less or more a rounding error.
        ends.append(float(columns) if math.isclose(found, columns, rel_tol=1e-12) else found)
    low, value, high = sorted(ends)
    return Interval(
        value=value,
        low=low,
        high=high,
        level=level,
        method=f"two moments; test inversion with {len(drawn.wishart)} draws of noise",
    )
