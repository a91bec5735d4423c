"""Names as people would write them, and as figures have room for them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

_FAMILIES = {
    "capital-common-countries": "capital – country (common)",
    "capital-world": "capital – country (world)",
    "city-in-state": "city – state",
    "currency": "country – currency",
    "family": "male – female",
    "gram1-adjective-to-adverb": "adjective – adverb",
    "gram2-opposite": "adjective – opposite",
    "gram3-comparative": "adjective – comparative",
    "gram4-superlative": "adjective – superlative",
    "gram5-present-participle": "verb – present participle",
    "gram6-nationality-adjective": "country – nationality",
    "gram7-past-tense": "verb – past tense",
    "gram8-plural": "noun – plural",
    "gram9-plural-verbs": "verb – third person",
}
_SETS = {"wordsim353": "WordSim-353", "men3000": "MEN", "simlex999": "SimLex-999"}


def family_label(family: str) -> str:
    """Name of a family of relations, as people would write it.

    The families of the Google questions have names of their own; of others,
    a leading ``gram1-`` falls off and hyphens and underscores become blanks.

    Parameters
    ----------
    family : str
        As in the file of relations.
    """
    if family in _FAMILIES:
        return _FAMILIES[family]
    return re.sub(r"[-_\s]+", " ", re.sub(r"^gram\d+[-_]", "", family)).strip() or family


def set_label(name: str) -> str:
    """Name of a similarity set, as people would write it.

    Parameters
    ----------
    name : str
        As in `SimilarityResult.name`.
    """
    return _SETS.get(name, name)


def shortened(text: str, most: int) -> str:
    """Give a text with at most so many letters, an ellipsis standing for those cut off.

    Parameters
    ----------
    text : str
        Any.
    most : int
        Letters, at least 2.
    """
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def in_two_lines(text: str, width: int) -> str:
    """Break a text into two lines at most, shortened if need be.

    Parameters
    ----------
    text : str
        Any.
    width : int
        Letters a line.
    """
    if len(text) <= width:
        return text
    lines = textwrap.wrap(text, width, break_on_hyphens=False)
    return "\n".join([lines[0], shortened(" ".join(lines[1:]), width)] if lines[1:] else lines)


def listed_words(words: Sequence[str], most: int) -> str:
    """Join as many words with commas as have room, the first one always.

    Parameters
    ----------
    words : sequence of str
        At least one.
    most : int
        Letters in all.
    """
    text = shortened(words[0], most)
    for word in words[1:]:
        longer = f"{text}, {word}"
        if len(longer) > most:
            break
        text = longer
    return text
