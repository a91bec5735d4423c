"""Draw noise whose covariance has a known spectrum to a power.

Its covariance has the eigenvalues u_k^α. With u_k = 1/k these are powers of the
rank, and α = 0 is isotropic noise. Difference vectors of words have noise near a
power of the embeddings' own spectrum (docs/calibration.md): random pairs near
its first power, pairs of a relation, whose words resemble each other in the
leading modes, near a lower one. For a given number d of columns the one parameter α
stands for the effective dimension (Σ s)² / Σ s², which falls from d to near 1 as
α grows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probes.random_matrix.laws.general_law import GeneralLaw
from repsearch.checks import is_whole
from repsearch.errors import InputError

_Floats = NDArray[np.float64]
_Singles = NDArray[np.float32]

LARGEST_EXPONENT = 4.0
_ALONE = 8
"""Leading eigenvalues that are drawn one by one."""
_GROWTH = 1.5
"""The others are drawn in runs of ranks, the last of a run at most this times its first."""


@dataclass(frozen=True, eq=False)
class PowerNoise:
    """The family of noise whose covariance has the eigenvalues u_k^α.

    Ranks are taken in runs with one eigenvalue each, in place of all d eigenvalues:
    the mean of u_k^α over a run stands for each of its members. That keeps the
    trace; for u_k = 1/k the sum of squares falls by less than 2 % for α up to 1.

    Parameters
    ----------
    columns : int
        Number d of columns, at least 2.
    spectrum : (d,) float, optional
        Shape u, positive, in any unit; 1/k by default.

    Raises
    ------
    InputError
        Fewer than two columns, or a spectrum that is not of this kind.

    Examples
    --------
    >>> noise = PowerNoise(columns=100)
    >>> noise.effective_dimension([0, 0.5, 1]).round(1).tolist()
    [100.0, 66.7, 16.5]
    >>> f"{noise.exponent(effective_dimension=30):.2f}"
    '0.80'
    """

    columns: int
    spectrum: NDArray[np.floating] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not is_whole(self.columns) or self.columns < 2:
            raise InputError(f"columns is {self.columns!r}; pass a whole number of at least 2")
        if self.spectrum is None:
            return
        given = np.array(self.spectrum, np.float64)
        if given.shape != (self.columns,):
            raise InputError(
                f"the spectrum has shape {given.shape}; pass one number for each of the "
                f"{self.columns} columns"
            )
        if not (np.isfinite(given).all() and given.min() > 0):
            raise InputError("the spectrum must be positive; drop columns without variance")
        given.flags.writeable = False
        object.__setattr__(self, "spectrum", given)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Give the number of ranks in each run.

        Returns
        -------
        (runs,) int
            They sum to d.
        """
        return _sizes(self.columns)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Give the first column of each run.

        Returns
        -------
        (runs,) int
            Counted from 0.
        """
        return np.asarray(np.concatenate([[0], np.cumsum(self.sizes)[:-1]]), np.int64)

    @cached_property
    def logs(self) -> _Floats:
        """Give the logarithms of the shape.

        Returns
        -------
        (d,) float
            Values ln u, 0 for the first column.
        """
        if self.spectrum is None:
            return np.asarray(-np.log(np.arange(1.0, self.columns + 1)))
        return np.asarray(np.log(self.spectrum / self.spectrum[0]))

    def eigenvalues(self, exponent: ArrayLike) -> _Floats:
        """Compute the eigenvalue of each run, for a covariance of mean eigenvalue 1.

        Parameters
        ----------
        exponent : array_like of float
            Exponent α, of any shape.

        Returns
        -------
        (..., runs) float
            The shape of `exponent` leads.
        """
        exponents = np.asarray(exponent, np.float64)
        logs = np.multiply.outer(exponents, self.logs)
        powers = np.exp(logs - logs.max(-1, keepdims=True))
        sums = np.add.reduceat(powers, self.starts, axis=-1)
        return np.asarray(sums / self.sizes * self.columns / powers.sum(-1, keepdims=True))

    def effective_dimension(self, exponent: ArrayLike) -> _Floats:
        """Compute the effective dimension (Σ s)² / Σ s².

        Parameters
        ----------
        exponent : array_like of float
            Exponent α, of any shape.

        Returns
        -------
        ndarray of float64, shape of `exponent`
            Numbers of dimensions, between 1 and d.
        """
        return np.asarray(self.columns**2 / (self.eigenvalues(exponent) ** 2 @ self.sizes))

    def exponent(self, effective_dimension: float) -> float:
        """Find the exponent that has an effective dimension.

        Parameters
        ----------
        effective_dimension : float
            Number of dimensions, positive.

        Returns
        -------
        float
            Exponent α, between 0 (for d dimensions or more) and 4.
        """
        exponents, dimensions = self._table
        return float(np.interp(-np.log(effective_dimension), -np.log(dimensions), exponents))

    def law(self, rows: float, *, exponent: float, variance: float = 1.0) -> GeneralLaw:
        """Make the law of the eigenvalues of Ξ Ξᵀ / d for this noise.

        Parameters
        ----------
        rows : float
            Number N of rows; it need not be whole.
        exponent : float
            Exponent α.
        variance : float
            Mean variance σ² of an entry.

        Returns
        -------
        GeneralLaw
            With one eigenvalue for each run.
        """
        values = variance * self.eigenvalues(exponent)
        return GeneralLaw(values, rows, self.sizes.astype(np.float64))

    @cached_property
    def _table(self) -> tuple[_Floats, _Floats]:
        exponents = np.linspace(0.0, LARGEST_EXPONENT, 81)
        return exponents, self.effective_dimension(exponents)


@dataclass(frozen=True, eq=False)
class NoiseDraws:
    """Hold random Wishart matrices, one for each run, from which noise of any α is made.

    A Gram matrix of noise is their sum, weighted by the eigenvalues, so that
    the same random numbers serve for all exponents, and no N x d array is made.

    Parameters
    ----------
    noise : PowerNoise
        Family of the noise.
    wishart : (resamples, runs, N + 1, N + 1) float32
        Matrices Z_b Z_bᵀ / d, with Z_b the columns of one run. The first N − 1 rows have the
        law of N rows about their mean, in some basis, the next that of √N times the mean;
        the last can serve as a mean to be added. In normal noise all rows are alike.

    Examples
    --------
    >>> drawn = draw_noise(5, PowerNoise(20), resamples=100, seed=0)
    >>> drawn.resamples, drawn.grams(0.5, rows=5).shape
    (100, (100, 5, 5))
    """

    noise: PowerNoise
    wishart: _Singles

    @property
    def resamples(self) -> int:
        """Count the matrices of noise.

        Returns
        -------
        int
            Of each run.
        """
        return len(self.wishart)

    def grams(self, exponent: float, *, rows: int) -> _Floats:
        """Make Gram matrices Ξ Ξᵀ / d of noise of variance 1.

        Parameters
        ----------
        exponent : float
            Exponent α.
        rows : int
            Number of rows, at most N + 1.

        Returns
        -------
        (resamples, rows, rows) float
            Symmetric.
        """
        part = self.wishart[:, :, :rows, :rows]
        weights = self.noise.eigenvalues(exponent).astype(np.float32)
        mixed = np.einsum("drij,r->dij", part, weights, optimize=True)
        return np.asarray(mixed, np.float64)

    def column_variances(self, exponent: ArrayLike, *, rows: int) -> _Floats:
        """Compute the mean variance of the columns in each run, as `run_variances` does.

        Parameters
        ----------
        exponent : array_like of float
            Exponent α, of any shape.
        rows : int
            Number of rows of the noise, at most N + 1.

        Returns
        -------
        (..., resamples, runs) float
            The shape of `exponent` leads.
        """
        # N − 1 rows of noise have the law of N rows about their mean, their columns too.
        part = self.wishart[:, :, : rows - 1, : rows - 1]
        about_mean = np.einsum("drii->dr", part)
        unit = about_mean.astype(np.float64) * self.noise.columns / (self.noise.sizes * (rows - 1))
        return np.asarray(unit * self.noise.eigenvalues(exponent)[..., None, :])

    def traces(self, exponents: ArrayLike) -> tuple[_Floats, _Floats]:
        """Compute Tr G and Tr G² of the first N − 1 rows.

        N − 1 rows of noise have the law of N rows about their mean.

        Parameters
        ----------
        exponents : array_like of float
            Exponents α, one or a list.

        Returns
        -------
        traces, squares : (resamples, exponents) float
            Tr G and Tr G², for noise of variance 1.
        """
        weights = self.noise.eigenvalues(np.atleast_1d(exponents))
        squares = np.einsum("ar,as->ars", weights, weights).reshape(len(weights), -1)
        ones, products = self._products
        return ones @ weights.T, products @ squares.T

    @cached_property
    def _products(self) -> tuple[_Floats, _Floats]:
        """Compute Tr W_b and Tr W_b W_c, from which the moments follow for every exponent."""
        part = np.ascontiguousarray(self.wishart[:, :, :-2, :-2])
        flat = part.reshape(*part.shape[:2], -1)
        products = (flat @ flat.transpose(0, 2, 1)).astype(np.float64)
        ones = np.einsum("drii->dr", part).astype(np.float64)
        return ones, products.reshape(len(products), -1)


def draw_noise(rows: int, noise: PowerNoise, *, resamples: int, seed: int) -> NoiseDraws:
    """Draw the Wishart matrices of N rows and a mean by Bartlett's decomposition.

    The last call is kept, for a table of fits often asks for one size again.

    Parameters
    ----------
    rows : int
        Number N of rows.
    noise : PowerNoise
        Family of the noise, of d columns.
    resamples : int
        Number of Gram matrices.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    NoiseDraws
        Of N + 1 rows, the last of which can serve as a mean.
    """
    wishart = _wishart(int(rows) + 1, int(noise.columns), int(resamples), int(seed))
    return NoiseDraws(noise, wishart)


@lru_cache(maxsize=1)
def _wishart(rows: int, columns: int, resamples: int, seed: int) -> _Singles:
    sizes = _sizes(columns)
    rng = np.random.default_rng([seed, rows, columns])
    wishart = np.empty((resamples, len(sizes), rows, rows), np.float32)
    for run, size in enumerate(sizes.tolist()):
        if size < rows:
            factor = rng.standard_normal((resamples, rows, size), np.float32)
        else:
            factor = np.tril(rng.standard_normal((resamples, rows, rows), np.float32), -1)
            freedom = size - np.arange(rows)
            diagonal = np.sqrt(rng.chisquare(freedom, size=(resamples, rows)))
            factor[:, np.arange(rows), np.arange(rows)] = diagonal
        np.matmul(factor, factor.transpose(0, 2, 1), out=wishart[:, run])
    wishart /= np.float32(columns)
    wishart.flags.writeable = False
    return wishart


@lru_cache(maxsize=64)
def _sizes(columns: int) -> NDArray[np.int64]:
    ends = list(range(1, min(columns, _ALONE) + 1))
    while ends[-1] < columns:
        ends.append(min(columns, int(np.ceil(ends[-1] * _GROWTH))))
    return np.asarray(np.diff([0, *ends]), np.int64)
