"""Null distribution of an outlier statistic when the anisotropy of the noise is not known.

Textbook Tracy-Widom thresholds hold for isotropic noise. For noise of spectrum
k^-0.6 with N = 40 and d of 256 or more they call noise a spike nearly always
(docs/calibration.md), because its leading directions are outliers of their own.
Here spectra of noise are drawn for exponents on a grid; a statistic is made
comparable between exponents by its median and upper width at the exponent that
the bulk suggests, and its p value is averaged over the exponents that the bulk
allows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from probes.random_matrix.noise import draw_noise
from probes.random_matrix.spike_statistics import spread

_Floats = NDArray[np.float64]
Statistic = Callable[[_Floats], _Floats]

EXPONENTS = np.linspace(0.0, 1.6, 9)


@dataclass(frozen=True, eq=False)
class NullSpectra:
    """Spectra of noise Gram matrices for each exponent of a grid.

    Parameters
    ----------
    spectra : (exponents, draws, n) float
        Eigenvalues in decreasing order, for noise of variance 1.
    """

    spectra: _Floats

    @cached_property
    def _spreads(self) -> _Floats:
        return spread(self.spectra)

    @cached_property
    def _medians(self) -> _Floats:
        # Strictly increasing, so that a spread can be turned into an exponent.
        medians = np.maximum.accumulate(np.median(self._spreads, axis=1))
        return np.asarray(medians + 1e-9 * np.arange(len(medians)))

    def weights(self, spectrum: _Floats) -> _Floats:
        """(exponents,) how well each exponent agrees with the spread of a bulk; sums to 1."""
        seen = np.clip(float(spread(spectrum)), self._medians[0], self._medians[-1])
        width = np.maximum(self._spreads.std(axis=1), 1e-9)
        found = np.exp(-0.5 * ((self._medians - seen) / width) ** 2) / width
        if found.sum() < 1e-100:
            found = (np.abs(self._medians - seen) == np.abs(self._medians - seen).min()) * 1.0
        return np.asarray(found / found.sum())

    def expected(self, spectrum: _Floats) -> _Floats:
        """(n,) mean eigenvalues of noise like that of a spectrum, for noise of variance 1."""
        return np.asarray(self.weights(spectrum) @ self.spectra.mean(axis=1))

    def p_value(self, statistic: Statistic, spectrum: _Floats) -> float:
        """How often noise has a statistic as large; never below 1 / (2 draws).

        Parameters
        ----------
        statistic : callable
            From (..., n) spectra in decreasing order to (...,) numbers; free of scale.
        spectrum : (n,) float
            In decreasing order.
        """
        null = statistic(self.spectra)
        middle = np.median(null, axis=1)
        width = np.maximum(np.quantile(null, 0.9, axis=1) - middle, 1e-12)
        grid = np.arange(len(middle), dtype=np.float64)

        def comparable(value: _Floats, spreads: _Floats) -> _Floats:
            place = np.interp(spreads, self._medians, grid)
            return np.asarray(
                (value - np.interp(place, grid, middle)) / np.interp(place, grid, width)
            )

        seen = comparable(statistic(spectrum), spread(spectrum))
        exceeding = (comparable(null, self._spreads) >= seen).mean(axis=1)
        share = float(self.weights(spectrum) @ exceeding)
        return max(share, 0.5 / len(self.spectra[0]))


@lru_cache(maxsize=4)
def null_spectra(rows: int, columns: int, *, taken: int, draws: int, seed: int) -> NullSpectra:
    """Spectra of noise after `taken` outliers are gone, from the draws for N rows.

    They are those of N − taken rows, of which min(N, d) − taken eigenvalues are kept at most:
    zeros of a matrix without full rank tell nothing of its noise.

    Parameters
    ----------
    rows, columns : int
        N and d.
    taken : int
        Outliers that have been taken away.
    draws : int
        Of which half are used for each exponent, and not fewer than 100: neighbouring exponents
        add theirs.
    seed : int
        Of the draws.
    """
    drawn = draw_noise(rows, columns, draws=draws, seed=seed)
    used = max(100, draws // 2)
    grams = np.stack(
        [drawn.grams(exponent, rows=rows - taken, draws=used) for exponent in EXPONENTS]
    )
    # Zeros of a matrix without full rank come out as tiny numbers of either sign.
    spectra = np.linalg.eigvalsh(grams)[..., ::-1]
    return NullSpectra(np.maximum(spectra[..., : min(rows, columns) - taken], 0.0))
