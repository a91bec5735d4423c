"""Multiply blocks of vectors by a symmetric matrix whose lower triangle is stored, compiled.

An entry is read once for sixteen columns. Its two products, for its row and for its
mirror image, are vector instructions that are written out here: from loops the compiler
makes tests for overlapping arrays, which cost four times the arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

LANES = 16
"""Columns that are multiplied at once: in float32 a row of them fills a line of the cache."""

# Fixed, so that sums are made in the same order whatever the number of threads.
PARTS = 16
# Sums of this many, so that one never waits for the one before.
_AT_ONCE = 4
_ROOM = 1 << 30
"""Bytes of the results of parts that are held at once, if that is enough for a few."""
_FEWEST = 4
# A product and a sum may be one instruction; their order stays.
_FLAGS = ("contract",)


@intrinsic
def _add_row(
    _typing: Any, columns: Any, values: Any, begin: Any, end: Any, x: Any, row: Any, y: Any
) -> Any:
    """Add entries [begin, end) of a row, left of the diagonal, and of their mirror images."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        types_of = signature.args
        column_data, value_data, x_data, y_data = (
            context.make_array(types_of[k])(context, builder, arguments[k]).data
            for k in (0, 1, 4, 6)
        )
        begin, end, row = arguments[2], arguments[3], arguments[5]
        int32, int64 = ir.IntType(32), ir.IntType(64)
        number = context.get_data_type(types_of[4].dtype)
        vector = ir.VectorType(number, LANES)
        align = types_of[4].dtype.bitwidth // 8  # NumPy promises no more
        nothing = ir.Constant(vector, ir.Undefined)

        def address(data: Any, line: Any) -> Any:
            first = builder.gep(data, [builder.mul(line, int64(LANES))])
            return builder.bitcast(first, vector.as_pointer())

        def repeated(value: Any) -> Any:
            one = builder.insert_element(nothing, value, int32(0))
            places = ir.Constant(ir.VectorType(int32, LANES), [0] * LANES)
            return builder.shuffle_vector(one, nothing, places)

        def plus_product(total: Any, left: Any, right: Any) -> Any:
            return builder.fadd(total, builder.fmul(left, right, flags=_FLAGS), flags=_FLAGS)

        def add_entry(k: Any, total: Any, mine: Any) -> Any:
            column = builder.zext(builder.load(builder.gep(column_data, [k])), int64)
            value = builder.load(builder.gep(value_data, [k]))
            if value.type != number:
                value = builder.fpext(value, number)
            entry = repeated(value)
            total = plus_product(total, entry, builder.load(address(x_data, column), align=align))
            mirror = address(y_data, column)
            changed = plus_product(builder.load(mirror, align=align), entry, mine)
            builder.store(changed, mirror, align=align)
            return total

        def add_entries(start: Any, step: int, totals: list[Any]) -> tuple[Any, list[Any]]:
            before = builder.block
            head, body, after = (builder.append_basic_block() for _ in range(3))
            builder.branch(head)
            builder.position_at_end(head)
            k = builder.phi(int64)
            k.add_incoming(start, before)
            sums = [builder.phi(vector) for _ in totals]
            for total, old in zip(sums, totals, strict=True):
                total.add_incoming(old, before)
            following = builder.add(k, int64(step))
            builder.cbranch(builder.icmp_signed("<=", following, end), body, after)
            builder.position_at_end(body)
            new = [add_entry(builder.add(k, int64(n)), sums[n], mine) for n in range(step)]
            k.add_incoming(following, builder.block)
            for total, changed in zip(sums, [*new, *sums[step:]], strict=True):
                total.add_incoming(changed, builder.block)
            builder.branch(head)
            builder.position_at_end(after)
            return k, sums

        mine = builder.load(address(x_data, row), align=align)
        zero = ir.Constant(vector, [0.0] * LANES)
        k, totals = add_entries(begin, _AT_ONCE, [zero] * _AT_ONCE)
        _, totals = add_entries(k, 1, totals)
        while len(totals) > 1:
            totals = [builder.fadd(a, b) for a, b in zip(totals[::2], totals[1::2], strict=True)]
        place = address(y_data, row)
        builder.store(builder.fadd(builder.load(place, align=align), totals[0]), place, align=align)
        return context.get_dummy_value()

    return types.void(columns, values, types.int64, types.int64, x, types.int64, y), generate


@numba.njit(cache=True, nogil=True)
def _multiply_part(
    indptr: NDArray[np.int64],
    columns: NDArray[np.int32],
    values: NDArray[np.floating],
    x: NDArray[np.floating],
    first: int,
    last: int,
    y: NDArray[np.floating],
) -> None:
    """Set y to the products of rows [first, last) and of their mirror images."""
    y[:] = 0
    for row in range(first, last):
        begin, end = indptr[row], indptr[row + 1]
        if end > begin and columns[end - 1] == row:
            end -= 1
            for lane in range(LANES):
                y[row, lane] += values[end] * x[row, lane]
        _add_row(columns, values, begin, end, x, row, y)


@numba.njit(cache=True, nogil=True)
def _copy_lanes(
    block: NDArray[np.floating], first: int, low: int, high: int, x: NDArray[np.floating]
) -> None:
    """Copy up to sixteen columns from `first` on, in rows [low, high), and zeros after them."""
    width = min(LANES, block.shape[1] - first)
    for row in range(low, high):
        for lane in range(width):
            x[row, lane] = block[row, first + lane]
        for lane in range(width, LANES):
            x[row, lane] = 0


def room(size: int, item: int) -> int:
    """Tell how much memory the results of parts take.

    Parameters
    ----------
    size : int
        Number of rows V.
    item : int
        Bytes of a number.

    Returns
    -------
    int
        Bytes, at most.

    Examples
    --------
    >>> room(1_000_000, 4), room(1_000_000, 8)
    (1024000000, 1024000000)
    """
    return _together(size, item) * size * LANES * item


def _together(size: int, item: int) -> int:
    """Number of parts whose results are held at once."""
    return min(max(_ROOM // max(size * LANES * item, 1), _FEWEST), PARTS)


class SymmetricBlockProduct:
    """Compute Y = A X for a block X and a symmetric A given by its lower triangle.

    Rows are divided into a fixed number of parts, each with a result of its own, which
    are added in order: the same bits on any number of threads. Of a part only the rows
    up to its last are kept, for its entries lie at or left of the diagonal.

    Parameters
    ----------
    indptr : (V + 1,) int64
        Bounds of rows among the entries.
    columns : (nnz,) int32
        Column of each entry, increasing within a row, at most the row's number.
    values : (nnz,) float32 or float64
        Entries A_ij with j <= i.
    dtype : dtype
        Precision of the products, at least that of the entries.
    pool : ThreadPoolExecutor, optional
        Threads that compute the parts.
    done : callable, optional
        Called with the bounds of the entries of a part that has been gone through, which
        arrays in files need not keep in memory.

    Examples
    --------
    >>> indptr, columns = np.array([0, 1, 3]), np.array([0, 0, 1], np.int32)
    >>> entries = np.array([1.0, 2.0, 3.0], np.float32)
    >>> product = SymmetricBlockProduct(indptr, columns, entries, np.dtype(float))
    >>> product(np.array([[1.0, 0.0], [10.0, 1.0]])).tolist()
    [[21.0, 2.0], [32.0, 3.0]]
    """

    def __init__(
        self,
        indptr: NDArray[np.int64],
        columns: NDArray[np.int32],
        values: NDArray[np.floating],
        dtype: np.dtype[Any],
        pool: ThreadPoolExecutor | None = None,
        done: Callable[[int, int], None] = lambda low, high: None,
    ) -> None:
        self.arrays = (indptr, columns, values)
        self.done = done
        self.dtype = dtype
        self.pool = pool
        size = len(indptr) - 1
        self.bounds = np.searchsorted(indptr, np.arange(PARTS + 1) * (int(indptr[-1]) / PARTS))
        self.bounds[0], self.bounds[-1] = 0, size
        self.pieces = np.linspace(0, size, PARTS + 1).astype(int)
        self._room: tuple[NDArray[Any], list[NDArray[Any]]] | None = None

    def __call__(self, block: NDArray[np.floating]) -> NDArray[np.floating]:
        """Multiply a block of vectors.

        Parameters
        ----------
        block : (V, k) float
            Vectors, one a column.

        Returns
        -------
        (V, k) float
            A X.
        """
        block = np.asarray(block).astype(self.dtype, copy=False)
        size, width = block.shape
        if self._room is None:
            together = _together(size, self.dtype.itemsize)
            # Of each as many rows as the last part has that it is used for.
            rows = [int(self.bounds[range(k, PARTS, together)[-1] + 1]) for k in range(together)]
            sums = [np.empty((last, LANES), self.dtype) for last in rows]
            self._room = np.empty((size, LANES), self.dtype), sums
        x, sums = self._room
        indptr = self.arrays[0]
        out = np.empty((size, width), self.dtype)
        for first in range(0, width, LANES):

            def take(piece: int, first: int = first) -> None:
                low, high = self._rows(piece)
                _copy_lanes(block, first, low, high, x)

            self._each(take, range(PARTS))
            out[:, first : first + LANES] = 0
            for begin in range(0, PARTS, len(sums)):
                parts = range(begin, min(begin + len(sums), PARTS))

                def multiply(part: int, begin: int = begin) -> None:
                    low, high = int(self.bounds[part]), int(self.bounds[part + 1])
                    _multiply_part(*self.arrays, x, low, high, sums[part - begin][:high])
                    self.done(int(indptr[low]), int(indptr[high]))

                def add(piece: int, first: int = first, parts: range = parts) -> None:
                    low, high = self._rows(piece)
                    mine = out[low:high, first : first + LANES]
                    for part, found in zip(parts, sums, strict=False):
                        # Of a part only rows up to its last are there.
                        filled = max(min(high, int(self.bounds[part + 1])) - low, 0)
                        mine[:filled] += found[low : low + filled, : width - first]

                self._each(multiply, parts)
                self._each(add, range(PARTS))
        return out

    def _rows(self, piece: int) -> tuple[int, int]:
        return int(self.pieces[piece]), int(self.pieces[piece + 1])

    def _each(self, step: Callable[[int], None], parts: Iterable[int]) -> None:
        if self.pool is None:
            for part in parts:
                step(part)
        else:
            list(self.pool.map(step, parts))
