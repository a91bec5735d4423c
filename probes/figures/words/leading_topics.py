"""Find the topic that each word loads on most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from probes.drawing.labels import listed_words
from probes.topics.topics import End, topics
from repsearch.embeddings.neighbours import unit_rows

if TYPE_CHECKING:
    from repsearch.embeddings import Embeddings


@dataclass(frozen=True)
class LeadingTopic:
    """One end of one mode, and the words that load on it most.

    Parameters
    ----------
    mode : int
        Number of the mode, from 1.
    end : {"+", "-"}
        Which of its ends.
    top_words : tuple of str
        Words that name it: those that lie closest to it in cosine among the
        frequent words of the vocabulary.
    rows : ndarray of int, shape (m,)
        Words of the map for which no other topic has a larger entry, the
        largest entry first.
    entries : ndarray of float64, shape (m,)
        Their cosines with the end, positive.

    Examples
    --------
    >>> topic = LeadingTopic(1, "+", ("ice", "snow"), np.array([0]), np.array([0.9]))
    >>> topic.label
    '1 +  ice, snow'
    """

    mode: int
    end: End
    top_words: tuple[str, ...]
    rows: NDArray[np.int64]
    entries: NDArray[np.float64]

    @property
    def label(self) -> str:
        """Write what a legend says.

        Returns
        -------
        str
            Such as ``"1 +  can, components, useful"``.
        """
        return f"{self.mode} {'+' if self.end == '+' else '−'}  {listed_words(self.top_words, 28)}"


def leading_topics(
    embeddings: Embeddings, *, n_words: int, modes: int = 4, words_per_end: int = 3
) -> list[LeadingTopic]:
    """Divide the most frequent words among both ends of the first few modes.

    Parameters
    ----------
    embeddings : Embeddings
        Vectors whose columns are modes, the leading one first.
    n_words : int
        How many of the most frequent words to divide.
    modes : int, default 4
        How many modes; as many as there are columns if those are fewer.
    words_per_end : int, default 3
        Words that name a topic.

    Returns
    -------
    list of LeadingTopic
        Both ends of each mode, the positive first; some may have no word.

    Examples
    --------
    >>> from repsearch import Embeddings
    >>> embeddings = Embeddings(["hot", "cold", "loud"], [[2.0, 0.1], [-2.0, 0.1], [0.1, 1.0]])
    >>> [topic.rows.tolist() for topic in leading_topics(embeddings, n_words=3, words_per_end=1)]
    [[0], [1], [2], []]
    """
    modes = min(modes, embeddings.dimension)
    named = topics(
        embeddings,
        modes=range(1, modes + 1),
        words_per_end=min(words_per_end, len(embeddings.words)),
        normalise="cosine",
    )
    entries = unit_rows(np.asarray(embeddings.vectors[:n_words], np.float64))[:, :modes]
    strongest = np.argmax(np.abs(entries), axis=1)
    strength = entries[np.arange(len(entries)), strongest]
    found = []
    for topic in named.topics:
        toward = strength if topic.end == "+" else -strength
        rows = np.flatnonzero((strongest == topic.mode - 1) & (toward > 0))
        rows = rows[np.argsort(-toward[rows], kind="stable")]
        found.append(LeadingTopic(topic.mode, topic.end, topic.words, rows, toward[rows]))
    return found
