"""Check where the quartic loss is least, and that descent gets there.

The weight g is constant (Setting 3.1), where the loss is
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
    """Compute eigenpairs in decreasing order of the eigenvalue, sign included, by LAPACK.

    Parameters
    ----------
    matrix : (V, V) float
        A symmetric matrix.

    Returns
    -------
    values : (V,) float
        Eigenvalues, largest first.
    vectors : (V, V) float
        Eigenvectors in columns.

    Examples
    --------
    >>> signed_eigenpairs(np.diag([1.0, -2.0, 0.5]))[0]
    array([ 1. ,  0.5, -2. ])
    """
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1], vectors[:, ::-1]


def closed_form(matrix: Real, dimension: int) -> Real:
    """Compute the minimiser V_d max(Lambda_d, 0)^(1/2) (arXiv 2502.09863, Theorem 1).

    Parameters
    ----------
    matrix : (V, V) float
        M, symmetric.
    dimension : int
        d, the number of columns.

    Returns
    -------
    (V, d) float
        Embeddings; columns of eigenvalues that are not positive are 0.

    Examples
    --------
    >>> np.abs(closed_form(np.diag([4.0, 1.0]), 1))
    array([[2.],
           [0.]])
    """
    values, vectors = signed_eigenpairs(matrix)
    return np.asarray(vectors[:, :dimension] * np.sqrt(np.maximum(values[:dimension], 0)))


def factorisation_loss(matrix: Real, w: Real, *, weight: float = 1.0) -> float:
    """Compute (g/4) (||W W^T - M||_F^2 - ||M||_F^2) (arXiv 2502.09863, Theorem 1).

    Parameters
    ----------
    matrix : (V, V) float
        M, symmetric.
    w : (V, d) float
        Embeddings.
    weight : float
        g, the constant weight of all pairs.

    Returns
    -------
    float
        The loss; 0 at W = 0.

    Examples
    --------
    >>> factorisation_loss(np.diag([4.0, 1.0]), np.array([[2.0], [0.0]]))
    -4.0
    """
    x = w @ w.T
    # As a product, which keeps its digits where W is small.
    return weight / 4 * float((x * (x - 2 * matrix)).sum())


def least_loss(matrix: Real, dimension: int, *, weight: float = 1.0) -> float:
    """Compute the least loss there can be, from the eigenvalues of M.

    -(g/4) times the sum of squares of the positive ones among the top d eigenvalues.

    Parameters
    ----------
    matrix : (V, V) float
        M, symmetric.
    dimension : int
        d, the number of columns of the embeddings.
    weight : float
        g, the constant weight of all pairs.

    Returns
    -------
    float
        The least `factorisation_loss`.

    Examples
    --------
    >>> least_loss(np.diag([4.0, 1.0]), 1)
    -4.0
    """
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
        d, the number of columns of the embeddings.
    weight : float
        g, the constant weight of all pairs.
    solver : callable, optional
        Gives embeddings (V, d) when called with `matrix` and `dimension`.

    Returns
    -------
    Check
        The error is the difference of the losses; 64 V machine epsilon of (g/4) ||M||_F^2
        are allowed.

    Examples
    --------
    >>> minimum(np.diag([1.0, -2.0]), 1).holds
    True
    >>> def by_magnitude(matrix, d):
    ...     vectors, values, _ = np.linalg.svd(matrix)
    ...     return vectors[:, :d] * np.sqrt(values[:d])
    >>> minimum(np.diag([1.0, -2.0]), 1, solver=by_magnitude).holds
    False
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
        Embeddings to begin from.
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

    Examples
    --------
    >>> descent_reaches_minimum(np.diag([3.0, 1.0, -2.0]), np.array([[0.1], [0.5], [1.0]])).holds
    True
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
