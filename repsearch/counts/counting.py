"""Count co-occurrences in an encoded corpus, exactly."""

from __future__ import annotations

import tempfile
from bisect import bisect_left
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole, number_of_threads
from repsearch.corpus.corpus import PAPER_SIZE, Corpus
from repsearch.corpus.token_check import TokenCheck
from repsearch.counts import row_store
from repsearch.counts.counts import Counts
from repsearch.counts.row_store import (
    BYTES_IN_BOTH_ORDERS,
    BYTES_PER_ENTRY,
    RowStore,
    sums_of_rows,
)
from repsearch.counts.stretch import count_stretch, held_batches
from repsearch.counts.window import Window
from repsearch.errors import InputError
from repsearch.progress import Progress, silent

_BYTES_PER_PLACE = 8  # the padded copy and the list of places
_WIDE = 1 << 12
_LEAST_BATCH = 1 << 16
"""Entries of a batch at least: each batch takes some hundred bytes besides."""


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

    C_ij is the sum of w(t - s) over all places s of word i and t of word j in
    the same document, at most L apart, with w the window's weights. So every pair
    of places counts once for each order, and C is symmetric where the window is alike on
    both sides. The result is the same to the bit whatever the memory limit and the number
    of threads.

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
    check_overflow(len(corpus.tokens), window)
    size = len(corpus.words)
    place = Path(scratch) if scratch is not None else Path(tempfile.gettempdir())
    if not place.is_dir():
        raise InputError(f"{place} is no folder to keep scratch files in; make it or name another")
    # No pair is farther apart than the longest document.
    reach = max(min(window.size, int(np.diff(corpus.offsets).max(initial=0)) - 1), 1)
    left, right = window.sides(reach)
    weights = np.array((*left[::-1], 0, *right), np.int64)
    places, batch = _room(memory, size, reach, threads, window)
    bounds = _bounds(corpus.offsets, reach, places)
    check = TokenCheck(corpus)
    met = np.zeros(size, np.int64)
    n = len(corpus.tokens)
    with ExitStack() as stores:
        parts: list[RowStore] = []
        pool = stores.enter_context(ThreadPoolExecutor(threads))
        for begin, end in pairwise(bounds):
            part = stores.enter_context(closing(RowStore(place, memory // 2 // (len(bounds) - 1))))
            # Before compiled code takes them for places in its arrays: what windows reach as well.
            check.read_to(min(end + reach, n), pool)
            for done, rows in count_stretch(
                corpus,
                weights,
                (begin, end),
                met,
                pool,
                threads,
                batch,
                both=not window.symmetric,
            ):
                part.append(rows)
                progress("counting", begin + done, n, "tokens")
            progress("counting", end, n, "tokens")
            parts.append(part)
        check.finish(met)
        if len(parts) == 1:
            total = parts[0]
        else:
            total = stores.enter_context(closing(RowStore(place, memory // 4)))
            for rows in sums_of_rows(parts, size, pool, batch, both=not window.symmetric):
                total.append(rows)
        indptr, columns, values = total.finish(pool)
    above = None
    if not window.symmetric:
        values, above = values[:, 0], values[:, 1]
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
        above=above,
    )


def check_overflow(tokens: int, window: Window) -> None:
    """Refuse weights whose sums could exceed 64-bit integers.

    Parameters
    ----------
    tokens : int
        Number of tokens of the text.
    window : Window
        Window.

    Raises
    ------
    InputError
        They could.

    Examples
    --------
    >>> check_overflow(10**15, Window(16))
    >>> check_overflow(10**15, Window(30, "harmonic"))
    Traceback (most recent call last):
    repsearch.errors.InputError: harmonic weights of a window of 30 could exceed 64-bit integers \
in 1,000,000,000,000,000 tokens; they stay exact up to a window of 8
    """
    if window.weighting == "own":
        if 2 * window.sum * tokens >= 2**63:
            raise InputError(
                f"counts in a {window.in_words} could exceed 64-bit integers in {tokens:,} "
                f"tokens, for their whole numbers begin with {window.weights[0]:,}; pass weights "
                "of fewer digits"
            )
        return
    weighting = window.weighting

    def most(size: int) -> int:
        return 2 * Window(size, weighting).sum * tokens

    # Starting small, because weights of a wide harmonic window are numbers of many digits.
    size = 1
    while size < window.size and most(size) < 2**63:
        size = min(2 * size, window.size)
    if most(size) >= 2**63:
        exact = bisect_left(range(1, size), 2**63, key=most)
        raise InputError(
            f"{window.weighting} weights of a window of {window.size} could exceed 64-bit integers "
            f"in {tokens:,} tokens; they stay exact up to a window of {exact}"
        )


def check_memory(
    memory: int, n_words: int | None, window: Window, threads: int | None = None
) -> None:
    """Refuse a limit of the memory that no text could be counted in, before one is read.

    Parameters
    ----------
    memory : int
        Limit in bytes.
    n_words : int, optional
        Number of words; None where it is not known yet.
    window : Window
        Window.
    threads : int, optional
        Number of threads; all processors by default.

    Raises
    ------
    InputError
        The limit is too small, whatever the text; what it names is enough.

    Examples
    --------
    >>> check_memory(1000, 10_000, Window(), threads=2)
    Traceback (most recent call last):
    repsearch.errors.InputError: a memory limit of 1,000 bytes is too small to count in; allow at \
least 7,821,056
    """
    threads = number_of_threads(threads)
    try:
        _room(memory, 1 if n_words is None else n_words, 1, threads, window)
    except InputError:
        reach = min(window.size, _WIDE)
        _room(memory, PAPER_SIZE if n_words is None else n_words, reach, threads, window)


def _room(memory: int, n_words: int, reach: int, threads: int, window: Window) -> tuple[int, int]:
    """Places to count at once, blanks between documents included, and entries of a batch."""
    entry = BYTES_PER_ENTRY if window.symmetric else BYTES_IN_BOTH_ORDERS
    # Each thread has a row of all words; parts of rows are of the few most frequent ones.
    rows = 8 * (threads + 1) * n_words * (1 if window.symmetric else 2)
    least_places = (1 << 16) + 4 * reach
    # A batch has one row at least.
    least_batch = max(held_batches(threads) * n_words // 4 + 1, _LEAST_BATCH)
    least_batch = min(row_store.BATCH_ENTRIES, least_batch)
    # Half of the memory is for the counts, at most half of the rest for batches.
    wanted = min(row_store.BATCH_ENTRIES, max(memory // 4 // (4 * entry), least_batch))
    for batch in (wanted, least_batch):
        room = (memory // 2 - rows - 4 * batch * entry) // _BYTES_PER_PLACE
        if room >= least_places:
            return min(room, 2**31 - 1), batch  # places are 32-bit numbers
    needed = 2 * (rows + 4 * least_batch * entry + _BYTES_PER_PLACE * least_places)
    raise InputError(
        f"a memory limit of {memory:,} bytes is too small to count in; allow at least {needed:,}"
    )


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
