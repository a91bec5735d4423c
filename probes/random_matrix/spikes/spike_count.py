"""Count the eigenvalues that stand out of the noise, by three methods.

Each method asks in turn whether the largest of the eigenvalues that are left
is an outlier, and stops at the first that is not. The chance that a method
finds anything in pure noise is the level of its first test.

* Tracy-Widom sequence: the largest eigenvalue in the scale of
  `tracy_widom_statistic`, held against noise of the anisotropy of the columns
  (`NullSpectra`); the textbook threshold does not hold its level.
* Bulk quantile matching: the largest eigenvalue in the coordinate of a line
  through the lower part of the bulk, with the same null.
* Parallel analysis: signs of entries are flipped at random, which leaves each
  entry's size but breaks what the columns share. It assumes no spectrum and no
  normal law, and is exact if the entries of a row are independent in sign
  under the null, which needs columns along the eigenvectors of the noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from probes.random_matrix.gram import decomposed, gram
from probes.random_matrix.noise.column_variances import run_variances
from probes.random_matrix.noise.null_spectra import NullSpectra, null_spectra
from probes.random_matrix.noise.power_noise import NoiseDraws
from probes.random_matrix.spikes.outlier_statistics import (
    FEWEST,
    quantile_statistic,
    tracy_widom_statistic,
)
from repsearch.errors import InputError

_Floats = NDArray[np.float64]
Method = Literal["Tracy-Widom sequence", "bulk quantiles", "parallel analysis"]

METHODS: tuple[Method, ...] = ("Tracy-Widom sequence", "bulk quantiles", "parallel analysis")
_MOST = 8
"""Spikes after which a method stops: a spectrum with more is no spiked one."""
_ALONE, _GROUPS = 32, 64


@dataclass(frozen=True)
class SpikeCount:
    """The number of spikes by one method.

    Parameters
    ----------
    method : {"Tracy-Widom sequence", "bulk quantiles", "parallel analysis"}
        How the largest eigenvalue was held against noise.
    count : int
        Number of spikes.
    p_values : tuple of float
        P values of the tests in turn; the last is that of the first eigenvalue that is
        no spike, unless the tests ran out of eigenvalues. Empty for families
        too small for any test (fewer than 5 rows or columns).
    level : float
        False-positive rate: the chance to find a spike in noise.

    Examples
    --------
    >>> from probes.random_matrix import fit_spiked_covariance
    >>> rows = np.random.default_rng(0).normal(size=(12, 40)) + 1
    >>> counts = fit_spiked_covariance(rows, resamples=100).counts
    >>> [(found.method, found.count) for found in counts]
    [('Tracy-Widom sequence', 1), ('bulk quantiles', 1), ('parallel analysis', 1)]
    """

    method: Method
    count: int
    p_values: tuple[float, ...]
    level: float


def count_spikes(
    rows: _Floats,
    *,
    method: Method,
    drawn: NoiseDraws,
    level: float = 0.05,
    seed: int = 0,
) -> SpikeCount:
    """Count the spikes of difference vectors by one method.

    Parameters
    ----------
    rows : (N, d) float
        Difference vectors, along the eigenvectors of the noise.
    method : {"Tracy-Widom sequence", "bulk quantiles", "parallel analysis"}
        How the largest eigenvalue is held against noise.
    drawn : NoiseDraws
        Noise of N rows and d columns; signs are flipped as often as it was drawn.
    level : float
        False-positive rate: the chance to find a spike in noise.
    seed : int
        Seed of the flips.

    Returns
    -------
    SpikeCount
        At most 8 spikes.

    Raises
    ------
    InputError
        Unknown method, or a level that so few resamples cannot resolve.
    """
    if method not in METHODS:
        raise InputError(f"method is {method!r}; pass one of {', '.join(METHODS)}")
    smallest = 1 / (drawn.resamples + 1)
    if not smallest <= level < 1:
        raise InputError(
            f"level is {level!r}; with {drawn.resamples} resamples pass one from {smallest:.3g} "
            "up to 1"
        )
    spectrum, vectors = decomposed(gram(rows))
    flips = _Flips(rows, drawn.resamples, seed) if method == "parallel analysis" else None
    # As many as can be told from the rest: the rank and the number of rows bound it.
    most = min(_MOST, _rank(spectrum) - 2, min(rows.shape) - FEWEST)
    found: list[float] = []
    for taken in range(most):
        left = spectrum[taken : min(rows.shape)]
        if flips is not None:
            p = flips.p_value(vectors[:, taken:], float(left[0]))
        else:
            null = _null(rows, vectors[:, :taken], drawn, kept=len(left))
            if method == "Tracy-Widom sequence":
                p = null.p_value(tracy_widom_statistic, left)
            else:
                p = null.p_value(partial(quantile_statistic, expected=null.expected), left)
        found.append(p)
        if p > level:
            break
    count = sum(p <= level for p in found)
    return SpikeCount(method=method, count=count, p_values=tuple(found), level=level)


def _null(rows: _Floats, taken: _Floats, drawn: NoiseDraws, *, kept: int) -> NullSpectra:
    """Draw noise like the rows without their mean and without the spikes that are taken."""
    size = len(rows)
    out = np.linalg.qr(np.column_stack([np.ones(size), taken]))[0]
    left = rows - out @ (out.T @ rows)
    freedom = size - out.shape[1]
    variances = run_variances(left, drawn.noise, freedom=freedom)
    return null_spectra(variances, drawn, rows=freedom + 1, kept=kept)


class _Flips:
    """Gram matrices of rows whose entries have random signs.

    The columns of largest mean square are flipped one by one, the others in groups:
    a subgroup of all flips, under which the null distribution is as invariant,
    and for which only one Gram matrix for each group is needed. A column's mean square
    does not depend on signs, so that grouping by it does no harm.
    """

    def __init__(self, rows: _Floats, permutations: int, seed: int) -> None:
        columns = rows.shape[1]
        order = np.argsort(-(rows**2).sum(0), kind="stable")
        groups = [order[k : k + 1] for k in range(min(_ALONE, columns))]
        rest = order[_ALONE:]
        groups += [rest[k::_GROUPS] for k in range(min(_GROUPS, len(rest)))]
        self.parts = np.stack([rows[:, group] @ rows[:, group].T for group in groups]) / columns
        self.rng = np.random.default_rng([seed, len(rows), columns])
        self.permutations = permutations

    def p_value(self, basis: _Floats, largest: float) -> float:
        """Compute how often the largest eigenvalue after flips, in a basis, is as large."""
        # A random basis of the space that is left, for the eigenvectors themselves
        # are not those of noise.
        size = basis.shape[1]
        turn = np.linalg.qr(self.rng.standard_normal((size, size)))[0]
        basis = basis @ turn if size < basis.shape[0] else np.eye(size)
        # In units of the eigenvalue that is tested, for float32 has a narrow range.
        parts = (basis.T @ (self.parts / largest) @ basis).astype(np.float32)
        signs = (
            self.rng.integers(0, 2, (self.permutations, size, len(parts))).astype(np.float32) * 2
            - 1
        )
        grams = np.zeros((self.permutations, size, size), np.float32)
        for i in range(size):
            # The lower triangle is all that is read: signs of row i times those of rows up to i.
            weighted = signs[:, : i + 1, :] * parts[:, i, : i + 1].T
            grams[:, i, : i + 1] = (weighted @ signs[:, i, :, None])[..., 0]
        flipped = np.linalg.eigvalsh(grams)[:, -1]
        reached = int(np.count_nonzero(flipped >= 1 - 1e-5))
        return (reached + 1) / (self.permutations + 1)


def _rank(spectrum: _Floats) -> int:
    return int(np.count_nonzero(spectrum > 1e-12 * max(float(spectrum[0]), 1e-300)))
