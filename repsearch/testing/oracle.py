"""Integrate the gradient flow numerically, as the reference for every closed form.

Dormand and Prince's method of order 8 (`scipy.integrate.DOP853`), with steps
chosen by its own estimate of the error. Nothing here uses eigenvalues, and
nothing of `repsearch.dynamics` is used, so a closed form that agrees with these
functions agrees with the differential equation itself.

Time is that of arXiv 2502.09863, Lemma 3.1: for the quartic loss with constant
weight g, dW/dt = -(1/(2g)) grad L = (1/2) (M - W W^T) W.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from repsearch.errors import InputError

Real = NDArray[np.float64]

# solve_ivp raises a smaller rtol to this value, with a warning.
LEAST_RTOL = 100 * np.finfo(float).eps


def integrate_tied(
    matrix: ArrayLike,
    start: ArrayLike,
    times: ArrayLike,
    *,
    rtol: float = 1e-12,
    atol: float | None = None,
) -> Real:
    """Integrate dW/dt = (1/2) (M - W W^T) W (arXiv 2502.09863, Lemma 3.1).

    Parameters
    ----------
    matrix : (V, V) array_like
        M, symmetric; it may be indefinite.
    start : (V, d) array_like
        W(0).
    times : (T,) array_like
        Flow times, increasing, from 0 on (0 itself gives `start`).
    rtol : float
        Relative error allowed in one step, at least 100 machine epsilon.
    atol : float, optional
        Absolute error of an entry allowed in one step; `rtol` times the
        largest entry of `start` by default. A start much smaller than the
        solution needs it this small: its direction decides what is learned.

    Returns
    -------
    (T, V, d) array
        W at each time.

    Raises
    ------
    InputError
        Shapes that do not fit, a matrix that is not symmetric, numbers that
        are not finite, times out of order, or an integration that fails.

    Examples
    --------
    >>> found = integrate_tied([[2.0, 0.0], [0.0, 1.0]], [[0.1], [0.1]], [0.0, 4.0, 20.0])
    >>> found[:, :, 0].round(3)  # the larger mode wins
    array([[0.1  , 0.1  ],
           [1.347, 0.182],
           [1.414, 0.   ]])
    """
    m = _square(matrix)
    w = _finite("start", start)
    _check_start("start", w, len(m))

    def velocity(_: float, flat: Real) -> Real:
        now = flat.reshape(w.shape)
        return np.asarray((m @ now - now @ (now.T @ now)) / 2).ravel()

    return _integrate(velocity, w.ravel(), times, rtol=rtol, atol=atol).reshape(-1, *w.shape)


def integrate_weighted(
    matrix: ArrayLike,
    weights: ArrayLike,
    start: ArrayLike,
    times: ArrayLike,
    *,
    rtol: float = 1e-12,
    atol: float | None = None,
) -> Real:
    """Integrate dW/dt = (1/2) (G o (M - W W^T)) W, with o the elementwise product.

    This is minus half the gradient of the loss of arXiv 2502.09863, Proposition 2,
    for any symmetric G, of rank 1 or not.

    Parameters
    ----------
    matrix : (V, V) array_like
        M, symmetric.
    weights : (V, V) array_like
        G, symmetric.
    start : (V, d) array_like
        W(0).
    times : (T,) array_like
        Flow times, increasing, from 0 on.
    rtol, atol : float
        Relative and absolute error allowed in one step, as in `integrate_tied`.

    Returns
    -------
    (T, V, d) array
        W at each time.

    Raises
    ------
    InputError
        Shapes that do not fit, a matrix that is not symmetric, numbers that
        are not finite, times out of order, or an integration that fails.

    Examples
    --------
    >>> weights = [[1.0, 1.0], [1.0, 0.0]]  # the pair of the second word with itself is left out
    >>> found = integrate_weighted([[2.0, 1.0], [1.0, 0.0]], weights, [[0.1], [0.1]], [30.0])
    >>> (found[0] @ found[0].T).round(3)
    array([[2. , 1. ],
           [1. , 0.5]])
    """
    m = _square(matrix)
    g = _square(weights, name="weights")
    w = _finite("start", start)
    if g.shape != m.shape:
        raise InputError(f"weights has shape {g.shape} and matrix {m.shape}; pass equal shapes")
    _check_start("start", w, len(m))

    def velocity(_: float, flat: Real) -> Real:
        now = flat.reshape(w.shape)
        return np.asarray((g * (m - now @ now.T)) @ now / 2).ravel()

    return _integrate(velocity, w.ravel(), times, rtol=rtol, atol=atol).reshape(-1, *w.shape)


def integrate_untied(
    matrix: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    times: ArrayLike,
    *,
    rtol: float = 1e-12,
    atol: float | None = None,
) -> tuple[Real, Real]:
    """Integrate dA/dt = (1/2) (M - A B^T) B, dB/dt = (1/2) (M - A B^T)^T A.

    Untied weights are not in arXiv 2502.09863; its flow is that of B = A and a symmetric M.

    Parameters
    ----------
    matrix : (V, U) array_like
        M; it need be neither symmetric nor square.
    first : (V, d) array_like
        A(0), the words.
    second : (U, d) array_like
        B(0), the contexts.
    times : (T,) array_like
        Flow times, increasing, from 0 on.
    rtol, atol : float
        Relative and absolute error allowed in one step, as in `integrate_tied`.

    Returns
    -------
    first : (T, V, d) array
        A at each time.
    second : (T, U, d) array
        B at each time.

    Raises
    ------
    InputError
        Shapes that do not fit, numbers that are not finite, times out of order, or an
        integration that fails.

    Examples
    --------
    >>> words, contexts = integrate_untied([[-2.0]], [[0.1]], [[0.0]], [40.0])
    >>> (words[0] @ contexts[0].T).round(3)  # untied weights learn negative eigenvalues too
    array([[-2.]])
    """
    m = _finite("matrix", matrix)
    a, b = _finite("first", first), _finite("second", second)
    _check_start("first", a, m.shape[0])
    _check_start("second", b, m.shape[1])
    if a.shape[1] != b.shape[1]:
        raise InputError(
            f"first has {a.shape[1]} columns and second {b.shape[1]}; pass the same number"
        )

    def velocity(_: float, flat: Real) -> Real:
        now_a, now_b = flat[: a.size].reshape(a.shape), flat[a.size :].reshape(b.shape)
        error = m - now_a @ now_b.T
        return np.concatenate([(error @ now_b).ravel(), (error.T @ now_a).ravel()]) / 2

    both = np.concatenate([a.ravel(), b.ravel()])
    found = _integrate(velocity, both, times, rtol=rtol, atol=atol)
    return found[:, : a.size].reshape(-1, *a.shape), found[:, a.size :].reshape(-1, *b.shape)


def _integrate(
    velocity: Callable[[float, Real], Real],
    start: Real,
    times: ArrayLike,
    *,
    rtol: float,
    atol: float | None,
) -> Real:
    moments = np.asarray(times, dtype=float)
    if moments.ndim != 1 or not np.isfinite(moments).all():
        raise InputError(f"times is {times!r}; pass a one-dimensional list of finite numbers")
    if (moments < 0).any() or (np.diff(moments) < 0).any():
        raise InputError(f"times is {times!r}; pass times that increase, from 0 on")
    if not rtol >= LEAST_RTOL:
        raise InputError(f"rtol is {rtol!r}; pass at least {LEAST_RTOL:.1e}")
    if atol is None:
        atol = rtol * float(np.abs(start).max(initial=0))
    if not atol >= 0:
        raise InputError(f"atol is {atol!r}; pass a number from 0 on")

    def checked(moment: float, now: Real) -> Real:
        slope = velocity(moment, now)
        # The solver would try ever new steps, without end.
        if not np.isfinite(slope).all():
            raise InputError(
                f"the integration overflowed at time {moment:.3g}; pass a smaller matrix or start"
            )
        return slope

    state, before, found = start, 0.0, []
    for moment in moments.tolist():
        # One integration to each time: values between steps would come from an
        # interpolation of lower order than the method's.
        if moment > before and state.any():
            solution = solve_ivp(
                checked, (before, moment), state, method="DOP853", rtol=rtol, atol=atol
            )
            if not solution.success:
                raise InputError(
                    f"the integration to time {moment!r} failed ({solution.message}); "
                    "pass smaller times or a looser rtol"
                )
            state = solution.y[:, -1]
        before = moment
        found.append(state)
    return np.array(found).reshape(len(moments), start.size)


def _finite(name: str, values: ArrayLike) -> Real:
    array = np.asarray(values, dtype=float)
    if array.ndim != 2 or not np.isfinite(array).all():
        raise InputError(f"{name} has shape {array.shape}; pass a matrix of finite numbers")
    return array


def _square(values: ArrayLike, *, name: str = "matrix") -> Real:
    array = _finite(name, values)
    if array.shape[0] != array.shape[1]:
        raise InputError(f"{name} has shape {array.shape}; pass a square one")
    asymmetry = float(np.abs(array - array.T).max(initial=0))
    # A product such as V Lambda V^T is symmetric up to rounding.
    if asymmetry > 1e-12 * np.abs(array).max(initial=0):
        raise InputError(f"{name} differs from its transpose by {asymmetry:.3g}; symmetrise it")
    return array


def _check_start(name: str, w: Real, rows: int) -> None:
    if len(w) != rows:
        raise InputError(f"{name} has {len(w)} rows but matrix needs {rows}; pass one per word")
