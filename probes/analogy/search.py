"""Find the word that completes an analogy, for many analogies at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.embeddings.neighbours import rows_with_direction, unit_rows
from repsearch.errors import InputError

OfTwoPairs = Literal["3CosAdd", "3CosMul", "PairDirection"]
"""Methods that answer a : b :: a′ : ?."""
Method = Literal[OfTwoPairs, "3CosAvg"]
"""Those, and the one that answers from all other pairs of the family (`closest_by_offset`)."""
METHODS: tuple[Method, ...] = get_args(Method)
_OF_TWO_PAIRS: tuple[OfTwoPairs, ...] = get_args(OfTwoPairs)

EPSILON = 1e-3
"""Keeps the denominator of 3CosMul from zero; the value of Levy and Goldberg."""
TIE = 1e-9
"""Scores this close, relative to 1 or the score, are a tie: far above the rounding
of float64, far below any difference that means something."""
_SAME = 1e-12
"""Squared distance of unit vectors below which one less the other has no direction."""

# Words and questions scored at a time: small enough for temporary arrays to stay
# near the cache, below 50 MB in all whatever the vocabulary.
_WORDS = 1024
_QUERY_WORDS = 1024
_BLOCK = 512


def closest_words(
    vectors: NDArray[np.floating],
    questions: NDArray[np.integer],
    *,
    method: OfTwoPairs = "3CosAdd",
    block: int | None = None,
) -> NDArray[np.int64]:
    """Find the word that best completes each analogy a : b :: a′ : ?.

    With unit vectors, 3CosAdd takes the word w with the largest
    w·b − w·a + w·a′, which is also the one nearest to b − a + a′; 3CosMul takes
    the largest cos(w, b) cos(w, a′) / (cos(w, a) + ε), with the cosines moved to
    [0, 1]; PairDirection the largest cos(w − a′, b − a), whatever the length of w − a′.
    The query words a, b and a′ are left out. Equal scores, to 1e-9, go
    to the lowest row: that of the most frequent word.

    Parameters
    ----------
    vectors : ndarray of float, shape (V, d)
        Embeddings, of any length; a row of zeros has no direction and is never found.
    questions : ndarray of int, shape (n, 3)
        Rows of a, b and a′.
    method : {"3CosAdd", "3CosMul", "PairDirection"}, default "3CosAdd"
        How candidates are scored.
    block : int, optional
        Questions scored at a time, 512 by default, for which temporary arrays
        stay below 50 MB at d = 200. It does not change the result.

    Returns
    -------
    ndarray of int64, shape (n,)
        Row of the word; −1 where no word is left beside the query words.

    Raises
    ------
    InputError
        On an unknown method or a block below 1.

    References
    ----------
    Mikolov, Yih and Zweig 2013, NAACL (3CosAdd, PairDirection); Levy and Goldberg 2014,
    CoNLL, "Linguistic regularities in sparse and explicit word
    representations" (3CosMul).

    Examples
    --------
    man, king, woman and queen as two bits each:

    >>> import numpy as np
    >>> words = ["man", "king", "woman", "queen", "apple"]
    >>> vectors = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1], [-1, -1, 1]])
    >>> words[closest_words(vectors, np.array([[0, 1, 2]]))[0]]
    'queen'
    """
    if method not in _OF_TWO_PAIRS:
        raise InputError(f"no analogy method {method!r}; there are {', '.join(_OF_TWO_PAIRS)}")
    block = checked_block(block)
    found = np.full(len(questions), -1, dtype=np.int64)
    for part in _batches(questions, 0, len(questions)):
        found[part] = _closest_words(vectors, questions[part], method, block)
    return found


def checked_block(block: int | None) -> int:
    """Check how many questions are to be scored at a time.

    Parameters
    ----------
    block : int or None
        The number; None for the default.

    Returns
    -------
    int

    Raises
    ------
    InputError
        It is below 1.
    """
    block = _BLOCK if block is None else block
    if not is_whole(block) or block < 1:
        raise InputError(f"a block holds at least 1 question; got {block!r}")
    return block


def _batches(questions: NDArray[np.integer], first: int, end: int) -> Iterator[slice]:
    """Runs of questions with few distinct words, found by halving."""
    if len(np.unique(questions[first:end])) <= _QUERY_WORDS:
        yield slice(first, end)
        return
    middle = (first + end) // 2
    yield from _batches(questions, first, middle)
    yield from _batches(questions, middle, end)


def _closest_words(
    vectors: NDArray[np.floating], questions: NDArray[np.integer], method: OfTwoPairs, block: int
) -> NDArray[np.int64]:
    query_rows, queries = np.unique(questions, return_inverse=True)
    queries = queries.reshape(questions.shape)
    query_vectors = unit_rows(np.asarray(vectors[query_rows], np.float64))
    offsets = _offsets(query_vectors, queries) if method == "PairDirection" else None
    best = np.full(len(questions), -np.inf)
    found = np.full(len(questions), -1, dtype=np.int64)
    # Memory that is kept: asking the system for it again for every block took
    # longer than the arithmetic.
    room = np.empty((2, min(block, len(questions)), _WORDS))
    for first_word in range(0, len(vectors), _WORDS):
        words = unit_rows(np.asarray(vectors[first_word : first_word + _WORDS], np.float64))
        zero = np.flatnonzero(~rows_with_direction(words))
        # One product for all questions, since their few words come again and
        # again; a product for every block would be mostly overhead.
        cosines = query_vectors @ words.T
        for first in range(0, len(questions), block):
            part = slice(first, first + block)
            if offsets is None:
                scores = _scores(cosines, queries[part], method, room)
            else:
                scores = _directions(cosines, queries[part], offsets[:, part], room)
            _leave_out(scores, questions[part] - first_word)
            scores[:, zero] = -np.inf
            keep_best(scores, first_word, best[part], found[part])
    return found


def keep_best(
    scores: NDArray[np.float64],
    first_word: int,
    best: NDArray[np.float64],
    found: NDArray[np.int64],
) -> None:
    """Take the best of some further words where it is better than the best so far.

    Parameters
    ----------
    scores : ndarray of float64, shape (n, words)
        Scores of the further words, −inf of those that are left out.
    first_word : int
        Row of the first of them.
    best : ndarray of float64, shape (n,)
        Best score of each question so far; changed in place.
    found : ndarray of int64, shape (n,)
        Row of the word that has it; changed in place. Of a tie the lower row stays.

    Examples
    --------
    >>> best, found = np.array([0.5]), np.array([3])
    >>> keep_best(np.array([[0.2, 0.9, 0.9]]), 10, best, found)
    >>> best.tolist(), found.tolist()
    ([0.9], [11])
    """
    top = scores.max(axis=1)
    margin = TIE * np.maximum(1.0, np.abs(np.where(np.isfinite(top), top, 1.0)))
    row = (scores >= (top - margin)[:, None]).argmax(axis=1)
    better = top > best + margin
    found[:] = np.where(better, row + first_word, found)
    np.maximum(best, top, out=best)


def _scores(
    cosines: NDArray[np.float64],
    queries: NDArray[np.integer],
    method: OfTwoPairs,
    room: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Scores of all words in each question, written into the first half of `room`."""
    a, b, a_prime = queries.T
    scores: NDArray[np.float64] = room[0, : len(queries), : cosines.shape[1]]
    taken: NDArray[np.float64] = room[1, : len(queries), : cosines.shape[1]]
    _take(cosines, b, scores)
    if method == "3CosAdd":
        scores -= _take(cosines, a, taken)
        scores += _take(cosines, a_prime, taken)
        return scores
    # With (1 + cosine) / 2 throughout, numerator and denominator times 4.
    scores += 1
    _take(cosines, a_prime, taken)
    taken += 1
    scores *= taken
    _take(cosines, a, taken)
    taken += 1 + 2 * EPSILON
    taken *= 2
    scores /= taken
    return scores


def _offsets(
    query_vectors: NDArray[np.float64], queries: NDArray[np.integer]
) -> NDArray[np.float64]:
    """The product of b − a with a′, and the square of a′, of each question."""
    a, b, a_prime = (query_vectors[column] for column in queries.T)
    return np.stack([np.einsum("nd,nd->n", b - a, a_prime), np.square(a_prime).sum(1)])


def _directions(
    cosines: NDArray[np.float64],
    queries: NDArray[np.integer],
    offsets: NDArray[np.float64],
    room: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Cosine of w − a′ and b − a times the length of b − a, into the first half of `room`."""
    a, b, a_prime = queries.T
    along, square = offsets[:, :, None]
    scores: NDArray[np.float64] = room[0, : len(queries), : cosines.shape[1]]
    taken: NDArray[np.float64] = room[1, : len(queries), : cosines.shape[1]]
    _take(cosines, b, scores)
    scores -= _take(cosines, a, taken)
    scores -= along
    # |w - a'|^2 = 1 + |a'|^2 - 2 w.a' of unit vectors w.
    _take(cosines, a_prime, taken)
    taken *= -2
    taken += 1 + square
    same = taken <= _SAME
    taken[same] = 1.0
    scores /= np.sqrt(taken, out=taken)
    scores[same] = -np.inf
    return scores


def _take(
    rows: NDArray[np.float64], which: NDArray[np.integer], out: NDArray[np.float64]
) -> NDArray[np.float64]:
    # Any mode but the default writes into `out` without a copy of it.
    np.take(rows, which, axis=0, out=out, mode="clip")
    return out


def _leave_out(scores: NDArray[np.float64], columns: NDArray[np.integer]) -> None:
    rows = np.repeat(np.arange(len(columns)), columns.shape[1])
    flat = columns.ravel()
    here = (flat >= 0) & (flat < scores.shape[1])
    scores[rows[here], flat[here]] = -np.inf
