"""The noise of difference vectors: its level, its aspect ratio, and whether the model fits at all.

Everything is fitted by moments of the Gram matrix of the rows about their
mean; no factor is set by hand and no eigenvalue is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.random_matrix.gram import centred, contrasts, gram, noise_gram
from probes.random_matrix.noise.column_fit import columns_p_value
from probes.random_matrix.noise.effective_dimension import dimension_interval
from probes.random_matrix.noise.power_noise import NoiseDraws, PowerNoise
from probes.shared.intervals import Interval

_Floats = NDArray[np.float64]

_CANDIDATES = 9
ASPECTS = ("spectrum", "row lengths", "row pairs", "columns")


@dataclass(frozen=True)
class NoiseFit:
    """Level and anisotropy of the noise of N rows of d columns.

    Parameters
    ----------
    rows : int
        N.
    family : PowerNoise
        Noise of eigenvalues u_k^α in d columns.
    variance : Interval
        σ² = Tr Σ / d, the mean square of an entry about its column's mean.
    effective_dimension : Interval
        ν = (Tr Σ)² / Tr Σ².
    exponent : float
        α of the noise of the family that has this effective dimension.
    """

    rows: int
    family: PowerNoise
    variance: Interval
    effective_dimension: Interval
    exponent: float

    @property
    def columns(self) -> int:
        """Number of columns, d."""
        return self.family.columns

    @property
    def aspect_ratio(self) -> Interval:
        """N / ν, which takes the place of N / d in the Marchenko-Pastur law."""
        dimension = self.effective_dimension
        return Interval(
            value=self.rows / dimension.value,
            low=self.rows / dimension.high,
            high=self.rows / dimension.low,
            level=dimension.level,
            method=dimension.method,
        )


@dataclass(frozen=True)
class GoodnessOfFit:
    """Whether rows look like a common mean plus noise of spectrum u_k^α.

    Parameters
    ----------
    p_value : float
        How often the model itself fits as badly in its worst aspect; close to uniform
        under the model (docs/calibration.md).
    aspects : tuple of (str, float)
        p value of each aspect by itself: the shape of the bulk's spectrum,
        rows of unequal length (heavy tails), pairs of rows too much alike
        (shared words), and columns more or less unequal than the rows tell (they
        are not along the eigenvectors of the noise, or its shape is another).
    """

    p_value: float
    aspects: tuple[tuple[str, float], ...]

    @property
    def worst(self) -> str:
        """The aspect that fits worst."""
        return min(self.aspects, key=lambda aspect: aspect[1])[0]


def fit_noise(matrix: _Floats, drawn: NoiseDraws, *, level: float) -> NoiseFit:
    """Fit level and effective dimension by two moments, with intervals.

    Parameters
    ----------
    matrix : (N, N) float
        R Rᵀ / d.
    drawn : NoiseDraws
        Of N rows and d columns.
    level : float
        Coverage.

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
    # Tr G / (k σ²) has a law that hangs on the anisotropy alone.
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


def goodness_of_fit(rows: _Floats, fit: NoiseFit, drawn: NoiseDraws) -> GoodnessOfFit:
    """Test the model by parametric bootstrap, in four aspects at once.

    Of the rows' Gram matrix three aspects are tested. Draws are made for exponents all over the
    interval of the effective dimension, and those are kept whose Tr G² / (Tr G)² is nearest to
    that of the data: the test is conditional on what the fit was made from, since a fit always
    agrees with its own data there. The p value is that of the smallest of the three, held against
    the smallest of three in the draws. Whether that ratio is what the columns suggest is the
    fourth aspect (`columns_p_value`), independent of what is left when the ratio is given; the
    smaller of the two p values is adjusted for being that (Šidák).

    Parameters
    ----------
    rows : (N, d) float
        R.
    fit : NoiseFit
        What is tested.
    drawn : NoiseDraws
        Of N rows and d columns.
    """
    about_mean = centred(gram(rows))
    simulated = _alike(about_mean, fit, drawn)
    together = np.concatenate([about_mean[None] / fit.variance.value, simulated])
    misfits = np.stack([_spectrum_misfit(together), _length_misfit(together), _pairs(together)])
    # The data and the draws are ranked together, so that under the model each
    # of them is as likely to be the worst.
    order = np.argsort(np.argsort(-misfits, axis=1, kind="stable"), axis=1, kind="stable")
    p_values = (order + 1) / misfits.shape[1]
    smallest = p_values.min(axis=0)
    of_rows = np.count_nonzero(smallest <= smallest[0]) / len(smallest)
    of_columns = columns_p_value(rows, drawn)
    return GoodnessOfFit(
        p_value=float(1 - (1 - min(of_rows, of_columns)) ** 2),
        aspects=tuple(zip(ASPECTS, [*p_values[:, 0].tolist(), of_columns], strict=True)),
    )


def _alike(about_mean: _Floats, fit: NoiseFit, drawn: NoiseDraws) -> _Floats:
    """(draws, N, N) centred Gram matrices of noise as unequal as that of the data."""
    freedom = fit.rows - 1
    dimension = fit.effective_dimension
    candidates = np.geomspace(dimension.low, dimension.high, _CANDIDATES)
    exponents = np.unique([drawn.noise.exponent(float(nu)) for nu in candidates])
    traces, squares = drawn.traces(exponents)
    ratios = squares / traces**2
    seen = float(np.sum(about_mean**2) / np.trace(about_mean) ** 2)
    nearest = np.argsort(np.abs(np.log(ratios / seen)), axis=None, kind="stable")
    which, of = np.unravel_index(nearest[: len(ratios)], ratios.shape)
    weights = drawn.noise.eigenvalues(exponents)[of].astype(np.float32)
    part = drawn.wishart[which, :, :freedom, :freedom]
    inner = np.einsum("drij,dr->dij", part, weights, optimize=True).astype(np.float64)
    # k rows of noise are the N rows about their mean, in the coordinates of contrasts.
    turn = contrasts(fit.rows)
    return np.asarray(turn.T @ inner @ turn)


def _spectrum_misfit(grams: _Floats) -> _Floats:
    spectra = np.linalg.eigvalsh(grams)[:, 1:]
    spectra = spectra - spectra.mean(axis=1, keepdims=True)
    spectra /= np.maximum(spectra.std(axis=1, keepdims=True), 1e-300)
    width = np.maximum(spectra.std(axis=0), 1e-9)
    return np.asarray((((spectra - spectra.mean(axis=0)) / width) ** 2).sum(axis=1))


def _length_misfit(grams: _Floats) -> _Floats:
    lengths = np.einsum("bii->bi", grams)
    size = grams.shape[-1]
    off = ((grams**2).sum((1, 2)) - (lengths**2).sum(1)) / (size * (size - 1))
    return np.asarray(lengths.var(axis=1) / np.maximum(off, 1e-300))


def _pairs(grams: _Floats) -> _Floats:
    lengths = np.sqrt(np.maximum(np.einsum("bii->bi", grams), 1e-300))
    cosines = np.abs(grams / (lengths[:, :, None] * lengths[:, None, :]))
    size = grams.shape[-1]
    cosines[:, np.arange(size), np.arange(size)] = 0.0
    rms = np.sqrt((cosines**2).sum((1, 2)) / (size * (size - 1)))
    return np.asarray(cosines.max(axis=(1, 2)) / np.maximum(rms, 1e-300))
