"""Check predictions about the gradient flow dW/dt = (1/2)(M - W W^T) W.

The reference is the integration of `repsearch.testing.oracle`; a solution of your
own can be passed in the place of ours. Times are flow times (arXiv 2502.09863,
Lemma 3.1). The error allowed is a multiple of the step error asked of the integrator, or
of rounding, times how much the flow itself magnifies an error of the start: at most
e^(max(lambda_1, 0) t / 2) |W(0)| / |W(t)|.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch import dynamics
from repsearch.testing.check import Check
from repsearch.testing.oracle import integrate_tied

Real = NDArray[np.float64]

AlignedSolution: TypeAlias = Callable[[Real, Real, Real], Real]
"""(eigenvalues (d,), s_k(0) (d,), times (T,)) to singular values (T, d)."""

ExactSolution: TypeAlias = Callable[[Real, Real, Real], Real]
"""(eigenvalues (K,), V^T W(0) (K, d), times (T,)) to V^T W(t) (T, K, d), up to a right rotation."""

RTOL = 1e-13
EPS = float(np.finfo(float).eps)


def aligned(
    eigenvalues: ArrayLike,
    start: ArrayLike,
    times: ArrayLike,
    *,
    solution: AlignedSolution = dynamics.aligned_singular_values,
) -> Check:
    """Check that an aligned start stays aligned, and that each mode follows the logistic curve.

    arXiv 2502.09863, Lemma 3.1, eq. (10) to (12).

    Parameters
    ----------
    eigenvalues : (d,) array_like
        Eigenvalues of M, of any sign.
    start : (d,) array_like
        s_k(0), the singular values of W(0).
    times : (T,) array_like
        Flow times, increasing.
    solution : callable, optional
        Your own closed form, (eigenvalues, start, times) to singular values (T, d).

    Returns
    -------
    Check
        The error is the largest ||W(t) - diag(s(t))|| / ||W(t)|| over the times, divided by
        how much the flow magnifies errors; 100 step errors are allowed.

    Examples
    --------
    >>> aligned([3.0, 1.0], [0.1, 0.1], [0.0, 1.0, 4.0]).holds
    True
    >>> def exponential(values, start, times):  # right only while s^2 is far below lambda
    ...     return start * np.exp(np.outer(times, values) / 2)
    >>> aligned([3.0, 1.0], [0.1, 0.1], [0.0, 1.0, 4.0], solution=exponential).holds
    False
    """
    values, s0, at = (np.asarray(x, float) for x in (eigenvalues, start, times))
    truth = integrate_tied(np.diag(values), np.diag(s0), at, rtol=RTOL)
    found = np.asarray(solution(values, s0, at), float)
    guess = np.stack([np.diag(row) for row in found])
    error, at_worst = _worst(guess - truth, truth, _magnified(values, truth, s0, at))
    return Check(
        "an aligned start follows s^2 = s_0^2 lambda e^(lambda t) / "
        "(lambda + s_0^2 (e^(lambda t) - 1))",
        error,
        100 * RTOL,
        {"eigenvalues": values, "start": s0, "time": at[at_worst], "seen": found[at_worst]},
    )


def exact(
    eigenvalues: ArrayLike,
    start: ArrayLike,
    times: ArrayLike,
    *,
    solution: ExactSolution = dynamics.coordinates,
) -> Check:
    """Check that the closed form from any start has the Gram matrix of the flow.

    The closed form solves a matrix Riccati equation; it is not in arXiv 2502.09863.

    Parameters
    ----------
    eigenvalues : (V,) array_like
        Eigenvalues of M, of any sign. M is diagonal here, which is general: the flow
        looks the same in every basis.
    start : (V, d) array_like
        W(0) in the basis of the eigenvectors.
    times : (T,) array_like
        Flow times, increasing.
    solution : callable, optional
        Your own closed form, (eigenvalues, start, times) to W(t) in the same basis,
        (T, V, d), up to a rotation of the columns.

    Returns
    -------
    Check
        The error is the largest ||A A^T - W W^T||_F / ||W W^T||_F over the times, divided by
        how much the flow magnifies errors; 100 step errors are allowed.

    Examples
    --------
    >>> exact([2.0, 0.0, -1.0], [[0.1], [0.2], [0.3]], [0.5, 5.0]).holds
    True
    """
    values, w0, at = (np.asarray(x, float) for x in (eigenvalues, start, times))
    truth = integrate_tied(np.diag(values), w0, at, rtol=RTOL)
    found = np.asarray(solution(values, w0, at), float)
    gram, wanted = (x @ np.swapaxes(x, 1, 2) for x in (found, truth))
    error, at_worst = _worst(gram - wanted, wanted, _magnified(values, truth, w0, at))
    return Check(
        "the closed form from any start has the Gram matrix of the integrated flow",
        error,
        100 * RTOL,
        {"eigenvalues": values, "start": w0, "time": at[at_worst], "seen": gram[at_worst]},
    )


def semigroup(
    eigenvalues: ArrayLike,
    start: ArrayLike,
    first: float,
    second: float,
    *,
    solution: ExactSolution = dynamics.coordinates,
) -> Check:
    """Check that going to time t and on by u is going to t + u, at any times, however large.

    This needs no integration, so it also tests solutions at times that cannot be
    integrated to. Rounding the product lambda t shifts a learning time by a relative
    machine epsilon, which moves a mode in its step by lambda t eps.

    Parameters
    ----------
    eigenvalues : (V,) array_like
        Eigenvalues of M, of any sign.
    start : (V, d) array_like
        W(0) in the basis of the eigenvectors, of full rank min(V, d).
    first, second : float
        The times t and u.
    solution : callable, optional
        Your own closed form, as in `exact`.

    Returns
    -------
    Check
        The error is that of the Gram matrix relative to its norm. Allowed are 100 machine
        epsilon times (1 + max |lambda| (t + u)) times the condition of the start.

    Examples
    --------
    >>> semigroup([2.0, 1.0], [[0.1, 0.0], [0.2, 0.1]], 3.0, 500.0).holds
    True
    """
    values, w0 = np.asarray(eigenvalues, float), np.asarray(start, float)
    halfway = np.asarray(solution(values, w0, np.array([first])))[0]
    on = np.asarray(solution(values, halfway, np.array([second])))[0]
    direct = np.asarray(solution(values, w0, np.array([first + second])))[0]
    gram, wanted = on @ on.T, direct @ direct.T
    size = np.linalg.norm(wanted)
    error = float(np.linalg.norm(gram - wanted) / size) if size else float(np.linalg.norm(gram))
    order = np.argsort(-values, kind="stable")
    left = np.abs(np.diag(np.linalg.qr(w0[order].T, mode="r")))
    condition = float(np.linalg.norm(w0) / left.min()) if left.min() else np.inf
    reach = 1 + float(np.abs(values).max()) * (first + second)
    return Check(
        "going to time t and on by u is going to t + u",
        error,
        100 * EPS * reach * max(condition, 1.0),
        {"eigenvalues": values, "start": w0, "t": first, "u": second},
    )


def loss_curve(
    eigenvalues: ArrayLike,
    start: ArrayLike,
    times: ArrayLike,
    *,
    solution: ExactSolution = dynamics.coordinates,
) -> Check:
    """Check that the loss along the closed form is that of the integrated W.

    The loss of the integrated W is taken from the definition of the loss (arXiv
    2502.09863, Theorem 1, with g = 1).

    Parameters
    ----------
    eigenvalues : (V,) array_like
        Eigenvalues of M, of any sign.
    start : (V, d) array_like
        W(0) in the basis of the eigenvectors.
    times : (T,) array_like
        Flow times, increasing.
    solution : callable, optional
        Your own closed form, as in `exact`.

    Returns
    -------
    Check
        The error is relative to the terms that are subtracted in the definition, divided by
        how much the flow magnifies errors; 100 step errors are allowed.

    Examples
    --------
    >>> loss_curve([2.0, 1.0, -1.0], [[0.1], [0.2], [0.3]], [0.0, 2.0, 10.0]).holds
    True
    """
    values, w0, at = (np.asarray(x, float) for x in (eigenvalues, start, times))
    m = np.diag(values)
    truth = integrate_tied(m, w0, at, rtol=RTOL)
    wanted = np.array(
        [(np.square(w @ w.T - m).sum() - np.square(m).sum()) / 4 for w in truth], float
    )
    found = np.asarray(dynamics.quartic_loss(values, solution(values, w0, at)), float)
    # Two terms of these sizes are subtracted in the definition.
    terms = np.array([np.square(w @ w.T).sum() + np.square(m).sum() for w in truth]) / 4
    magnified = _magnified(values, truth, w0, at)
    misses = np.abs(found - wanted) / (terms * magnified + np.finfo(float).tiny)
    worst = int(np.argmax(misses))
    return Check(
        "the loss along the closed form is the loss along the integrated flow",
        float(misses[worst]),
        100 * RTOL,
        {"eigenvalues": values, "start": w0, "time": at[worst], "loss": found[worst]},
    )


def loss_decreases(
    eigenvalues: ArrayLike,
    start: ArrayLike,
    times: ArrayLike,
    *,
    solution: ExactSolution = dynamics.coordinates,
) -> Check:
    """Check that the loss never rises, and falls at the rate dL/dt = -(1/2) ||grad L||^2.

    The slope is taken from the solution by a difference of fourth order, the gradient
    (M - W W^T) W from its values. With a constant weight g the rate is
    -(1/(2g)) ||grad L||^2 (arXiv 2502.09863, Lemma 3.1).

    Parameters
    ----------
    eigenvalues : (V,) array_like
        Eigenvalues of M, of any sign.
    start : (V, d) array_like
        W(0) in the basis of the eigenvectors.
    times : (T,) array_like
        Flow times, positive.
    solution : callable, optional
        Your own closed form, as in `exact`.

    Returns
    -------
    Check
        The error is the largest difference of the two rates, relative to lambda times the
        sizes that are subtracted. Allowed is what a step of 1e-3 / lambda leaves, (1e-3)^4,
        and rounding.

    Examples
    --------
    >>> loss_decreases([2.0, 1.0, -1.0], [[0.1], [0.2], [0.3]], [1.0, 3.0]).holds
    True
    """
    values, w0, at = (np.asarray(x, float) for x in (eigenvalues, start, times))
    rate = max(float(np.abs(values).max()), float(np.linalg.norm(w0, 2) ** 2)) or 1.0
    step = 1e-3 / rate
    worst, error = 0, 0.0
    for k, t in enumerate(at):
        base = max(t, 2 * step)
        around = base + step * np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
        solved = np.asarray(solution(values, w0, around), float)
        losses = np.asarray(dynamics.quartic_loss(values, solved))
        slope = (losses[0] - 8 * losses[1] + 8 * losses[3] - losses[4]) / (12 * step)
        now = solved[2]
        gradient = now @ (now.T @ now) - values[:, None] * now
        wanted = -np.square(gradient).sum() / 2
        gram = np.square(now.T @ now).sum()
        size = rate * (gram + (np.abs(values)[:, None] * now**2).sum())
        miss = abs(slope - wanted) / (size or 1.0)
        if miss > error or slope > 1e-9 * size:
            worst, error = k, max(miss, error) if slope <= 1e-9 * size else np.inf
    return Check(
        "the loss falls at the rate dL/dt = -(1/2) ||grad L||^2",
        error,
        1e3 * (1e-12 + EPS / 1e-3),
        {"eigenvalues": values, "start": w0, "time": at[worst]},
    )


def _worst(difference: Real, truth: Real, magnified: Real) -> tuple[float, int]:
    """Largest relative error over the times, net of how much the flow magnifies errors."""
    sizes = np.linalg.norm(truth, axis=(1, 2))
    errors = np.linalg.norm(difference, axis=(1, 2)) / (np.where(sizes > 0, sizes, 1) * magnified)
    worst = int(np.argmax(np.where(np.isnan(errors), np.inf, errors)))
    return float(errors[worst]), worst


def _magnified(eigenvalues: Real, truth: Real, start: Real, times: Real) -> Real:
    """How much larger a relative error of the start can be by each of the times."""
    growth = np.exp(np.maximum(eigenvalues.max(), 0.0) * times / 2)
    sizes = np.linalg.norm(truth, axis=(1, 2))
    ratio = np.linalg.norm(start) / np.where(sizes > 0, sizes, np.inf)
    found: Real = np.maximum(growth * ratio, 1.0)
    return found
