"""Whether two words are forms of one word, by their endings alone."""

from __future__ import annotations

import re
from itertools import takewhile

_PLURALS = frozenset(map(frozenset, (("", "s"), ("", "es"), ("y", "ies"))))
_ENDING = re.compile(
    r"|e|e?s|y|ies|e?d|ied|ing|[eo]rs?|ly|al|ally|i?ans?|n|ic|ical|ions?|ations?|on|i?ous|ity"
    r"|ive|ments?"
)
_SHORTEST_WITH_PLURAL, _SHORTEST = 3, 4


def same_word(one: str, other: str) -> bool:
    """Whether two words differ by an English ending only, as *city* and *cities* do.

    They do where both are one beginning, of four letters or more, with an ending from a short
    list; three letters are enough for plurals. Without a dictionary this takes some pairs that
    are not related for forms of one word (*general*, *generous*), which is harmless where the
    question is whether two words look alike. Words of other languages are told apart by
    spelling.

    Parameters
    ----------
    one, other : str
        Lower-cased words.
    """
    if one == other:
        return True
    alike = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    )
    for length in range(alike, _SHORTEST_WITH_PLURAL - 1, -1):
        if frozenset((one[length:], other[length:])) in _PLURALS:
            return True
        if (
            length >= _SHORTEST
            and _ENDING.fullmatch(one, length)
            and _ENDING.fullmatch(other, length)
        ):
            return True
    return False
