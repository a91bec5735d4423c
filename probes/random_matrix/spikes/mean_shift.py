"""Test the mean of difference vectors against their noise, and estimate its strength.

Rows are m + ξ_n. The strength θ = N |m|² / (d σ²) sets how far the mean stands out: the squared
cosine between the mean of the rows and m is about θ / (1 + θ), whatever the
dimension, and the first eigenvector of the Gram matrix turns towards 1/√N
once θ is above the threshold of `Spike`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from probes.random_matrix.gram import centred
from probes.random_matrix.noise.noise_fit import NoiseFit
from probes.random_matrix.noise.power_noise import NoiseDraws
from probes.shared.intervals import Interval, check_level

_Floats = NDArray[np.float64]

_ENUMERATED = 10
"""Rows up to which all patterns of signs are tried."""


@dataclass(frozen=True)
class Moments:
    """What the Gram matrix says of a mean.

    Parameters
    ----------
    energy : float
        Squared length 1ᵀ G 1 / N of the mean, which is N |r̄|² / d.
    along : float
        Estimate of N mᵀ Σ m / d², not negative: noise along the mean.
    """

    energy: float
    along: float


def moments(gram: _Floats, fit: NoiseFit) -> Moments:
    """Compute the squared length of the mean, and the noise along it.

    Parameters
    ----------
    gram : (N, N) float
        Gram matrix R Rᵀ / d.
    fit : NoiseFit
        Noise of the same rows.

    Returns
    -------
    Moments
        In the units of an eigenvalue and of its square.
    """
    size = len(gram)
    freedom = size - 1
    across = centred(gram)
    shared = gram.mean(axis=1) - gram.mean()
    # Projections of centred rows on √N r̄: their variance is that of noise along
    # r̄, whose own noise adds Tr Σ² / d².
    beta = float(shared @ shared) * size / freedom
    noise = (float(np.trace(across)) / freedom) ** 2 / fit.effective_dimension.value
    return Moments(energy=float(gram.sum()) / size, along=max(beta - noise, 0.0))


def strength(gram: _Floats, fit: NoiseFit, *, level: float) -> Interval:
    """Estimate θ = N |m|² / (d σ²), without the part that noise gives to the mean.

    N |r̄|² / d has expectation N |m|² / d + σ², so that θ is unbiased up to the
    error of σ². The interval has the variances 2 Tr Σ² + 4 N mᵀ Σ m of N |r̄|²
    and 2 Tr Σ² / (N − 1) of σ² (Gaussian rows), with Student's quantile at
    Welch's degrees of freedom.

    Parameters
    ----------
    gram : (N, N) float
        Gram matrix R Rᵀ / d.
    fit : NoiseFit
        Noise of the same rows.
    level : float
        Coverage of the interval.

    Returns
    -------
    Interval
        Not below 0.

    Raises
    ------
    InputError
        The level is not between 0 and 1.
    """
    check_level(level)
    freedom = len(gram) - 1
    found = moments(gram, fit)
    sigma2 = fit.variance.value
    ratio = found.energy / sigma2
    squared = 1 / fit.effective_dimension.value
    along = 4 * found.along / sigma2**2
    rest = 2 * squared * (1 + ratio**2 / freedom)
    error = along + rest
    welch = error**2 / (along**2 / freedom + rest**2 / (0.5 * (freedom - 1) * (freedom + 2)))
    half = float(student.ppf((1 + level) / 2, welch)) * math.sqrt(error)
    value = max(0.0, ratio - 1)
    return Interval(
        value=value,
        low=max(0.0, min(ratio - 1 - half, value)),
        high=max(ratio - 1 + half, value),
        level=level,
        method="unbiased for Gaussian rows; Student's t with the variance of a quadratic form",
    )


def sign_test(gram: _Floats, *, permutations: int, seed: int) -> float:
    """Test "the rows have mean 0" by flipping the signs of whole rows.

    Exact for rows that are independent and symmetric about 0, of any
    covariance, dimension and tails. With N rows it cannot be below
    2^(1 − N); up to 10 rows all patterns are tried.

    Parameters
    ----------
    gram : (N, N) float
        Gram matrix R Rᵀ, in any unit.
    permutations : int
        Number of random patterns of signs, where not all are tried.
    seed : int
        Seed of the patterns.

    Returns
    -------
    float
        P value; the pattern of the data is one of those counted.
    """
    size = len(gram)
    if size <= _ENUMERATED:
        patterns = np.arange(2 ** (size - 1))[:, None] >> np.arange(size) & 1
        signs = 1.0 - 2.0 * patterns
    else:
        rng = np.random.default_rng([seed, size])
        signs = rng.integers(0, 2, (permutations + 1, size)) * 2.0 - 1
        signs[0] = 1.0
    energies = np.einsum("bi,ij,bj->b", signs, gram, signs, optimize=True)
    reached = np.count_nonzero(energies >= energies[0] - 1e-9 * abs(energies[0]))
    return float(reached / len(signs))


def simulated_outlier(theta: float, fit: NoiseFit, drawn: NoiseDraws) -> tuple[float, float]:
    """Simulate the largest eigenvalue and the squared overlap of its eigenvector with 1/√N.

    The limits of `Spike` are off by up to a third at 6 rows near the
    threshold; here the same model is drawn at its own size. The mean lies in a
    direction drawn like a row of noise.

    Parameters
    ----------
    theta : float
        Strength N |m|² / (d σ²).
    fit : NoiseFit
        Noise of N rows.
    drawn : NoiseDraws
        Noise of N rows and d columns.

    Returns
    -------
    place, overlap : float
        Means over the resamples; the place in the units of an eigenvalue of R Rᵀ / d.
    """
    size = fit.rows
    grams = drawn.grams(fit.exponent, rows=size + 1)
    cross = grams[:, :size, size] * np.sqrt(theta / grams[:, size, size])[:, None]
    grams = grams[:, :size, :size]
    # Rows are turned so that the last is √N m and its noise (`NoiseDraws`).
    grams[:, -1, :] += cross
    grams[:, :, -1] += cross
    grams[:, -1, -1] += theta
    values, vectors = np.linalg.eigh(grams)
    place = float(values[:, -1].mean()) * fit.variance.value
    return place, float((vectors[:, -1, -1] ** 2).mean())
