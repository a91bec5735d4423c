"""All that random-matrix theory says of a family of difference vectors, in one object."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.intervals import Interval, check_level, check_resampling, interval_cells
from probes.random_matrix.bulk_fit import (
    GoodnessOfFit,
    NoiseFit,
    fit_noise,
    goodness_of_fit,
)
from probes.random_matrix.gram import check_rows, decomposed, gram
from probes.random_matrix.mean_shift import sign_test, simulated_outlier, strength
from probes.random_matrix.noise import NoiseDraws, PowerNoise, draw_noise
from probes.random_matrix.spike_count import METHODS, SpikeCount, count_spikes
from probes.random_matrix.spiked import Spike
from probes.random_matrix.summary import summary

_Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SpikedCovariance:
    """Rows as a common mean plus noise of spectrum u_k^α: what was found, and whether it fits.

    Parameters
    ----------
    eigenvalues : (N,) float
        Of R Rᵀ / d (not centred), in decreasing order.
    noise : NoiseFit
        Noise level, effective dimension and aspect ratio, with intervals.
    counts : tuple of SpikeCount
        Number of spikes by each method.
    mean_p_value : float
        Of "the rows have mean 0", by flipping signs of rows.
    mean_share : float
        1ᵀ G 1 / (N λ₁), the part of the first eigenvalue that the mean explains.
    strength : Interval
        θ = N |m|² / (d σ²), the part of noise taken out.
    outlier_strength : float
        θ as the first eigenvalue alone tells it, through the inverse of the outlier's
        place; 0 where that eigenvalue lies inside the noise.
    threshold : float
        The θ above which a mean in no special direction leaves an outlier.
    predicted_outlier : float
        Mean place of the first eigenvalue for the fitted θ and noise.
    overlap : Interval
        Mean squared overlap of the first eigenvector with 1/√N, for the fitted
        θ and for the ends of its interval.
    overlap_seen : float
        That squared overlap in the data.
    direction : Interval
        θ / (1 + θ): squared cosine between the mean of the rows and m.
    fit : GoodnessOfFit
        Whether a mean plus such noise describes the rows.
    """

    eigenvalues: _Floats
    noise: NoiseFit
    counts: tuple[SpikeCount, ...]
    mean_p_value: float
    mean_share: float
    strength: Interval
    outlier_strength: float
    threshold: float
    predicted_outlier: float
    overlap: Interval
    overlap_seen: float
    direction: Interval
    fit: GoodnessOfFit

    @property
    def variance(self) -> Interval:
        """σ², the mean square of an entry about its column's mean."""
        return self.noise.variance

    @property
    def effective_dimension(self) -> Interval:
        """(Tr Σ)² / Tr Σ²."""
        return self.noise.effective_dimension

    @property
    def aspect_ratio(self) -> Interval:
        """N over the effective dimension."""
        return self.noise.aspect_ratio

    @property
    def law(self) -> Spike:
        """The fitted law of the noise, with the places and overlaps of a mean on top of it."""
        return _spike(self.noise)

    def summary(self) -> str:
        """The findings in plain words."""
        return summary(self)

    def __str__(self) -> str:
        return self.summary()

    def to_rows(self) -> list[dict[str, str | float | None]]:
        """One row for each quantity, with its interval where it has one.

        Returns
        -------
        list of dict
            Keys ``quantity``, ``value``, ``low``, ``high``, ``level`` and ``interval``.
        """
        intervals = {
            "noise variance": self.variance,
            "effective dimension": self.effective_dimension,
            "aspect ratio": self.aspect_ratio,
            "strength": self.strength,
            "overlap": self.overlap,
            "direction": self.direction,
        }
        numbers = {
            "pairs": float(self.noise.rows),
            "columns": float(self.noise.columns),
            **{f"spikes, {found.method}": float(found.count) for found in self.counts},
            "p value of the mean": self.mean_p_value,
            "share of the mean": self.mean_share,
            "strength by the outlier": self.outlier_strength,
            "threshold": self.threshold,
            "first eigenvalue": float(self.eigenvalues[0]),
            "predicted outlier": self.predicted_outlier,
            "overlap seen": self.overlap_seen,
            "p value of the fit": self.fit.p_value,
            **{f"p value, {name}": p for name, p in self.fit.aspects},
        }
        rows = [
            {"quantity": name, **interval_cells("value", interval, missing="")}
            for name, interval in intervals.items()
        ]
        for name, number in numbers.items():
            cells = interval_cells("value", None, missing="")
            rows.append({"quantity": name, **cells, "value": number})
        return rows


def fit_spiked_covariance(
    rows: NDArray[np.floating],
    *,
    spectrum: NDArray[np.floating] | None = None,
    level: float = 0.9,
    false_positives: float = 0.05,
    resamples: int = 200,
    seed: int = 0,
) -> SpikedCovariance:
    """Fit a common mean plus noise to difference vectors, with intervals, nulls and a test of fit.

    Null distributions are drawn for noise whose covariance has eigenvalues u_k^α
    in the d columns given. The numbers of spikes need columns along the
    eigenvectors of the noise, as those of V* Λ^(1/2) are; turn other embeddings
    to their principal components first, or the test of fit will say "columns".
    What is known of the calibration is in docs/calibration.md.

    Parameters
    ----------
    rows : (N, d) float
        R, one difference vector for each pair; at least 3 rows and 2 columns.
    spectrum : (d,) float, optional
        The shape u of the noise, positive, in any unit: of word differences the mean
        squares of the columns over random pairs. 1/k by default.
    level : float
        Coverage of the intervals.
    false_positives : float
        Chance of each method to find a spike in noise.
    resamples : int
        Random matrices of each null distribution, at least 100.
    seed : int
        Of all random numbers.

    Returns
    -------
    SpikedCovariance

    Raises
    ------
    InputError
        Fewer than 3 rows or 2 columns, a number that is not finite, rows that
        are all equal, a spectrum that is no such shape, or bad options.
    """
    checked = check_rows(rows)
    check_level(level)
    check_resampling(seed=seed, resamples=resamples)
    size, columns = checked.shape
    drawn = draw_noise(size, PowerNoise(columns, spectrum), draws=resamples, seed=seed)
    matrix = gram(checked)
    noise = fit_noise(matrix, drawn, level=level)
    values, vectors = decomposed(matrix)
    theta = strength(matrix, noise, level=level)
    place, overlap = _overlap(noise, drawn, theta)
    spike = _spike(noise)
    sigma2 = noise.variance.value
    counts = tuple(
        count_spikes(checked, method=method, drawn=drawn, level=false_positives, seed=seed)
        for method in METHODS
    )
    return SpikedCovariance(
        eigenvalues=values,
        noise=noise,
        counts=counts,
        mean_p_value=sign_test(matrix, draws=max(999, resamples), seed=seed),
        mean_share=float(matrix.sum() / (size * values[0])),
        strength=theta,
        outlier_strength=spike.strength(float(values[0])) / sigma2,
        threshold=spike.threshold / sigma2,
        predicted_outlier=place,
        overlap=overlap,
        overlap_seen=float(vectors[:, 0].sum() ** 2 / size),
        direction=_mapped(theta, "θ / (1 + θ) of the strength"),
        fit=goodness_of_fit(checked, noise, drawn),
    )


def _spike(noise: NoiseFit) -> Spike:
    law = noise.family.law(noise.rows - 1, exponent=noise.exponent, variance=noise.variance.value)
    return Spike(law)


def _overlap(noise: NoiseFit, drawn: NoiseDraws, theta: Interval) -> tuple[float, Interval]:
    """Predicted place of the outlier and its overlap with the mean."""
    found = [simulated_outlier(ends, noise, drawn) for ends in (theta.low, theta.value, theta.high)]
    low, value, high = (overlap for _, overlap in found)
    interval = Interval(
        value=value,
        low=min(low, value),
        high=max(high, value),
        level=theta.level,
        method="simulated at the ends of the interval of the strength",
    )
    return found[1][0], interval


def _mapped(theta: Interval, method: str) -> Interval:
    return Interval(
        value=theta.value / (1 + theta.value),
        low=theta.low / (1 + theta.low),
        high=theta.high / (1 + theta.high),
        level=theta.level,
        method=method,
    )
