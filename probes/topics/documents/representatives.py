"""Find the documents that a topic is most clearly of."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from probes.result import WIDTH, Result
from probes.shared.wording import counted
from probes.topics.documents.result import DocumentTopics
from repsearch.checks import is_whole
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

_ERRORS = 2.0
"""How many times its noise is taken off a weight, for the order."""


@dataclass(frozen=True)
class Representative:
    """A document of a topic.

    Parameters
    ----------
    topic : str
        Name of the topic, such as "3+".
    place : int
        1 for the clearest.
    document : int
        Number of the document, from 1.
    name : str
        Its name.
    words : int
        Number of its words that the modes have.
    weight : float
        Its weight towards that end.
    noise : float
        Standard deviation of the weight by chance.
    begins : str
        Its first words.

    Examples
    --------
    >>> Representative("1+", 1, 7, "7", 120, 0.9, 0.2, "the ice").least
    0.5
    """

    topic: str
    place: int
    document: int
    name: str
    words: int
    weight: float
    noise: float
    begins: str

    @property
    def least(self) -> float:
        """The weight less twice its noise, by which documents are ordered."""
        return self.weight - _ERRORS * self.noise


@dataclass(frozen=True)
class TopicDocuments(Result):
    """The clearest documents of each topic.

    Parameters
    ----------
    documents : tuple of Representative
        By topic, the clearest first.
    words : dict of str to str
        First words of each topic that has documents.
    without : tuple of str
        Topics that are no document's.
    asked : int
        How many were asked for, of each topic.

    Examples
    --------
    >>> from probes.topics.documents import Documents, document_topics, representatives
    >>> from repsearch import Embeddings
    >>> ice, sea = ("ice", "cold", "snow", "frost"), ("wave", "tide", "salt", "fish")
    >>> modes = Embeddings([*ice, *sea], np.repeat([[1.0], [-1.0]], 4, axis=0))
    >>> texts = [" ".join(4 * words) for words in (ice, sea) for _ in range(9)]
    >>> found = representatives(document_topics(modes, Documents.of_texts(texts)), number=1)
    >>> [(one.topic, one.document, one.begins[:8]) for one in found.documents]
    [('1+', 1, 'ice cold'), ('1-', 10, 'wave tid')]
    """

    name = "topic-documents"
    figure = "probes.figures.words.document_topics:plot_topic_documents"
    columns: ClassVar[Mapping[str, str]] = {
        "noise": "standard deviation of the weight if words were others of the same frequencies; "
        "documents stand in the order of the weight less twice that"
    }

    documents: tuple[Representative, ...]
    words: dict[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    asked: int = 3

    def summary(self) -> str:
        """Say of which topics there are documents, and of which there are none."""
        if not self.documents:
            return "No document has a topic, so none is typical of one."
        topics = len(self.words)
        said = (
            f"The clearest documents of {counted(topics, 'topic')}, up to {self.asked} of each: "
            "those whose topic it is, by weight less twice its noise, so that a short document "
            "does not come first by chance."
        )
        if self.without:
            said += f" No document's topic: {', '.join(self.without)}."
        return said

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each document, the first of each topic; a row of None if there is none.

        Returns
        -------
        list of dict
            Topic, place, number and name of the document, known words, weight, noise, first words.
        """
        head = ("topic", "place", "document", "name", "words", "weight", "noise", "begins")
        if not self.documents:
            return [dict.fromkeys(head)]
        return [{key: getattr(one, key) for key in head} for one in self.documents]

    def rests_on(self) -> dict[str, Cell]:
        """Give how many were asked for, and how many topics have some."""
        return {
            "documents_of_each": self.asked,
            "topics_with_documents": len(self.words),
            "topics_without": len(self.without),
            "order": f"weight less {_ERRORS:g} times its noise",
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out documents by topic, first words shortened to the width.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            A heading for each topic, a line for each document.
        """
        if not self.documents:
            return "No document has a topic."
        lines: list[str] = []
        names = max(len(_short(one.name)) for one in self.documents)
        for topic, words in self.words.items():
            lines.append(textwrap.shorten(f"{topic} {words}", width, placeholder=" ..."))
            for one in self.documents:
                if one.topic == topic:
                    head = (
                        f"    {_short(one.name).rjust(names)}  weight {one.weight:.2f} "
                        f"(noise {one.noise:.2f})  "
                    )
                    room = max(8, width - len(head))
                    begins = one.begins
                    if len(begins) > room:
                        begins = f"{begins[: room - 1].rstrip()}…"
                    lines.append(f"{head}{begins}".rstrip())
        return "\n".join(lines)


def representatives(found: DocumentTopics, *, number: int = 3) -> TopicDocuments:
    """Find the documents that each topic is most clearly of.

    They are documents whose topic it is, in the order of their weight less twice its noise:
    of two with the same weight the one of more different words, which has it more surely,
    comes first.

    Parameters
    ----------
    found : DocumentTopics
        Documents and their topics.
    number : int, default 3
        How many of each topic, or as many as there are.

    Returns
    -------
    TopicDocuments

    Raises
    ------
    InputError
        The number is not 1 or more.

    Examples
    --------
    >>> from probes.topics.documents import Documents, document_topics
    >>> from repsearch import Embeddings
    >>> words = ["ice", "cold", "snow", "frost", "wave", "tide", "salt", "fish"]
    >>> modes = Embeddings(words, np.repeat([[1.0], [-1.0]], 4, axis=0))
    >>> texts = ["ice cold snow frost " * 4] * 9 + ["wave tide salt fish " * 4] * 9
    >>> found = representatives(document_topics(modes, Documents.of_texts(texts)), number=1)
    >>> print(found)
    1+ ice cold snow frost
         1  weight 1.00 (noise 0.38)  ice cold snow frost ice cold snow frost ice c…
    1- wave tide salt fish
        10  weight 1.00 (noise 0.38)  wave tide salt fish wave tide salt fish wave…
    """
    if not is_whole(number) or number < 1:
        raise InputError(f"number is {number!r}; pass how many documents of each topic, 1 or more")
    chosen: list[Representative] = []
    words, without = {}, []
    for place, topic in enumerate(found.topics):
        mine = np.flatnonzero(found.own == place)
        if not len(mine):
            without.append(found.names[place])
            continue
        words[found.names[place]] = " ".join(topic.words)
        weight = found.towards(place)[mine]
        noise = found.weights.noise[mine, place // 2]
        # Rounded, so that equal documents stand in their own order.
        best = np.argsort(-np.round(weight - _ERRORS * noise, 12), kind="stable")[:number]
        chosen += [
            Representative(
                topic=found.names[place],
                place=rank,
                document=int(mine[row]) + 1,
                name=found.documents.names[mine[row]],
                words=int(found.known[mine[row]]),
                weight=float(weight[row]),
                noise=float(noise[row]),
                begins=found.documents.openings[mine[row]],
            )
            for rank, row in enumerate(best, start=1)
        ]
    return TopicDocuments(tuple(chosen), words, tuple(without), int(number))


_LONGEST_NAME = 24


def _short(name: str) -> str:
    """The end of a name, which tells files of one folder apart."""
    return name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"
