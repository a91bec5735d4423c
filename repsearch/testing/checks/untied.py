"""Check predictions about untied weights.

The reference is numerical integration; a velocity, a step or a solution of your own can
be passed in the place of ours. Times are flow times: dA/dt = (1/2) E B,
dB/dt = (1/2) E^T A, E = M - A B^T.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from repsearch.dynamics import UntiedFlow
from repsearch.errors import InputError
from repsearch.testing.check import Check
from repsearch.testing.oracle import integrate_tied, integrate_untied

Real = NDArray[np.float64]

Slope: TypeAlias = Callable[[Real], Real]
"""Minus the derivative of a loss with respect to A B^T, from A B^T, (V, U) to (V, U)."""

Pair: TypeAlias = tuple[Real, Real]

Velocity: TypeAlias = Callable[[Real, Real], Pair]
"""(dA/dt, dB/dt) from (A, B)."""

UntiedSolution: TypeAlias = Callable[[Real, Real, Real, Real], Pair]
"""(M, A(0), B(0), times (T,)) to (A (T, V, d), B (T, U, d)), up to one rotation of both."""

RTOL = 1e-13
EPS = float(np.finfo(float).eps)


def gradient_flow(slope: Slope) -> Velocity:
    """Make the velocity of gradient flow for a loss of A B^T.

    Parameters
    ----------
    slope : callable
        S, minus the derivative of the loss with respect to A B^T, from A B^T.

    Returns
    -------
    callable
        (A, B) to (dA/dt, dB/dt) = (S B, S^T A).

    Examples
    --------
    >>> velocity = gradient_flow(square_slope([[2.0]]))
    >>> velocity(np.array([[1.0]]), np.array([[0.5]]))  # S = (2 - 0.5) / 2
    (array([[0.375]]), array([[0.75]]))
    """

    def velocity(words: Real, contexts: Real) -> Pair:
        s = slope(words @ contexts.T)
        return s @ contexts, s.T @ words

    return velocity


def square_slope(matrix: ArrayLike, weights: ArrayLike = 1.0) -> Slope:
    """Make the slope of the loss (1/4) sum G (M - A B^T)^2.

    It is G o (M - A B^T) / 2, so that time is flow time.

    Parameters
    ----------
    matrix : (V, U) array_like
        M.
    weights : (V, U) array_like
        G; 1 for all pairs by default.

    Returns
    -------
    callable
        Minus the derivative of the loss with respect to A B^T, from A B^T.

    Examples
    --------
    >>> square_slope([[2.0, 1.0]])(np.array([[0.0, 1.0]]))
    array([[1., 0.]])
    """
    m, g = np.asarray(matrix, float), np.asarray(weights, float)
    return lambda product: g * (m - product) / 2


def logistic_slope(positive: ArrayLike, negative: ArrayLike) -> Slope:
    """Make the slope of the loss of word2vec (arXiv 2502.09863, eq. 1).

    Parameters
    ----------
    positive : (V, U) array_like
        Psi+_ij P_ij.
    negative : (V, U) array_like
        Psi-_ij P_i P_j.

    Returns
    -------
    callable
        Minus the derivative of the loss with respect to A B^T, from A B^T.

    Examples
    --------
    >>> logistic_slope([[0.6]], [[0.2]])(np.array([[0.0]]))
    array([[0.2]])
    """
    plus, minus = np.asarray(positive, float), np.asarray(negative, float)
    return lambda x: plus / (1 + np.exp(x)) - minus / (1 + np.exp(-x))


def conserved(
    velocity: Velocity, words0: ArrayLike, contexts0: ArrayLike, times: ArrayLike
) -> Check:
    """Check that A^T A - B^T B stays what it is at the start.

    True of every loss of A B^T (Saxe, McClelland and Ganguli 2014, for deep linear networks).

    Parameters
    ----------
    velocity : callable
        (dA/dt, dB/dt) from (A, B), for example `gradient_flow` of a loss's slope.
    words0 : (V, d) array_like
        A(0), any.
    contexts0 : (U, d) array_like
        B(0), any.
    times : (T,) array_like
        Flow times, increasing, from 0 on.

    Returns
    -------
    Check
        The error is the largest change of A^T A - B^T B, relative to ||A||_F^2 + ||B||_F^2;
        10,000 step errors are allowed.

    Raises
    ------
    InputError
        An integration that fails.

    Examples
    --------
    >>> logistic = gradient_flow(logistic_slope([[0.6, 0.1]], [[0.2, 0.3]]))
    >>> conserved(logistic, [[1.0, 0.5]], [[0.2, 0.1], [0.0, 1.0]], [0.0, 1.0, 3.0]).holds
    True
    >>> decay = lambda words, contexts: (-words, -contexts)
    >>> conserved(decay, [[1.0, 0.5]], [[0.2, 0.1], [0.0, 1.0]], [0.0, 1.0, 3.0]).holds
    False
    """
    a0, b0, at = (np.asarray(x, float) for x in (words0, contexts0, times))

    def flat(_: float, both: Real) -> Real:
        a, b = both[: a0.size].reshape(a0.shape), both[a0.size :].reshape(b0.shape)
        return np.concatenate([part.ravel() for part in velocity(a, b)])

    start = np.concatenate([a0.ravel(), b0.ravel()])
    least = RTOL * float(np.abs(start).max(initial=0)) or np.finfo(float).tiny
    solved = solve_ivp(
        flat, (0, at[-1] or 1.0), start, method="DOP853", t_eval=at, rtol=RTOL, atol=least
    )
    if not solved.success:
        raise InputError(f"the integration failed ({solved.message}); pass smaller times")
    a = solved.y[: a0.size].T.reshape(-1, *a0.shape)
    b = solved.y[a0.size :].T.reshape(-1, *b0.shape)
    now = np.swapaxes(a, 1, 2) @ a - np.swapaxes(b, 1, 2) @ b
    change = np.linalg.norm(now - (a0.T @ a0 - b0.T @ b0), axis=(1, 2))
    size = np.square(a).sum((1, 2)) + np.square(b).sum((1, 2))
    errors = change / np.where(size > 0, size, 1.0)
    worst = int(np.argmax(errors))
    return Check(
        "A^T A - B^T B is conserved",
        float(errors[worst]),
        # A step's error, times the steps, and the interpolation between steps.
        1e4 * RTOL,
        {"words0": a0, "contexts0": b0, "time": at[worst], "change": now[worst] - now[0]},
    )


def step_drift(
    matrix: ArrayLike,
    words: ArrayLike,
    contexts: ArrayLike,
    step: float,
    *,
    descend: Callable[[Real, Real, Real, float], Pair] | None = None,
) -> Check:
    """Check that one gradient step changes A^T A - B^T B by terms of h^2 alone.

    The step A + h E B, B + h E^T A changes it by h^2 (B^T E^T E B - A^T E E^T A), exactly.

    Parameters
    ----------
    matrix : (V, U) array_like
        M.
    words : (V, d) array_like
        A.
    contexts : (U, d) array_like
        B.
    step : float
        h, the size of the step.
    descend : callable, optional
        Your own step, (M, A, B, h) to (A, B).

    Returns
    -------
    Check
        The error is the largest entry of the difference, in units of the terms it is a sum
        of; 4 (V + U + d) machine epsilon are allowed.

    Examples
    --------
    >>> found = step_drift([[2.0]], [[1.0]], [[0.5]], 0.1)
    >>> found.holds, round(float(found.witness["stated"].item()), 6)
    (True, -0.016875)
    """
    m, a, b = (np.asarray(x, float) for x in (matrix, words, contexts))
    e = m - a @ b.T
    own = (a + step * (e @ b), b + step * (e.T @ a))
    a1, b1 = own if descend is None else descend(m, a, b, step)
    drift = (a1.T @ a1 - b1.T @ b1) - (a.T @ a - b.T @ b)
    eb, ea = e @ b, e.T @ a
    stated = step**2 * (eb.T @ eb - ea.T @ ea)
    # |A| + h (|M| + |A||B|^T)|B| bounds every partial sum of a column of A + h E B.
    error = np.abs(m) + np.abs(a) @ np.abs(b).T
    first = np.abs(a) + abs(step) * error @ np.abs(b)
    second = np.abs(b) + abs(step) * error.T @ np.abs(a)
    size = float((first.T @ first + second.T @ second).max())
    return Check(
        "one step drifts by h^2 (B^T E^T E B - A^T E E^T A)",
        float(np.abs(drift - stated).max()) / (size or 1.0),
        # Each of the nested sums, of d and of V or U terms, rounds at most once a term.
        4 * (sum(m.shape) + a.shape[1]) * EPS,
        {"matrix": m, "words": a, "contexts": b, "step": step, "drift": drift, "stated": stated},
    )


def closed_form(matrix: Real, words0: Real, contexts0: Real, times: Real) -> Pair:
    """Solve the untied flow by `UntiedFlow` on the singular value decomposition of M.

    Parameters
    ----------
    matrix : (V, U) float
        M.
    words0 : (V, d) float
        A(0).
    contexts0 : (U, d) float
        B(0), balanced: A^T A - B^T B = l I.
    times : (T,) float
        Flow times.

    Returns
    -------
    words : (T, V, d) float
        A at each time.
    contexts : (T, U, d) float
        B at each time, up to the same rotation of the columns.

    Examples
    --------
    >>> words, contexts = closed_form(
    ...     np.array([[-2.0]]), np.array([[0.1]]), np.array([[0.1]]), np.array([0.0, 4.0])
    ... )
    >>> (words * contexts).ravel().round(3)  # tied, a negative mode decays
    array([0.01, 0.  ])
    """
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    return UntiedFlow(left, values, right.T, words0, contexts0).at(times)


def exact(
    matrix: ArrayLike,
    words0: ArrayLike,
    contexts0: ArrayLike,
    times: ArrayLike,
    *,
    solution: UntiedSolution = closed_form,
) -> Check:
    """Check that from a balanced start the closed form has the Gram matrix of the flow.

    The Gram matrix is that of [A; B]. Balanced starts: Fukumizu 1998, Braun et al. 2022 for
    l = 0, Dominé et al. 2024 for any l.

    Parameters
    ----------
    matrix : (V, U) array_like
        M, of any shape and rank.
    words0 : (V, d) array_like
        A(0).
    contexts0 : (U, d) array_like
        B(0), with A^T A - B^T B = l I.
    times : (T,) array_like
        Flow times, increasing, from 0 on.
    solution : callable, optional
        Your own closed form, (M, A(0), B(0), times) to A (T, V, d) and B (T, U, d).

    Returns
    -------
    Check
        The error is the largest ||Q Q^T - truth||_F / ||truth||_F with Q = [A; B], divided by
        how much the flow magnifies errors of the start; 100 step errors are allowed.

    Examples
    --------
    >>> exact([[2.0, 0.0], [1.0, -1.0]], [[0.5], [0.1]], [[0.1], [0.5]], [0.0, 1.0, 5.0]).holds
    True
    """
    m, a0, b0, at = (np.asarray(x, float) for x in (matrix, words0, contexts0, times))
    truth = np.concatenate(integrate_untied(m, a0, b0, at, rtol=RTOL), axis=1)
    found = np.concatenate(solution(m, a0, b0, at), axis=1)
    gram, wanted = (x @ np.swapaxes(x, 1, 2) for x in (found, truth))
    start = np.concatenate([a0, b0])
    errors = _relative(gram - wanted, wanted) / _magnified(m, start, truth, at)
    worst = int(np.argmax(np.where(np.isnan(errors), np.inf, errors)))
    return Check(
        "the closed form has the Gram matrix of the integrated words and contexts",
        float(errors[worst]),
        100 * RTOL,
        {"matrix": m, "words0": a0, "contexts0": b0, "time": at[worst]},
    )


def stays_tied(
    eigenvalues: ArrayLike,
    eigenvectors: ArrayLike,
    words0: ArrayLike,
    times: ArrayLike,
) -> Check:
    """Check that for a symmetric target contexts that start as the words stay the words.

    And that they follow the tied flow. The closed form is given eigenpairs, with which B = A
    has to hold to the bit: the tied manifold is unstable along negative eigenvalues, where
    a difference of rounding would grow as e^(|lambda| t / 2).

    Parameters
    ----------
    eigenvalues : (V,) array_like
        Eigenvalues of M, of any sign.
    eigenvectors : (V, V) array_like
        Eigenvectors in columns.
    words0 : (V, d) array_like
        A(0) = B(0).
    times : (T,) array_like
        Flow times, increasing, from 0 on.

    Returns
    -------
    Check
        The error is that of A A^T against the tied flow, relative, divided by how much the
        flow magnifies errors; infinite where A and B differ at all. 100 step errors are
        allowed.

    Examples
    --------
    >>> stays_tied([2.0, -1.0], np.eye(2), [[0.3], [0.2]], [0.0, 1.0, 8.0]).holds
    True
    """
    values, vectors, w0, at = (
        np.asarray(x, float) for x in (eigenvalues, eigenvectors, words0, times)
    )
    m = (vectors * values) @ vectors.T
    words, contexts = UntiedFlow(vectors, values, vectors, w0, w0).at(at)
    truth = integrate_tied((m + m.T) / 2, w0, at, rtol=RTOL)
    gram, wanted = (x @ np.swapaxes(x, 1, 2) for x in (words, truth))
    growth = np.exp(max(float(values.max()), 0.0) * at / 2)
    errors = _relative(gram - wanted, wanted) / _at_least_1(growth, w0, truth)
    worst = int(np.argmax(np.where(np.isnan(errors), np.inf, errors)))
    return Check(
        "words and contexts that start equal stay equal and follow the tied flow",
        float(errors[worst]) if np.array_equal(words, contexts) else np.inf,
        100 * RTOL,
        {"eigenvalues": values, "words0": w0, "time": at[worst]},
    )


def learns_by_magnitude(
    matrix: ArrayLike,
    words0: ArrayLike,
    contexts0: ArrayLike,
    time: float,
    *,
    solution: UntiedSolution = closed_form,
) -> Check:
    """Check that from a small start A B^T becomes the best rank-d approximation of M.

    Best by |eigenvalue|, where tied weights go by signed eigenvalue. And A A^T becomes the
    square root of (M M^T)_[d], which is |M|_[d] of a symmetric M.
    For d < min(V, U), or from almost every start for V != U. With d = V = U the flow keeps
    the sign of det A det B, for neither becomes singular, and from the half of all starts
    for which it is not the sign of det M the last mode is never learned.

    Parameters
    ----------
    matrix : (V, U) array_like
        M, with s_d > s_{d+1} for d columns of the start.
    words0 : (V, d) array_like
        A(0), small, with A^T A = B^T B.
    contexts0 : (U, d) array_like
        B(0), small.
    time : float
        Flow time, late enough for all d modes: several times ln(s_d / start^2) / s_d.
    solution : callable, optional
        Your own closed form, as in `exact`.

    Returns
    -------
    Check
        The error is the larger of the two differences, relative to s_1. Allowed is what the
        flow has yet to go, e^(-(s_d - s_{d+1}) t / 2) times the largest factor that the
        start allows, and rounding.

    Examples
    --------
    >>> matrix = [[1.0, 0.0], [0.0, -2.0]]
    >>> found = learns_by_magnitude(matrix, [[0.01], [0.02]], [[0.02], [0.01]], 30.0)
    >>> found.holds, round(float(found.witness["seen"][1, 1]), 3)
    (True, -2.0)
    """
    m, a0, b0 = (np.asarray(x, float) for x in (matrix, words0, contexts0))
    d = a0.shape[1]
    left, s, right = np.linalg.svd(m)
    words, contexts = (part[0] for part in solution(m, a0, b0, np.array([time])))
    learned = (left[:, :d] * s[:d]) @ right[:d]
    magnitude = (left[:, :d] * s[:d]) @ left[:, :d].T
    errors = [
        np.linalg.norm(words @ contexts.T - learned, 2),
        np.linalg.norm(words @ words.T - magnitude, 2),
    ]
    # What the start has, at the least, of the modes to be learned, against all of it.
    plus = (left[:, : len(s)].T @ a0 + right[: len(s)] @ b0) / 2
    whole = float(np.hypot(np.linalg.norm(a0), np.linalg.norm(b0)))
    # Even if the start has next to nothing of a mode, only this much delay is allowed for.
    least = max(float(np.linalg.svd(plus[:d], compute_uv=False).min()), 1e-6 * whole)
    following = s[d] if d < len(s) else 0.0
    to_go = np.exp(-(s[d - 1] - following) * time / 2) * whole / least
    # Each learned mode was s / least^2 e^(-s t) short, in units of itself.
    late = s[0] / least**2 * np.exp(-s[d - 1] * time)
    return Check(
        "from a small start A B^T becomes the rank-d truncation by magnitude, A A^T that of |M|",
        float(max(errors) / s[0]),
        float(4 * (to_go + late) + 10 * sum(m.shape) * EPS),
        {"matrix": m, "time": time, "seen": words @ contexts.T, "wanted": learned},
    )


def _relative(difference: Real, truth: Real) -> Real:
    sizes = np.linalg.norm(truth, axis=(1, 2))
    found: Real = np.linalg.norm(difference, axis=(1, 2)) / np.where(sizes > 0, sizes, 1.0)
    return found


def _magnified(matrix: Real, start: Real, truth: Real, times: Real) -> Real:
    """How much larger a relative error of the start can be by each of the times."""
    return _at_least_1(np.exp(float(np.linalg.norm(matrix, 2)) * times / 2), start, truth)


def _at_least_1(growth: Real, start: Real, truth: Real) -> Real:
    sizes = np.linalg.norm(truth, axis=(1, 2))
    ratio = np.linalg.norm(start) / np.where(sizes > 0, sizes, np.inf)
    found: Real = np.maximum(growth * ratio, 1.0)
    return found
