"""Check hidden states, and what is given for each, before anything is computed from them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probes.shared.resampling import Labels
from repsearch.errors import InputError


def centred_rows(states: ArrayLike) -> NDArray[np.float64]:
    """Check, scale and centre states: no direction depends on it, and squares stay in range.

    Parameters
    ----------
    states : (n, d) array_like
        States of one layer.

    Returns
    -------
    (n, d) float64

    Raises
    ------
    InputError
        Another shape, no real numbers, or one that is not finite.
    """
    given = np.asarray(states)
    if given.ndim != 2 or min(given.shape) < 1 or given.dtype.kind not in "fiu":
        raise InputError(
            f"the states have the shape {given.shape} and the type {given.dtype}; pass real "
            "numbers of the shape (n, d), one layer at a time"
        )
    rows = given.astype(np.float64)
    finite = np.isfinite(rows).all(axis=1)
    if not finite.all():
        row = int(np.argmin(finite))
        raise InputError(f"state {row + 1} has a NaN or an infinity; mend it or leave it out")
    rows /= float(np.abs(rows).max()) or 1.0
    return np.asarray(rows - rows.mean(axis=0))


def checked_column(name: str, given: ArrayLike, rows: int) -> NDArray[Any]:
    """Check what is given for each row.

    Parameters
    ----------
    name : str
        What it is called, for the message.
    given : (n,) array_like
        Numbers or strings.
    rows : int
        Number of states n.

    Returns
    -------
    (n,) ndarray

    Raises
    ------
    InputError
        Not one entry a row, objects, or a number that is not finite.
    """
    column = np.asarray(given)
    if column.shape != (rows,):
        raise InputError(
            f"{name} have the shape {column.shape} and there are {rows} states; pass one for each"
        )
    if column.dtype.kind not in "biufSU":
        raise InputError(f"{name} are of type {column.dtype}; pass numbers or strings")
    if column.dtype.kind == "f" and not np.isfinite(column).all():
        raise InputError(f"{name} have a NaN or an infinity; mend it or leave the row out")
    return column


def numbered(name: str, given: ArrayLike | None, rows: int) -> Labels:
    """Number groups or pairs from 0; each row is one of its own where none are given.

    Parameters
    ----------
    name : str
        What they are called, for the message.
    given : (n,) array_like or None
        Numbers or strings.
    rows : int
        Number of states n.

    Returns
    -------
    (n,) int64

    Raises
    ------
    InputError
        As for `checked_column`.
    """
    if given is None:
        return np.arange(rows, dtype=np.int64)
    _, numbers = np.unique(checked_column(name, given, rows), return_inverse=True)
    return numbers.astype(np.int64)
