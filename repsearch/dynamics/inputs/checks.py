"""Check eigenvalues, times, starts and numbers, each with one sentence for its error."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.dynamics.inputs.numpy_or_torch import Array, as_float64
from repsearch.errors import InputError

Real = NDArray[np.float64]


def checked_eigenvalues(values: Real) -> Real:
    """Refuse eigenvalues that are not one finite number or more, in one dimension.

    Parameters
    ----------
    values : (K,) float64
        Eigenvalues, of any sign and in any order.

    Returns
    -------
    (K,) float64
        The same.

    Raises
    ------
    InputError
        Another number of dimensions, none at all, or one that is not finite.
    """
    if values.ndim != 1 or not len(values):
        raise InputError(f"eigenvalues have shape {values.shape}; pass one or more in one row")
    _check_finite(values, "eigenvalues")
    return values


def checked_times(times: Array) -> Real:
    """Give flow times in float64; a single number is taken for a row of one.

    Parameters
    ----------
    times : (T,) array or float
        Flow times.

    Returns
    -------
    (T,) float64
        The same times.

    Raises
    ------
    InputError
        Times in more than one dimension, none at all, or one that is negative or not finite.
    """
    at = np.atleast_1d(as_float64(times))
    if at.ndim != 1 or not len(at):
        raise InputError(f"times have shape {at.shape}; pass one or more in one row")
    _check_finite(at, "times")
    if at.min() < 0:
        raise InputError(f"time {at.min():g} lies before the start; pass times of at least 0")
    return at


def checked_increasing_times(times: Array) -> Real:
    """Give flow times in float64, refusing those that do not increase.

    Parameters
    ----------
    times : (T,) array
        Flow times.

    Returns
    -------
    (T,) float64
        The same times.

    Raises
    ------
    InputError
        Times that are negative, not finite, or no later than the one before.
    """
    at = checked_times(times)
    if (np.diff(at) <= 0).any():
        raise InputError("the times do not increase; sort them and drop repeated ones")
    return at


def checked_start(start: Array | float, d: int) -> Real:
    """Give the singular values at time 0, one for each mode.

    Parameters
    ----------
    start : (d,) array or float
        s_k(0), or one number for all modes.
    d : int
        Number of modes.

    Returns
    -------
    (d,) float64
        s_k(0).

    Raises
    ------
    InputError
        Another number of them, or one that is negative or not finite.
    """
    s0 = as_float64(start)
    if s0.ndim == 0:
        s0 = np.full(d, float(s0))
    if s0.shape != (d,):
        raise InputError(
            f"start has shape {s0.shape}; pass one singular value for each of {d} modes"
        )
    _check_finite(s0, "start")
    if s0.min() < 0:
        raise InputError(f"start has {s0.min():g}; singular values are at least 0")
    return s0


def checked_projection(projection: Real, modes: int) -> Real:
    """Refuse a projection V*^T W(0) of another shape.

    Parameters
    ----------
    projection : (K, d) float64
        A row for each mode and a column for each dimension.
    modes : int
        K.

    Returns
    -------
    (K, d) float64
        The same.

    Raises
    ------
    InputError
        Another shape, or a number that is not finite.
    """
    if projection.ndim != 2 or projection.shape[0] != modes or not projection.shape[1]:
        raise InputError(
            f"the projection of the start has shape {projection.shape}; pass V^T W(0), "
            f"a row for each of the {modes} eigenvalues and a column for each dimension"
        )
    _check_finite(projection, "the projection of the start")
    return projection


def check_whole(name: str, number: object) -> None:
    """Refuse what is no whole number of at least 1.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    number : object
        Its value.

    Raises
    ------
    InputError
        Something else than an int of at least 1.
    """
    if not is_whole(number) or number < 1:  # type: ignore[operator]
        raise InputError(f"{name} is {number!r}; pass a whole number of at least 1")


def check_positive(name: str, number: float) -> None:
    """Refuse what is not positive and finite.

    Parameters
    ----------
    name : str
        Name of the argument, for the message.
    number : float
        Its value.

    Raises
    ------
    InputError
        0 or less, infinite, or not a number.
    """
    if not 0 < number < math.inf:
        raise InputError(f"{name} is {number!r}; pass a positive finite number")


def _check_finite(values: Real, name: str) -> None:
    wrong = values[~np.isfinite(values)]
    if len(wrong):
        raise InputError(f"{name} contain {wrong[0]}; pass finite numbers")
