"""Count co-occurrences in an encoded corpus, exactly."""

from __future__ import annotations

import tempfile
from bisect import bisect_left
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from repsearch.checks import is_whole, number_of_threads
from repsearch.corpus.corpus import Corpus
from repsearch.corpus.token_check import TokenCheck
from repsearch.counts.counts import Counts
from repsearch.counts.window import Window
from repsearch.errors import InputError
from repsearch.kernels.counting import count_rows, list_places, pad
from repsearch.progress import Progress, silent
from repsearch.storage.refusals import explaining_write_errors

_BATCH_ENTRIES = 1 << 22
_BYTES_PER_PLACE = 8  # the padded copy and the list of places
_BYTES_PER_ENTRY = 12  # a column and a value

Rows: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[Any]]
"""Lengths of rows, columns and values of their entries."""


def count(
    corpus: Corpus,
    window: Window | None = None,
    *,
    memory: int = 2 << 30,
    threads: int | None = None,
    scratch: str | Path | None = None,
    progress: Progress = silent,
) -> Counts:
    """Count how often words occur near each other, exactly.

    C_ij is the sum of w(|s - t|) over all places s of word i and t of word j in
    the same document, at most L apart, with w the window's weights. So every pair
    of places counts once for each order, and C is symmetric. The result is the same
    to the bit whatever the memory limit and the number of threads.

    Parameters
    ----------
    corpus : Corpus
        Corpus to count in.
    window : Window, optional
        Window and its weights; the paper's, L = 16 with linear weights, by default.
    memory : int
        Limit of the working memory in bytes. A corpus that needs more is counted
        in parts, and counts that need more than half of it are written to
        `scratch` and mapped from there.
    threads : int, optional
        Number of threads; all processors by default.
    scratch : path, optional
        Folder for what does not fit; the system's temporary folder by default.
    progress : Progress
        Called with the number of tokens counted.

    Returns
    -------
    Counts
        Exact whole numbers over the corpus's words.

    Raises
    ------
    InputError
        A memory limit too small to count in; weights that could exceed 64-bit
        integers in this corpus; a number of threads below 1; no scratch folder;
        a full disk; a corpus whose files are not what was encoded.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat saw the dog"], vocabulary_size=None)
    >>> corpus.words
    ('the', 'cat', 'dog', 'saw')
    >>> count(corpus, rs.Window(2)).matrix().toarray()
    array([[0, 3, 2, 3],
           [3, 0, 0, 2],
           [2, 0, 0, 1],
           [3, 2, 1, 0]])
    """
    window = window or Window()
    threads = number_of_threads(threads)
    if not is_whole(memory):
        raise InputError(f"memory is {memory!r}; pass a whole number of bytes")
    _check_overflow(corpus, window)
    size = len(corpus.words)
    place = Path(scratch) if scratch is not None else Path(tempfile.gettempdir())
    if not place.is_dir():
        raise InputError(f"{place} is no folder to keep scratch files in; make it or name another")
    # No pair is farther apart than the longest document.
    reach = max(min(window.size, int(np.diff(corpus.offsets).max(initial=0)) - 1), 1)
    weights = window.first_weights(reach)
    bounds = _bounds(corpus.offsets, reach, _places_at_once(corpus, reach, threads, memory))
    check = TokenCheck(corpus)
    met = np.zeros(size, np.int64)
    with ExitStack() as stores:
        parts: list[_RowStore] = []
        for begin, end in pairwise(bounds):
            part = stores.enter_context(closing(_RowStore(place, memory // 2 // (len(bounds) - 1))))
            for rows in _count_stretch(
                check, corpus, weights, (begin, end), met, threads, progress
            ):
                part.append(rows)
            parts.append(part)
        check.finish(met)
        if len(parts) == 1:
            total = parts[0]
        else:
            total = stores.enter_context(closing(_RowStore(place, memory // 2 - _buffers())))
            for rows in _sums_of_rows(parts, size):
                total.append(rows)
        indptr, columns, values = total.finish()
    return Counts(
        words=corpus.words,
        word_counts=corpus.word_counts,
        indptr=indptr,
        columns=columns,
        values=values,
        window=window,
        tokenizer=corpus.tokenizer,
        out_of_vocabulary=corpus.settings.out_of_vocabulary,
        n_words_read=corpus.n_words_read,
        n_documents=corpus.n_documents,
        corpora=(corpus.digest,),
    )


def _check_overflow(corpus: Corpus, window: Window) -> None:
    def most(size: int) -> int:
        return 2 * Window(size, window.weighting).sum * len(corpus.tokens)

    # Starting small, because weights of a wide harmonic window are numbers of many digits.
    size = 1
    while size < window.size and most(size) < 2**63:
        size = min(2 * size, window.size)
    if most(size) >= 2**63:
        exact = bisect_left(range(1, size), 2**63, key=most)
        raise InputError(
            f"{window.weighting} weights of a window of {window.size} could exceed 64-bit integers "
            f"in {len(corpus.tokens):,} tokens; they stay exact up to a window of {exact}"
        )


def _buffers() -> int:
    """Bytes that rows take while they are counted and while they are added."""
    return 4 * _BATCH_ENTRIES * _BYTES_PER_ENTRY


def _places_at_once(corpus: Corpus, reach: int, threads: int, memory: int) -> int:
    """Largest number of places, blanks between documents included, to count at once."""
    # Half of the memory is for the counts.
    buffers = _buffers() + 8 * (threads + 1) * len(corpus.words)
    room = (memory // 2 - buffers) // _BYTES_PER_PLACE
    least = (1 << 16) + 4 * reach
    if room < least:
        needed = 2 * (buffers + _BYTES_PER_PLACE * least)
        raise InputError(
            f"a memory limit of {memory:,} bytes is too small to count in; "
            f"allow at least {needed:,}"
        )
    return min(room, 2**31 - 1)  # places are 32-bit numbers


def _bounds(offsets: NDArray[np.int64], reach: int, places: int) -> list[int]:
    """Split the text into stretches of at most `places` places after padding."""
    # Where each document would begin if the whole text were padded.
    padded = offsets + reach * np.arange(len(offsets))
    bounds = [0]
    while bounds[-1] < offsets[-1]:
        begin = bounds[-1]
        document = int(np.searchsorted(offsets, begin, side="right")) - 1
        limit = begin + reach * document + places - 2 * reach
        last = int(np.searchsorted(padded[:-1], limit, side="right")) - 1
        bounds.append(min(limit - reach * last, int(offsets[last + 1])))
    return bounds


def _count_stretch(
    check: TokenCheck,
    corpus: Corpus,
    one_side: tuple[int, ...],
    stretch: tuple[int, int],
    met: NDArray[np.int64],
    threads: int,
    progress: Progress,
) -> Iterator[Rows]:
    """Rows of the lower triangle, in order, of the windows around the tokens of a stretch.

    `met` gets the occurrences of each word added.
    """
    begin, end = stretch
    size, reach = len(corpus.words), len(one_side)
    first = int(np.searchsorted(corpus.offsets, begin, side="right"))
    last = int(np.searchsorted(corpus.offsets, end, side="left"))
    # Before compiled code takes them for places in its arrays: what windows reach to as well.
    check.read_to(min(end + reach, len(corpus.tokens)))
    padded = np.empty((end - begin) + reach * (last - first + 2), np.int32)
    padded = padded[: pad(corpus.tokens, corpus.offsets, begin, end, reach, size, padded)]
    places = np.empty(end - begin, np.int32)
    starts = list_places(padded, reach, size, places)
    met += np.diff(starts)
    weights = np.array((*one_side[::-1], 0, *one_side), np.int64)

    def count_batch(rows: tuple[int, int]) -> Rows:
        low, high = rows
        room = int(_most_entries(starts, reach)[low:high].sum())
        columns, values = np.empty(room, np.int32), np.empty(room, np.int64)
        lengths = np.empty(high - low, np.int64)
        n = count_rows(padded, places, starts, weights, low, high, columns, values, lengths)
        return lengths, columns[:n].copy(), values[:n].copy()

    with ThreadPoolExecutor(threads) as pool:
        batches = _batches(starts, reach, threads)
        # Only a few more batches than threads are submitted, so that memory stays bounded.
        pending = []
        for batch in [*batches, *[None] * (threads + 1)]:
            if batch is not None:
                pending.append((batch, pool.submit(count_batch, batch)))
            if pending and (batch is None or len(pending) > threads + 1):
                (_, high), future = pending.pop(0)
                yield future.result()
                progress("counting", begin + int(starts[high]), len(corpus.tokens), "tokens")
    progress("counting", end, len(corpus.tokens), "tokens")


def _most_entries(starts: NDArray[np.int64], reach: int) -> NDArray[np.int64]:
    """Upper bound of the entries of each row of the lower triangle."""
    most: NDArray[np.int64] = np.minimum(
        np.arange(1, len(starts)), np.diff(starts) * (2 * reach + 1)
    )
    return most


def _batches(starts: NDArray[np.int64], reach: int, threads: int) -> list[tuple[int, int]]:
    """Split the rows so that no batch has too many entries or too many places."""
    entries = np.concatenate([[0], np.cumsum(_most_entries(starts, reach))])
    most_entries = 4 * _BATCH_ENTRIES // (threads + 2)  # threads + 2 at the same time
    most_places = max(int(starts[-1]) // (8 * threads), 1)
    batches = []
    low, size = 0, len(starts) - 1
    while low < size:
        by_entries = np.searchsorted(entries, entries[low] + most_entries, side="right") - 1
        by_places = np.searchsorted(starts, starts[low] + most_places, side="right") - 1
        high = min(max(int(min(by_entries, by_places)), low + 1), size)
        batches.append((low, high))
        low = high
    return batches


class _RowStore:
    """Collect rows in order, in memory up to a limit and in scratch files beyond it."""

    def __init__(self, scratch: Path, limit: int) -> None:
        self.scratch = scratch
        self.limit = limit
        self.lengths: list[NDArray[np.int64]] = []
        self.columns: list[NDArray[np.int32]] = []
        self.values: list[NDArray[Any]] = []
        self.held = 0
        self.spilled = 0
        self.files: tuple[IO[bytes], ...] = ()

    def append(self, rows: Rows) -> None:
        lengths, columns, values = rows
        self.lengths.append(lengths)
        self.columns.append(columns)
        self.values.append(_narrow(values))
        self.held += columns.nbytes + self.values[-1].nbytes
        if self.held > self.limit:
            self._spill()

    def finish(self) -> Rows:
        """Return row pointers, columns and values."""
        indptr = np.concatenate([[0], np.cumsum(np.concatenate(self.lengths))])
        if not self.files:
            columns = np.concatenate(self.columns)
            self.columns.clear()
            values = np.concatenate(self.values)
            self.values.clear()
            return indptr, columns, values
        self._spill()
        return indptr, self._mapped(0, "<i4"), self._mapped(1, "<i8")

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

    def _mapped(self, which: int, dtype: str) -> NDArray[Any]:
        # The file is let go of here; its content remains as long as it is mapped.
        with self.files[which] as file:
            mapped = np.memmap(file, dtype, "r", shape=(self.spilled,))
        return mapped

    def close(self) -> None:
        """Remove the scratch files, unless they are mapped already."""
        for file in self.files:
            file.close()


def _narrow(values: NDArray[Any]) -> NDArray[Any]:
    """The same whole numbers in 32 bits where they fit."""
    if int(values.max(initial=0)) < 2**32:
        return values.astype(np.uint32)
    return values


def _sums_of_rows(parts: list[_RowStore], size: int) -> Iterator[Rows]:
    """Add the same rows of all parts, a block of rows at a time."""
    finished = [part.finish() for part in parts]
    entries = sum((indptr for indptr, _, _ in finished), start=np.zeros(size + 1, np.int64))
    low = 0
    while low < size:
        high = int(np.searchsorted(entries, entries[low] + _BATCH_ENTRIES, side="right")) - 1
        high = min(max(high, low + 1), size)
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
        yield np.diff(total.indptr).astype(np.int64), total.indices.astype(np.int32), total.data
        low = high
