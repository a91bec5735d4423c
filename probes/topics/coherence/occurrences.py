"""Count the documents or windows of a corpus that hold a word, and those that hold two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.corpus.corpus import Corpus
from repsearch.corpus.token_check import check_tokens
from repsearch.counts.counts import Counts
from repsearch.embeddings import UnknownWordError
from repsearch.errors import InputError

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Occurrences:
    """Probabilities of words and of pairs of words, whatever they were counted in.

    Parameters
    ----------
    words : tuple of str
        K words.
    single : (K,) float64
        P_i, the share of units that hold the word.
    joint : (K, K) float64
        P_ij, symmetric.
    unit : str
        What was counted, in words.

    Examples
    --------
    >>> from repsearch import encode
    >>> seen = in_documents(encode(["ice cold", "red ice"], vocabulary_size=None), ["ice", "red"])
    >>> seen.single.tolist(), seen.joint[0].tolist(), seen.unit
    ([1.0, 0.5], [1.0, 0.5], 'document')
    """

    words: tuple[str, ...]
    single: Real
    joint: Real
    unit: str

    def rows(self, words: Iterable[str]) -> NDArray[np.intp]:
        """Look up the places of some words.

        Parameters
        ----------
        words : iterable of str
            Words that occur.

        Returns
        -------
        (n,) int
            A place in `words` for each.

        Raises
        ------
        InputError
            A word that was not counted, or that never occurs.
        """
        place = {word: row for row, word in enumerate(self.words)}
        wanted = list(words)
        if unknown := tuple(word for word in wanted if word not in place):
            raise UnknownWordError(unknown)
        found = np.array([place[word] for word in wanted], np.intp)
        for word, share in zip(wanted, self.single[found], strict=True):
            if share == 0:
                raise InputError(
                    f"{word!r} occurs in no {self.unit}, so it has no coherence with anything; "
                    "leave it out, or count a text that has it"
                )
        return found


def in_documents(corpus: Corpus, words: Iterable[str]) -> Occurrences:
    """Count in how many documents words occur (boolean documents).

    Parameters
    ----------
    corpus : Corpus
        Documents as word ids.
    words : iterable of str
        K different words of the corpus.

    Returns
    -------
    Occurrences
        Shares of the documents.

    Raises
    ------
    InputError
        Words that are not in the corpus, a corpus without text.

    Examples
    --------
    >>> from repsearch import encode
    >>> corpus = encode(["ice cold", "red ice", "red red"], vocabulary_size=None)
    >>> in_documents(corpus, ["red"]).single.round(2).tolist()
    [0.67]
    """
    return in_windows(corpus, words, None)


def in_windows(corpus: Corpus, words: Iterable[str], size: int | None) -> Occurrences:
    """Count in how many windows words occur (boolean sliding windows).

    A window is every run of `size` tokens of a document, and the whole of a document that is
    shorter. Tokens out of the vocabulary take no place unless the corpus kept it
    (`encode(..., out_of_vocabulary="keep-place")`).

    Parameters
    ----------
    corpus : Corpus
        Documents as word ids.
    words : iterable of str
        K different words of the corpus.
    size : int or None
        Tokens of a window; None for whole documents.

    Returns
    -------
    Occurrences
        Shares of the windows.

    Raises
    ------
    InputError
        A size below 1, words that are not in the corpus, a corpus without text or a
        damaged one.

    Examples
    --------
    Of the windows "ice cold" and "cold red", both hold "cold":

    >>> from repsearch import encode
    >>> corpus = encode(["ice cold red"], vocabulary_size=None)
    >>> in_windows(corpus, ["cold", "ice"], 2).joint.tolist()
    [[1.0, 0.5], [0.5, 0.5]]
    """
    if size is not None and (not is_whole(size) or size < 1):
        raise InputError(f"size is {size!r}; pass a whole number of tokens, at least 1")
    kept = tuple(dict.fromkeys(words))
    place = {word: k for k, word in enumerate(corpus.words)}
    if unknown := tuple(word for word in kept if word not in place):
        raise UnknownWordError(unknown)
    slot = np.full(len(corpus.words) + 1, -1, np.int64)  # the last is that of token -1
    for k, word in enumerate(kept):
        slot[place[word]] = k
    check_tokens(corpus)
    total, joint = _windows(corpus.tokens, corpus.offsets, slot, len(kept), size or 0)
    if total == 0:
        raise InputError("the corpus holds no text; encode one with words of the vocabulary")
    joint = joint / total
    unit = "document" if size is None else f"window of {size} words"
    return Occurrences(kept, joint.diagonal().copy(), joint, unit)


def in_counts(counts: Counts, words: Iterable[str]) -> Occurrences:
    """Take P_ij and P_i from co-occurrence counts, weights of distances included.

    Parameters
    ----------
    counts : Counts
        Co-occurrence counts of a corpus.
    words : iterable of str
        K different words of the counts.

    Returns
    -------
    Occurrences
        Shares of all co-occurrences.

    Raises
    ------
    UnknownWordError
        Words that the counts do not have.

    Examples
    --------
    >>> from repsearch import Window, count, encode
    >>> counts = count(encode(["ice cold red"], vocabulary_size=None), Window(1))
    >>> in_counts(counts, ["ice", "cold", "red"]).joint.tolist()
    [[0.0, 0.25, 0.0], [0.25, 0.0, 0.25], [0.0, 0.25, 0.0]]
    """
    kept = tuple(dict.fromkeys(words))
    place = {word: k for k, word in enumerate(counts.words)}
    if unknown := tuple(word for word in kept if word not in place):
        raise UnknownWordError(unknown)
    rows = np.array([place[word] for word in kept], np.intp)
    lower = counts.lower()[rows][:, rows].toarray()
    # Each pair lies in one triangle, whichever order the words were given in.
    joint = np.maximum(lower, lower.T) / counts.total
    return Occurrences(kept, counts.marginals[rows], joint, "co-occurrence")


@numba.njit(cache=True)
def _windows(
    tokens: NDArray[np.int32],
    offsets: NDArray[np.int64],
    slot: NDArray[np.int64],
    n_words: int,
    size: int,
) -> tuple[int, NDArray[np.int64]]:
    """Count the windows, and those that hold each pair of words, a word with itself included.

    Pairs are added up when the set of words in the window changes, with the number of windows
    that it lasted.
    """
    joint = np.zeros((n_words, n_words), np.int64)
    inside = np.zeros(n_words, np.int64)
    present = np.empty(n_words, np.int64)
    total = 0
    for document in range(len(offsets) - 1):
        begin, end = offsets[document], offsets[document + 1]
        length = end - begin
        width = length if size == 0 or size > length else size
        inside[:] = 0
        n_present = 0
        lasted = 0
        for ahead in range(begin, end):
            # The window that ends at this token, once it is whole.
            entering = slot[tokens[ahead]]
            leaving = slot[tokens[ahead - width]] if ahead - width >= begin else -1
            if entering != leaving:
                changes = (entering >= 0 and inside[entering] == 0) or (
                    leaving >= 0 and inside[leaving] == 1
                )
                if changes and lasted > 0:
                    _add(joint, present, n_present, lasted)
                    lasted = 0
                if leaving >= 0:
                    inside[leaving] -= 1
                if entering >= 0:
                    inside[entering] += 1
                if changes:
                    n_present = 0
                    for word in range(n_words):
                        if inside[word] > 0:
                            present[n_present] = word
                            n_present += 1
            if ahead - begin + 1 >= width:
                lasted += 1
                total += 1
        if lasted > 0:
            _add(joint, present, n_present, lasted)
    return total, joint


@numba.njit(cache=True)
def _add(joint: NDArray[np.int64], present: NDArray[np.int64], n_present: int, many: int) -> None:
    for a in range(n_present):
        for b in range(n_present):
            joint[present[a], present[b]] += many
