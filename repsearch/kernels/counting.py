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
def pad(
    tokens: NDArray[np.int32],
    offsets: NDArray[np.int64],
    begin: int,
    end: int,
    window: int,
    blank: int,
    out: NDArray[np.int32],
) -> int:
    """Copy tokens [begin, end) with `window` blanks between documents.

    The first and the last `window` entries are the neighbours outside the
    stretch, so that no window is lost where a document is split between stretches.

    Parameters
    ----------
    tokens : (n,) int32
        Word ids of the corpus; -1 for a word out of the vocabulary.
    offsets : (n_documents + 1,) int64
        Bounds of documents.
    begin, end : int
        Bounds of the stretch among the tokens.
    window : int
        Largest distance that counts.
    blank : int
        Id of a place without a word, the number of words.
    out : int32 array
        Array that gets the padded stretch.

    Returns
    -------
    int
        Number of entries written.
    """
    document = np.searchsorted(offsets, begin, side="right") - 1
    n = 0
    for place in range(begin - window, begin):
        out[n] = tokens[place] if place >= offsets[document] else blank
        n += 1
    place = begin
    while place < end:
        document_end = min(offsets[document + 1], end)
        for k in range(place, document_end):
            out[n] = tokens[k]
            n += 1
        place = document_end
        if place < end:
            for _ in range(window):
                out[n] = blank
                n += 1
            document += 1
    # `document` now holds the token end - 1: documents without tokens were passed over.
    for k in range(end, end + window):
        out[n] = tokens[k] if k < offsets[document + 1] else blank
        n += 1
    for k in range(n):
        if out[k] < 0:  # a word out of the vocabulary that keeps its place
            out[k] = blank
    return n


@numba.njit(cache=True, nogil=True)
def list_places(
    padded: NDArray[np.int32], window: int, blank: int, places: NDArray[np.int32]
) -> NDArray[np.int64]:
    """List the places of each word in increasing order (a counting sort).

    Parameters
    ----------
    padded : (n,) int32
        Word ids of a stretch, from `pad`.
    window : int
        Number of neighbours outside the stretch at either end.
    blank : int
        Id of a place without a word, the number of words.
    places : int32 array
        Array that gets the places, word after word.

    Returns
    -------
    (V + 1,) int64
        Bounds of each word's places.
    """
    starts = np.zeros(blank + 2, np.int64)
    for k in range(window, len(padded) - window):
        starts[padded[k] + 1] += 1
    for w in range(blank):
        starts[w + 1] += starts[w]
    heads = starts[:blank].copy()
    for k in range(window, len(padded) - window):
        word = padded[k]
        if word != blank:
            places[heads[word]] = k
            heads[word] += 1
    return starts[: blank + 1]


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
    lines = width // _CACHE_LINE + 1
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
            for i in range(begin, end):
                if i + _AHEAD < end:
                    ahead = places[i + _AHEAD] - half
                    for line in range(lines):
                        _prefetch(padded, ahead + line * _CACHE_LINE)
                # Unsigned, so that no test for a negative index is made.
                p = np.uint64(places[i] - half)
                for k in range(width):
                    row[np.uint64(padded[p + np.uint64(k)])] += weights[np.uint64(k)]
            for other in range(word + 1):
                if row[other] != 0:
                    columns[n] = other
                    values[n] = row[other]
                    n += 1
            row[:] = 0
        lengths[word - first] = n - n_before
    return n
