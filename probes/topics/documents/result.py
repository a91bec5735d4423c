"""Tell which topic each document has, and whether it has one at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from probes.result import WIDTH, Result
from probes.shared.effective_trials import groups, share_interval
from probes.shared.intervals import Interval, interval_cells
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, with_interval
from probes.topics.documents.documents import Documents
from probes.topics.documents.weights import Weights
from probes.topics.topics import Topic
from repsearch.storage.tables import Cell

LEVEL = 0.05
"""False discovery rate at which documents are said to have a topic."""
_FEW_KNOWN = 0.5
_COLUMNS_BESIDE_WORDS = 60


@dataclass(frozen=True, eq=False)
class DocumentTopics(Result):
    """Weights of topics in documents.

    Parameters
    ----------
    documents : Documents
        The documents.
    topics : tuple of Topic
        The words at both ends of K modes, the positive end of each first.
    known : (D,) int64
        Number of words of each document that the modes have.
    weights : Weights
        What each document has of each of the K modes.
    own : (D,) int64
        Place of the topic of each document in `topics`; −1 where it has none.
    settings : dict
        What it was held against, permutations and seed.

    Examples
    --------
    >>> from probes.topics.documents import document_topics
    >>> from repsearch import Embeddings
    >>> ice, sea = ("ice", "cold", "snow", "frost"), ("wave", "tide", "salt", "fish")
    >>> modes = Embeddings([*ice, *sea], np.repeat([[1.0], [-1.0]], 4, axis=0))
    >>> texts = [" ".join(4 * words) for words in (ice, sea) for _ in range(9)]
    >>> found = document_topics(modes, Documents.of_texts(texts))
    >>> [found.topics[place].words[0] for place in found.own[[0, 9]]]
    ['ice', 'wave']
    """

    name = "document-topics"
    figure = "probes.figures.words.document_topics:plot_document_topics"
    columns: ClassVar[Mapping[str, str]] = {
        "documents": "whose topic it is: that in which they stand out most from documents of other "
        "words of the same frequencies, at a false discovery rate of 5 %",
        "share": "of all documents with known words, with its 95 % interval over documents",
        "weight": "mean over these documents: a word is (1 + weight × z) times as frequent as in "
        "the text they are held against, z being its entry in standard deviations",
    }

    documents: Documents = field(repr=False)
    topics: tuple[Topic, ...] = field(repr=False)
    known: NDArray[np.int64] = field(repr=False)
    weights: Weights = field(repr=False)
    own: NDArray[np.int64] = field(repr=False)
    settings: dict[str, Cell] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the topics, such as "3+"."""
        return tuple(f"{topic.mode}{topic.end}" for topic in self.topics)

    @property
    def modes(self) -> tuple[int, ...]:
        """Numbers of the K modes."""
        return tuple(topic.mode for topic in self.topics[::2])

    @cached_property
    def shares(self) -> tuple[Interval, ...]:
        """Share of the documents with known words that have each topic."""
        usable = self.known > 0
        return tuple(
            share_of(self.own[usable] == place, over="documents")
            for place in range(len(self.topics))
        )

    @property
    def fewest(self) -> int:
        """The fewest documents with the least possible p for one to be said to have a topic."""
        least = 1 / (1 + int(self.settings["permutations"] or 0))
        return ceil(least * int(np.count_nonzero(self.known)) / LEVEL - 1e-9)

    def towards(self, place: int) -> NDArray[np.float64]:
        """Give the weights of all documents towards an end of a mode.

        Parameters
        ----------
        place : int
            Place of the topic in `topics`.

        Returns
        -------
        (D,) float
            Negative for documents at the other end.
        """
        sign = -1.0 if self.topics[place].end == "-" else 1.0
        return np.asarray(sign * self.weights.weight[:, place // 2])

    def summary(self) -> str:
        """Say how many documents have a topic, which is the most common, what is not known."""
        usable = int(np.count_nonzero(self.known))
        having = int(np.count_nonzero(self.own >= 0))
        lines = [
            f"Of {counted(usable, 'document')} {having:,} "
            f"{'has' if having == 1 else 'have'} a topic: a mode in which the document stands out "
            "from documents of other words of the same frequencies and repetitions, at a false "
            f"discovery rate of {LEVEL:.0%}."
        ]
        needed = self.fewest
        if not having and needed > 1:
            lines.append(
                f"No p is below {1 / (1 + int(self.settings['permutations'] or 0)):.2g}, so of so "
                f"many documents {needed:,} or more have to stand out for one to be told; draw "
                "more (permutations=), or ask fewer documents."
            )
        if having:
            place = int(np.argmax([share.value for share in self.shares]))
            words = ", ".join(self.topics[place].words[:3])
            lines.append(
                f"The most common is {self.names[place]} ({words}), of "
                f"{with_interval(self.shares[place], '.0%')} of them."
            )
        if unknown := len(self.known) - usable:
            lines.append(f"{counted(unknown, 'document has', 'documents have')} no known word.")
        share = float(self.known.sum() / max(int(self.documents.lengths.sum()), 1))
        if share < _FEW_KNOWN:
            lines.append(f"Only {share:.0%} of the words of the documents are words of the modes.")
        lines.append(
            f"Weights are held against the frequencies of {self.settings.get('against')}. Of "
            "documents that the modes were learned from, these have learned the chance as well: "
            "the rate holds for others."
        )
        return " ".join(lines)

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each document.

        Returns
        -------
        list of dict
            Its number, name, numbers of words, topic with weight, noise and p (adjusted for the
            number of modes; not for that of documents), the weight of each mode, first words.
            None where it has no topic, or no known word.
        """
        rows: list[dict[str, Cell]] = []
        values = self.documents.values
        for number, name in enumerate(self.documents.names):
            at, usable = int(self.own[number]), self.known[number] > 0
            mode = int(np.argmax(np.abs(self.weights.z[number]))) if usable else -1
            row: dict[str, Cell] = {
                "document": number + 1,
                "name": name,
                "words": int(self.documents.lengths[number]),
                "known_words": int(self.known[number]),
                "topic": self.names[at] if at >= 0 else None,
                "weight": float(self.towards(at)[number]) if at >= 0 else None,
                "noise": float(self.weights.noise[number, mode]) if usable else None,
                "p": float(self.weights.p[number, mode]) if usable else None,
            }
            if values is not None:
                row["value"] = values[number]
            for column, mode_number in enumerate(self.modes):
                weight = float(self.weights.weight[number, column])
                row[f"mode {mode_number}"] = weight if usable else None
            rows.append(row | {"begins": self.documents.openings[number]})
        return rows

    def topic_rows(self) -> list[dict[str, Cell]]:
        """Give one row for each topic.

        Returns
        -------
        list of dict
            Words, number and share of its documents with interval, their mean weight.
        """
        rows: list[dict[str, Cell]] = []
        for place, topic in enumerate(self.topics):
            mine = self.own == place
            mean = float(self.towards(place)[mine].mean()) if mine.any() else None
            rows.append(
                {
                    "topic": self.names[place],
                    "documents": int(np.count_nonzero(mine)),
                    **interval_cells("share", self.shares[place], missing=""),
                    "weight": mean,
                    "words": " ".join(topic.words),
                }
            )
        return rows

    def rests_on(self) -> dict[str, Cell]:
        """Give numbers of documents and words, the null, and the settings."""
        return {
            "documents": len(self.known),
            "words": int(self.documents.lengths.sum()),
            "known_words": int(self.known.sum()),
            "modes": len(self.modes),
            "null": "words exchanged for others of the same frequency (a factor of 2), repetitions "
            "kept",
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out the topics with their documents.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            A row for each topic that a document has.
        """
        room = max(12, width - _COLUMNS_BESIDE_WORDS)
        rows = []
        for place, row in enumerate(self.topic_rows()):
            weight = row["weight"]
            if weight is None:
                continue
            rows.append(
                (
                    self.names[place],
                    _as_many(self.topics[place].words, room),
                    f"{row['documents']:,}",
                    with_interval(self.shares[place], ".2f"),
                    f"{weight:.2f}",
                )
            )
        if not rows:
            return "No document has a topic."
        head = ("topic", "words", "documents", "share", "weight")
        return fixed_width(head, rows, left=(0, 1))


def share_of(hits: NDArray[np.bool_], *, over: str) -> Interval:
    """Give a share with its interval, each thing counted once.

    Parameters
    ----------
    hits : (n,) bool
        Of n things, at least one.
    over : str
        What they are.

    Returns
    -------
    Interval
        Jeffreys', or the exact bound where all are alike; at 95 %.

    Examples
    --------
    >>> print(share_of(np.arange(10) < 5, over="documents"))
    0.500 [0.224, 0.776]
    """
    stratum = groups(hits, np.ones(len(hits)))
    return share_interval([stratum], [1.0], level=0.95, over=over)


def _as_many(words: tuple[str, ...], room: int) -> str:
    """As many words as have room, the first one always."""
    kept = words[0]
    for word in words[1:]:
        if len(kept) + len(word) + 1 > room:
            break
        kept += f" {word}"
    return kept
