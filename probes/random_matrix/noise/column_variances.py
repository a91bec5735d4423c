"""Fit the anisotropy of noise to the sample variances of its columns.

In columns along the eigenvectors of the noise a column's sample variance
estimates its eigenvalue, with N − 1 degrees of freedom. All d columns
together tell the exponent of `PowerNoise` far better than the N eigenvalues of
the Gram matrix do, and say nothing of how rows resemble each other, which is what spikes are.
A common mean does not enter.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from probes.random_matrix.noise.power_noise import LARGEST_EXPONENT, PowerNoise

_Floats = NDArray[np.float64]
_STEPS = 60
_LONGEST = 0.5
"""Newton's method on a convex function, with steps no longer than this."""
# Gauss and Hermite's three points for a normal law: exact for polynomials up to the fifth degree.
_PLACES = np.array([-np.sqrt(3.0), 0.0, np.sqrt(3.0)])
_WEIGHTS = np.array([1.0, 4.0, 1.0]) / 6


def run_variances(rows: _Floats, noise: PowerNoise, *, freedom: int) -> _Floats:
    """Estimate the mean variance of the columns in each run.

    Parameters
    ----------
    rows : (n, d) float
        Noise without a mean: rows about their mean, or combinations of them.
    noise : PowerNoise
        Family whose runs are taken.
    freedom : int
        Degrees of freedom of the n rows; N − 1 about the mean.

    Returns
    -------
    (runs,) float
        Sums of squares over the degrees of freedom.
    """
    squares = np.einsum("nk,nk->k", rows, rows)
    sums = np.add.reduceat(squares, noise.starts)
    return np.asarray(sums / (noise.sizes * freedom))


def fitted_exponents(variances: _Floats, noise: PowerNoise) -> _Floats:
    """Fit the exponent by maximum likelihood for Gaussian columns, of any scale.

    Minimises Σ_b n_b (ln s_b + v_b / s_b) over s_b = σ² u_b^α.

    Parameters
    ----------
    variances : (..., runs) float
        Sample variances v, from `run_variances` or `NoiseDraws.column_variances`.
    noise : PowerNoise
        Family of the noise.

    Returns
    -------
    (...,) float
        Exponents α, held between −4 and 4: a column of zeros would let them run away.
    """
    logs = centred_logs(noise)
    weighted = noise.sizes * np.maximum(variances, 0.0)
    found: _Floats = np.zeros(variances.shape[:-1])
    if not float(np.max(weighted)) > 0:
        return found
    for _ in range(_STEPS):
        powers = -found[..., None] * logs
        share = weighted * np.exp(powers - powers.max(-1, keepdims=True))
        share /= share.sum(-1, keepdims=True)
        slope = share @ logs
        curvature = np.maximum(share @ logs**2 - slope**2, 1e-9)
        step = np.clip(slope / curvature, -_LONGEST, _LONGEST)
        moved: _Floats = np.clip(found + step, -LARGEST_EXPONENT, LARGEST_EXPONENT)
        if np.max(np.abs(moved - found)) < 1e-9:
            return moved
        found = moved
    return found


def exponent_error(noise: PowerNoise, *, freedom: int) -> float:
    """Compute the standard error of a fitted exponent, from the Fisher information.

    Parameters
    ----------
    noise : PowerNoise
        Family of the noise.
    freedom : int
        Degrees of freedom of each column.

    Returns
    -------
    float
        In the units of α; 0 where all variances are alike, whatever the exponent.
    """
    information = float(freedom * (noise.sizes @ centred_logs(noise) ** 2))
    # A flat spectrum is the same whatever its exponent, which then has nothing to err about.
    return math.sqrt(2 / information) if information > 0 else 0.0


def posterior(variances: _Floats, noise: PowerNoise, *, freedom: int) -> tuple[_Floats, _Floats]:
    """Stand in for the normal law of the exponent about the fitted one by three exponents.

    Parameters
    ----------
    variances : (runs,) float
        Sample variances, from `run_variances`.
    noise : PowerNoise
        Family of the noise.
    freedom : int
        Degrees of freedom of each column.

    Returns
    -------
    exponents, weights : (3,) float
        Nodes and weights of Gauss and Hermite, the fitted exponent in the middle.
    """
    error = exponent_error(noise, freedom=freedom)
    return fitted_exponents(variances, noise) + _PLACES * error, _WEIGHTS


def centred_logs(noise: PowerNoise) -> _Floats:
    """Average ln u over each run, about the mean over all columns.

    Parameters
    ----------
    noise : PowerNoise
        Family of the noise.

    Returns
    -------
    (runs,) float
        Without a unit.
    """
    by_run = np.add.reduceat(noise.logs, noise.starts) / noise.sizes
    return np.asarray(by_run - noise.logs.mean())
