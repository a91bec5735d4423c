"""Exchange the ends of edges of a bipartite graph, with all degrees kept."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True, nogil=True)
def exchange_ends(
    words: NDArray[np.int64],
    topics: NDArray[np.int64],
    kinds: NDArray[np.int64],
    held: NDArray[np.bool_],
    attempts: NDArray[np.int64],
) -> None:
    """Exchange the topics of pairs of edges, in place, unless a word would get a kind twice.

    Parameters
    ----------
    words, topics : (E,) int64
        The two ends of each edge.
    kinds : (T,) int64
        Kind of each topic, from 0; no word has two edges to topics of one kind.
    held : (V, K) bool
        Whether each word has an edge to each kind.
    attempts : (A, 2) int64
        Edges, in pairs.

    Examples
    --------
    >>> words, topics, kinds = np.array([0, 1]), np.array([0, 1]), np.array([0, 1])
    >>> exchange_ends(words, topics, kinds, np.eye(2, dtype=bool), np.array([[0, 1]]))
    >>> topics.tolist()
    [1, 0]
    """
    for attempt in range(len(attempts)):
        one, other = attempts[attempt, 0], attempts[attempt, 1]
        a, b = words[one], words[other]
        x, y = topics[one], topics[other]
        held[a, kinds[x]] = False
        held[b, kinds[y]] = False
        # Of one word, or topics of one kind, the exchange is back where it was, or as free.
        if a != b and not held[a, kinds[y]] and not held[b, kinds[x]]:
            topics[one], topics[other] = y, x
        held[a, kinds[topics[one]]] = True
        held[b, kinds[topics[other]]] = True
