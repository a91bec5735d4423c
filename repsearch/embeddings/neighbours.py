"""Which rows of a matrix point the way of a vector."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray


def unit_rows(vectors: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Scale each row to length one; one that is zero stays so.

    Parameters
    ----------
    vectors : ndarray
        ``(n, d)``, finite.
    """
    # Rows are first divided by their largest number, whose square may be too
    # large, or too small, for the type.
    largest = np.maximum(vectors.max(axis=1), -vectors.min(axis=1))
    largest[largest == 0] = 1
    scaled: NDArray[np.floating[Any]] = vectors / largest[:, None]
    lengths = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))
    lengths[lengths == 0] = 1
    scaled /= lengths[:, None]
    return scaled


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
    unit : ndarray
        ``(V, d)``, rows of length one (or zero).
    target : ndarray
        ``(d,)``.
    excluded : collection of int
        Rows that are no answers.
    most : int
        How many rows to give at most; positive.

    Returns
    -------
    list of (int, float)
        Rows and cosines, the largest first; among equals the lower row is
        first.
    """
    cosines = unit @ unit_rows(target[None, :])[0].astype(unit.dtype)
    cosines[list(excluded)] = -np.inf
    count = min(most, len(unit) - len(excluded))
    if count < 1:
        return []
    # Sorting only what is at least as large as the last answer is much faster
    # than sorting all; being stable it keeps ties in order.
    least = np.partition(cosines, len(unit) - count)[len(unit) - count]
    near = np.flatnonzero(cosines >= least)
    near = near[np.argsort(-cosines[near], kind="stable")][:count]
    return [(int(row), float(cosines[row])) for row in near]
