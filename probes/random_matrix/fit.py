"""Fit a spiked covariance to difference vectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probes.random_matrix.goodness_of_fit import goodness_of_fit
from probes.random_matrix.gram import check_rows, decomposed, gram
from probes.random_matrix.noise.noise_fit import NoiseFit, fit_noise
from probes.random_matrix.noise.power_noise import NoiseDraws, PowerNoise, draw_noise
from probes.random_matrix.result import SpikedCovariance, spike_of
from probes.random_matrix.spikes.mean_shift import sign_test, simulated_outlier, strength
from probes.random_matrix.spikes.other_spikes import fit_without, without_others
from probes.random_matrix.spikes.spike_count import METHODS, count_spikes
from probes.shared.intervals import Interval, check_level, check_resampling
from repsearch.errors import InputError

_Floats = NDArray[np.float64]


def fit_spiked_covariance(
    rows: NDArray[np.floating],
    *,
    spectrum: NDArray[np.floating] | None = None,
    level: float = 0.9,
    false_positives: float = 0.05,
    resamples: int = 200,
    seed: int = 0,
    drawn: NoiseDraws | None = None,
) -> SpikedCovariance:
    """Fit a common mean plus noise to difference vectors, with intervals, nulls and a test of fit.

    Null distributions are drawn for noise whose covariance has eigenvalues u_k^α
    in the d columns given. The numbers of spikes need columns along the
    eigenvectors of the noise, as those of V* Λ^(1/2) are; turn other embeddings
    to their principal components first, or the test of fit will say "columns".
    Spikes that are not the mean, found at 1 % by the Tracy-Widom sequence in the rows about
    their mean, are left out of the noise. What is known of the calibration is in
    docs/calibration.md.

    Parameters
    ----------
    rows : (N, d) float
        Difference vectors R, one for each pair; at least 3 rows and 2 columns.
    spectrum : (d,) float, optional
        Shape u of the noise, positive, in any unit: of word differences the mean
        squares of the columns over random pairs. 1/k by default.
    level : float
        Coverage of the intervals.
    false_positives : float
        Chance of each method to find a spike in noise.
    resamples : int
        Number of random matrices of each null distribution, at least 100.
    seed : int
        Seed of all random numbers.
    drawn : NoiseDraws, optional
        Noise to hold the rows against in place of normal noise, which it has the shape and
        number of: `resampled_noise` makes it of rows that were seen.

    Returns
    -------
    SpikedCovariance
        Noise, number of spikes, strength of the mean, and the test of fit.

    Raises
    ------
    InputError
        Fewer than 3 rows or 2 columns, a number that is not finite, rows that
        are all equal, a spectrum that is no such shape, or bad options.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(12, 40)) + 1
    >>> found = fit_spiked_covariance(rows, resamples=100)
    >>> f"{found.strength.value:.1f}", 12.0 in found.strength
    ('10.6', True)
    >>> found.summary().split(". ")[-1]
    'One mean plus noise fits (p = 0.89).'
    """
    checked = check_rows(rows)
    check_level(level)
    check_resampling(seed=seed, resamples=resamples)
    size, columns = checked.shape
    if drawn is None:
        drawn = draw_noise(size, PowerNoise(columns, spectrum), resamples=resamples, seed=seed)
    elif drawn.wishart.shape[-1] != size + 1 or drawn.noise.columns != columns:
        raise InputError(
            f"the noise drawn is of {drawn.wishart.shape[-1] - 1} rows and {drawn.noise.columns} "
            f"columns, and the data of {size} and {columns}; draw noise of their shape"
        )
    matrix = gram(checked)
    whole = fit_noise(matrix, drawn, level=level)
    left = without_others(checked, drawn, level=false_positives, seed=seed)
    noise = fit_without(left, rows=size, level=level) if left.count else whole
    values, vectors = decomposed(matrix)
    theta = strength(left.matrix, noise, level=level)
    place, overlap = _overlap(noise, drawn, theta)
    spike = spike_of(noise)
    sigma2 = noise.variance.value
    counts = tuple(
        count_spikes(checked, method=method, drawn=drawn, level=false_positives, seed=seed)
        for method in METHODS
    )
    return SpikedCovariance(
        eigenvalues=values,
        noise=noise,
        counts=counts,
        mean_p_value=sign_test(matrix, permutations=max(999, resamples), seed=seed),
        mean_share=float(matrix.sum() / (size * values[0])),
        strength=theta,
        outlier_strength=spike.strength(float(values[0])) / sigma2,
        threshold=spike.threshold / sigma2,
        predicted_outlier=place,
        overlap=overlap,
        overlap_seen=float(vectors[:, 0].sum() ** 2 / size),
        direction=_mapped(theta, "θ / (1 + θ) of the strength"),
        others=left.count,
        fit=goodness_of_fit(checked, whole, drawn),
        settings={
            "level": level,
            "false_positives": false_positives,
            "resamples": drawn.resamples,
            "seed": seed,
        },
    )


def _overlap(noise: NoiseFit, drawn: NoiseDraws, theta: Interval) -> tuple[float, Interval]:
    """Predict the place of the outlier and its overlap with the mean."""
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
    """Map a strength and its interval by θ / (1 + θ)."""
    return Interval(
        value=theta.value / (1 + theta.value),
        low=theta.low / (1 + theta.low),
        high=theta.high / (1 + theta.high),
        level=theta.level,
        method=method,
    )
