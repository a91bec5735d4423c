"""Products with a matrix of which the lower triangle is stored by rows, compiled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
from numpy.typing import NDArray

# Fixed, so that sums are made in the same order whatever the number of threads.
PARTS = 8


@numba.njit(cache=True, nogil=True, fastmath=False)
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
    """Add rows [first, last) and, transposed, what stands above the diagonal for them."""
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


class SymmetricProduct:
    """y = A x, where A has the entries below its diagonal and, mirrored, above it.

    The rows are cut into a fixed number of parts, each with a result of its
    own, which are added in order: the same bits on any number of threads.
    """

    def __init__(
        self,
        indptr: NDArray[np.int64],
        columns: NDArray[np.int32],
        below: NDArray[np.floating],
        above: NDArray[np.floating],
        pool: ThreadPoolExecutor | None = None,
    ) -> None:
        self.arrays = (indptr, columns, below, above)
        size = len(indptr) - 1
        shares = np.arange(PARTS + 1) * (int(indptr[-1]) / PARTS)
        self.cuts = np.searchsorted(indptr, shares)
        self.cuts[0], self.cuts[-1] = 0, size
        self.sums = np.empty((PARTS, size), below.dtype)
        self.pool = pool

    def __call__(self, x: NDArray[np.floating]) -> NDArray[np.floating]:
        """Multiply a vector of V entries."""
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
        first, last = int(self.cuts[part]), int(self.cuts[part + 1])
        _multiply_part(*self.arrays, x, first, last, self.sums[part])
