"""Solve the flow from an aligned start: a logistic curve for each mode (Lemma 3.1)."""

from __future__ import annotations

import numpy as np

from repsearch.dynamics.closed_form.growth import growth
from repsearch.dynamics.inputs.checks import checked_eigenvalues, checked_start, checked_times
from repsearch.dynamics.inputs.numpy_or_torch import Array, on_numpy


def aligned_singular_values(eigenvalues: Array, start: Array | float, times: Array) -> Array:
    """Work out the singular values of W over time, if W(0) = V* diag(start).

    arXiv 2502.09863, Lemma 3.1, eq. (11), for eigenvalues of any sign,

        s_k^2(t) = s_k^2(0) lambda e^(lambda t) / (lambda + s_k^2(0) (e^(lambda t) - 1)),

    at lambda = 0 its limit s_0^2 / (1 + s_0^2 t). Written as s = c D / sqrt(1 + D^2)
    with D = s_0 sqrt(phi_t) and c^2 = e^(lambda t) / phi_t, all in logarithms, it is
    finite for every time and any start that a float can hold, 1e-300 included.

    Parameters
    ----------
    eigenvalues : (d,) array
        Eigenvalues of the target, in the order of the modes.
    start : (d,) array or float
        s_k(0) >= 0, singular values themselves and not their squares.
    times : (T,) array
        Flow times, at least 0.

    Returns
    -------
    (T, d) array
        s_k(t), of the same kind, type and device as `eigenvalues`; worked out in float64.

    Raises
    ------
    InputError
        Shapes that do not fit, values that are not finite, a negative time or start.

    Examples
    --------
    >>> from repsearch.dynamics import aligned_singular_values
    >>> s = aligned_singular_values([4.0, 1.0, -1.0], 0.01, [0.0, 3.0, 30.0])
    >>> (s**2).round(2).tolist()  # (T, d)
    [[0.0, 0.0, 0.0], [3.21, 0.0, 0.0], [4.0, 1.0, 0.0]]
    """
    values, at, back = on_numpy(eigenvalues, times)
    values, at = checked_eigenvalues(values), checked_times(at)
    s0 = checked_start(start, len(values))
    g = growth(values, at[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        log_d = np.log(s0) + g.log_phi / 2
        small = log_d <= 0
        # c D = s_0 e^(lambda t / 2) while the mode is small, c once it is large.
        below = np.exp(np.where(small, np.log(s0) + g.half_log, -np.inf))
        above = np.exp(np.where(small, -np.inf, g.log_ceiling))
    return back(
        np.where(
            small,
            below / np.sqrt(1 + np.exp(2 * np.minimum(log_d, 0.0))),
            above / np.sqrt(1 + np.exp(-2 * np.maximum(log_d, 0.0))),
        )
    )
