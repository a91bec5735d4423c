"""Decide by their suffixes whether two words share a stem."""

from __future__ import annotations

import re
from itertools import takewhile

_PLURALS = frozenset(map(frozenset, (("", "s"), ("", "es"), ("y", "ies"))))
_SUFFIX = re.compile(
    r"|e|e?s|y|ies|e?d|ied|ing|[eo]rs?|ly|al|ally|i?ans?|n|ic|ical|ions?|ations?|on|i?ous|ity"
    r"|ive|ments?"
)
_SHORTEST_WITH_PLURAL, _SHORTEST = 3, 4


def share_stem(first: str, second: str) -> bool:
    """Decide whether two words differ by an English suffix only, as *city* and *cities* do.

    They do where both are one stem, of four letters or more, with a suffix from a short
    list; three letters are enough for plurals. Without a dictionary this takes some pairs that
    are not related for inflections of one stem (*general*, *generous*), which is harmless where
    the question is whether two words look alike. Words of other languages are told apart by
    spelling.

    Parameters
    ----------
    first, second : str
        Lower-cased words.

    Returns
    -------
    bool
        True for equal words too.

    Examples
    --------
    >>> share_stem("price", "prices"), share_stem("price", "prince")
    (True, False)
    """
    if first == second:
        return True
    alike = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))
    )
    for length in range(alike, _SHORTEST_WITH_PLURAL - 1, -1):
        if frozenset((first[length:], second[length:])) in _PLURALS:
            return True
        if (
            length >= _SHORTEST
            and _SUFFIX.fullmatch(first, length)
            and _SUFFIX.fullmatch(second, length)
        ):
            return True
    return False


def beginning(word: str) -> str:
    """Give what words of one stem have in common at least: the first three letters.

    Only words of one beginning have to be compared.

    Parameters
    ----------
    word : str
        A word.

    Returns
    -------
    str
        Its first three letters, or the whole of a shorter one.

    Examples
    --------
    >>> beginning("cities") == beginning("city"), beginning("price") == beginning("city")
    (True, False)
    """
    return word[:_SHORTEST_WITH_PLURAL]
