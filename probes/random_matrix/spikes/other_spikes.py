"""Find spikes that are not the mean, and take them out of the noise.

A mean is one spike; subgroups of pairs are others. Noise is fitted by moments of all that
is left about the mean, of which a strong spike would be the larger part: three of them in 40
rows of 200 columns make σ² = 1 look like 1.6 and 200 dimensions like 18.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from probes.random_matrix.gram import centred, contrasts, decomposed, gram
from probes.random_matrix.noise.noise_fit import NoiseFit, fit_noise
from probes.random_matrix.noise.power_noise import NoiseDraws
from probes.random_matrix.spikes.spike_count import count_spikes
from probes.shared.intervals import Interval

_Floats = NDArray[np.float64]

LEVEL = 0.01
"""False-positive rate of each: low, for a spike taken from pure noise spoils its intervals."""
_FEWEST = 5
"""Degrees of freedom that are left for the noise."""


@dataclass(frozen=True, eq=False)
class WithoutOthers:
    """Rows without the spikes that are not their mean.

    Parameters
    ----------
    count : int
        Number s of spikes that were taken out.
    matrix : (N − s, N − s) float
        Gram matrix of what is left, turned so that the mean is along 1.
    drawn : NoiseDraws
        Noise of N − s rows.
    """

    count: int
    matrix: _Floats
    drawn: NoiseDraws


def fit_without(left: WithoutOthers, *, rows: int, level: float) -> NoiseFit:
    """Fit the noise of all rows to what is left without the spikes that were taken out.

    A spike takes a dimension of the columns with it, as it does of the rows: of d there are
    d − s left, for which variance and effective dimension are made up. A spike in a direction
    without noise takes nothing, so that the lower ends of the intervals stay as they are.

    Parameters
    ----------
    left : WithoutOthers
        What is left of the rows.
    rows : int
        Number N of all rows.
    level : float
        Coverage of the intervals.

    Returns
    -------
    NoiseFit
        Of N rows and d columns.
    """
    fit = fit_noise(left.matrix, left.drawn, level=level)
    columns = fit.columns
    if not left.count or columns <= left.count:
        return replace(fit, rows=rows)
    share = columns / (columns - left.count)
    dimension = _times(fit.effective_dimension, share, most=float(columns))
    return replace(
        fit,
        rows=rows,
        variance=_times(fit.variance, share),
        effective_dimension=dimension,
        exponent=fit.family.exponent(dimension.value),
    )


def _times(interval: Interval, factor: float, *, most: float = math.inf) -> Interval:
    """Make up for what is gone; nothing is raised above `most` by that."""
    value, high = (max(end, min(end * factor, most)) for end in (interval.value, interval.high))
    return replace(interval, value=value, high=high)


def without_others(rows: _Floats, drawn: NoiseDraws, *, level: float, seed: int) -> WithoutOthers:
    """Take the spikes out that rows have about their mean.

    Parameters
    ----------
    rows : (N, d) float
        Difference vectors R.
    drawn : NoiseDraws
        Noise of N rows.
    level : float
        False-positive rate, at most 0.01 of which is used.
    seed : int
        Seed of the test.

    Returns
    -------
    WithoutOthers
        With the Gram matrix of all rows where there are none.
    """
    size = len(rows)
    turn = contrasts(size)
    found = count_spikes(
        turn @ rows,
        method="Tracy-Widom sequence",
        drawn=drawn,
        level=max(min(level, LEVEL), 1 / (drawn.resamples + 1)),
        seed=seed,
    )
    taken = max(0, min(found.count, size - 1 - _FEWEST))
    matrix = gram(rows)
    if not taken:
        return WithoutOthers(0, matrix, drawn)
    vectors = decomposed(centred(matrix))[1]
    # The eigenvectors that are left, without 1 itself, whose eigenvalue is 0.
    left = np.linalg.qr(np.column_stack([np.ones(size), vectors[:, :taken]]), mode="complete")[0]
    basis = left[:, 1 + taken :].T
    fewer = size - taken
    onto = contrasts(fewer).T @ basis + np.full((fewer, size), 1 / np.sqrt(fewer * size))
    return WithoutOthers(
        taken,
        np.asarray(onto @ matrix @ onto.T),
        replace(drawn, wishart=drawn.wishart[:, :, taken:, taken:]),
    )
