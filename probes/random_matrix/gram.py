"""Compute Gram matrices of difference vectors, from which all statistics here are made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError

_Floats = NDArray[np.float64]


def check_rows(rows: NDArray[np.floating]) -> _Floats:
    """Give rows as float64, or say why they cannot be used.

    Parameters
    ----------
    rows : (N, d) float
        One difference vector for each pair.

    Returns
    -------
    (N, d) float64
        The same numbers.

    Raises
    ------
    InputError
        Not a matrix, fewer than 3 rows or 2 columns, a number that is not
        finite, or numbers too large or too small to be squared.
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
    """Compute R Rᵀ / d.

    Parameters
    ----------
    rows : (N, d) float
        Difference vectors R.

    Returns
    -------
    (N, N) float
        Not centred.
    """
    return np.asarray(rows @ rows.T / rows.shape[1])


def centred(matrix: _Floats) -> _Floats:
    """Centre a Gram matrix, or each of a stack: that of the rows about their mean.

    Parameters
    ----------
    matrix : (..., N, N) float
        Gram matrices.

    Returns
    -------
    (..., N, N) float
        Rows and columns sum to 0.
    """
    by_row = matrix - matrix.mean(-1, keepdims=True)
    return np.asarray(by_row - by_row.mean(-2, keepdims=True))


def without_noise(matrix: _Floats) -> bool:
    """Tell whether the rows of a Gram matrix are all equal to within rounding.

    Parameters
    ----------
    matrix : (N, N) float
        Gram matrix, not centred.

    Returns
    -------
    bool
        True where no noise is left about the mean.
    """
    return float(np.trace(centred(matrix))) <= 1e-13 * float(np.trace(matrix))


def noise_gram(matrix: _Floats) -> _Floats:
    """Centre a Gram matrix, where what is left is not rounding alone.

    Parameters
    ----------
    matrix : (N, N) float
        Gram matrix, not centred.

    Returns
    -------
    (N, N) float
        Gram matrix of the rows about their mean.

    Raises
    ------
    InputError
        All rows are equal to within rounding.
    """
    if without_noise(matrix):
        raise InputError("all rows are equal, so they have no noise to describe; pass other pairs")
    return centred(matrix)


def contrasts(rows: int) -> _Floats:
    """Make Helmert's contrasts.

    Parameters
    ----------
    rows : int
        Number N of rows.

    Returns
    -------
    (N − 1, N) float
        Orthonormal rows orthogonal to 1.
    """
    places = np.arange(1.0, rows)
    matrix = np.tril(np.ones((rows - 1, rows)))
    matrix[np.arange(rows - 1), np.arange(1, rows)] = -places
    return np.asarray(matrix / np.sqrt(places * (places + 1))[:, None])


def decomposed(matrix: _Floats) -> tuple[_Floats, _Floats]:
    """Decompose a Gram matrix into eigenvalues and eigenvectors.

    Parameters
    ----------
    matrix : (N, N) float
        Symmetric, without negative eigenvalues but for rounding.

    Returns
    -------
    values : (N,) float
        In decreasing order, none below 0.
    vectors : (N, N) float
        Eigenvectors in the columns.
    """
    values, vectors = np.linalg.eigh(matrix)
    return np.maximum(values[::-1], 0.0), vectors[:, ::-1]
