"""Fit the variance and effective dimension of noise, with intervals.

Both are fitted by moments of the Gram matrix of the rows about their mean; no
factor is set by hand and no eigenvalue is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.random_matrix.gram import noise_gram
from probes.random_matrix.noise.effective_dimension import dimension_interval
from probes.random_matrix.noise.power_noise import NoiseDraws, PowerNoise
from probes.shared.intervals import Interval

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NoiseFit:
    """Variance and anisotropy of the noise of N rows of d columns.

    Parameters
    ----------
    rows : int
        Number N of rows.
    family : PowerNoise
        Noise of eigenvalues u_k^α in d columns.
    variance : Interval
        Variance σ² = Tr Σ / d, the mean square of an entry about its column's mean.
    effective_dimension : Interval
        Effective dimension ν = (Tr Σ)² / Tr Σ².
    exponent : float
        Exponent α of the noise of the family that has this effective dimension.

    Examples
    --------
    >>> from probes.random_matrix import fit_spiked_covariance
    >>> rows = np.random.default_rng(0).normal(size=(8, 40))
    >>> noise = fit_spiked_covariance(rows, resamples=100).noise
    >>> f"{noise.variance.value:.2f}", f"{noise.aspect_ratio.value:.2f}"
    ('1.05', '0.19')
    """

    rows: int
    family: PowerNoise
    variance: Interval
    effective_dimension: Interval
    exponent: float

    @property
    def columns(self) -> int:
        """Give the number d of columns.

        Returns
        -------
        int
            At least 2.
        """
        return self.family.columns

    @property
    def aspect_ratio(self) -> Interval:
        """Give N / ν, which takes the place of N / d in the Marchenko-Pastur law.

        Returns
        -------
        Interval
            From the interval of the effective dimension.
        """
        dimension = self.effective_dimension
        return Interval(
            value=self.rows / dimension.value,
            low=self.rows / dimension.high,
            high=self.rows / dimension.low,
            level=dimension.level,
            method=dimension.method,
        )


def fit_noise(matrix: _Floats, drawn: NoiseDraws, *, level: float) -> NoiseFit:
    """Fit variance and effective dimension by two moments, with intervals.

    Parameters
    ----------
    matrix : (N, N) float
        Gram matrix R Rᵀ / d.
    drawn : NoiseDraws
        Noise of N rows and d columns.
    level : float
        Coverage of the intervals.

    Returns
    -------
    NoiseFit
        Of N rows and d columns.

    Raises
    ------
    InputError
        All rows are equal.
    """
    about_mean = noise_gram(matrix)
    freedom = len(matrix) - 1
    dimension = dimension_interval(about_mean, drawn, level=level)
    exponent = drawn.noise.exponent(dimension.value)
    value = float(np.trace(about_mean)) / freedom
    # The law of Tr G / (k σ²) depends on the anisotropy alone.
    pivots = drawn.traces(exponent)[0][:, 0] / freedom
    low, high = np.quantile(pivots, [(1 - level) / 2, (1 + level) / 2])
    variance = Interval(
        value=value,
        low=min(value, value / float(high)),
        high=max(value, value / float(low)),
        level=level,
        method=f"mean square about the mean; {len(pivots)} draws of noise",
    )
    return NoiseFit(
        rows=len(matrix),
        family=drawn.noise,
        variance=variance,
        effective_dimension=dimension,
        exponent=exponent,
    )
