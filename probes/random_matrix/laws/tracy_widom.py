"""Compute the Tracy-Widom law of the largest eigenvalue, and the scale it holds in.

F₁(s) = det(1 − A_s) with A_s(x, y) = Ai(x + y + s) on the half line (Ferrari
and Spohn 2005). The kernel is analytic, so Gauss-Legendre quadrature of the
determinant converges exponentially (Bornemann 2010).
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import airy

from repsearch.errors import InputError

_Floats = NDArray[np.float64]

_NODES = 80
_LOWEST, _HIGHEST = -12.0, 16.0
"""Beyond these F₁ is 0 and 1 to within 1e-16 and 2e-19."""


def tracy_widom_cdf(s: ArrayLike) -> _Floats:
    """Compute the probability F₁(s) that the scaled largest eigenvalue of noise is at most s.

    Parameters
    ----------
    s : array_like of float
        Largest eigenvalues of real noise, less the place and over the width of
        `johnstone_scaling`; of any shape.

    Returns
    -------
    ndarray of float64, shape of `s`
        Probabilities, to about 1e-14.

    References
    ----------
    Bornemann 2010, Math. Comp. 79, 871-915; Ferrari and Spohn 2005, J. Phys. A
    38, L557-L561.

    Examples
    --------
    >>> f"{tracy_widom_cdf(0.0):.6f}"
    '0.831908'
    """
    s = np.asarray(s, np.float64)
    return np.array([_determinant(float(one)) for one in s.flat]).reshape(s.shape)


def tracy_widom_quantile(share: ArrayLike) -> _Floats:
    """Find the s with F₁(s) = share.

    Parameters
    ----------
    share : array_like of float
        Probabilities strictly between 0 and 1, of any shape.

    Returns
    -------
    ndarray of float64, shape of `share`
        Scaled largest eigenvalues.

    Raises
    ------
    InputError
        A share is not strictly between 0 and 1.

    Examples
    --------
    >>> f"{tracy_widom_quantile(0.95):.4f}"
    '0.9793'
    """
    shares = np.asarray(share, np.float64)
    wrong = shares[~((shares > 0) & (shares < 1))]
    if wrong.size:
        raise InputError(
            f"a quantile is asked for at {wrong.flat[0]}; pass shares strictly between 0 and 1"
        )
    found = [
        brentq(lambda s, p=p: _determinant(s) - p, _LOWEST, _HIGHEST, xtol=1e-12)
        for p in shares.flat
    ]
    return np.array(found).reshape(shares.shape)


def johnstone_scaling(rows: ArrayLike, columns: ArrayLike) -> tuple[_Floats, _Floats]:
    """Compute the place and width of the largest eigenvalue of Ξ Ξᵀ for entries of variance 1.

    (λ₁ − place) / width tends to the Tracy-Widom law. With n − 1/2 and
    p − 1/2 for n and p the error is of second order (Ma 2012).

    Parameters
    ----------
    rows, columns : array_like of float
        Numbers N and d of rows and columns, at least 1; they need not be whole, so that an
        effective dimension can stand for d.

    Returns
    -------
    place, width : ndarray of float64
        In the units of an eigenvalue of Ξ Ξᵀ, not divided by d.

    Raises
    ------
    InputError
        A size is below 1.

    References
    ----------
    Johnstone 2001, Ann. Statist. 29, 295-327; Ma 2012, Bernoulli 18, 322-359.

    Examples
    --------
    The threshold of a test at 5 % for 40 rows of isotropic noise in 200 columns:

    >>> place, width = johnstone_scaling(rows=40, columns=200)
    >>> f"{place + tracy_widom_quantile(0.95) * width:.1f}"
    '428.8'
    """
    roots = []
    for name, size in (("rows", rows), ("columns", columns)):
        sizes = np.asarray(size, np.float64)
        wrong = sizes[~((sizes >= 1) & np.isfinite(sizes))]
        if wrong.size:
            raise InputError(f"{name} is {wrong.flat[0]}; pass a number of at least 1")
        roots.append(np.sqrt(sizes - 0.5))
    one, other = roots
    place = (one + other) ** 2
    width = (one + other) * (1 / one + 1 / other) ** (1 / 3)
    return np.asarray(place), np.asarray(width)


def _determinant(s: float) -> float:
    if math.isnan(s):
        return s
    if s >= _HIGHEST:
        return 1.0
    if s <= _LOWEST:
        return 0.0
    nodes, weights = _quadrature()
    # Ai(2x + s) is below 1e-17 beyond 2x + s = 16.
    length = (16.0 - s) / 2 + 2.0
    x, root = nodes * length, np.sqrt(weights * length)
    kernel = airy(x[:, None] + x + s)[0] * root[:, None] * root
    return float(min(1.0, max(0.0, np.linalg.det(np.eye(len(x)) - kernel))))


@cache
def _quadrature() -> tuple[_Floats, _Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return (nodes + 1) / 2, weights / 2
