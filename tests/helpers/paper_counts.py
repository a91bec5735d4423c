"""Counts of a few hundred words that the paper's relations need, cut from the carried counts."""

from __future__ import annotations

from functools import cache

from probes.relations import google_relations
from repsearch import Counts
from repsearch.data import carried_counts
from repsearch.testing.counts_from import counts_from

_FAMILIES = (
    "family", "gram1-adjective-to-adverb", "gram3-comparative", "gram6-nationality-adjective",
    "gram7-past-tense", "gram8-plural",
)  # fmt: skip
_FREQUENT = 120


@cache
def paper_counts() -> Counts:
    """The most frequent words and those of six relations, with their counts among themselves."""
    carried = carried_counts()
    place = {word: k for k, word in enumerate(carried.words)}
    relations = google_relations().families
    asked = {w for name in _FAMILIES for pair in relations[name] for w in pair if w in place}
    kept = sorted({*range(_FREQUENT), *(place[word] for word in asked)})
    return counts_from(
        carried.matrix()[kept][:, kept].toarray(),
        words=[carried.words[k] for k in kept],
        word_counts=carried.word_counts[kept],
        window=carried.window,
    )
