"""Draw the null distribution of an outlier statistic for noise of unknown anisotropy.

Textbook Tracy-Widom thresholds hold for isotropic noise. For noise of spectrum
k^-0.6 with N = 40 and d of 256 or more they call noise a spike nearly always
(docs/calibration.md), because its leading directions are outliers of their own.
Here spectra of noise are drawn for the exponent that the columns suggest
(`fitted_exponents`) and for two beside it, which stand for the error of that
exponent.

The same rows that have a large first eigenvalue tend to have a large fitted
exponent, so that a plain comparison would find too little where d is small. A
statistic is therefore put in units of its own median and upper width at the
exponent fitted to the very same matrix, in the data and in each resample.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.random_matrix.noise.column_variances import fitted_exponents, posterior
from probes.random_matrix.noise.power_noise import NoiseDraws

_Floats = NDArray[np.float64]
Statistic = Callable[[_Floats], _Floats]

_WIDTH_AT = 0.9


@dataclass(frozen=True, eq=False)
class NullSpectra:
    """Spectra of noise Gram matrices for three exponents.

    Parameters
    ----------
    exponents, weights : (3,) float
        Exponents, the fitted one in the middle, and their weights.
    spectra : (3, resamples, n) float
        Eigenvalues in decreasing order, for noise of variance 1.
    refitted : (3, resamples) float
        Exponents fitted to each resample.
    """

    exponents: _Floats
    weights: _Floats
    spectra: _Floats
    refitted: _Floats

    @property
    def expected(self) -> _Floats:
        """Average the eigenvalues at the fitted exponent.

        Returns
        -------
        (n,) float
            In decreasing order.
        """
        return np.asarray(self.spectra[1].mean(axis=0))

    def p_value(self, statistic: Statistic, spectrum: _Floats) -> float:
        """Compute how often noise has a statistic as large as that of a spectrum.

        Parameters
        ----------
        statistic : callable
            Function from (..., n) spectra in decreasing order to (...,) numbers; free of scale.
        spectrum : (n,) float
            Eigenvalues in decreasing order.

        Returns
        -------
        float
            P value, never below 1 / (resamples + 1).
        """
        null = statistic(self.spectra)
        middle = np.median(null, axis=1)
        width = np.maximum(np.quantile(null, _WIDTH_AT, axis=1) - middle, 1e-12)

        def comparable(value: _Floats, exponents: _Floats) -> _Floats:
            about = value - np.interp(exponents, self.exponents, middle)
            return np.asarray(about / np.interp(exponents, self.exponents, width))

        seen = comparable(statistic(spectrum), self.exponents[1])
        reached = np.count_nonzero(comparable(null, self.refitted) >= seen, axis=1)
        return float(self.weights @ ((reached + 1) / (null.shape[1] + 1)))


def null_spectra(variances: _Floats, drawn: NoiseDraws, *, rows: int, kept: int) -> NullSpectra:
    """Draw spectra of noise whose columns are as unequal as given variances.

    Parameters
    ----------
    variances : (runs,) float
        Sample variances of the rows about their mean, from `run_variances`.
    drawn : NoiseDraws
        Noise of at least so many rows.
    rows : int
        Number n of rows of the noise.
    kept : int
        Number of leading eigenvalues that are kept; zeros of a matrix without full rank
        tell nothing of its noise.

    Returns
    -------
    NullSpectra
        Of `kept` eigenvalues each.
    """
    exponents, weights = posterior(variances, drawn.noise, freedom=rows - 1)
    grams = np.stack([drawn.grams(exponent, rows=rows) for exponent in exponents])
    # Zeros of a matrix without full rank come out as tiny numbers of either sign.
    spectra = np.maximum(np.linalg.eigvalsh(grams)[..., ::-1], 0.0)
    refitted = fitted_exponents(drawn.column_variances(exponents, rows=rows), drawn.noise)
    return NullSpectra(exponents, weights, spectra[..., :kept], refitted)
