"""Count co-occurrences one row at a time, compiled.

The places of every word are listed first (a counting sort). The row of a word
is then gathered from the windows around its places into one array of length V,
which stays in the processor's cache, whereas adding pairs in the order of the
text touches a V x V table all over. Rows are independent of one another, so threads
need no locks and the result does not depend on how rows are divided among them.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

# The places of a word are far apart in the text, so the processor would wait for
# each of its windows from main memory unless it is prefetched this many places ahead.
_AHEAD = 12
_CACHE_LINE = 16  # in int32


@intrinsic
def _prefetch(_context: Any, array: Any, index: Any) -> Any:
    """Ask the processor to fetch ``array[index]`` into its cache."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        byte_pointer = ir.IntType(8).as_pointer()
        int32 = ir.IntType(32)
        function = builder.module.declare_intrinsic(
            "llvm.prefetch",
            [byte_pointer],
            fnty=ir.FunctionType(ir.VoidType(), [byte_pointer, int32, int32, int32]),
        )
        address = builder.bitcast(builder.gep(data, [arguments[1]]), byte_pointer)
        # For reading, to be kept in every level of the cache, data and not code.
        builder.call(function, [address, int32(0), int32(3), int32(1)])
        return context.get_dummy_value()

    return types.void(array, index), generate


@numba.njit(cache=True, nogil=True)
def padded_length(offsets: NDArray[np.int64], begin: int, end: int, window: int) -> int:
    """Compute how many entries `pad` makes of tokens [begin, end).

    Parameters
    ----------
    offsets : (n_documents + 1,) int64
        Bounds of documents.
    begin, end : int
        Bounds of the stretch among the tokens; not empty.
    window : int
        Largest distance that counts.

    Returns
    -------
    int
        Tokens, blanks between documents, and the neighbours at either end.
    """
    first = np.searchsorted(offsets, begin, side="right")
    last = np.searchsorted(offsets, end - 1, side="right")
    return int(end - begin + window * (last - first + 2))


@numba.njit(cache=True, nogil=True)
def pad(
    tokens: NDArray[np.int32],
    offsets: NDArray[np.int64],
    begin: int,
    end: int,
    low: int,
    high: int,
    window: int,
    blank: int,
    out: NDArray[np.int32],
) -> None:
    """Copy tokens [low, high) of a stretch [begin, end), with `window` blanks between documents.

    The first and the last `window` entries of a stretch are the neighbours outside it, so
    that no window is lost where a document is split between stretches. Pieces of a
    stretch may be copied in any order: each knows where it goes.

    Parameters
    ----------
    tokens : (n,) int32
        Word ids of the corpus; -1 for a word out of the vocabulary.
    offsets : (n_documents + 1,) int64
        Bounds of documents.
    begin, end : int
        Bounds of the stretch among the tokens.
    low, high : int
        Bounds of the piece.
    window : int
        Largest distance that counts.
    blank : int
        Id of a place without a word, the number of words.
    out : int32 array
        Array that gets the padded stretch, of length `padded_length`.
    """
    start = np.searchsorted(offsets, begin, side="right") - 1
    document = np.searchsorted(offsets, low, side="right") - 1
    n = window + (low - begin) + window * (document - start)
    if low == begin:
        for k in range(begin - window, begin):
            out[k - begin + window] = _word_at(tokens, k, blank) if k >= offsets[start] else blank
    else:
        before = np.searchsorted(offsets, low - 1, side="right") - 1
        out[n - window * (document - before) : n] = blank
    place = low
    while place < high:
        document_end = min(offsets[document + 1], high)
        for k in range(place, document_end):
            out[n] = _word_at(tokens, k, blank)
            n += 1
        place = document_end
        if place < high:
            out[n : n + window] = blank
            n += window
            document += 1
    if high == end:
        # `document` now holds the token end - 1: documents without tokens were passed over.
        for k in range(end, end + window):
            out[n] = _word_at(tokens, k, blank) if k < offsets[document + 1] else blank
            n += 1


@numba.njit(cache=True, nogil=True)
def _word_at(tokens: NDArray[np.int32], place: int, blank: int) -> int:
    word = tokens[place]
    return blank if word < 0 else word  # a word out of the vocabulary keeps its place


@numba.njit(cache=True, nogil=True)
def count_words(padded: NDArray[np.int32], low: int, high: int, numbers: NDArray[np.int64]) -> None:
    """Count how often each word stands at places [low, high).

    Parameters
    ----------
    padded : (n,) int32
        Word ids of a stretch, from `pad`.
    low, high : int
        Bounds of the places.
    numbers : (V + 1,) int64
        Array that gets the numbers; the last is that of blanks.
    """
    numbers[:] = 0
    for k in range(low, high):
        numbers[padded[k]] += 1


@numba.njit(cache=True, nogil=True)
def list_places(
    padded: NDArray[np.int32],
    low: int,
    high: int,
    heads: NDArray[np.int64],
    places: NDArray[np.int32],
) -> None:
    """List the places [low, high) of each word in increasing order (a counting sort).

    Parameters
    ----------
    padded : (n,) int32
        Word ids of a stretch, from `pad`.
    low, high : int
        Bounds of the places.
    heads : (V,) int64
        Where the first of these places of each word goes; changed.
    places : int32 array
        Array that gets the places, word after word.
    """
    blank = len(heads)
    for k in range(low, high):
        word = padded[k]
        if word != blank:
            places[heads[word]] = k
            heads[word] += 1


@numba.njit(cache=True, nogil=True)
def add_windows(
    padded: NDArray[np.int32],
    places: NDArray[np.int32],
    weights: NDArray[np.int64],
    row: NDArray[np.int64],
) -> None:
    """Add the weights of all words around some places.

    Parameters
    ----------
    padded : (n,) int32
        Word ids of a stretch, from `pad`.
    places : (m,) int32
        The places.
    weights : (2 L + 1,) int64
        Weights at distances -L to L, the middle one 0.
    row : (V + 1,) int64
        Array to whose entries, one a word, they are added; the last is for blanks.
    """
    width = len(weights)
    half = width // 2
    lines = width // _CACHE_LINE + 1
    for i in range(len(places)):
        if i + _AHEAD < len(places):
            ahead = places[i + _AHEAD] - half
            for line in range(lines):
                _prefetch(padded, ahead + line * _CACHE_LINE)
        # Unsigned, so that no test for a negative index is made.
        p = np.uint64(places[i] - half)
        for k in range(width):
            row[np.uint64(padded[p + np.uint64(k)])] += weights[np.uint64(k)]


@numba.njit(cache=True, nogil=True)
def count_rows(
    padded: NDArray[np.int32],
    places: NDArray[np.int32],
    starts: NDArray[np.int64],
    weights: NDArray[np.int64],
    first: int,
    last: int,
    columns: NDArray[np.int32],
    values: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> int:
    """Count rows [first, last) of the lower triangle.

    Parameters
    ----------
    padded : (n,) int32
        Word ids of a stretch, from `pad`.
    places : int32 array
        Places of words, from `list_places`.
    starts : (V + 1,) int64
        Bounds of each word's places.
    weights : (2 L + 1,) int64
        Weights at distances -L to L, the middle one 0.
    first, last : int
        Bounds of the rows.
    columns, values : int32 and int64 arrays
        Arrays that get the entries.
    lengths : (last - first,) int64
        Array that gets the number of entries of each row.

    Returns
    -------
    int
        Number of entries written.
    """
    width = len(weights)
    half = width // 2
    row = np.zeros(len(starts), np.int64)  # the last entry is for blanks
    touched = np.empty(0, np.int32)
    n = 0
    for word in range(first, last):
        begin, end = starts[word], starts[word + 1]
        n_before = n
        if (end - begin) * width * 16 < word:
            # A rare word: note the few columns it has instead of searching all of them.
            needed = (end - begin) * width
            if len(touched) < needed:
                touched = np.empty(2 * needed, np.int32)
            met = 0
            for p in places[begin:end]:
                for k in range(width):
                    other = padded[p - half + k]
                    if other <= word and weights[k] != 0:
                        if row[other] == 0:
                            touched[met] = other
                            met += 1
                        row[other] += weights[k]
            for other in np.sort(touched[:met]):
                columns[n] = other
                values[n] = row[other]
                row[other] = 0
                n += 1
        else:
            add_windows(padded, places[begin:end], weights, row)
            for other in range(word + 1):
                if row[other] != 0:
                    columns[n] = other
                    values[n] = row[other]
                    n += 1
            row[:] = 0
        lengths[word - first] = n - n_before
    return n


@numba.njit(cache=True, nogil=True)
def count_rows_both(
    padded: NDArray[np.int32],
    places: NDArray[np.int32],
    starts: NDArray[np.int64],
    weights: NDArray[np.int64],
    first: int,
    last: int,
    columns: NDArray[np.int32],
    values: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> int:
    """Count rows [first, last) of the lower triangle in both orders, C_ij and C_ji.

    What word j sees of word i is what i sees of j with the window turned round.

    Parameters
    ----------
    padded : (n,) int32
        Word ids of a stretch, from `pad`.
    places : int32 array
        Places of words, from `list_places`.
    starts : (V + 1,) int64
        Bounds of each word's places.
    weights : (2 L + 1,) int64
        Weights at distances -L to L, the middle one 0.
    first, last : int
        Bounds of the rows.
    columns : int32 array
        Gets the columns of the entries of which one order is not 0.
    values : (n, 2) int64
        Gets the entries.
    lengths : (last - first,) int64
        Gets the number of entries of each row.

    Returns
    -------
    int
        Number of entries written.
    """
    width = len(weights)
    half = width // 2
    turned = weights[::-1].copy()
    row = np.zeros(len(starts), np.int64)  # the last entry is for blanks
    back = np.zeros(len(starts), np.int64)
    touched = np.empty(0, np.int32)
    n = 0
    for word in range(first, last):
        begin, end = starts[word], starts[word + 1]
        n_before = n
        if (end - begin) * width * 16 < word:
            needed = (end - begin) * width
            if len(touched) < needed:
                touched = np.empty(2 * needed, np.int32)
            met = 0
            for p in places[begin:end]:
                for k in range(width):
                    other = padded[p - half + k]
                    if other <= word and (weights[k] != 0 or turned[k] != 0):
                        if row[other] == 0 and back[other] == 0:
                            touched[met] = other
                            met += 1
                        row[other] += weights[k]
                        back[other] += turned[k]
            for other in np.sort(touched[:met]):
                columns[n] = other
                values[n, 0], values[n, 1] = row[other], back[other]
                row[other], back[other] = 0, 0
                n += 1
        else:
            add_windows(padded, places[begin:end], weights, row)
            add_windows(padded, places[begin:end], turned, back)
            for other in range(word + 1):
                if row[other] != 0 or back[other] != 0:
                    columns[n] = other
                    values[n, 0], values[n, 1] = row[other], back[other]
                    n += 1
            row[:] = 0
            back[:] = 0
        lengths[word - first] = n - n_before
    return n
