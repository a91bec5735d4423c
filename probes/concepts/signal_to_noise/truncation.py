"""Embeddings cut to their first d columns, for several d at once."""

from __future__ import annotations

from collections.abc import Iterable

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
    """(D, N, N) Gram matrices of the first d columns, each from the one before it."""
    with one_blas_thread():
        blocks = [
            vectors[:, begin:end] @ vectors[:, begin:end].T
            for begin, end in zip((0, *dims[:-1]), dims, strict=True)
        ]
    return np.cumsum(blocks, axis=0)


def with_dimension(found: Signal, d: int) -> Signal:
    """Give a signal the dimension it was found in."""
    return Signal(**{**vars(found), "dimension": d})


def checked_dims(dims: Iterable[int] | None, dimension: int) -> tuple[int, ...]:
    """Numbers of columns, by default those of the paper that there are, and all columns.

    Raises
    ------
    InputError
        They do not increase or are out of range.
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
