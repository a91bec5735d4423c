"""Names of families and sets as people would write them."""

from __future__ import annotations

import re

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
