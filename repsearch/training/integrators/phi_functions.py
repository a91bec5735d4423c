"""The functions of exponential integrators: e^z with the first terms of its series taken off.

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
    """phi_0 ... phi_highest, to a few roundings each, for highest up to 3.

    Parameters
    ----------
    z : (K,) float
        Real, of any size and sign; infinite where e^z is beyond float64.
    highest : int
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
    """Sum of z^j / (j + k)! by Horner's rule."""
    total = np.zeros_like(z)
    for j in reversed(range(_TERMS)):
        total = total * z + 1 / math.factorial(j + k)
    return total
