"""Leave out stop words: those of a list, or the most frequent ones."""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Iterable
from typing import cast

import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.corpus.first_pass import Draft
from repsearch.errors import InputError
from repsearch.text.tokenizers import is_word

_DIGITS = 12


def stop_numbers(draft: Draft, stop_words: Iterable[str] | int | None) -> NDArray[np.int64]:
    """Find the stop words among those of a text.

    Parameters
    ----------
    draft : Draft
        Text under provisional numbers.
    stop_words : iterable of str or int, optional
        The words, or how many of the most frequent ones (ties in alphabetical order).

    Returns
    -------
    (n,) int64
        Their numbers; words that the text does not have make no difference.

    Raises
    ------
    InputError
        A number that is not whole or leaves no word, or something that is no word.
    """
    asked = checked_stop_words(stop_words)
    if asked is None:
        return np.empty(0, np.int64)
    if isinstance(asked, int):
        occurs = np.flatnonzero(draft.counts).tolist()
        if asked >= len(occurs):
            raise InputError(
                f"stop_words is {asked:,}, and the text has {len(occurs):,} distinct words, so "
                "that none would be left; pass a smaller number"
            )
        order = sorted(occurs, key=lambda k: (-int(draft.counts[k]), draft.words[k]))
        return np.array(order[:asked], np.int64)
    chosen = set(asked)
    found = [k for k, word in enumerate(draft.words) if word in chosen]
    return np.array(found, np.int64)


def checked_stop_words(stop_words: Iterable[str] | int | None) -> tuple[str, ...] | int | None:
    """Check stop words before any text is read.

    Parameters
    ----------
    stop_words : iterable of str or int, optional
        As they were passed.

    Returns
    -------
    tuple of str or int or None
        The same; None where there are none.

    Raises
    ------
    InputError
        A number that is not whole and positive, or something that is no word.
    """
    if stop_words is None:
        return None
    if is_whole(stop_words):
        number = operator.index(cast("int", stop_words))
        if number < 1:
            raise InputError(f"stop_words is {stop_words!r}; pass a number of at least 1")
        return number
    if isinstance(stop_words, str) or not isinstance(stop_words, Iterable):
        raise InputError(
            f"stop_words is {stop_words!r:.60}; pass a list of words, or how many of the most "
            "frequent ones"
        )
    words = tuple(stop_words)
    for word in words:
        if not is_word(word):
            raise InputError(f"the stop words hold {word!r}; a word holds no white space")
    return words or None


def stop_name(words: Iterable[str]) -> str:
    """Name a list of stop words, as the name of how a text was split has it.

    Parameters
    ----------
    words : iterable of str
        The list, in any order.

    Returns
    -------
    str
        ``stop:`` and the beginning of a SHA-256.

    Examples
    --------
    >>> stop_name(["the", "of"]) == stop_name(["of", "the", "of"])
    True
    """
    text = "\n".join(sorted(set(words)))
    return f"stop:{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"
