"""Checks that the closed forms share, each with one sentence for its error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repsearch.dynamics.arrays import Array, as_float64
from repsearch.errors import InputError

Real = NDArray[np.float64]


def checked_eigenvalues(values: Real) -> Real:
    """One finite number or more, in one dimension.

    Raises
    ------
    InputError
        They are not.
    """
    if values.ndim != 1 or not len(values):
        raise InputError(f"eigenvalues have shape {values.shape}; pass one or more in one row")
    _check_finite(values, "eigenvalues")
    return values


def checked_times(times: Array) -> Real:
    """Flow times from 0 on, in one dimension; a single number is taken for a row of one.

    Raises
    ------
    InputError
        They are not.
    """
    at = np.atleast_1d(as_float64(times))
    if at.ndim != 1 or not len(at):
        raise InputError(f"times have shape {at.shape}; pass one or more in one row")
    _check_finite(at, "times")
    if at.min() < 0:
        raise InputError(f"time {at.min():g} lies before the start; pass times of at least 0")
    return at


def checked_start(start: Array | float, d: int) -> Real:
    """Singular values at time 0, one for each mode.

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
    """V*^T W(0), a row for each mode and a column for each dimension.

    Raises
    ------
    InputError
        Another shape, or numbers that are not finite.
    """
    if projection.ndim != 2 or projection.shape[0] != modes or not projection.shape[1]:
        raise InputError(
            f"the projection of the start has shape {projection.shape}; pass V^T W(0), "
            f"a row for each of the {modes} eigenvalues and a column for each dimension"
        )
    _check_finite(projection, "the projection of the start")
    return projection


def _check_finite(values: Real, name: str) -> None:
    wrong = values[~np.isfinite(values)]
    if len(wrong):
        raise InputError(f"{name} contain {wrong[0]}; pass finite numbers")
