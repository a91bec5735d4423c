"""Score the coherence of many topics, each beside random topics of the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from probes.shared.intervals import check_resampling
from probes.topics.coherence.measures import Measure, coherence_of, coherences
from probes.topics.coherence.occurrences import Occurrences, in_counts, in_documents, in_windows
from probes.topics.coherence.result import CoherenceTable, TopicCoherence
from probes.topics.topics import TopicTable
from repsearch.corpus.corpus import Corpus
from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

WINDOWS = {"npmi": 10, "c_v": 110}
"""Tokens of a window, by Roeder, Both and Hinneburg 2015."""
Topics = TopicTable | Sequence[Sequence[str]] | Mapping[str, Sequence[str]]


def coherence(
    topics: Topics,
    source: Corpus | Counts | Occurrences,
    *,
    measure: Measure = "npmi",
    window: int | None = None,
    permutations: int = 1000,
    seed: int = 0,
) -> CoherenceTable:
    """Measure how well the words of each topic belong together.

    Parameters
    ----------
    topics : TopicTable, sequence of sequences of str, or mapping of str to these
        Such as `probes.topics(spectrum)`; a mapping has their names.
    source : Corpus, Counts or Occurrences
        Where words are counted: in the windows of a corpus (documents for U_mass), or by the
        co-occurrence counts, whose windows and weights are then part of the measure.
    measure : {"npmi", "c_v", "u_mass"}, default "npmi"
        Which measure (`coherence_of`).
    window : int, optional
        Tokens of a window of the corpus; 10 for NPMI and 110 for C_v by default.
    permutations : int, default 1000
        Random topics for the null of each topic, from all topics' words without the topic's own
        order. With few topics the null is of few words.
    seed : int, default 0
        Seed of the random topics.

    Returns
    -------
    CoherenceTable
        Values and nulls, by topic.

    Raises
    ------
    InputError
        No topic, a topic of fewer than two different words, a word that never occurs, a window
        for counts or documents.

    Examples
    --------
    >>> from repsearch import encode
    >>> corpus = encode(["ice cold snow", "red blue green"] * 9, vocabulary_size=None)
    >>> found = coherence([["ice", "cold", "snow"], ["red", "ice", "green"]], corpus)
    >>> [round(topic.value, 2) for topic in found.topics]
    [1.0, -0.3]
    """
    check_resampling(seed=seed, resamples=permutations)
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
        chosen = [rng.permutation(len(pool))[: len(words)] for _ in range(permutations)]
        drawn = coherences(places[np.array(chosen)], seen, measure)
        p = (1 + int(np.count_nonzero(drawn >= value))) / (1 + permutations)
        low, high = np.quantile(drawn, [0.025, 0.975]).tolist()
        found.append(TopicCoherence(name, words, value, float(drawn.mean()), p, (low, high)))
    written = sum(len(words) for _, words in named)
    settings: dict[str, Cell] = {"permutations": permutations, "seed": seed}
    return CoherenceTable(tuple(found), measure, seen.unit, len(pool) / written, settings)


def _named(topics: Topics) -> list[tuple[str, tuple[str, ...]]]:
    if isinstance(topics, TopicTable):
        return [(f"{topic.mode}{topic.end}", topic.words) for topic in topics.topics]
    if isinstance(topics, Mapping):
        return [(str(name), tuple(words)) for name, words in topics.items()]
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
