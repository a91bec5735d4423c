"""Collect rows of counts in order, in memory or in scratch files, and add rows of parts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from repsearch.storage.refusals import explaining_write_errors

BATCH_ENTRIES = 1 << 22
"""Entries that are counted or added at once."""
BYTES_PER_ENTRY = 12
"""A column and a value."""
BYTES_IN_BOTH_ORDERS = 20
"""A column and two values."""

Rows: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[Any]]
"""Lengths of rows, columns and values of their entries, (n,), or (n, 2) for both orders."""


class RowStore:
    """Collect rows in order, in memory up to a limit and in scratch files beyond it.

    Parameters
    ----------
    scratch : Path
        Folder of the scratch files.
    limit : int
        Bytes that may be held in memory.
    """

    def __init__(self, scratch: Path, limit: int) -> None:
        self.scratch = scratch
        self.limit = limit
        self.lengths: list[NDArray[np.int64]] = []
        self.columns: list[NDArray[np.int32]] = []
        self.values: list[NDArray[Any]] = []
        self.held = 0
        self.spilled = 0
        self.files: tuple[IO[bytes], ...] = ()
        self.orders: tuple[int, ...] = ()

    def append(self, rows: Rows) -> None:
        """Take the rows that come next.

        Parameters
        ----------
        rows : Rows
            Their lengths, columns and values.
        """
        lengths, columns, values = rows
        self.lengths.append(lengths)
        self.orders = values.shape[1:]
        self.columns.append(columns)
        self.values.append(values)
        self.held += columns.nbytes + values.nbytes
        if self.held > self.limit:
            self._spill()

    def finish(self, pool: ThreadPoolExecutor) -> Rows:
        """Join the rows.

        Parameters
        ----------
        pool : ThreadPoolExecutor
            Threads that copy them.

        Returns
        -------
        Rows
            Row pointers, columns and values.
        """
        indptr = np.concatenate([[0], np.cumsum(np.concatenate(self.lengths))])
        if not self.files:
            columns = _joined(self.columns, pool)
            self.columns.clear()
            values = _joined(self.values, pool)
            self.values.clear()
            return indptr, columns, values
        self._spill()
        return indptr, self._mapped(0, "<i4"), self._mapped(1, "<i8", self.orders)

    def _spill(self) -> None:
        with explaining_write_errors(self.scratch):
            if not self.files:
                # Without names where the system can, so that nothing of them outlives a kill.
                self.files = tuple(
                    tempfile.TemporaryFile(dir=self.scratch, prefix="repsearch-")  # noqa: SIM115
                    for _ in ("columns", "values")
                )
            for columns, values in zip(self.columns, self.values, strict=True):
                self.files[0].write(columns.astype("<i4", copy=False).tobytes())
                self.files[1].write(values.astype("<i8", copy=False).tobytes())
                self.spilled += len(columns)
            for file in self.files:
                file.flush()
        self.columns.clear()
        self.values.clear()
        self.held = 0

    def _mapped(self, which: int, dtype: str, orders: tuple[int, ...] = ()) -> NDArray[Any]:
        # The file is let go of here; its content remains as long as it is mapped.
        with self.files[which] as file:
            mapped = np.memmap(file, dtype, "r", shape=(self.spilled, *orders))
        return mapped

    def close(self) -> None:
        """Remove the scratch files, unless they are mapped already."""
        for file in self.files:
            file.close()


def _joined(pieces: list[NDArray[Any]], pool: ThreadPoolExecutor) -> NDArray[Any]:
    """Pieces in one array; copied by threads, for it is the system that hands out its pages."""
    ends = np.cumsum([len(piece) for piece in pieces]).tolist()
    shape = (ends[-1], *pieces[0].shape[1:])
    out = np.empty(shape, np.result_type(*{piece.dtype for piece in pieces}))

    def copy(piece: NDArray[Any], end: int) -> None:
        out[end - len(piece) : end] = piece

    list(pool.map(copy, pieces, ends))
    return out


def narrow(values: NDArray[Any]) -> NDArray[Any]:
    """Copy whole numbers to 32 bits where they fit.

    Parameters
    ----------
    values : (n,) int64
        Numbers of at least 0.

    Returns
    -------
    (n,) uint32 or int64
        The same numbers.

    Examples
    --------
    >>> narrow(np.array([5])).dtype, narrow(np.array([2**40])).dtype
    (dtype('uint32'), dtype('int64'))
    """
    fits = int(values.max(initial=0)) < 2**32
    return values.astype(np.uint32) if fits else values.copy()


def sums_of_rows(
    parts: list[RowStore], size: int, pool: ThreadPoolExecutor, batch: int, *, both: bool = False
) -> Iterator[Rows]:
    """Add the same rows of all parts, a block of rows at a time.

    Parameters
    ----------
    parts : list of RowStore
        Counts of parts of the text.
    size : int
        Number of words.
    pool : ThreadPoolExecutor
        Threads that join each part's rows.
    batch : int
        Entries that are added at once, unless one row has more.
    both : bool
        Whether values are of both orders of a pair.

    Yields
    ------
    Rows
        Rows of the sum, in order.
    """
    finished = [part.finish(pool) for part in parts]
    entries = sum((indptr for indptr, _, _ in finished), start=np.zeros(size + 1, np.int64))
    low = 0
    while low < size:
        high = int(np.searchsorted(entries, entries[low] + batch, side="right")) - 1
        high = min(max(high, low + 1), size)
        if both:
            yield _sum_in_both_orders(finished, low, high, size)
            low = high
            continue
        total = sparse.csr_array((high - low, size), dtype=np.int64)
        for indptr, columns, values in finished:
            begin, end = indptr[low], indptr[high]
            total = total + sparse.csr_array(
                (
                    values[begin:end].astype(np.int64),
                    columns[begin:end],
                    indptr[low : high + 1] - begin,
                ),
                shape=(high - low, size),
            )
        total.sort_indices()
        lengths = np.diff(total.indptr).astype(np.int64)
        yield lengths, total.indices.astype(np.int32), narrow(total.data)
        low = high


def _sum_in_both_orders(finished: list[Rows], low: int, high: int, size: int) -> Rows:
    """Rows [low, high) of the sum of counts in both orders."""
    keys: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    values: list[NDArray[np.int64]] = [np.empty((0, 2), np.int64)]
    for indptr, columns, counted in finished:
        begin, end = indptr[low], indptr[high]
        rows = np.repeat(np.arange(high - low), np.diff(indptr[low : high + 1]))
        keys.append(rows * size + columns[begin:end])
        values.append(counted[begin:end].astype(np.int64))
    found, where = np.unique(np.concatenate(keys), return_inverse=True)
    total = np.zeros((len(found), 2), np.int64)
    np.add.at(total, where, np.concatenate(values))
    lengths = np.bincount(found // size, minlength=high - low).astype(np.int64)
    return lengths, (found % size).astype(np.int32), narrow(total)
