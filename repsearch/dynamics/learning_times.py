"""Predict when each mode is learned, and with random starts how certain that is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.dynamics.effective_start import start_quantiles
from repsearch.dynamics.inputs.checks import checked_eigenvalues, checked_start
from repsearch.dynamics.inputs.numpy_or_torch import Array, on_numpy
from repsearch.errors import InputError

Real = NDArray[np.float64]


def learning_times(eigenvalues: Array, start: Array | float) -> Array:
    """Predict when each mode is learned: tau_k = (1 / lambda_k) ln(lambda_k / s_k^2(0)).

    arXiv 2502.09863, Lemma 3.1. At this flow time s_k^2 = lambda_k^2 / (2 lambda_k - s_k^2(0)),
    about half of its final lambda_k.

    Parameters
    ----------
    eigenvalues : (d,) array
        Eigenvalues of the target.
    start : (d,) array or float
        s_k(0), or `effective_start` of a small random start.

    Returns
    -------
    (d,) array
        Flow times: inf where a mode is never learned (no start, or an eigenvalue of 0 or
        less), 0 where it stands at lambda_k or above from the first.

    Raises
    ------
    InputError
        Shapes that do not fit, negative or not finite values.

    Examples
    --------
    >>> from repsearch.dynamics import learning_times
    >>> learning_times([4.0, 1.0, 0.0], 1e-3).round(2).tolist()
    [3.8, 13.82, inf]
    """
    values, back = on_numpy(eigenvalues)
    s0 = checked_start(start, len(checked_eigenvalues(values)))
    return back(_times(values, np.log(values, where=values > 0, out=np.zeros_like(values)), s0))


def half_height_times(eigenvalues: Array, start: Array | float) -> Array:
    """Predict when s_k^2 = lambda_k / 2: at (1 / lambda_k) ln(lambda_k / s_k^2(0) - 1).

    Exact on the curve of arXiv 2502.09863, Lemma 3.1, where tau_k is half height for a
    small start only.

    Parameters
    ----------
    eigenvalues : (d,) array
        Eigenvalues of the target.
    start : (d,) array or float
        s_k(0), or `effective_start` of a small random start.

    Returns
    -------
    (d,) array
        Flow times: inf where a mode is never learned, 0 where it stands at half its height or
        above from the first.

    Raises
    ------
    InputError
        Shapes that do not fit, negative or not finite values.

    Examples
    --------
    >>> from repsearch.dynamics import aligned_singular_values, half_height_times
    >>> (time,) = half_height_times([4.0], 0.5)
    >>> print(f"{time:.4f} {aligned_singular_values([4.0], 0.5, time)[0, 0] ** 2:.4f}")
    0.6770 2.0000
    """
    values, back = on_numpy(eigenvalues)
    s0 = checked_start(start, len(checked_eigenvalues(values)))
    remaining = values - s0 * s0
    log = np.log(remaining, where=remaining > 0, out=np.full_like(values, -np.inf))
    return back(_times(values, log, s0))


def learning_time_quantiles(
    eigenvalues: Array, scale: float, d: int, probabilities: Array
) -> Array:
    """Predict quantiles of tau_k over Gaussian starts, W_ij(0) ~ N(0, scale^2), of small scale.

    tau_k = (1 / lambda_k) ln(lambda_k / (scale^2 chi^2_{d-k+1})), from the distribution of
    `effective_start`. V scale^2 must be small beside lambda_k: all rows of W(0) together
    slow every mode.

    Parameters
    ----------
    eigenvalues : (K,) array
        Eigenvalues of the target, in decreasing order, K <= d.
    scale : float
        Standard deviation of an entry of W(0).
    d : int
        Dimension of the embeddings.
    probabilities : (n,) array
        Between 0 and 1, for example 0.05, 0.5 and 0.95.

    Returns
    -------
    (n, K) array
        Flow times, as in `learning_times`.

    Raises
    ------
    InputError
        A scale that is not positive, fewer dimensions than modes, probabilities
        out of range.

    Examples
    --------
    >>> from repsearch.dynamics import learning_time_quantiles
    >>> learning_time_quantiles([4.0, 1.0], 1e-6, 2, [0.05, 0.5, 0.95]).round(1)
    array([[ 6.8, 26.3],
           [ 7.2, 28.4],
           [ 7.8, 33.2]])
    """
    values, share, back = on_numpy(eigenvalues, probabilities)
    modes = len(checked_eigenvalues(values))
    if not 0 < scale < np.inf:
        raise InputError(f"scale is {scale!r}; pass a positive standard deviation")
    if not is_whole(d) or d < modes:
        raise InputError(f"d is {d!r}; pass a whole number of at least {modes}, one for each mode")
    share = np.atleast_1d(share)
    if share.size == 0 or not ((share > 0) & (share < 1)).all():
        raise InputError(
            "probabilities must lie between 0 and 1; pass for example [0.05, 0.5, 0.95]"
        )
    start = start_quantiles(modes, scale, d, share)
    log = np.log(values, where=values > 0, out=np.zeros_like(values))
    return back(np.stack([_times(values, log, s0) for s0 in start]))


def order_reversal(start: float) -> float:
    """Give the eigenvalue below which smaller modes are learned earlier, e s^2(0).

    tau(lambda) = ln(lambda / s^2(0)) / lambda falls with lambda above it and
    rises below: modes so weak that they have next to nothing left to learn. A start is
    small enough for the order of learning to be that of the eigenvalues where
    this is below the last of them.

    Parameters
    ----------
    start : float
        s(0), the same for all modes.

    Returns
    -------
    float
        An eigenvalue.

    Raises
    ------
    InputError
        A negative start, or one that is not finite.

    Examples
    --------
    >>> from repsearch.dynamics import learning_times, order_reversal
    >>> round(order_reversal(0.5), 3)
    0.68
    >>> learning_times([0.68, 0.4, 0.3], 0.5).round(2).tolist()  # the weakest first
    [1.47, 1.18, 0.61]
    """
    (s0,) = checked_start(start, 1)
    return float(np.e * s0 * s0)


def _times(eigenvalues: Real, log: Real, s0: Real) -> Real:
    """Work out (log - 2 ln s_0) / lambda, with its limits; `log` is -inf where the time is past."""
    never = (eigenvalues <= 0) | (s0 == 0)
    safe = np.where(never, 1.0, s0)
    wait = (log - 2 * np.log(safe)) / np.where(never, 1.0, eigenvalues)
    times: Real = np.where(never, np.inf, np.maximum(wait, 0.0))
    return times
