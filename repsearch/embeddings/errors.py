"""Suggest words of a similar spelling where a word has no vector."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from itertools import islice

from repsearch.errors import InputError

_COMPARED = 2000
"""Number of words that a misspelt one is compared with; all of them would take seconds."""


class UnknownWordError(InputError, KeyError):
    """Refuse a word that has no vector; the message suggests words of a similar spelling.

    They are searched for only when the message is read, because
    ``embeddings.get(word)`` raises this error and discards it.

    Parameters
    ----------
    word : str
        Word that was asked for.
    among : collection of str
        Words that do have vectors.
    owner : str
        Name of the embeddings.

    Examples
    --------
    >>> print(UnknownWordError("qeen", ("king", "queen"), "M*"))
    there is no vector of 'qeen' in M*; did you mean 'queen'?
    """

    def __init__(self, word: object, among: Collection[str] = (), owner: str = "") -> None:
        super().__init__(word)
        self.word = word
        self.among = among
        self.owner = owner

    def suggestions(self) -> list[str]:
        """Find words of a similar spelling.

        Returns
        -------
        list of str
            Up to three words, the most similar first.
        """
        word = str(self.word).casefold()
        near = (
            other
            for other in self.among
            if other[:1].casefold() == word[:1] and abs(len(other) - len(word)) <= 2
        )
        spelt: dict[str, str] = {}
        for other in islice(near, _COMPARED):
            spelt.setdefault(other.casefold(), other)
        return [spelt[key] for key in difflib.get_close_matches(word, spelt, n=3)]

    def __str__(self) -> str:
        close = " or ".join(map(repr, self.suggestions()))
        remedy = f"did you mean {close}?" if close else "check its spelling and case"
        return f"there is no vector of {self.word!r}{self.owner and ' in '}{self.owner}; {remedy}"
