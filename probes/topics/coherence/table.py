"""Coherence of many topics, each beside topics of the same words dealt at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from probes.shared.intervals import check_resampling
from probes.shared.text_table import fixed_width
from probes.topics.coherence.measures import Measure, coherence_of, coherences
from probes.topics.coherence.occurrences import Occurrences, in_counts, in_documents, in_windows
from probes.topics.topics import TopicTable
from repsearch.corpus.corpus import Corpus
from repsearch.counts.counts import Counts
from repsearch.errors import InputError

WINDOWS = {"npmi": 10, "c_v": 110}
"""Tokens of a window, by Roeder, Both and Hinneburg 2015."""
Topics = TopicTable | Sequence[Sequence[str]]


@dataclass(frozen=True)
class TopicCoherence:
    """One topic.

    Parameters
    ----------
    name : str
        Such as ``3+`` for the positive end of mode 3.
    words : tuple of str
    value : float
        Its coherence; always finite.
    null : float
        Mean coherence of topics of as many words drawn from all topics' words.
    p : float
        Share of such topics that are at least as coherent, (1 + n) / (1 + draws).
    """

    name: str
    words: tuple[str, ...]
    value: float
    null: float
    p: float


@dataclass(frozen=True)
class CoherenceTable:
    """Coherence of several topics.

    Parameters
    ----------
    topics : tuple of TopicCoherence
    measure : {"npmi", "c_v", "u_mass"}
    unit : str
        What words were counted in.
    diversity : float
        Share of different words among all words of the topics, in (0, 1] (Dieng, Ruiz and Blei
        2020, TACL 8).
    """

    topics: tuple[TopicCoherence, ...]
    measure: Measure
    unit: str
    diversity: float

    @property
    def mean(self) -> float:
        """Mean coherence over topics."""
        return float(np.mean([topic.value for topic in self.topics]))

    def table(self) -> list[dict[str, str | float]]:
        """Rows for a CSV or JSON file, one a topic."""
        return [
            {
                "topic": topic.name,
                "measure": self.measure,
                "coherence": topic.value,
                "null": topic.null,
                "p": topic.p,
                "words": " ".join(topic.words),
            }
            for topic in self.topics
        ]

    def __str__(self) -> str:
        rows = [
            (
                topic.name,
                f"{topic.value:.3f}",
                f"{topic.null:.3f}",
                f"{topic.p:.2g}",
                " ".join(topic.words[:4]),
            )
            for topic in self.topics
        ]
        head = ("topic", self.measure, "null", "p", "words")
        return (
            f"{fixed_width(head, rows, left=(0, 4))}\n"
            f"mean {self.mean:.3f}, counted in each {self.unit}; {self.diversity:.0%} of the "
            "words are different"
        )


def coherence(
    topics: Topics,
    source: Corpus | Counts | Occurrences,
    *,
    measure: Measure = "npmi",
    window: int | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> CoherenceTable:
    """How well the words of each topic belong together.

    Parameters
    ----------
    topics : TopicTable or sequence of sequences of str
        Such as `probes.topics(spectrum)`.
    source : Corpus, Counts or Occurrences
        Where words are counted: in the windows of a corpus (documents for U_mass), or by the
        co-occurrence counts, whose windows and weights are then part of the measure.
    measure : {"npmi", "c_v", "u_mass"}
    window : int, optional
        Tokens of a window of the corpus; 10 for NPMI and 110 for C_v by default.
    draws : int
        Random topics for the null of each topic, from all topics' words without the topic's own
        order. With few topics the null is of few words.
    seed : int

    Raises
    ------
    InputError
        No topic, a topic of fewer than two different words, a word that never occurs, a window
        for counts or documents.
    """
    check_resampling(seed=seed, resamples=draws)
    named = _named(topics)
    if not named:
        raise InputError("there are no topics; pass at least one list of words")
    seen = _occurrences([word for _, words in named for word in words], source, measure, window)
    rng = np.random.default_rng(seed)
    pool = sorted({word for _, words in named for word in words})
    places = seen.rows(pool)
    found = []
    for name, words in named:
        value = coherence_of(words, seen, measure)
        chosen = [rng.permutation(len(pool))[: len(words)] for _ in range(draws)]
        drawn = coherences(places[np.array(chosen)], seen, measure)
        p = (1 + int(np.count_nonzero(drawn >= value))) / (1 + draws)
        found.append(TopicCoherence(name, words, value, float(drawn.mean()), p))
    written = sum(len(words) for _, words in named)
    return CoherenceTable(tuple(found), measure, seen.unit, len(pool) / written)


def _named(topics: Topics) -> list[tuple[str, tuple[str, ...]]]:
    if isinstance(topics, TopicTable):
        return [(f"{topic.mode}{topic.end}", topic.words) for topic in topics.topics]
    if any(isinstance(words, str) for words in topics):
        raise InputError("a topic is a list of words, and one of these is a str; pass lists")
    return [(str(number), tuple(words)) for number, words in enumerate(topics, start=1)]


def _occurrences(
    words: list[str],
    source: Corpus | Counts | Occurrences,
    measure: Measure,
    window: int | None,
) -> Occurrences:
    if isinstance(source, Corpus):
        if measure == "u_mass":
            if window is not None:
                raise InputError("U_mass counts documents; drop the window")
            return in_documents(source, words)
        return in_windows(source, words, WINDOWS.get(measure, 10) if window is None else window)
    if window is not None:
        raise InputError("the windows of counts are fixed; drop the window, or pass the corpus")
    return in_counts(source, words) if isinstance(source, Counts) else source
