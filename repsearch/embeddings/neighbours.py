"""Find nearest neighbours by cosine."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Floating = TypeVar("Floating", bound=np.floating[Any])


def unit_rows(vectors: NDArray[Floating]) -> NDArray[Floating]:
    """Divide each row by its length; a row of zeros stays one.

    In the type of the input. Where equal cosines must be seen to be equal, or ranks be
    right, pass float64: float32 breaks such ties by rounding.

    Parameters
    ----------
    vectors : ndarray of float, shape (n, d)
        Vectors of any finite length.

    Returns
    -------
    ndarray of the same type, shape (n, d)
        Vectors of length 1, or 0.

    Examples
    --------
    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    # Dividing by the largest entry first keeps the squares from over- and underflow.
    largest = np.maximum(vectors.max(axis=1, initial=0), -vectors.min(axis=1, initial=0))
    largest[largest == 0] = 1
    scaled: NDArray[Floating] = vectors / largest[:, None]
    lengths = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))
    lengths[lengths == 0] = 1
    scaled /= lengths[:, None]
    return scaled


def rows_with_direction(vectors: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Tell which vectors are not zero.

    Parameters
    ----------
    vectors : ndarray of float, shape (V, d)
        Finite vectors.

    Returns
    -------
    ndarray of bool, shape (V,)
        Read-only.
    """
    found = np.asarray(vectors[:, 0] != 0)
    # Nearly every row is settled by its first column; the others are few.
    left = np.flatnonzero(~found)
    found[left] = vectors[left].any(axis=1)
    found.flags.writeable = False
    return found


def nearest(
    unit: NDArray[np.floating[Any]],
    target: NDArray[np.floating[Any]],
    *,
    excluded: Collection[int],
    most: int,
) -> list[tuple[int, float]]:
    """Find the rows with the largest cosines to a vector.

    Parameters
    ----------
    unit : (V, d) ndarray
        Rows of length one (or zero).
    target : (d,) ndarray
        Vector to compare them with, of any length.
    excluded : collection of int
        Rows that are left out of the answer.
    most : int
        Largest number of rows to return, at least 1.

    Returns
    -------
    list of (int, float)
        Rows and cosines, the largest first; among equals the lower row is
        first.

    Examples
    --------
    >>> rows = unit_rows(np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]))
    >>> nearest(rows, np.array([1.0, 0.1]), excluded={0}, most=1)
    [(1, 0.77...)]
    """
    cosines = unit @ unit_rows(target[None, :])[0].astype(unit.dtype)
    cosines[list(excluded)] = -np.inf
    count = min(most, len(unit) - len(excluded))
    if count < 1:
        return []
    # Sorting only cosines at least as large as the last one returned is much faster
    # than sorting all; a stable sort keeps ties in order.
    least = np.partition(cosines, len(unit) - count)[len(unit) - count]
    near = np.flatnonzero(cosines >= least)
    near = near[np.argsort(-cosines[near], kind="stable")][:count]
    return [(int(row), float(cosines[row])) for row in near]


def nearest_others(
    units: NDArray[np.float32], rows: NDArray[np.int64], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the other rows with the largest cosines to each of some rows.

    Parameters
    ----------
    units : (V, d) float32
        Rows of length one (or zero).
    rows : (n,) int
        Some of them, of which (n, V) cosines are held at once.
    k : int
        How many of each, from 1 to V - 1.

    Returns
    -------
    rows, cosines : (n, k) int64, (n, k) float32
        The largest first; equal ones in the order of the rows.

    Examples
    --------
    >>> units = unit_rows(np.array([[1, 0], [2, 1], [0, 1], [1, 1]], dtype=np.float32))
    >>> nearest_others(units, np.array([0, 2]), 2)[0].tolist()
    [[1, 3], [3, 1]]
    """
    cosines = units[rows] @ units.T
    cosines[np.arange(len(rows)), rows] = -np.inf
    # The k-th largest, and all that equal it: which of these comes is the order's to say.
    least = np.partition(cosines, -k, axis=1)[:, -k]
    found = np.empty((len(cosines), k), dtype=np.int64)
    for row, bound in enumerate(least.tolist()):
        among = np.flatnonzero(cosines[row] >= bound)
        order = np.argsort(-cosines[row, among], kind="stable")[:k]
        found[row] = among[order]
    return found, np.take_along_axis(cosines, found, axis=1)
