"""Simulate families that break what the model of noise takes for granted, and apply the estimates.

The calibration of `cells` draws its noise from the model that is fitted. Here each kind of
noise breaks one assumption, in the way that differences of real words do.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibration.cells import ALPHA, COLUMNS, LEVEL, SIZES, spikes_found
from probes.random_matrix import GeneralLaw, Spike
from probes.random_matrix.goodness_of_fit import goodness_of_fit
from probes.random_matrix.gram import gram
from probes.random_matrix.noise.noise_fit import fit_noise
from probes.random_matrix.noise.power_noise import PowerNoise, draw_noise
from probes.random_matrix.spikes.mean_shift import sign_test, strength
from probes.random_matrix.spikes.spike_count import METHODS

_Floats = NDArray[np.float64]
KINDS = ("normal", "Student t4", "log-normal rows", "finite vocabulary", "shared words")
EXPONENT = 0.6
TIMES = 1.5
"""Strength of the mean, over the threshold of the limit."""
WORDS = 2.5
"""Words of the finite vocabulary, for each column."""
_DRAWS = 199
_SEED_EVERY = 20


def todo(families: int) -> list[tuple[str, int, int, int]]:
    """(Kind, N, d, families), half as many of 40 rows, the cheap ones first."""
    cells = [
        (kind, n, d, families // 2 if n == max(SIZES) else families)
        for n in SIZES
        for d in COLUMNS
        for kind in KINDS
    ]
    return sorted(cells, key=lambda cell: cell[1] ** 2 * cell[2])


def measure(cell: tuple[str, int, int, int]) -> dict[str, Any]:
    """Coverage, false positives and power for one kind of noise and one size.

    Parameters
    ----------
    cell : tuple
        Kind, N, d and the number of families; a third as many have a mean.
    """
    kind, size, columns, families = cell
    values = np.arange(1.0, columns + 1) ** -EXPONENT
    dimension = float(values.sum() ** 2 / (values**2).sum())
    sigma2 = float(values.mean())
    energy = TIMES * _threshold(size, columns)
    rng = np.random.default_rng([KINDS.index(kind), size, columns])
    null: list[list[bool]] = []
    spiked: list[list[bool]] = []
    for number in range(families + families // 3):
        seed = number // _SEED_EVERY
        drawn = draw_noise(size, PowerNoise(columns), resamples=_DRAWS, seed=seed)
        rows = noise(rng, kind, size, values)
        if number >= families:
            mean = rng.standard_normal(columns) * np.sqrt(values)
            rows = rows + mean * np.sqrt(energy * columns / size / (mean @ mean))
        matrix = gram(rows)
        fit = fit_noise(matrix, drawn, level=LEVEL)
        theta = 0.0 if number < families else energy / sigma2
        found = [
            *spikes_found(rows, drawn, seed),
            sign_test(matrix, permutations=199, seed=number) <= ALPHA,
            theta in strength(matrix, fit, level=LEVEL),
        ]
        if number >= families:
            spiked.append(found)
            continue
        null.append(
            [
                *found,
                dimension in fit.effective_dimension,
                sigma2 in fit.variance,
                goodness_of_fit(rows, fit, drawn).p_value <= ALPHA,
            ]
        )
    tests = (*METHODS, "mean by signs of rows")
    shares = np.mean(null, axis=0).tolist()
    powers = np.mean(spiked, axis=0).tolist()
    return {
        "kind": kind,
        "rows": size,
        "columns": columns,
        "families": families,
        "with_mean": len(spiked),
        "false_positives": dict(zip(tests, shares, strict=False)),
        "coverage": {
            "effective dimension": shares[5],
            "variance": shares[6],
            "strength": powers[4],
        },
        "refused": shares[7],
        "power": dict(zip(tests, powers, strict=False)),
    }


def noise(rng: np.random.Generator, kind: str, size: int, values: _Floats) -> _Floats:
    """Rows of mean 0 and of covariance diag(values), but for what the kind breaks.

    Parameters
    ----------
    rng : Generator
        Random numbers.
    kind : str
        One of `KINDS`. Student: independent entries of 4 degrees of freedom. Log-normal: each
        row times exp(z / 2), the squares of mean 1. Finite vocabulary: differences of distinct
        rows of a matrix whose columns are orthogonal. Shared words: normal words, half of the
        pairs with one first word.
    size : int
        Number N of rows.
    values : (d,) array of float
        Eigenvalues.
    """
    columns = len(values)
    if kind == "finite vocabulary":
        words = orthogonal(columns)
        chosen = rng.permutation(len(words))[: 2 * size]
        rows = (words[chosen[:size]] - words[chosen[size:]]) / np.sqrt(2.0)
    elif kind == "Student t4":
        rows = rng.standard_t(4, size=(size, columns)) / np.sqrt(2.0)
    else:
        rows = rng.standard_normal((size, columns))
    if kind == "log-normal rows":
        rows *= np.exp(rng.standard_normal((size, 1)) / 2 - 0.25)
    if kind == "shared words":
        first = rng.standard_normal((size, columns))
        first[: size // 2] = first[0]
        rows = (rows - first) / np.sqrt(2.0)
    return np.asarray(rows * np.sqrt(values), np.float64)


@lru_cache(maxsize=1)
def orthogonal(columns: int) -> NDArray[np.float32]:
    """(V, d) words with orthogonal columns of mean square 1, V = 2.5 d but at least 100."""
    words = max(100, round(WORDS * columns))
    entries = np.random.default_rng(columns).standard_normal((words, columns), np.float32)
    found: NDArray[np.float32] = np.linalg.qr(entries)[0] * np.float32(np.sqrt(words))
    return found


def _threshold(size: int, columns: int) -> float:
    noise_of = PowerNoise(columns)
    law: GeneralLaw = noise_of.law(
        size - 1,
        exponent=EXPONENT,
        variance=float((np.arange(1.0, columns + 1) ** -EXPONENT).mean()),
    )
    return Spike(law).threshold
