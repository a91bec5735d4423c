"""Anisotropy of noise as the mean squares of its columns tell it.

In columns along the eigenvectors of the noise a column's mean square about its
mean estimates its eigenvalue, with N − 1 degrees of freedom. All d columns
together tell the exponent of `PowerNoise` far better than the N eigenvalues of
the Gram matrix do, and say nothing of how rows resemble each other, which is what spikes are.
A common mean does not enter.
"""

from __future__ import annotations

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


def run_energies(rows: _Floats, noise: PowerNoise, *, freedom: int) -> _Floats:
    """(runs,) mean square of an entry in each run of columns.

    Parameters
    ----------
    rows : (n, d) float
        Noise without a mean: rows about their mean, or combinations of them.
    noise : PowerNoise
        Whose runs.
    freedom : int
        Degrees of freedom of the n rows; N − 1 about the mean.
    """
    energies = np.einsum("nk,nk->k", rows, rows)
    sums = np.add.reduceat(energies, noise.starts)
    return np.asarray(sums / (noise.sizes * freedom))


def fitted_exponents(energies: _Floats, noise: PowerNoise) -> _Floats:
    """Exponent of greatest likelihood for Gaussian columns, of any scale.

    Minimises Σ_b n_b (ln s_b + E_b / s_b) over s_b = σ² u_b^α. Held between −4
    and 4: a column of zeros would let it run away.

    Parameters
    ----------
    energies : (..., runs) float
        E, from `run_energies` or `NoiseDraws.column_energies`.
    noise : PowerNoise
        The family.

    Returns
    -------
    (...,) float
    """
    logs = centred_logs(noise)
    weighted = noise.sizes * np.maximum(energies, 0.0)
    found: _Floats = np.zeros(energies.shape[:-1])
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
    """Standard error of a fitted exponent, from the Fisher information."""
    return float(np.sqrt(2 / (freedom * (noise.sizes @ centred_logs(noise) ** 2))))


def posterior(energies: _Floats, noise: PowerNoise, *, freedom: int) -> tuple[_Floats, _Floats]:
    """Three exponents, the fitted one in the middle, and their weights.

    They stand for the normal law of the exponent about the fitted one.
    """
    error = exponent_error(noise, freedom=freedom)
    return fitted_exponents(energies, noise) + _PLACES * error, _WEIGHTS


def centred_logs(noise: PowerNoise) -> _Floats:
    """(runs,) mean ln u of each run, about the mean over all columns."""
    by_run = np.add.reduceat(noise.logs, noise.starts) / noise.sizes
    return np.asarray(by_run - noise.logs.mean())
