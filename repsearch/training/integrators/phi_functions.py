"""Evaluate the functions of exponential integrators: e^z less the first terms of its series.

phi_0 = e^z and phi_(k+1)(z) = (phi_k(z) - 1/k!) / z, phi_k(0) = 1/k! (Hochbruck
and Ostermann, Acta Numerica 19 (2010) 209-286, section 2).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

# Terms of the series of phi_k at |z| <= 1: the next one is below 1e-17.
_TERMS = 18


def phi(z: Real, highest: int) -> list[Real]:
    """Evaluate phi_0 ... phi_highest, to a few roundings each.

    Parameters
    ----------
    z : (K,) float64
        Real, of any size and sign; infinite where e^z is beyond float64.
    highest : int
        From 1 to 3.

    Returns
    -------
    list of (K,) float64
        phi_k of each z, k = 0, ..., highest.

    Examples
    --------
    >>> [one.round(6).tolist() for one in phi(np.array([0.0, 1.0]), 2)]
    [[1.0, 2.718282], [1.0, 1.718282], [0.5, 0.718282]]
    """
    near = np.abs(z) <= 1
    # Where z is small the recurrence cancels, elsewhere the series does.
    away = np.where(near, 1.0, z)
    with np.errstate(over="ignore"):
        found = [np.exp(z), np.expm1(away) / away]
        for k in range(1, highest):
            found.append((found[k] - 1 / math.factorial(k)) / away)
    for k in range(1, highest + 1):
        found[k] = np.where(near, _series(np.where(near, z, 0.0), k), found[k])
    return found[: highest + 1]


def _series(z: Real, k: int) -> Real:
    """Sum z^j / (j + k)! by Horner's rule."""
    total = np.zeros_like(z)
    for j in reversed(range(_TERMS)):
        total = total * z + 1 / math.factorial(j + k)
    return total
