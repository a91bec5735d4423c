"""Solve the flow from any start, for any symmetric target and any time.

The flow dW/dt = (1/2)(M - W W^T) W is a matrix Riccati equation. With
M = V Lambda V^T, A = V^T W and phi_t(lambda) = (e^(lambda t) - 1) / lambda,

    A A^T(t) = e^(Lambda t/2) A_0 [I + A_0^T phi_t(Lambda) A_0]^-1 A_0^T e^(Lambda t/2).

As it stands the formula is useless in floating point: the bracket's condition
is e^(lambda_1 t), and beyond some lambda_1 t, which depends on the start and is of the
order of 40, the result is wrong without a sign of it. Here nothing of that size is ever
formed. X = phi_t^(1/2) A_0, whose rows differ in scale by e^((lambda_i - lambda_j) t / 2),
is factored as X = L D U by elimination with complete pivoting, which leaves L and U well
conditioned and puts all of the range into the diagonal D, kept as logarithms. With
E = min(1, 1/D), F = min(1, D), C = e^(Lambda t/2) phi_t^(-1/2) and H = (U U^T)^-1,

    A A^T = C L F S^-1 F L^T C,    S = E H E + F L^T L F,

in which no number overflows, and cond S <= (|H| + |L^T L|) / min(lambda_min(H), lambda_min(L^T L))
whatever t and whatever the size of the start: at each place E or F is 1. An aligned
start has L = U = I, and this is the logistic curve.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.linalg.lapack import dgejsv

from repsearch.dynamics.closed_form.growth import growth
from repsearch.dynamics.inputs.checks import checked_eigenvalues, checked_projection, checked_times
from repsearch.dynamics.inputs.numpy_or_torch import Array, on_numpy
from repsearch.kernels.pivoting import eliminate
from repsearch.parallel import each

Real = NDArray[np.float64]


def coordinates(eigenvalues: Array, projection: Array, times: Array) -> Array:
    """Work out V^T W(t) up to a right rotation, exact from any start.

    The matrix Riccati solution of the flow of arXiv 2502.09863, Lemma 3.1, which the
    paper solves for aligned starts alone.

    Parameters
    ----------
    eigenvalues : (K,) array
        Eigenvalues of the target M, of any sign and in any order.
    projection : (K, d) array
        V^T W(0). With all V eigenpairs this is all of W(0); with the leading
        ones, the flow is that of M and W(0) restricted to their span.
    times : (T,) array
        Flow times, at least 0.

    Returns
    -------
    (T, K, d) array
        A(t) with A A^T = V^T W W^T V at each time; its columns fall in scale. Which
        rotation it is differs from time to time: `Trajectory` has a stable
        choice. Of the kind, type and device of `eigenvalues`; worked out in
        float64.

    Raises
    ------
    InputError
        Shapes that do not fit, values that are not finite, a negative time.

    Examples
    --------
    >>> from repsearch.dynamics import coordinates
    >>> a = coordinates([4.0, 1.0, -1.0], [[0.2, 0.1], [0.1, 0.3], [0.5, 0.4]], [0.0, 1e6])
    >>> a.shape
    (2, 3, 2)
    >>> (a[1] @ a[1].T).round(6) + 0.0  # the best approximation of rank 2
    array([[4., 0., 0.],
           [0., 1., 0.],
           [0., 0., 0.]])
    """
    values, start, at, back = _checked(eigenvalues, projection, times)
    return back(np.stack(each(lambda t: solve_at(values, start, t), at.tolist())))


def singular_values(eigenvalues: Array, projection: Array, times: Array) -> Array:
    """Work out the singular values of W(t), decreasing, exact from any start.

    Those far below the largest keep their relative accuracy (one-sided Jacobi
    on columns that fall in scale): 1e-200 beside 50 is 1e-200.

    Parameters
    ----------
    eigenvalues : (K,) array
        Eigenvalues of the target M, of any sign and in any order.
    projection : (K, d) array
        V^T W(0), as in `coordinates`.
    times : (T,) array
        Flow times, at least 0.

    Returns
    -------
    (T, d) array
        Singular values, 0 beyond the rank of the start and beyond K. Of the kind, type and
        device of `eigenvalues`.

    Raises
    ------
    InputError
        Shapes that do not fit, values that are not finite, a negative time.

    Examples
    --------
    >>> from repsearch.dynamics import singular_values
    >>> start = [[1e-3, 0.0], [1e-3, 1e-3], [0.0, 1e-3]]
    >>> (singular_values([4.0, 1.0, -1.0], start, [0.0, 4.0, 40.0]) ** 2).round(2).tolist()
    [[0.0, 0.0], [2.76, 0.0], [4.0, 1.0]]
    """
    values, start, at, back = _checked(eigenvalues, projection, times)
    return back(np.stack(each(lambda t: _graded(solve_at(values, start, t)), at.tolist())))


def _checked(eigenvalues: Array, projection: Array, times: Array) -> tuple[Any, ...]:
    """Give eigenvalues, start and times in float64, and the way back."""
    values, start, at, back = on_numpy(eigenvalues, projection, times)
    values = checked_eigenvalues(values)
    return values, checked_projection(start, len(values)), checked_times(at), back


def solve_at(eigenvalues: Real, start: Real, time: float) -> Real:
    """Work out `coordinates` at one time, from input that has been checked.

    Parameters
    ----------
    eigenvalues : (K,) float64
        Eigenvalues of the target.
    start : (K, d) float64
        V^T W(0).
    time : float
        Flow time, at least 0.

    Returns
    -------
    (K, d) float64
        A(t), up to a right rotation; `start` itself at time 0.
    """
    if time == 0:
        return start
    found = np.zeros_like(start)
    scale = np.abs(start).max()
    if scale == 0:
        return found
    g = growth(eigenvalues, time)
    rows, multipliers, pivots, upper = eliminate(start / scale, g.log_phi / 2)
    log_d = g.log_phi[rows] / 2 + np.log(np.abs(pivots)) + np.log(scale)
    order = np.argsort(log_d, kind="stable")  # smallest first: columns then fall in scale
    rows, multipliers, upper, log_d = rows[order], multipliers[:, order], upper[order], log_d[order]
    pivots = pivots[order]
    upper = upper * np.sign(pivots)[:, None]  # so that D is positive
    f = np.exp(np.minimum(log_d, 0.0))
    e = np.exp(-np.maximum(log_d, 0.0))

    # Ratios of scales, row i to pivot p, from differences that are exact to rounding.
    steep, rest = g.steep[:, None] - g.steep[rows], g.rest[:, None] - g.rest[rows]
    with np.errstate(divide="ignore"):
        log_m = np.log(np.abs(multipliers))
    sign = np.sign(multipliers)
    lower = sign * np.exp(log_m + (steep + rest) / 2)
    # C L F: where D > 1 it is C L, where D <= 1 it is e^(Lambda t/2) m y, whatever C is.
    large = g.log_ceiling[:, None] + (steep + rest) / 2
    small = g.half_log[:, None] + np.log(np.abs(pivots)) + np.log(scale)
    clf = sign * np.exp(log_m + np.where(log_d > 0, large, small))

    # S = Z^T Z = R^T R, by QR rather than from the squares.
    inverse = scipy.linalg.qr(upper.T, mode="r")[0][: len(rows)]
    above = scipy.linalg.solve_triangular(inverse, np.diag(e), trans="T", check_finite=False)
    (r,) = scipy.linalg.qr(np.vstack([above, lower * f]), mode="r", check_finite=False)
    r = r[: len(rows)]
    root = scipy.linalg.solve_triangular(r, clf.T, trans="T", check_finite=False).T
    found[:, : len(rows)] = root[:, ::-1]
    return found


def _graded(columns: Real) -> Real:
    """Singular values of a matrix of which the columns differ in scale, each to rounding."""
    d = columns.shape[1]
    used = columns[:, columns.any(axis=0)]
    if used.shape[1] > used.shape[0]:  # only at time 0, where the start is as it is
        used = used.T
    most = used.shape[1]
    values = np.zeros(d)
    if most:
        # After QR it is square, and its rows and columns fall in scale.
        (triangle,) = scipy.linalg.qr(used, mode="r", check_finite=False)
        found, _, _, scales, *_ = dgejsv(triangle[:most], joba=0, jobu=3, jobv=3, jobr=0, jobp=0)
        values[:most] = found * (scales[0] / scales[1])
    return values
