"""Generate texts, encoded texts and windows."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from repsearch.corpus.corpus import Corpus
from repsearch.corpus.encoding import encode
from repsearch.counts.window import Weighting, Window
from repsearch.errors import InputError
from repsearch.testing.strategies.bounds import check_bounds

_WEIGHTINGS: tuple[Weighting, ...] = ("linear", "flat", "harmonic")


def documents(
    max_words: int = 6, *, max_length: int = 12, max_documents: int = 6
) -> st.SearchStrategy[list[str]]:
    """Generate texts of which each word is a letter; shrinks to the single text "a".

    Parameters
    ----------
    max_words : int
        Largest number of distinct words, at most 26.
    max_length : int
        Largest number of words in one text. A text may be empty, but not all of them.
    max_documents : int
        Largest number of texts.

    Returns
    -------
    strategy for list of str
        Texts, words separated by spaces.

    Raises
    ------
    InputError
        A bound out of range.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(documents(), lambda texts: len(texts) == 2 and "b" in texts[0])
    ['b', '']
    """
    check_bounds("the number of distinct words", 1, max_words)
    check_bounds("the length of a text", 1, max_length)
    check_bounds("the number of texts", 1, max_documents)
    if max_words > len(string.ascii_lowercase):
        raise InputError(f"max_words is {max_words}; there are 26 letters, pass at most 26")
    word = st.sampled_from(string.ascii_lowercase[:max_words])
    document = st.lists(word, max_size=max_length).map(" ".join)
    return st.lists(document, min_size=1, max_size=max_documents).filter(any)


def corpora(texts: st.SearchStrategy[list[str]] | None = None) -> st.SearchStrategy[Corpus]:
    """Generate encoded texts, with words left out in either way, or none.

    Parameters
    ----------
    texts : strategy for lists of str, optional
        Makes the texts; `documents` by default.

    Returns
    -------
    strategy for Corpus
        Corpora of any vocabulary size from 1 to all words.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(corpora(), lambda corpus: True).words
    ('a',)
    """
    return _corpora(documents() if texts is None else texts)


@st.composite
def _corpora(draw: st.DrawFn, texts: st.SearchStrategy[list[str]]) -> Corpus:
    found = draw(texts)
    distinct = len({word for text in found for word in text.split()})
    return encode(
        found,
        vocabulary_size=draw(st.none() | st.integers(1, distinct)),
        out_of_vocabulary=draw(st.sampled_from(["remove", "keep-place"])),
    )


def windows(max_size: int = 8, *, min_size: int = 1) -> st.SearchStrategy[Window]:
    """Generate windows of every weighting; shrinks to the smallest, with linear weights.

    Parameters
    ----------
    max_size, min_size : int
        Bounds of the words to each side.

    Returns
    -------
    strategy for Window
        Windows.

    Raises
    ------
    InputError
        A bound out of range.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(windows(), lambda window: window.size > 2)
    Window(size=3, weighting='linear')
    """
    check_bounds("the window's size", min_size, max_size)
    return st.builds(Window, st.integers(min_size, max_size), st.sampled_from(_WEIGHTINGS))
