"""Simulate families of known noise and mean, and apply the estimates to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probes.random_matrix import GeneralLaw, Spike
from probes.random_matrix.goodness_of_fit import goodness_of_fit
from probes.random_matrix.gram import centred, decomposed, gram
from probes.random_matrix.laws.tracy_widom import johnstone_scaling, tracy_widom_quantile
from probes.random_matrix.noise.effective_dimension import dimension_from_traces
from probes.random_matrix.noise.noise_fit import fit_noise
from probes.random_matrix.noise.power_noise import NoiseDraws, PowerNoise, draw_noise
from probes.random_matrix.spikes.mean_shift import sign_test, simulated_outlier, strength
from probes.random_matrix.spikes.spike_count import METHODS, count_spikes
from probes.shared.intervals import Interval

_Floats = NDArray[np.float64]
Cell = tuple[int, int, float]

SIZES = (6, 16, 40)
COLUMNS = (16, 256, 4096)
EXPONENTS = (0.0, 0.6)
LEVEL = 0.9
ALPHA = 0.05
STRENGTHS = (0.5, 1.0, 1.5, 3.0)
"""Of the mean, over the threshold of the limit."""
_DRAWS = 300
_CHEAP = 20
"""Families for the place of the first eigenvalue, for each family that is fitted."""
_MANY = 1000
"""Draws of the simulated prediction."""
_SEED_EVERY = 20
"""Families that share the random matrices of their nulls."""


def cells() -> list[Cell]:
    """(N, d, exponent of the noise), the cheap ones first."""
    found = [(n, d, e) for n in SIZES for d in COLUMNS for e in EXPONENTS]
    return sorted(found, key=lambda cell: cell[0] ** 2 * cell[1])


def measure(cell: Cell, families: int, spiked: int) -> dict[str, Any]:
    """Null and spiked families of one size.

    Parameters
    ----------
    cell : tuple
        N, d and the exponent of the noise.
    families : int
        Without a mean.
    spiked : int
        With a mean, for each strength.
    """
    size, columns, exponent = cell
    eigenvalues = np.arange(1.0, columns + 1) ** -exponent
    rng = np.random.default_rng([size, columns, round(10 * exponent)])
    found: dict[str, Any] = {"rows": size, "columns": columns, "exponent": exponent}
    found["effective_dimension"] = float(eigenvalues.sum() ** 2 / (eigenvalues**2).sum())
    found["null"] = _null(rng, size, eigenvalues, families)
    found["spiked"] = [_spiked(rng, size, eigenvalues, spiked, times) for times in STRENGTHS]
    return found


def _noise(rng: np.random.Generator, size: int, eigenvalues: _Floats) -> _Floats:
    return rng.standard_normal((size, len(eigenvalues))) * np.sqrt(eigenvalues)


def _null(
    rng: np.random.Generator, size: int, eigenvalues: _Floats, families: int
) -> dict[str, Any]:
    columns = len(eigenvalues)
    dimension = float(eigenvalues.sum() ** 2 / (eigenvalues**2).sum())
    threshold = float(tracy_widom_quantile(1 - ALPHA))
    ratios, moment_ratios, fits, means, textbook = [], [], [], [], []
    covered = {"effective dimension": 0, "variance": 0}
    found: dict[str, list[bool]] = {method: [] for method in METHODS}
    for number in range(families):
        seed = number // _SEED_EVERY
        rows = _noise(rng, size, eigenvalues)
        matrix = gram(rows)
        drawn = draw_noise(size, PowerNoise(columns), resamples=_DRAWS, seed=seed)
        noise = fit_noise(matrix, drawn, level=LEVEL)
        about_mean = centred(matrix)
        first, second = float(np.trace(about_mean)), float(np.sum(about_mean**2))
        moment_ratios.append(dimension_from_traces(first, second, size - 1) / dimension)
        ratios.append(noise.effective_dimension.value / dimension)
        covered["effective dimension"] += dimension in noise.effective_dimension
        covered["variance"] += float(eigenvalues.mean()) in noise.variance
        fits.append(goodness_of_fit(rows, noise, drawn).p_value)
        means.append(sign_test(matrix, permutations=199, seed=number))
        textbook.append(_textbook(decomposed(matrix)[0][0], first, second, size) > threshold)
        for method, hit in zip(METHODS, spikes_found(rows, drawn, seed), strict=True):
            found[method].append(hit)
    return {
        "families": families,
        "median_ratio": float(np.median(ratios)),
        "median_ratio_moments": float(np.median(moment_ratios)),
        "coverage": {name: hits / families for name, hits in covered.items()},
        "false_positives": {
            **{name: float(np.mean(hits)) for name, hits in found.items()},
            "mean by signs of rows": float(np.mean(np.array(means) <= ALPHA)),
            "Tracy-Widom, textbook": float(np.mean(textbook)),
        },
        "fit_rejected": float(np.mean(np.array(fits) <= ALPHA)),
        "fit_below_half": float(np.mean(np.array(fits) <= 0.5)),
    }


def _spiked(
    rng: np.random.Generator, size: int, eigenvalues: _Floats, families: int, times: float
) -> dict[str, Any]:
    columns = len(eigenvalues)
    sigma2 = float(eigenvalues.mean())
    # A mean drawn like a row: its expected squared overlap with each eigenvector is the noise's.
    spike = Spike(
        GeneralLaw(eigenvalues, size - 1), profile=eigenvalues / eigenvalues.sum()
    ) if columns <= 64 else _grouped(size, eigenvalues)  # fmt: skip
    energy = times * spike.threshold
    theta = energy / sigma2
    # Many families, so that limit and simulation can be told apart; a first eigenvalue is cheap.
    seen = np.array([_first(rng, size, eigenvalues, energy) for _ in range(families * _CHEAP)])
    predicted, strengths, powers = [], [], []
    simulated = None
    for number in range(families):
        seed = number // _SEED_EVERY
        rows = _with_mean(rng, size, eigenvalues, energy)
        matrix = gram(rows)
        drawn = draw_noise(size, PowerNoise(columns), resamples=_DRAWS, seed=seed)
        noise = fit_noise(matrix, drawn, level=LEVEL)
        theta_hat = strength(matrix, noise, level=LEVEL)
        strengths.append((theta in theta_hat, theta_hat.value / theta))
        if simulated is None:
            known = _known(noise, sigma2, drawn.noise.exponent(_dimension(eigenvalues)))
            many = draw_noise(size, PowerNoise(columns), resamples=_MANY, seed=_SEED_EVERY)
            simulated = simulated_outlier(theta, known, many)
        if number < 10:
            predicted.append(simulated_outlier(theta_hat.value, noise, drawn))
        powers.append(
            [
                *spikes_found(rows, drawn, seed),
                sign_test(matrix, permutations=199, seed=number) <= ALPHA,
            ]
        )
    assert simulated is not None
    names = (*METHODS, "mean by signs of rows")
    return {
        "times_threshold": times,
        "families": families,
        "strength": theta,
        "strength_coverage": float(np.mean([hit for hit, _ in strengths])),
        "strength_median_ratio": float(np.median([ratio for _, ratio in strengths])),
        "outlier": float(seen[:, 0].mean()),
        "outlier_error": float(seen[:, 0].std() / np.sqrt(len(seen))),
        "outlier_limit": spike.outlier(energy),
        "outlier_simulated": simulated[0],
        "overlap": float(seen[:, 1].mean()),
        "overlap_error": float(seen[:, 1].std() / np.sqrt(len(seen))),
        "overlap_limit": spike.overlap(energy),
        "overlap_simulated": simulated[1],
        "overlap_fitted": float(np.mean([overlap for _, overlap in predicted])),
        "power": dict(zip(names, np.mean(powers, axis=0).tolist(), strict=True)),
    }


def _with_mean(rng: np.random.Generator, size: int, eigenvalues: _Floats, energy: float) -> _Floats:
    """Rows with a mean of N |m|² / d = energy, in the direction of a row of noise."""
    rows = _noise(rng, size + 1, eigenvalues)
    mean = rows[-1] * np.sqrt(energy * len(eigenvalues) / size / (rows[-1] @ rows[-1]))
    return np.asarray(rows[:-1] + mean)


def _first(
    rng: np.random.Generator, size: int, eigenvalues: _Floats, energy: float
) -> tuple[float, float]:
    """Largest eigenvalue, and squared overlap of its eigenvector with the mean."""
    values, vectors = decomposed(gram(_with_mean(rng, size, eigenvalues, energy)))
    return float(values[0]), float(vectors[:, 0].sum() ** 2 / size)


def _textbook(largest: float, first: float, second: float, size: int) -> float:
    """The first eigenvalue in Johnstone's scaling, for σ² and ν of two moments about the mean."""
    dimension = dimension_from_traces(first, second, size - 1)
    place, width = johnstone_scaling(size, dimension)
    return float((largest / (first / (size - 1)) * dimension - place) / width)


def spikes_found(rows: _Floats, drawn: NoiseDraws, seed: int) -> list[bool]:
    """Whether each of `METHODS` finds a spike; fewer draws cost power, not the level."""
    draws = {method: 99 if method == "parallel analysis" else 199 for method in METHODS}
    return [
        count_spikes(
            rows,
            method=method,
            drawn=replace(drawn, wishart=drawn.wishart[: draws[method]]),
            level=ALPHA,
            seed=seed,
        ).count
        > 0
        for method in METHODS
    ]


def _dimension(eigenvalues: _Floats) -> float:
    return float(eigenvalues.sum() ** 2 / (eigenvalues**2).sum())


def _known(noise: Any, variance: float, exponent: float) -> Any:
    """The true noise in place of the fitted one."""
    exact = Interval(value=variance, low=variance, high=variance, level=LEVEL)
    return type(noise)(noise.rows, noise.family, exact, noise.effective_dimension, exponent)


def _grouped(size: int, eigenvalues: _Floats) -> Spike:
    """The limit with runs of nearly equal eigenvalues as one."""
    edges = np.unique(
        np.concatenate([np.arange(33), np.geomspace(33, len(eigenvalues), 60)]).astype(int)
    )
    counts = np.diff(edges).astype(np.float64)
    sums = np.add.reduceat(eigenvalues, edges[:-1])
    law = GeneralLaw(sums / counts, size - 1, counts)
    return Spike(law, profile=sums / sums.sum())
