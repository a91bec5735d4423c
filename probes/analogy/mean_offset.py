"""Answer each pair of a family by the mean offset of the others: 3CosAvg."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probes.analogy.protocol import AskedEach
from probes.analogy.search import checked_block, keep_best
from repsearch.embeddings.neighbours import rows_with_direction, unit_rows

# Words scored at a time, so that temporary arrays stay small whatever the vocabulary.
_WORDS = 4096


def closest_by_offset(
    vectors: NDArray[np.floating], asked: AskedEach, *, block: int | None = None
) -> NDArray[np.int64]:
    """Find the word that goes with a′ as the second words of other pairs go with their first.

    With unit vectors the word w is taken that has the largest cosine with
    a′ + mean (b_j − a_j), over the pairs j of `AskedEach.others`: those of the family that
    share no word with the pair that is asked for. Only a′ is left out of the candidates; the
    words of the other pairs are among them. Equal scores, to 1e-9, go to the lowest row.

    Parameters
    ----------
    vectors : ndarray of float, shape (V, d)
        Embeddings, of any length; a row of zeros has no direction and is never found.
    asked : AskedEach
        From `ask_each`.
    block : int, optional
        Questions scored at a time; does not change the result.

    Returns
    -------
    ndarray of int64, shape (n,)
        Row of the word; −1 where no word is left beside a′.

    Raises
    ------
    InputError
        On a block below 1.

    References
    ----------
    Drozd, Gladkova and Matsuoka 2016, COLING, "Word embeddings, analogies, and machine
    learning: beyond king − man + woman = queen".

    Examples
    --------
    >>> from probes.analogy.protocol import ask_each
    >>> from probes.relations import Relations
    >>> from repsearch.embeddings import Embeddings
    >>> words = ("a", "b", "c", "A", "B", "C")
    >>> vectors = np.hstack([np.tile(np.eye(3), (2, 1)), np.repeat([[0.0], [1.0]], 3, axis=0)])
    >>> relations = Relations({"capital": [("a", "A"), ("b", "B"), ("c", "C")]})
    >>> found = relations.look_up(Embeddings(words, vectors))
    >>> asked = ask_each("capital", relations, found, unanswerable="left out")
    >>> [words[row] for row in closest_by_offset(vectors, asked)]
    ['A', 'B', 'C']
    """
    block = checked_block(block)
    rows = asked.rows[:, 2]
    ends = unit_rows(np.asarray(vectors[asked.ends.ravel()], np.float64))
    offsets = ends[1::2] - ends[::2]
    number = asked.others.sum(axis=1, keepdims=True)
    sought = unit_rows(np.asarray(vectors[rows], np.float64))
    # One pair after the other and not as a product, whose rounding would break ties.
    sought += np.einsum("nj,jd->nd", asked.others.astype(np.float64), offsets) / number
    sought = unit_rows(sought)
    best = np.full(len(rows), -np.inf)
    found = np.full(len(rows), -1, dtype=np.int64)
    for first_word in range(0, len(vectors), _WORDS):
        words = unit_rows(np.asarray(vectors[first_word : first_word + _WORDS], np.float64))
        zero = ~rows_with_direction(words)
        for first in range(0, len(rows), block):
            part = slice(first, first + block)
            scores = sought[part] @ words.T
            scores[:, zero] = -np.inf
            itself = rows[part] - first_word
            here = np.flatnonzero((itself >= 0) & (itself < len(words)))
            scores[here, itself[here]] = -np.inf
            keep_best(scores, first_word, best[part], found[part])
    found[~rows_with_direction(sought)] = -1
    return found
