"""The flow in extended precision: short steps of the exact solution, one after the other.

One step of length h, in the eigenbasis (theory of the matrix Riccati equation):

    A <- e^(Lambda h/2) A L^-T,    L L^T = I + A^T phi_h(Lambda) A,

with Cholesky's L. It loses about e^(lambda_1 h) of its precision, whatever went
before, so with lambda_1 h <= 5 and 60 digits some 50 digits are right. A step
may be longer where the digits are more; that two choices of step and digits
agree is itself a test. Decimal numbers of the standard library: their +, -, *, /,
square root and exponential are rounded correctly, and they share no code with NumPy.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal, localcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
Exact = NDArray[np.object_]  # of Decimal

_LARGEST_EXPONENT = 10**9


def steps(
    eigenvalues: Real, projection: Real, time: float, *, step: float = 5.0, digits: int = 60
) -> Exact:
    """V^T W(time) up to a right rotation, by steps with lambda_1 h <= `step`."""
    largest = float(np.abs(eigenvalues).max())
    count = max(1, math.ceil(largest * time / step))
    with localcontext(Context(prec=digits, Emax=_LARGEST_EXPONENT, Emin=-_LARGEST_EXPONENT)):
        values = exact(eigenvalues)
        h = Decimal(time) / count
        grown = np.array([(v * h / 2).exp() for v in values])
        phi = np.array([((v * h).exp() - 1) / v if v else h for v in values])
        now = exact(projection)
        for _ in range(count):
            bracket = now.T @ (phi[:, None] * now) + exact(np.eye(now.shape[1]))
            now = _times_inverse_transpose(grown[:, None] * now, _cholesky(bracket))
    return now


def gram(coordinates: Exact, *, digits: int = 60) -> Exact:
    """A A^T."""
    with localcontext(Context(prec=digits, Emax=_LARGEST_EXPONENT, Emin=-_LARGEST_EXPONENT)):
        return np.asarray(coordinates @ coordinates.T)


def relative_error(found: Real, expected: Exact, *, digits: int = 60) -> float:
    """||A A^T - G||_F / ||G||_F of float64 coordinates A, subtracted in extended precision."""
    with localcontext(Context(prec=digits, Emax=_LARGEST_EXPONENT, Emin=-_LARGEST_EXPONENT)):
        coordinates = exact(found)
        difference = coordinates @ coordinates.T - expected
        squares = (difference**2).sum() / (expected**2).sum()
        return float(squares.sqrt())


def row_error(found: Real, expected: Exact, *, digits: int = 60) -> float:
    """max |A A^T - G|_ij / sqrt(G_ii G_jj) over rows that a float64 can hold."""
    with localcontext(Context(prec=digits, Emax=_LARGEST_EXPONENT, Emin=-_LARGEST_EXPONENT)):
        coordinates = exact(found)
        norms = np.array([value.sqrt() for value in np.diag(expected)])
        # Entries of A under 1e-300 are rounded to multiples of 5e-324.
        rows = np.flatnonzero(norms > Decimal("1e-290"))
        difference = (coordinates @ coordinates.T - expected)[np.ix_(rows, rows)]
        return float(
            np.abs(difference / np.outer(norms[rows], norms[rows])).max(initial=Decimal(0))
        )


def exact(values: Real) -> Exact:
    """The same numbers as Decimals, without rounding."""
    array = np.asarray(values, dtype=float)
    found: Exact = np.empty(array.shape, object)
    found.flat = [Decimal(value) for value in array.ravel().tolist()]
    return found


def _cholesky(matrix: Exact) -> Exact:
    size = len(matrix)
    lower: Any = np.full((size, size), Decimal(0), object)
    rest = matrix.copy()
    for k in range(size):
        lower[k:, k] = rest[k:, k] / rest[k, k].sqrt()
        if k + 1 < size:
            column = lower[k + 1 :, k]
            rest[k + 1 :, k + 1 :] = rest[k + 1 :, k + 1 :] - np.outer(column, column)
    return np.asarray(lower)


def _times_inverse_transpose(rows: Exact, lower: Exact) -> Exact:
    """X with X L^T = rows, by forward substitution."""
    found = rows.copy()
    for k in range(len(lower)):
        if k:
            found[:, k] = found[:, k] - found[:, :k] @ lower[k, :k]
        found[:, k] = found[:, k] / lower[k, k]
    return found
