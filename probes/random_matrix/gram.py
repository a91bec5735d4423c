"""Gram matrices of difference vectors: all the statistics of this package are made from them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError

_Floats = NDArray[np.float64]


def check_rows(rows: NDArray[np.floating]) -> _Floats:
    """Give (N, d) rows as float64, or say why they cannot be used.

    Raises
    ------
    InputError
        Not a matrix, fewer than 3 rows or 2 columns, or a number that is not
        finite.
    """
    found = np.asarray(rows, np.float64)
    if found.ndim != 2:
        raise InputError(f"rows have shape {found.shape}; pass a matrix with one row for each pair")
    if found.shape[0] < 3:
        raise InputError(
            f"{found.shape[0]} rows are too few to tell a mean from noise; pass at least 3 pairs"
        )
    if found.shape[1] < 2:
        raise InputError(
            f"rows have {found.shape[1]} columns; random-matrix statistics need at least 2"
        )
    bad = np.argwhere(~np.isfinite(found))
    if len(bad):
        row, column = bad[0]
        raise InputError(
            f"row {row} holds {found[row, column]} in column {column}; leave out pairs whose "
            "vectors are not finite"
        )
    largest = float(np.abs(found).max())
    if largest and not 1e-100 < largest < 1e100:
        raise InputError(
            f"the largest entry is {largest:.1g}, too far from 1 to be squared; rescale the vectors"
        )
    return found


def gram(rows: _Floats) -> _Floats:
    """(N, N) R Rᵀ / d."""
    return np.asarray(rows @ rows.T / rows.shape[1])


def centred(matrix: _Floats) -> _Floats:
    """Gram matrix of rows about their mean, or of a stack of such matrices."""
    by_row = matrix - matrix.mean(-1, keepdims=True)
    return np.asarray(by_row - by_row.mean(-2, keepdims=True))


def without_noise(matrix: _Floats) -> bool:
    """Whether the rows of a Gram matrix are all equal to within rounding."""
    return float(np.trace(centred(matrix))) <= 1e-13 * float(np.trace(matrix))


def noise_gram(matrix: _Floats) -> _Floats:
    """Gram matrix of rows about their mean, where that is not rounding alone.

    Raises
    ------
    InputError
        All rows are equal to within rounding.
    """
    if without_noise(matrix):
        raise InputError("all rows are equal, so they have no noise to describe; pass other pairs")
    return centred(matrix)


def contrasts(rows: int) -> _Floats:
    """(N − 1, N) orthonormal rows orthogonal to 1 (Helmert)."""
    places = np.arange(1.0, rows)
    matrix = np.tril(np.ones((rows - 1, rows)))
    matrix[np.arange(rows - 1), np.arange(1, rows)] = -places
    return np.asarray(matrix / np.sqrt(places * (places + 1))[:, None])


def decomposed(matrix: _Floats) -> tuple[_Floats, _Floats]:
    """Eigenvalues of a Gram matrix in decreasing order, none below 0, and eigenvectors."""
    values, vectors = np.linalg.eigh(matrix)
    return np.maximum(values[::-1], 0.0), vectors[:, ::-1]
