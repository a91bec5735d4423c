"""Link topics that share words: a bipartite graph, and its communities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from probes.result import WIDTH, Result
from probes.shared.several_tests import is_finding
from probes.shared.text_table import fixed_width
from probes.topics.communities import assign_all_nodes, communities, linking_words
from probes.topics.degree_null import rewired
from probes.topics.labels import LabelTable
from probes.topics.topics import Modes
from probes.topics.words_on_modes import words_on_modes
from repsearch.checks import is_whole
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from repsearch.embeddings import Embeddings


@dataclass(frozen=True)
class CentralWord:
    """A word that belongs to topics of several communities.

    Parameters
    ----------
    word : str
        The word.
    participation : float
        1 - sum_c (s_c / s)^2 over communities c, s_c the word's weight in c: 0 for a word of
        one community (Guimera and Amaral 2005, Nature 433).
    topics : tuple of str
        Those it has edges to, the heaviest first.

    Examples
    --------
    >>> CentralWord("bridge", 0.5, ("1+", "3-")).topics
    ('1+', '3-')
    """

    word: str
    participation: float
    topics: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TopicGraph(Result):
    """Words and topics, joined where a word lies on a mode more than chance has it.

    Parameters
    ----------
    graph : networkx.Graph
        Bipartite. Nodes with ``kind="topic"`` have names such as ``3+`` with a blank before
        (no word has one), a `mode` and an `end`; those with ``kind="word"`` are words. Edges
        have a `weight`, the share of the word's squared embedding on the mode, and the `end`.
    communities : tuple of tuples of str
        Nodes by community, the one with the most nodes first.
    modularity : float or None
        Newman's Q, with weights, of the communities among words with two edges or more; None
        where there is no such word.
    null_modularity : tuple of float
        The same of graphs rewired at random with all degrees kept.
    level : float
        Level of the filter.
    labels : LabelTable, optional
        Labels that the picture and the text show beside the topics' names.
    settings : dict
        ``frequent``, ``permutations`` and ``seed``, as they were asked for.

    Examples
    --------
    >>> import numpy as np
    >>> from repsearch import Embeddings
    >>> vectors = np.repeat(np.eye(6), 2, axis=0)
    >>> words = [f"w{k}" for k in range(12)]
    >>> found = topic_graph(Embeddings(words, vectors), modes=[1, 2], permutations=1)
    >>> found.topic_groups, found.modularity
    ((('1+',), ('2+',)), None)
    """

    name = "topic-graph"
    figure = "probes.figures.words.topic_graph:plot_topic_graph"

    graph: nx.Graph
    communities: tuple[tuple[str, ...], ...]
    modularity: float | None
    null_modularity: tuple[float, ...]
    level: float
    labels: LabelTable | None = None
    settings: dict[str, Cell] = field(default_factory=dict)

    @property
    def p_value(self) -> float:
        """Compare the modularity with that of rewired graphs.

        Returns
        -------
        float
            Share of rewired graphs with so large a modularity, (1 + n) / (1 + permutations); 1
            where there is no modularity.
        """
        if self.modularity is None:
            return 1.0
        reached = sum(value >= self.modularity for value in self.null_modularity)
        return (1 + reached) / (1 + len(self.null_modularity))

    @property
    def topic_groups(self) -> tuple[tuple[str, ...], ...]:
        """Name the topics of each community that has any.

        Returns
        -------
        tuple of tuples of str
            Names such as ``3+``, by community.
        """
        kinds = self.graph.nodes(data="kind")
        groups = (
            tuple(node.strip() for node in community if kinds[node] == "topic")
            for community in self.communities
        )
        return tuple(group for group in groups if group)

    def central_words(self, most: int = 10) -> tuple[CentralWord, ...]:
        """Find the words with the largest participation in several communities.

        Parameters
        ----------
        most : int, default 10
            How many words at most.

        Returns
        -------
        tuple of CentralWord
            The most central first; no word of a single community.
        """
        home = {node: number for number, group in enumerate(self.communities) for node in group}
        found = []
        for node, kind in self.graph.nodes(data="kind"):
            if kind != "word":
                continue
            edges = sorted(self.graph[node].items(), key=lambda edge: -edge[1]["weight"])
            by_community: dict[int, float] = {}
            for topic, edge in edges:
                group = home[topic]
                by_community[group] = by_community.get(group, 0.0) + edge["weight"]
            total = sum(by_community.values())
            share = sum((weight / total) ** 2 for weight in by_community.values())
            found.append(CentralWord(node, 1 - share, tuple(topic.strip() for topic, _ in edges)))
        found.sort(key=lambda one: (-one.participation, one.word))
        return tuple(one for one in found[:most] if one.participation > 0)

    def summary(self) -> str:
        """Say how many edges there are, which topics share words, and whether by chance."""
        n_words = sum(kind == "word" for _, kind in self.graph.nodes(data="kind"))
        lines = [
            f"{n_words:,} words have {self.graph.number_of_edges():,} edges to "
            f"{self.graph.number_of_nodes() - n_words} topics."
        ]
        if self.modularity is None:
            return " ".join([*lines, "No word belongs to two topics."])
        null = np.asarray(self.null_modularity)
        lines.append(
            f"Modularity {self.modularity:.3f}; rewired with the same degrees "
            f"{null.min():.3f} to {null.max():.3f} (p = {self.p_value:.2g})."
            + ("" if is_finding(self.p_value) else " The communities could be chance.")
        )
        if together := [group for group in self.topic_groups if len(group) > 1]:
            grouped = "; ".join(" ".join(group) for group in together)
            lines.append(f"Topics that share words: {grouped}.")
        else:
            lines.append("No two topics fall into one community.")
        if central := self.central_words(6):
            named = ", ".join(f"{one.word} ({' '.join(one.topics)})" for one in central)
            lines.append(f"Words between communities: {named}.")
        return " ".join(lines)

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each edge, the heaviest first."""
        home = {node: number for number, group in enumerate(self.communities, 1) for node in group}
        rows: list[dict[str, Cell]] = [
            {
                "word": word,
                "topic": topic.strip(),
                "share": edge["weight"],
                "word_community": home[word],
                "topic_community": home[topic],
            }
            for word, kind in self.graph.nodes(data="kind")
            if kind == "word"
            for topic, edge in self.graph[word].items()
        ]
        return sorted(rows, key=lambda row: (-float(row["share"] or 0), str(row["word"])))

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of words, topics and edges, the filter, and the null."""
        n_topics = sum(kind == "topic" for _, kind in self.graph.nodes(data="kind"))
        return {
            "words": self.graph.number_of_nodes() - n_topics,
            "topics": n_topics,
            "edges": self.graph.number_of_edges(),
            "level": self.level,
            "null": "graphs rewired with the same degrees",
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out a row for each community: its topics, its size, its heaviest words."""
        kinds = self.graph.nodes(data="kind")
        rows = []
        for number, community in enumerate(self.communities, 1):
            topics = [node for node in community if kinds[node] == "topic"]
            words = [node for node in community if kinds[node] == "word"]
            heaviest = sorted(words, key=lambda word: (-self._weight(word), word))
            rows.append((str(number), _fitting(topics, 24), f"{len(words):,}", heaviest))
        head = ("community", "topics", "words", "heaviest")
        taken = len(fixed_width(head[:3], [row[:3] for row in rows]).splitlines()[1]) + 2
        return fixed_width(
            head,
            [(*row[:3], _fitting(row[3], max(width - taken, len(head[3])))) for row in rows],
            left=(1, 3),
        )

    def _weight(self, word: str) -> float:
        return float(sum(edge["weight"] for edge in self.graph[word].values()))


def _fitting(words: list[str], most: int) -> str:
    """As many words as fit into so many letters."""
    text = ""
    for place, word in enumerate(words):
        longer = f"{text} {word.strip()}".strip()
        room = most if place == len(words) - 1 else most - len(" ...")
        if len(longer) > room:
            return f"{text} ...".strip()
        text = longer
    return text


def topic_graph(
    source: Modes | Embeddings,
    *,
    modes: Iterable[int] | None = None,
    frequent: int = 4000,
    level: float = 0.01,
    permutations: int = 20,
    seed: int = 0,
    labels: LabelTable | None = None,
) -> TopicGraph:
    """Join words to the ends of modes that they lie on, and look for communities.

    The weight of word i and mode k is s_ik = W_ik^2 / |W_i|^2, and the edge goes to the end
    that the sign of W_ik says. An edge is kept where so large a share has a chance below
    `level` for a vector of random direction in d dimensions, s ~ Beta(1/2, (d - 1)/2). This is
    the disparity filter of Serrano, Boguna and Vespignani (2009, PNAS 106) from the words'
    side, with the law that squares of entries have in place of that of even splits,
    Beta(1, d - 1), under which random vectors keep several times more edges than the level
    says.

    Communities are Louvain's (Blondel et al. 2008), with weights, among the words that have
    two edges or more. Words with a single one go with their topic: they would make up most of
    the modularity, of rewired graphs just as well. Any sparse graph has communities, so their
    modularity stands beside that of graphs whose edges were exchanged at random (`rewired`).

    Parameters
    ----------
    source : Spectrum or Embeddings
        With at least two modes, and words in order of frequency, the most frequent first.
    modes : iterable of int, optional
        Numbers of the modes, from 1; the first ten by default, or as many as there are.
        Shares are of all d modes, whichever are drawn.
    frequent : int, default 4000
        Only so many of the most frequent words are nodes.
    level : float, default 0.01
        Level of the filter, for each edge.
    permutations : int, default 20
        Rewired graphs; at least 1.
    seed : int, default 0
        Seed of the communities and of the rewiring.
    labels : LabelTable, optional
        Labels of the same modes, for the picture and the text.

    Returns
    -------
    TopicGraph
        The graph, its communities, and their modularity beside the null's.

    Raises
    ------
    InputError
        A mode that is not there (`topics`); a number out of range; no edge is left.

    Examples
    --------
    Words of the first two modes, of the next two, and one of both pairs:

    >>> import numpy as np
    >>> from repsearch import Embeddings
    >>> pairs = np.repeat(np.kron(np.eye(2), [[1.0, 1.0]]), 10, axis=0)
    >>> vectors = np.hstack([np.vstack([pairs, [[1, 0, 1, 0]]]), np.full((21, 20), 0.01)])
    >>> words = [f"w{k}" for k in range(20)] + ["bridge"]
    >>> found = topic_graph(Embeddings(words, vectors), modes=[1, 2, 3, 4])
    >>> found.topic_groups
    (('1+', '2+'), ('3+', '4+'))
    >>> found.central_words(1)[0].word
    'bridge'
    """
    if not is_whole(permutations) or permutations < 1 or not is_whole(seed) or seed < 0:
        raise InputError(
            f"permutations is {permutations!r} and seed is {seed!r}; pass whole numbers from 1 "
            "and from 0 up"
        )
    graph, considered = words_on_modes(source, modes=modes, frequent=frequent, level=level)
    settings: dict[str, Cell] = {
        "frequent": considered,
        "permutations": permutations,
        "seed": seed,
    }
    linking = linking_words(graph)
    if not linking.number_of_edges():
        alone = [{node} for node in linking]
        apart = assign_all_nodes(graph, alone)
        return TopicGraph(graph, apart, None, (), level, labels, settings)
    groups, modularity = communities(linking, seed)
    rng = np.random.default_rng(seed)
    null = tuple(communities(rewired(linking, rng), seed)[1] for _ in range(permutations))
    return TopicGraph(
        graph, assign_all_nodes(graph, groups), modularity, null, level, labels, settings
    )
