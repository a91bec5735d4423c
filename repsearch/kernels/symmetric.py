"""Multiply by a matrix whose lower triangle is stored by rows, compiled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
from numpy.typing import DTypeLike, NDArray

# Fixed, so that sums are made in the same order whatever the number of threads.
PARTS = 8


@numba.njit(cache=True, nogil=True)
def _multiply_part(
    indptr: NDArray[np.int64],
    columns: NDArray[np.int32],
    below: NDArray[np.floating],
    above: NDArray[np.floating],
    x: NDArray[np.floating],
    first: int,
    last: int,
    y: NDArray[np.floating],
) -> None:
    """Add the products of rows [first, last) and of their mirror images above the diagonal."""
    for row in range(first, last):
        begin, end = indptr[row], indptr[row + 1]
        diagonal = end > begin and columns[end - 1] == row
        strictly_below = end - 1 if diagonal else end
        mine = x[row]
        total = x.dtype.type(0)
        for k in range(begin, strictly_below):
            column = np.uint64(columns[k])
            total += below[k] * x[column]
            y[column] += above[k] * mine
        if diagonal:
            total += below[end - 1] * mine
        y[row] += total


@numba.njit(cache=True, nogil=True)
def _multiply_symmetric_part(
    indptr: NDArray[np.int64],
    columns: NDArray[np.int32],
    below: NDArray[np.floating],
    x: NDArray[np.floating],
    first: int,
    last: int,
    y: NDArray[np.floating],
) -> None:
    """Add the same for a symmetric matrix, where nearly all time is spent.

    Four sums at a time, because each addition to one sum waits for the last;
    unsigned indices, because signed ones are tested for being negative.
    """
    zero = x.dtype.type(0)
    one, two, three, four = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
    for row in range(first, last):
        begin, end = indptr[row], indptr[row + 1]
        mine = x[row]
        total = zero
        if end > begin and columns[end - 1] == row:
            end -= 1
            total += below[end] * mine
        sum_0 = sum_1 = sum_2 = sum_3 = zero
        k, stop = np.uint64(begin), np.uint64(end)
        while k + four <= stop:
            column_0, column_1 = np.uint64(columns[k]), np.uint64(columns[k + one])
            column_2, column_3 = np.uint64(columns[k + two]), np.uint64(columns[k + three])
            entry_0, entry_1 = below[k], below[k + one]
            entry_2, entry_3 = below[k + two], below[k + three]
            sum_0 += entry_0 * x[column_0]
            sum_1 += entry_1 * x[column_1]
            sum_2 += entry_2 * x[column_2]
            sum_3 += entry_3 * x[column_3]
            y[column_0] += entry_0 * mine
            y[column_1] += entry_1 * mine
            y[column_2] += entry_2 * mine
            y[column_3] += entry_3 * mine
            k += four
        while k < stop:
            column_0 = np.uint64(columns[k])
            total += below[k] * x[column_0]
            y[column_0] += below[k] * mine
            k += one
        y[row] += total + ((sum_0 + sum_1) + (sum_2 + sum_3))


@numba.njit(cache=True)
def squares_by_row(
    indptr: NDArray[np.int64],
    columns: NDArray[np.int32],
    below: NDArray[np.floating],
    above: NDArray[np.floating],
    constant: float,
    g: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Sum g_j ((s + c)² - c²) over the stored s = A_ij and A_ji, j <= i, of each row i.

    Parameters
    ----------
    indptr : (V + 1,) int64
        Bounds of rows among the entries.
    columns : (nnz,) int32
        Column of each entry, at most the row's number.
    below, above : (nnz,) float
        Entries A_ij and A_ji; of the diagonal the first is taken, once.
    constant : float
        c.
    g : (V,) float64
        Weights of columns.

    Returns
    -------
    (V,) float64
        The sums.

    Examples
    --------
    >>> indptr, columns = np.array([0, 1, 3]), np.array([0, 0, 1], np.int32)
    >>> entries = np.array([1.0, 2.0, 3.0])
    >>> squares_by_row(indptr, columns, entries, entries, 0.0, np.ones(2)).tolist()
    [1.0, 17.0]
    """
    size = len(indptr) - 1
    sums = np.zeros(size)
    for row in range(size):
        total = 0.0
        for k in range(indptr[row], indptr[row + 1]):
            # (s + c)² - c² without the difference of two large numbers.
            entry = np.float64(below[k])
            square = entry * (entry + 2 * constant)
            if columns[k] != row:
                entry = np.float64(above[k])
                square += entry * (entry + 2 * constant)
            total += g[columns[k]] * square
        sums[row] = total
    return sums


class SymmetricProduct:
    """Compute y = A x for A given by its lower triangle and the mirror image of its upper one.

    The rows are divided into a fixed number of parts, each with a result of its
    own, which are added in order: the same bits on any number of threads.

    Parameters
    ----------
    indptr : (V + 1,) int64
        Bounds of rows among the entries.
    columns : (nnz,) int32
        Column of each entry, increasing within a row, at most the row's number.
    below : (nnz,) float or int
        Entries A_ij with j <= i.
    above : (nnz,) float or int
        Entries A_ji; the same array where A is symmetric.
    pool : ThreadPoolExecutor, optional
        Threads that compute the parts.
    dtype : dtype, optional
        Type of vectors and sums; that of the entries by default.

    Examples
    --------
    >>> indptr, columns = np.array([0, 1, 3]), np.array([0, 0, 1], np.int32)
    >>> entries = np.array([1.0, 2.0, 3.0])
    >>> SymmetricProduct(indptr, columns, entries, entries)(np.array([1.0, 10.0])).tolist()
    [21.0, 32.0]
    """

    def __init__(
        self,
        indptr: NDArray[np.int64],
        columns: NDArray[np.int32],
        below: NDArray[Any],
        above: NDArray[Any],
        pool: ThreadPoolExecutor | None = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        self.symmetric = above is below
        self.arrays = (indptr, columns, below, above)
        size = len(indptr) - 1
        entries = np.arange(PARTS + 1) * (int(indptr[-1]) / PARTS)
        self.bounds = np.searchsorted(indptr, entries)
        self.bounds[0], self.bounds[-1] = 0, size
        self.sums = np.empty((PARTS, size), dtype or below.dtype)
        self.pool = pool

    def __call__(self, x: NDArray[np.floating]) -> NDArray[np.floating]:
        """Multiply a vector.

        Parameters
        ----------
        x : (V,) float
            Vector.

        Returns
        -------
        (V,) float
            A x, in the type of the sums.
        """
        x = np.ascontiguousarray(x.reshape(-1), dtype=self.sums.dtype)
        self.sums[:] = 0
        parts = range(PARTS)
        if self.pool is None:
            for part in parts:
                self._part(x, part)
        else:
            list(self.pool.map(lambda part: self._part(x, part), parts))
        total: NDArray[np.floating] = self.sums[0].copy()
        for part in range(1, PARTS):
            total += self.sums[part]
        return total

    def _part(self, x: NDArray[np.floating], part: int) -> None:
        first, last = int(self.bounds[part]), int(self.bounds[part + 1])
        y = self.sums[part]
        if self.symmetric:
            _multiply_symmetric_part(*self.arrays[:3], x, first, last, y)
        else:
            _multiply_part(*self.arrays, x, first, last, y)
