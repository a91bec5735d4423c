"""Hold the coherence of many topics, and test which are coherent above chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import false_discovery_control

from probes.result import WIDTH, Result
from probes.shared.intervals import check_level
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted
from probes.topics.coherence.measures import Measure
from repsearch.storage.tables import Cell

LEVEL = 0.05
"""False discovery rate at which topics are called coherent."""


@dataclass(frozen=True)
class TopicCoherence:
    """Coherence of one topic, beside topics of as many words drawn at random.

    Parameters
    ----------
    name : str
        Such as ``3+`` for the positive end of mode 3.
    words : tuple of str
        Its words.
    value : float
        Its coherence; always finite.
    null : float
        Mean coherence of topics of as many words drawn from all topics' words.
    p : float
        Share of such topics that are at least as coherent, (1 + n) / (1 + permutations).
    null_range : (float, float), optional
        Between which 95 % of such topics lie.

    Examples
    --------
    >>> TopicCoherence("1+", ("ice", "cold"), 0.3, 0.1, 0.004).value
    0.3
    """

    name: str
    words: tuple[str, ...]
    value: float
    null: float
    p: float
    null_range: tuple[float, float] | None = None


@dataclass(frozen=True)
class CoherenceTable(Result):
    """Coherence of several topics.

    Parameters
    ----------
    topics : tuple of TopicCoherence
        Topics in the order in which they were given.
    measure : {"npmi", "c_v", "u_mass"}
        What the values are.
    unit : str
        What words were counted in.
    diversity : float
        Share of different words among all words of the topics, in (0, 1] (Dieng, Ruiz and Blei
        2020, TACL 8).
    settings : dict
        ``permutations`` and ``seed`` of the null.

    Examples
    --------
    >>> from probes.topics.coherence import coherence
    >>> from repsearch import encode
    >>> corpus = encode(["ice cold snow", "red blue green"] * 9, vocabulary_size=None)
    >>> found = coherence([["ice", "cold"], ["red", "blue"]], corpus)
    >>> round(found.mean, 2), found.diversity, found.unit
    (1.0, 1.0, 'window of 10 words')
    """

    name = "coherence"
    figure = "probes.figures.words.coherence:plot_coherence"

    topics: tuple[TopicCoherence, ...]
    measure: Measure
    unit: str
    diversity: float
    settings: dict[str, Cell] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        """Average the coherence over topics.

        Returns
        -------
        float
            In the units of the measure.
        """
        return float(np.mean([topic.value for topic in self.topics]))

    def summary(self) -> str:
        """Say how many topics are coherent above chance, and which are not."""
        coherent = above_chance(self)
        text = (
            f"{sum(coherent.values())} of {counted(len(coherent), 'topic')} are coherent above "
            f"chance (false discovery rate {LEVEL:.0%}), counted by {self.unit}."
        )
        if doubtful := [name for name, found in coherent.items() if not found]:
            text += (
                f" Labels that are lists of words and not names: those of {', '.join(doubtful)}."
            )
        return f"{text} {self.diversity:.0%} of the words of these topics are different."

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each topic.

        Returns
        -------
        list of dict
            ``coherence``, the ``null`` mean of random topics, and ``p``.
        """
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

    def rests_on(self) -> dict[str, Cell]:
        """Give the measure, what was counted, the number of topics, and the null."""
        return {
            "measure": self.measure,
            "counted_in": self.unit,
            "topics": len(self.topics),
            "mean": self.mean,
            "diversity": self.diversity,
            "null": "topics of as many words, drawn from all topics' words",
            "false_discovery_rate": LEVEL,
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out a row for each topic with its first words, and the mean."""
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
        return f"{fixed_width(head, rows, left=(0, 4))}\nmean {self.mean:.3f}"


def above_chance(table: CoherenceTable, *, level: float = LEVEL) -> Mapping[str, bool]:
    """Decide which topics are coherent above chance, many of them tested at once.

    Those with an adjusted p of at most `level` (Benjamini and Hochberg 1995, JRSS B 57): of
    the topics called coherent, at most that share are so by chance, in the mean.

    Parameters
    ----------
    table : CoherenceTable
        Values and nulls, as of `probes.topics.coherence.coherence`.
    level : float, default 0.05
        False discovery rate, between 0 and 1.

    Returns
    -------
    mapping of str to bool
        By the name of the topic.

    Raises
    ------
    InputError
        The level is out of range.

    Examples
    --------
    >>> topics = tuple(
    ...     TopicCoherence(name, ("ice", "cold"), 0.2, 0.1, p)
    ...     for name, p in (("1+", 0.001), ("1-", 0.04))
    ... )
    >>> above_chance(CoherenceTable(topics, "npmi", "document", 1.0), level=0.03)
    {'1+': True, '1-': False}
    """
    check_level(level)
    adjusted = false_discovery_control([topic.p for topic in table.topics])
    return {topic.name: bool(p <= level) for topic, p in zip(table.topics, adjusted, strict=True)}
