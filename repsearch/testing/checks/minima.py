"""Checks of where the quartic loss is least, and of descent to there.

All are for a constant weight g (Setting 3.1), where the loss is
(g/4) (||W W^T - M||_F^2 - ||M||_F^2). The predictions are from the eigenvalues of
M, found by LAPACK on the dense matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from repsearch.errors import InputError
from repsearch.testing.check import Check

Real = NDArray[np.float64]
Solver = Callable[[Real, int], Real]

EPS = float(np.finfo(float).eps)


def signed_eigenpairs(matrix: Real) -> tuple[Real, Real]:
    """Eigenvalues (V,) in decreasing order and eigenvectors (V, V), by LAPACK."""
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1], vectors[:, ::-1]


def closed_form(matrix: Real, dimension: int) -> Real:
    """V_d max(Lambda_d, 0)^(1/2), (V, d)."""
    values, vectors = signed_eigenpairs(matrix)
    return np.asarray(vectors[:, :dimension] * np.sqrt(np.maximum(values[:dimension], 0)))


def factorisation_loss(matrix: Real, w: Real, *, weight: float = 1.0) -> float:
    """(g/4) (||W W^T - M||_F^2 - ||M||_F^2), which is 0 at W = 0."""
    x = w @ w.T
    # As a product, which keeps its digits where W is small.
    return weight / 4 * float((x * (x - 2 * matrix)).sum())


def least_loss(matrix: Real, dimension: int, *, weight: float = 1.0) -> float:
    """-(g/4) times the sum of squares of the positive ones among the top d eigenvalues."""
    top = np.linalg.eigvalsh(matrix)[::-1][:dimension]
    return -weight / 4 * float((np.maximum(top, 0) ** 2).sum())


def minimum(
    matrix: Real, dimension: int, *, weight: float = 1.0, solver: Solver | None = None
) -> Check:
    """Check that V_d max(Lambda_d, 0)^(1/2) has the least loss there can be.

    arXiv 2502.09863, Theorem 1, and its extension to fewer than d positive
    eigenvalues.

    Parameters
    ----------
    matrix : (V, V) float
        M, symmetric.
    dimension : int
        d.
    weight : float
        g.
    solver : callable, optional
        Gives embeddings (V, d) when called with `matrix` and `dimension`.

    Returns
    -------
    Check
        64 V machine epsilon of (g/4) ||M||_F^2 are allowed.
    """
    w = (solver or closed_form)(matrix, dimension)
    found = factorisation_loss(matrix, w, weight=weight)
    least = least_loss(matrix, dimension, weight=weight)
    return Check(
        claim="the top d eigenpairs by signed value, clipped at 0, minimise the quartic loss",
        error=abs(found - least),
        tolerance=64 * len(matrix) * EPS * weight / 4 * float((matrix**2).sum()),
        witness={"M": matrix, "d": dimension, "W": w, "loss": found, "least": least},
    )


def descent_reaches_minimum(
    matrix: Real, start: Real, *, optimiser: Callable[[Real, Real], Real] | None = None
) -> Check:
    """Check that descent ends at the global minimum, whose Gram matrix is unique.

    arXiv 2502.09863, Theorem 1 and its extensions: every local minimum is global.
    A start of deficient rank may end on a saddle, as W = 0 does.

    Parameters
    ----------
    matrix : (V, V) float
        M, symmetric, with lambda_d > max(lambda_(d+1), 0).
    start : (V, d) float
        Where to begin.
    optimiser : callable, optional
        Gives the embeddings it ends at when called with `matrix` and `start`;
        scipy's L-BFGS by default.

    Returns
    -------
    Check
        The error is ||W W^T - M_d||_F. Near the minimum a gradient of norm r
        leaves at most 2 lambda_1^(1/2) r / mu, with mu the least curvature that
        is not 0; twice that and rounding are allowed, but never more than 1e-3
        ||M||_F.

    Raises
    ------
    InputError
        Eigenvalue d is not positive or not above eigenvalue d + 1.
    """
    values, vectors = signed_eigenpairs(matrix)
    d = start.shape[1]
    after = values[d] if d < len(values) else -np.inf
    curvature = min(values[d - 1] - after, 2 * values[d - 1])
    if not curvature > 0:
        raise InputError(
            f"eigenvalue {d} is {values[d - 1]:.3g} and the next {after:.3g}; the minimum is "
            "unique only if the former is positive and above the latter"
        )
    w = (optimiser or _descend)(matrix, start)
    best = (vectors[:, :d] * values[:d]) @ vectors[:, :d].T
    norm = float(np.linalg.norm(matrix))
    slope = float(np.linalg.norm((w @ w.T - matrix) @ w))
    rounding = 64 * len(matrix) * EPS * norm * norm / curvature
    return Check(
        claim="descent from any start of full rank ends at the global minimum",
        error=float(np.linalg.norm(w @ w.T - best)),
        tolerance=min(4 * np.sqrt(values[0]) * slope / curvature + rounding, 1e-3 * norm),
        witness={"M": matrix, "start": start, "end": w, "gradient": slope},
    )


def _descend(matrix: Real, start: Real) -> Real:
    def loss(flat: Real) -> float:
        w = flat.reshape(start.shape)
        return float(((w @ w.T - matrix) ** 2).sum()) / 4

    def gradient(flat: Real) -> Real:
        w = flat.reshape(start.shape)
        return np.asarray((w @ w.T - matrix) @ w).ravel()

    options: Any = {"maxiter": 10_000, "maxfun": 20_000, "ftol": 0.0, "gtol": 1e-10}
    found = minimize(loss, start.ravel(), jac=gradient, method="L-BFGS-B", options=options)
    return np.asarray(found.x).reshape(start.shape)
