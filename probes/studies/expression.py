"""Ask for the words nearest to a sum of words: ``king - man + woman``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from repsearch.embeddings import Embeddings, UnknownWordError, look_up
from repsearch.errors import InputError

_SIGNS = {"+": 1, "-": -1, "\N{MINUS SIGN}": -1, "\N{EN DASH}": -1}
_SIGN = re.compile(f"([{re.escape(''.join(_SIGNS))}])")


@dataclass(frozen=True)
class Nearest:
    """What stands nearest to an expression.

    Parameters
    ----------
    expression : str
        As it was asked.
    added, subtracted : tuple of str
        Its words, in the vocabulary's spelling.
    spelt : mapping of str to str
        That spelling of the words that are not found as they were written.
    words : list of (str, float)
        The nearest words and their cosines, the nearest first.

    Examples
    --------
    >>> Nearest("cat", ("cat",), (), {}, [("dog", 0.8)]).rows()
    [{'rank': 1, 'word': 'dog', 'cosine': 0.8}]
    """

    expression: str
    added: tuple[str, ...]
    subtracted: tuple[str, ...]
    spelt: Mapping[str, str] = field(default_factory=dict)
    words: list[tuple[str, float]] = field(default_factory=list)

    def rows(self) -> list[dict[str, int | str | float]]:
        """Give one row for each word.

        Returns
        -------
        list of dict
            Columns ``rank``, ``word`` and ``cosine``.
        """
        return [
            {"rank": rank, "word": word, "cosine": cosine}
            for rank, (word, cosine) in enumerate(self.words, start=1)
        ]


def nearest_to(embeddings: Embeddings, expression: str, *, topn: int = 10) -> Nearest:
    """Find the words nearest to an expression: one word, or words with + and - between them.

    Each vector is first scaled to length one (`repsearch.Embeddings.most_similar`); words of
    the expression are no answers.

    Parameters
    ----------
    embeddings : Embeddings
        Where to look.
    expression : str
        Such as ``"king"`` or ``"king - man + woman"``. A word that holds a hyphen is taken
        whole where there is such a word.
    topn : int, default 10
        Largest number of words.

    Returns
    -------
    Nearest

    Raises
    ------
    UnknownWordError
        A word has no vector; similar spellings are named.
    InputError
        Two words without a sign between them, a sign without a word, vectors that add up to
        zero, or a `topn` below 1.

    Examples
    --------
    >>> import numpy as np
    >>> words = ("man", "woman", "king", "queen")
    >>> vectors = np.array([[1.0, 0, 0], [1, 1, 0], [1, 0, 2], [1, 1, 2]])
    >>> nearest_to(Embeddings(words, vectors), "King - man + woman", topn=1).words
    [('queen', 0.94...)]
    """
    terms = terms_of(expression, lambda word: bool(look_up(embeddings, [word]).rows))
    found = look_up(embeddings, [word for _, word in terms])
    for _, word in terms:
        if word in found.missing:
            raise UnknownWordError(word, embeddings.words, embeddings.name)
    added = tuple(found.spelling(word) for sign, word in terms if sign > 0)
    subtracted = tuple(found.spelling(word) for sign, word in terms if sign < 0)
    words = embeddings.most_similar(added, subtracted, topn=topn)
    return Nearest(expression, added, subtracted, dict(found.spelt), words)


def terms_of(expression: str, is_word: Callable[[str], bool]) -> list[tuple[int, str]]:
    """Take an expression apart.

    Parameters
    ----------
    expression : str
        Words with + and - between them.
    is_word : callable
        Whether there is such a word; a hyphen in it is no sign then.

    Returns
    -------
    list of (int, str)
        Signs, 1 or -1, and words.

    Raises
    ------
    InputError
        Two words without a sign between them, a sign without a word, or no word at all.

    Examples
    --------
    >>> vocabulary = {"x-ray", "king", "man", "new york"}
    >>> terms_of("x-ray + king-man", vocabulary.__contains__)
    [(1, 'x-ray'), (1, 'king'), (-1, 'man')]
    >>> terms_of("new york", vocabulary.__contains__)
    [(1, 'new york')]
    """
    found: list[tuple[int, str]] = []
    sign, pending = 1, ""
    after_word = False
    for part in _parts(expression, is_word):
        if part in _SIGNS:
            if pending:
                raise InputError(
                    f"{expression!r} has {pending!r} and {part!r} without a word between them; "
                    "write it as 'king - man + woman'"
                )
            sign, pending, after_word = _SIGNS[part], part, False
        elif not after_word:
            found.append((sign, part))
            sign, pending, after_word = 1, "", True
        else:
            before, word = found[-1]
            joined = [one for one in (f"{word} {part}", f"{word}_{part}") if is_word(one)]
            if not joined:
                raise InputError(
                    f"between {word!r} and {part!r} stands no + or -; put one there, or quote "
                    "them apart to ask for each"
                )
            found[-1] = (before, joined[0])
    if pending or not found:
        raise InputError(
            f"{expression!r} {'ends with a sign' if pending else 'holds no word'}; write it as "
            "'king - man + woman'"
        )
    return found


def _parts(expression: str, is_word: Callable[[str], bool]) -> list[str]:
    """Words and signs; what is one word stays whole, whatever it holds."""
    parts: list[str] = []
    for one in expression.split():
        pieces = [piece for piece in _SIGN.split(one) if piece]
        words = [piece for piece in pieces if piece not in _SIGNS]
        # A misspelt word with a hyphen is to be named whole.
        apart = one[0] in _SIGNS or "+" in pieces or all(map(is_word, words))
        parts += [one] if one not in _SIGNS and (is_word(one) or not apart) else pieces
    return parts
