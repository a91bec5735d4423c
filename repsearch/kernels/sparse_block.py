"""Multiply a sparse matrix by a block of vectors, and combine it with dense tiles, compiled."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray


# Contraction lets a product and a sum be one instruction; it does not change their order.
@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def multiply_rows(
    indptr: NDArray[np.int64],
    columns: NDArray[np.int32],
    values: NDArray[np.floating],
    block: NDArray[np.floating],
    first: int,
    last: int,
    out: NDArray[np.floating],
) -> None:
    """Multiply rows [first, last) of a sparse matrix by a block of vectors.

    Four entries at a time, so that the row that is summed up is read and written
    less often. Each row is summed in the order of its entries.

    Parameters
    ----------
    indptr : (V + 1,) int64
        Bounds of rows among the entries.
    columns : (nnz,) int32
        Column of each entry.
    values : (nnz,) float
        Entries.
    block : (V, d) float
        Vectors, one a column.
    first, last : int
        Bounds of the rows.
    out : (V, d) float
        Array whose rows [first, last) get the product.
    """
    width = block.shape[1]
    for row in range(first, last):
        total = out[row]
        total[:] = 0
        k, end = indptr[row], indptr[row + 1]
        while k + 4 <= end:
            entry_0, entry_1 = values[k], values[k + 1]
            entry_2, entry_3 = values[k + 2], values[k + 3]
            # Unsigned, so that no test for a negative index is made.
            mine_0, mine_1 = block[np.uint64(columns[k])], block[np.uint64(columns[k + 1])]
            mine_2, mine_3 = block[np.uint64(columns[k + 2])], block[np.uint64(columns[k + 3])]
            for j in range(width):
                total[j] += (entry_0 * mine_0[j] + entry_1 * mine_1[j]) + (
                    entry_2 * mine_2[j] + entry_3 * mine_3[j]
                )
            k += 4
        while k < end:
            entry, mine = values[k], block[np.uint64(columns[k])]
            for j in range(width):
                total[j] += entry * mine[j]
            k += 1


@numba.njit(cache=True, nogil=True, fastmath={"contract"})
def join(
    indptr: NDArray[np.int64],
    columns: NDArray[np.int32],
    values: NDArray[np.floating],
    left: NDArray[np.floating],
    right: NDArray[np.floating],
    seen: float,
    first_row: int,
    first_column: int,
    positive: NDArray[np.floating],
    negative: NDArray[np.floating],
    out: NDArray[np.floating],
) -> None:
    """Compute P o positive + (sum_r left_r right_r^T - seen P) o negative on one tile.

    Parameters
    ----------
    indptr : (V + 1,) int64
        Bounds of the rows of P among its entries.
    columns : (nnz,) int32
        Column of each entry, increasing within a row.
    values : (nnz,) float
        Entries of the sparse matrix P.
    left, right : (R, V) float
        Factors of the negative part.
    seen : float
        Factor of P in the negative part.
    first_row, first_column : int
        Upper left corner of the tile.
    positive, negative : (n, m) float
        Dense factors on the tile.
    out : (n, m) float
        Array that gets the result.
    """
    height, width = out.shape
    part = values.dtype.type(seen)
    weights = np.empty(width, values.dtype)
    for i in range(height):
        row = first_row + i
        weights[:] = 0
        for r in range(len(left)):
            factor, others = left[r, row], right[r, first_column : first_column + width]
            for j in range(width):
                weights[j] += factor * others[j]
        plus, minus, mine = positive[i], negative[i], out[i]
        for j in range(width):
            mine[j] = weights[j] * minus[j]
        k, end = indptr[row], indptr[row + 1]
        k += np.searchsorted(columns[k:end], first_column)
        while k < end and columns[k] < first_column + width:
            place = np.uint64(columns[k] - first_column)
            mine[place] += values[k] * (plus[place] - part * minus[place])
            k += 1
