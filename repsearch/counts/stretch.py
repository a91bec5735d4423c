"""Count a stretch of the text on threads, row by row.

All that takes time is shared out: the padded copy, the list of places, and the rows. A row
of a very frequent word takes as long as thousands of others, so its places are divided too;
counts are whole numbers, so the sum is the same however they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from repsearch.corpus.corpus import Corpus
from repsearch.counts.row_store import Rows, narrow
from repsearch.kernels.counting import (
    add_windows,
    count_rows,
    count_rows_both,
    count_words,
    list_places,
    pad,
    padded_length,
)

_BATCHES = 8
"""Batches for each thread, at least, so that none waits long for another's last."""


def count_stretch(
    corpus: Corpus,
    weights: NDArray[np.int64],
    stretch: tuple[int, int],
    met: NDArray[np.int64],
    pool: ThreadPoolExecutor,
    threads: int,
    batch: int,
    *,
    both: bool = False,
) -> Iterator[tuple[int, Rows]]:
    """Count the windows around the tokens of a stretch.

    Parameters
    ----------
    corpus : Corpus
        Corpus, whose tokens have been checked as far as windows of the stretch reach.
    weights : (2 L + 1,) int64
        Weights at distances -L to L, the middle one 0.
    stretch : (int, int)
        Bounds among the tokens.
    met : (V,) int64
        Gets the occurrences of each word added.
    pool : ThreadPoolExecutor
        Threads.
    threads : int
        Their number.
    batch : int
        Entries that are counted at once, unless one row has more; four times as many are held.
    both : bool
        Whether the counts of a pair are taken in both orders, for weights that are not
        symmetric; the values of rows then have two columns, C_ij and C_ji.

    Yields
    ------
    done : int
        Number of tokens of the stretch that have been counted.
    rows : Rows
        Rows of the lower triangle, in order.
    """
    size, reach = len(corpus.words), len(weights) // 2
    padded, places, starts = _listed(corpus, stretch, reach, pool, threads)
    met += np.diff(starts)
    turned = weights[::-1].copy()
    count_them = count_rows_both if both else count_rows

    def count_batch(low: int, high: int) -> Rows:
        room = int(_most_entries(starts, reach)[low:high].sum())
        columns = np.empty(room, np.int32)
        values = np.empty((room, 2) if both else room, np.int64)
        lengths = np.empty(high - low, np.int64)
        n = count_them(padded, places, starts, weights, low, high, columns, values, lengths)
        return lengths, columns[:n].copy(), narrow(values[:n])

    def count_part(word: int, low: int, high: int) -> NDArray[np.int64]:
        row = np.zeros(size + 1, np.int64)
        add_windows(padded, places[low:high], weights, row)
        if not both:
            return row[: word + 1].copy()
        back = np.zeros(size + 1, np.int64)
        add_windows(padded, places[low:high], turned, back)
        return np.stack([row[: word + 1], back[: word + 1]], axis=1)

    # A batch of rows; or, for a row that is divided, as many parts of it.
    tasks: list[tuple[int, int, int, int, bool]] = []
    most = max(int(starts[-1]) // (_BATCHES * threads), 1)
    for low, high in _batches(starts, reach, threads, most, batch):
        begin, end = int(starts[low]), int(starts[high])
        parts = -(-(end - begin) // most) if high == low + 1 and threads > 1 else 1
        if parts <= 1:
            tasks.append((low, high, begin, end, True))
            continue
        edges = np.linspace(begin, end, parts + 1).astype(int).tolist()
        tasks += [(low, high, a, b, b == end) for a, b in pairwise(edges)]
    pending: list[tuple[tuple[int, int, int, int, bool], Future[Rows | NDArray[np.int64]]]] = []
    total: NDArray[np.int64] | None = None
    held = held_batches(threads)
    following = iter(tasks)
    for _ in tasks:
        while len(pending) < held and (task := next(following, None)) is not None:
            low, high, begin, end, last = task
            whole = begin == starts[low] and last
            future: Future[Rows | NDArray[np.int64]] = (
                pool.submit(count_batch, low, high)
                if whole
                else pool.submit(count_part, low, begin, end)
            )
            pending.append((task, future))
        (_, _, _, end, last), done = pending.pop(0)
        found = done.result()
        if isinstance(found, tuple):
            yield end, found
            continue
        total = found if total is None else total + found
        if last:
            met_with = total.any(axis=1) if both else total
            columns = np.flatnonzero(met_with).astype(np.int32)
            yield end, (np.array([len(columns)]), columns, narrow(total[columns]))
            total = None


def _listed(
    corpus: Corpus,
    stretch: tuple[int, int],
    reach: int,
    pool: ThreadPoolExecutor,
    threads: int,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """The padded copy of a stretch, the places of each word in it, and their bounds."""
    begin, end = stretch
    size = len(corpus.words)
    length = padded_length(corpus.offsets, begin, end, reach)
    padded = np.empty(length, np.int32)
    pieces = max(min(threads, end - begin), 1)

    def copy(low: int, high: int) -> None:
        pad(corpus.tokens, corpus.offsets, begin, end, low, high, reach, size, padded)

    def edges_of(first: int, last: int) -> tuple[list[int], list[int]]:
        edges = np.linspace(first, last, pieces + 1).astype(int).tolist()
        return edges[:-1], edges[1:]

    list(pool.map(copy, *edges_of(begin, end)))
    lows, highs = edges_of(reach, length - reach)
    numbers = np.empty((pieces, size + 1), np.int64)
    list(pool.map(lambda k: count_words(padded, lows[k], highs[k], numbers[k]), range(pieces)))
    starts = np.concatenate([[0], np.cumsum(numbers[:, :size].sum(axis=0))])
    # Where the first place of each word goes that a piece lists: after those of pieces before.
    np.cumsum(numbers[:-1], axis=0, out=numbers[:-1])
    numbers[1:] = numbers[:-1]
    numbers[0] = 0
    numbers[:, :size] += starts[:-1]
    places = np.empty(int(starts[-1]), np.int32)
    list(
        pool.map(
            lambda k: list_places(padded, lows[k], highs[k], numbers[k, :size], places),
            range(pieces),
        )
    )
    return padded, places, starts


def held_batches(threads: int) -> int:
    """Number of batches at the same time: enough that no thread waits for the first of them.

    Parameters
    ----------
    threads : int
        Number of threads.

    Returns
    -------
    int
        Number of batches.
    """
    return 2 * threads + 1


def _most_entries(starts: NDArray[np.int64], reach: int) -> NDArray[np.int64]:
    """Upper bound of the entries of each row of the lower triangle."""
    most: NDArray[np.int64] = np.minimum(
        np.arange(1, len(starts)), np.diff(starts) * (2 * reach + 1)
    )
    return most


def _batches(
    starts: NDArray[np.int64], reach: int, threads: int, most_places: int, batch: int
) -> list[tuple[int, int]]:
    """Split the rows so that no batch has too many entries or too many places."""
    entries = np.concatenate([[0], np.cumsum(_most_entries(starts, reach))])
    most_entries = 4 * batch // held_batches(threads)
    batches = []
    low, size = 0, len(starts) - 1
    while low < size:
        by_entries = np.searchsorted(entries, entries[low] + most_entries, side="right") - 1
        by_places = np.searchsorted(starts, starts[low] + most_places, side="right") - 1
        high = min(max(int(min(by_entries, by_places)), low + 1), size)
        batches.append((low, high))
        low = high
    return batches
