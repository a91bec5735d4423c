"""Truncate difference vectors to their first d columns, for several d at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from probes.concepts.signal_to_noise.signal import Signal
from repsearch.checks import is_whole
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]
PAPER_DIMS: tuple[int, ...] = tuple(int(2 ** (k / 2)) for k in range(4, 25))
"""The 21 dimensions of the paper's figure 4, from 4 to 4,096."""


def truncated_grams(vectors: Real, dims: tuple[int, ...]) -> Real:
    """Compute the Gram matrices of the first d columns, each from the one before it.

    Parameters
    ----------
    vectors : (N, d) float
        Difference vectors.
    dims : tuple of int
        Numbers of columns, increasing.

    Returns
    -------
    (D, N, N) float
        One matrix for each of `dims`.

    Examples
    --------
    >>> truncated_grams(np.array([[1.0, 2.0, 3.0]]), (1, 3))[:, 0, 0]
    array([ 1., 14.])
    """
    with one_blas_thread():
        blocks = [
            vectors[:, begin:end] @ vectors[:, begin:end].T
            for begin, end in zip((0, *dims[:-1]), dims, strict=True)
        ]
    return np.cumsum(blocks, axis=0)


def with_dimension(found: Signal, d: int) -> Signal:
    """Note the dimension that a signal was found in.

    Parameters
    ----------
    found : Signal
        A signal of the first d columns.
    d : int
        Number of columns.

    Returns
    -------
    Signal
        The same but for its `dimension`.
    """
    return replace(found, dimension=d)


def checked_dims(dims: Iterable[int] | None, dimension: int) -> tuple[int, ...]:
    """Check numbers of columns, by default those of the paper that there are, and all columns.

    Parameters
    ----------
    dims : iterable of int or None
        Numbers of columns; None for the default.
    dimension : int
        Number of columns that there are.

    Returns
    -------
    tuple of int
        Increasing, at most `dimension`.

    Raises
    ------
    InputError
        They do not increase or are out of range.

    Examples
    --------
    >>> checked_dims(None, 10), checked_dims([2, 5], 10)
    ((4, 5, 8, 10), (2, 5))
    """
    if dims is None:
        return (*(d for d in PAPER_DIMS if d < dimension), dimension)
    columns = tuple(dims)
    for d in columns:
        if not is_whole(d) or not 1 <= d <= dimension:
            raise InputError(f"there is no dimension {d!r}; they lie between 1 and {dimension}")
    if not columns or any(np.diff(columns) <= 0):
        raise InputError(f"the dimensions {list(columns)} do not increase; sort them")
    return tuple(int(d) for d in columns)
