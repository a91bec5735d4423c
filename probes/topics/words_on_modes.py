"""Join words to the ends of modes that hold more of them than a random direction would."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
from scipy.stats import beta

from probes.shared.intervals import check_level
from probes.topics.squared_cosines import leading_rows, squared_cosines
from probes.topics.topics import Modes, topics
from repsearch.errors import InputError

if TYPE_CHECKING:
    from repsearch.embeddings import Embeddings


def words_on_modes(
    source: Modes | Embeddings,
    *,
    modes: Iterable[int] | None,
    frequent: int,
    level: float,
) -> tuple[nx.Graph, int]:
    """Make the bipartite graph of words and topics.

    Parameters
    ----------
    source : Spectrum or Embeddings
        With at least two modes, and words in order of frequency, the most frequent first.
    modes : iterable of int or None
        Numbers of the modes, from 1; the first ten by default, or as many as there are.
    frequent : int
        Only so many of the most frequent words are nodes.
    level : float
        Chance of an edge for a word of random direction, s ~ Beta(1/2, (d - 1)/2).

    Returns
    -------
    networkx.Graph
        As `TopicGraph` has it; topics have a blank before their name.
    int
        How many words were looked at.

    Raises
    ------
    InputError
        A mode that is not there; a number out of range; no edge is left.

    Examples
    --------
    >>> from repsearch import Embeddings
    >>> words = [f"w{k}" for k in range(12)]
    >>> graph, _ = words_on_modes(
    ...     Embeddings(words, np.repeat(np.eye(6), 2, axis=0)), modes=[1, 2], frequent=99, level=0.1
    ... )
    >>> [name for name, kind in graph.nodes(data="kind") if kind == "topic"]
    [' 1+', ' 2+']
    """
    check_level(level)
    found = topics(source, modes=modes, words_per_end=1, frequent=frequent)
    numbers = sorted({topic.mode for topic in found.topics})
    entries = leading_rows(source, found.considered)
    shares = squared_cosines(entries)
    d = int(np.count_nonzero(shares.any(axis=0)))
    if d < 2:
        raise InputError(f"a graph needs two modes or more, and there is {d}; solve for more")
    columns = np.array(numbers) - 1
    rows, places = np.nonzero(beta.sf(shares[:, columns], 0.5, (d - 1) / 2) < level)
    if not len(rows):
        raise InputError(f"no word lies on a mode more than chance has it at {level!r}; raise it")
    graph = nx.Graph()
    for row, mode in zip(rows.tolist(), columns[places].tolist(), strict=True):
        word, end = source.words[row], "+" if entries[row, mode] > 0 else "-"
        # The blank keeps a topic apart from a word of the same letters.
        topic = f" {mode + 1}{end}"
        graph.add_node(word, kind="word", rank=row + 1)
        graph.add_node(topic, kind="topic", mode=mode + 1, end=end)
        graph.add_edge(word, topic, weight=float(shares[row, mode]), end=end)
    return graph, found.considered
