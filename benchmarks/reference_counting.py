"""Count as the reference implementation does, as the baseline to measure against.

A dense pair of float32 arrays,
one plain and one weighted, to which both orders of each pair are added in the
order of the text, on one thread. (Its loop also drops windows at the end of a
document; that is kept, since the point here is its speed.)
"""

import numba
import numpy as np
from numpy.typing import NDArray

from repsearch import Corpus


@numba.njit(cache=True)
def _add_document(
    tokens: NDArray[np.int32],
    window: int,
    counts: NDArray[np.float32],
    weighted: NDArray[np.float32],
) -> None:
    for i in range(len(tokens) - (window + 1)):
        first = tokens[i]
        for distance in range(1, window + 1):
            second = tokens[i + distance]
            weight = window + 1 - distance
            counts[first, second] += 1
            counts[second, first] += 1
            weighted[first, second] += weight
            weighted[second, first] += weight


def count_as_reference(corpus: Corpus, window: int) -> NDArray[np.float32]:
    """Weighted counts as the reference makes them."""
    size = len(corpus.words)
    counts = np.zeros((size, size), np.float32)
    weighted = np.zeros((size, size), np.float32)
    tokens = np.asarray(corpus.tokens)
    for begin, end in zip(corpus.offsets[:-1], corpus.offsets[1:], strict=True):
        _add_document(tokens[begin:end], window, counts, weighted)
    return weighted
