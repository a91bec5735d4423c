"""Test whether a common mean plus noise fits rows, by parametric bootstrap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.random_matrix.gram import centred, contrasts, gram
from probes.random_matrix.noise.column_alignment import columns_p_value
from probes.random_matrix.noise.noise_fit import NoiseFit
from probes.random_matrix.noise.power_noise import NoiseDraws

_Floats = NDArray[np.float64]

_CANDIDATES = 9
ASPECTS = ("spectrum", "row lengths", "row pairs", "columns")


@dataclass(frozen=True)
class GoodnessOfFit:
    """Whether rows look like a common mean plus noise of spectrum u_k^α.

    Parameters
    ----------
    p_value : float
        P value of the model in its worst aspect, adjusted for being the worst; close to
        uniform under the model (docs/calibration.md).
    aspects : tuple of (str, float)
        P value of each aspect by itself: the shape of the bulk's spectrum,
        rows of unequal length (heavy tails), pairs of rows too much alike
        (shared words), and columns more or less unequal than the rows tell (they
        are not along the eigenvectors of the noise, or its shape is another).

    Examples
    --------
    Two rows that are the same are not independent:

    >>> from probes.random_matrix import fit_spiked_covariance
    >>> rows = np.random.default_rng(1).normal(size=(12, 40))
    >>> rows[1] = rows[0]
    >>> found = fit_spiked_covariance(rows, resamples=100).fit
    >>> found.p_value < 0.05, f"{dict(found.aspects)['row pairs']:.2f}"
    (True, '0.01')
    """

    p_value: float
    aspects: tuple[tuple[str, float], ...]

    @property
    def worst(self) -> str:
        """Name the aspect that fits worst.

        Returns
        -------
        str
            One of `aspects`.
        """
        return min(self.aspects, key=lambda aspect: aspect[1])[0]


def goodness_of_fit(rows: _Floats, fit: NoiseFit, drawn: NoiseDraws) -> GoodnessOfFit:
    """Test the model by parametric bootstrap, in four aspects at once.

    Of the rows' Gram matrix three aspects are tested. Noise is drawn for exponents all over
    the interval of the effective dimension, and those matrices are kept whose
    Tr G² / (Tr G)² is nearest to that of the data: the test is conditional on what the fit
    was made from, since a fit always agrees with its own data there. The p value is that of
    the smallest of the three, held against the smallest of three in the resamples. Whether
    that ratio is what the columns suggest is the fourth aspect (`columns_p_value`),
    independent of what is left when the ratio is given; the smaller of the two p values is
    adjusted for being that (Šidák).

    Parameters
    ----------
    rows : (N, d) float
        Difference vectors R.
    fit : NoiseFit
        Noise that was fitted to them.
    drawn : NoiseDraws
        Noise of N rows and d columns.

    Returns
    -------
    GoodnessOfFit
        P values of the model and of each aspect.
    """
    about_mean = centred(gram(rows))
    simulated = _alike(about_mean, fit, drawn)
    together = np.concatenate([about_mean[None] / fit.variance.value, simulated])
    misfits = np.stack(
        [_spectrum_misfit(together), _length_misfit(together), _pair_misfit(together)]
    )
    # The data and the resamples are ranked together, so that under the model each
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
    """Draw (resamples, N, N) centred Gram matrices of noise as unequal as that of the data."""
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
    """Measure how far each spectrum, standardised, lies from the mean of all."""
    spectra = np.linalg.eigvalsh(grams)[:, 1:]
    spectra = spectra - spectra.mean(axis=1, keepdims=True)
    spectra /= np.maximum(spectra.std(axis=1, keepdims=True), 1e-300)
    width = np.maximum(spectra.std(axis=0), 1e-9)
    return np.asarray((((spectra - spectra.mean(axis=0)) / width) ** 2).sum(axis=1))


def _length_misfit(grams: _Floats) -> _Floats:
    """Measure the variance of squared lengths of rows, over what noise of this spread has."""
    lengths = np.einsum("bii->bi", grams)
    size = grams.shape[-1]
    off = ((grams**2).sum((1, 2)) - (lengths**2).sum(1)) / (size * (size - 1))
    return np.asarray(lengths.var(axis=1) / np.maximum(off, 1e-300))


def _pair_misfit(grams: _Floats) -> _Floats:
    """Measure the largest cosine of two rows, over the root mean square of all."""
    lengths = np.sqrt(np.maximum(np.einsum("bii->bi", grams), 1e-300))
    cosines = np.abs(grams / (lengths[:, :, None] * lengths[:, None, :]))
    size = grams.shape[-1]
    cosines[:, np.arange(size), np.arange(size)] = 0.0
    rms = np.sqrt((cosines**2).sum((1, 2)) / (size * (size - 1)))
    return np.asarray(cosines.max(axis=(1, 2)) / np.maximum(rms, 1e-300))
