"""Noise of a known shape: the family that null distributions are drawn from.

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
    """Runs of ranks with one eigenvalue each, in place of all d eigenvalues.

    The mean of u_k^α over a run stands for each of its members. That keeps the
    trace; for u_k = 1/k the sum of squares falls by less than 2 % for α up to 1.

    Parameters
    ----------
    columns : int
        d, at least 2.
    spectrum : (d,) float, optional
        u, positive, in any unit; 1/k by default.

    Raises
    ------
    InputError
        Fewer than two columns, or a spectrum that is not of this kind.
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
        """(runs,) ranks in each run."""
        return _sizes(self.columns)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """(runs,) first column of each run, from 0."""
        return np.asarray(np.concatenate([[0], np.cumsum(self.sizes)[:-1]]), np.int64)

    @cached_property
    def logs(self) -> _Floats:
        """(d,) ln u, 0 for the first column."""
        if self.spectrum is None:
            return np.asarray(-np.log(np.arange(1.0, self.columns + 1)))
        return np.asarray(np.log(self.spectrum / self.spectrum[0]))

    def eigenvalues(self, exponent: ArrayLike) -> _Floats:
        """(..., runs) the eigenvalue of each run, for a covariance of mean eigenvalue 1."""
        exponents = np.asarray(exponent, np.float64)
        logs = np.multiply.outer(exponents, self.logs)
        powers = np.exp(logs - logs.max(-1, keepdims=True))
        sums = np.add.reduceat(powers, self.starts, axis=-1)
        return np.asarray(sums / self.sizes * self.columns / powers.sum(-1, keepdims=True))

    def effective_dimension(self, exponent: ArrayLike) -> _Floats:
        """(Σ s)² / Σ s² of the runs."""
        return np.asarray(self.columns**2 / (self.eigenvalues(exponent) ** 2 @ self.sizes))

    def exponent(self, effective_dimension: float) -> float:
        """The α of an effective dimension; 0 for one of d or more."""
        exponents, dimensions = self._table
        return float(np.interp(-np.log(effective_dimension), -np.log(dimensions), exponents))

    def law(self, rows: float, *, exponent: float, variance: float = 1.0) -> GeneralLaw:
        """The law of the eigenvalues of Ξ Ξᵀ / d for this noise."""
        values = variance * self.eigenvalues(exponent)
        return GeneralLaw(values, rows, self.sizes.astype(np.float64))

    @cached_property
    def _table(self) -> tuple[_Floats, _Floats]:
        exponents = np.linspace(0.0, LARGEST_EXPONENT, 81)
        return exponents, self.effective_dimension(exponents)


@dataclass(frozen=True, eq=False)
class NoiseDraws:
    """Random Wishart matrices, one for each run of ranks, from which noise of any α is made.

    A Gram matrix of noise is their sum, weighted by the eigenvalues, so that
    the same random numbers serve for all exponents, and no N x d array is made.

    Parameters
    ----------
    noise : PowerNoise
        The family.
    wishart : (draws, runs, N + 1, N + 1) float32
        Z_b Z_bᵀ / d, with Z_b the columns of one run. The last row can serve as a mean.
    """

    noise: PowerNoise
    wishart: _Singles

    def grams(self, exponent: float, *, rows: int, draws: int | None = None) -> _Floats:
        """(draws, rows, rows) Gram matrices Ξ Ξᵀ / d of noise of variance 1."""
        part = self.wishart[:draws, :, :rows, :rows]
        weights = self.noise.eigenvalues(exponent).astype(np.float32)
        mixed = np.einsum("drij,r->dij", part, weights, optimize=True)
        return np.asarray(mixed, np.float64)

    def column_energies(self, exponent: ArrayLike, *, rows: int) -> _Floats:
        """(..., draws, runs) mean squares of columns about their means, by run, as `run_energies`.

        Parameters
        ----------
        exponent : float or array
            α; its shape leads that of the result.
        rows : int
            Of the noise.
        """
        part = self.wishart[:, :, :rows, :rows]
        about_mean = np.einsum("drii->dr", part) - part.sum((2, 3)) / rows
        unit = about_mean.astype(np.float64) * self.noise.columns / (self.noise.sizes * (rows - 1))
        return np.asarray(unit * self.noise.eigenvalues(exponent)[..., None, :])

    def traces(self, exponents: ArrayLike) -> tuple[_Floats, _Floats]:
        """(draws, exponents) arrays Tr G and Tr G² of the first N − 1 rows.

        N − 1 rows of noise have the law of N rows about their mean.
        """
        weights = self.noise.eigenvalues(np.atleast_1d(exponents))
        squares = np.einsum("ar,as->ars", weights, weights).reshape(len(weights), -1)
        ones, products = self._products
        return ones @ weights.T, products @ squares.T

    @cached_property
    def _products(self) -> tuple[_Floats, _Floats]:
        """Tr W_b and Tr W_b W_c, from which the moments follow for every exponent."""
        part = np.ascontiguousarray(self.wishart[:, :, :-2, :-2])
        flat = part.reshape(*part.shape[:2], -1)
        products = (flat @ flat.transpose(0, 2, 1)).astype(np.float64)
        ones = np.einsum("drii->dr", part).astype(np.float64)
        return ones, products.reshape(len(products), -1)


def draw_noise(rows: int, noise: PowerNoise, *, draws: int, seed: int) -> NoiseDraws:
    """Draw the Wishart matrices of N rows and a mean by Bartlett's decomposition.

    The last call is kept, for a table of fits often asks for one size again.

    Parameters
    ----------
    rows : int
        N.
    noise : PowerNoise
        Of d columns.
    draws : int
        How many Gram matrices.
    seed : int
        Of the random numbers.
    """
    return NoiseDraws(noise, _wishart(int(rows) + 1, int(noise.columns), int(draws), int(seed)))


@lru_cache(maxsize=1)
def _wishart(rows: int, columns: int, draws: int, seed: int) -> _Singles:
    sizes = _sizes(columns)
    rng = np.random.default_rng([seed, rows, columns])
    wishart = np.empty((draws, len(sizes), rows, rows), np.float32)
    for run, size in enumerate(sizes.tolist()):
        if size < rows:
            factor = rng.standard_normal((draws, rows, size), np.float32)
        else:
            factor = np.tril(rng.standard_normal((draws, rows, rows), np.float32), -1)
            freedom = size - np.arange(rows)
            diagonal = np.sqrt(rng.chisquare(freedom, size=(draws, rows)))
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
