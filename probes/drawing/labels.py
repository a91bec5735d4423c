"""Write names as people would, and as figures have room for them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from repsearch.storage.visible import visible

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
    """Write the name of a family of relations as people would.

    The families of the Google questions have names of their own; of others,
    a leading ``gram1-`` falls off, a hyphen between blanks becomes a dash, and other hyphens and
    underscores become blanks.

    Parameters
    ----------
    family : str
        Its name in the file of relations.

    Returns
    -------
    str
        For labels and tables.

    Examples
    --------
    >>> family_label("gram8-plural"), family_label("gram1-my_relation")
    ('noun – plural', 'my relation')
    >>> family_label("male - female")
    'male – female'
    """
    if family in _FAMILIES:
        return _FAMILIES[family]
    named = re.sub(r"\s-\s", " – ", re.sub(r"^gram\d+[-_]", "", visible(family)))
    return re.sub(r"[-_\s]+", " ", named).strip() or family


def label_and_name(family: str) -> str:
    """Write the name of a family as people would, and the one of its file where that is another.

    Parameters
    ----------
    family : str
        Its name in the file of relations, by which ``--families`` and tables in files know it.

    Returns
    -------
    str
        For sentences.

    Examples
    --------
    >>> label_and_name("gram8-plural"), label_and_name("mine")
    ('noun – plural [gram8-plural]', 'mine')
    """
    label = family_label(family)
    return label if label == family else f"{label} [{visible(family)}]"


def set_label(name: str) -> str:
    """Write the name of a similarity set as people would.

    Parameters
    ----------
    name : str
        Its name in `SimilarityResult.dataset`.

    Returns
    -------
    str
        The same for a set that is not carried.

    Examples
    --------
    >>> set_label("wordsim353"), set_label("mine")
    ('WordSim-353', 'mine')
    """
    return _SETS.get(name, visible(name))


def shortened(text: str, most: int) -> str:
    """Shorten a text, an ellipsis standing for the letters left out, and those that act visible.

    Parameters
    ----------
    text : str
        A name or a word.
    most : int
        Letters it may have, at least 2.

    Returns
    -------
    str
        The same where it is short enough.

    Examples
    --------
    >>> shortened("representation", 8)
    'represe…'
    """
    text = visible(text)
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def in_two_lines(text: str, width: int) -> str:
    """Break a text into two lines at most, shortened if need be.

    Parameters
    ----------
    text : str
        A name of several words.
    width : int
        Letters a line.

    Returns
    -------
    str
        One line, or two with a line end between.

    Examples
    --------
    >>> print(in_two_lines("capital – country (common)", 18))
    capital – country
    (common)
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
        One word or more.
    most : int
        Letters in all.

    Returns
    -------
    str
        The leading words.

    Examples
    --------
    >>> listed_words(["religion", "beliefs", "doctrine"], 20)
    'religion, beliefs'
    """
    text = shortened(words[0], most)
    for word in map(visible, words[1:]):
        longer = f"{text}, {word}"
        if len(longer) > most:
            break
        text = longer
    return text
