"""The graph of words and topics: which topics share words, and which words are shared."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
from scipy.stats import beta

from probes.shared.intervals import check_level
from probes.topics.communities import communities, linking_words, with_the_rest
from probes.topics.degree_null import rewired
from probes.topics.topics import Modes, topics
from probes.topics.word_shares import word_entries, word_shares
from repsearch.checks import is_whole
from repsearch.errors import InputError

if TYPE_CHECKING:
    from repsearch.embeddings import Embeddings

_LEVEL = 0.05


@dataclass(frozen=True)
class CentralWord:
    """A word that belongs to topics of several communities.

    Parameters
    ----------
    word : str
    participation : float
        1 - sum_c (s_c / s)^2 over communities c, s_c the word's weight in c: 0 for a word of
        one community (Guimera and Amaral 2005, Nature 433).
    topics : tuple of str
        Those it has edges to, the heaviest first.
    """

    word: str
    participation: float
    topics: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TopicGraph:
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
        Of the communities among words with two edges or more, Newman's Q with weights; None
        where there is no such word.
    null_modularity : tuple of float
        The same of graphs rewired at random with all degrees kept.
    level : float
        Of the filter.
    """

    graph: nx.Graph
    communities: tuple[tuple[str, ...], ...]
    modularity: float | None
    null_modularity: tuple[float, ...]
    level: float

    @property
    def p_value(self) -> float:
        """Share of rewired graphs with so large a modularity, (1 + n) / (1 + draws)."""
        if self.modularity is None:
            return 1.0
        reached = sum(value >= self.modularity for value in self.null_modularity)
        return (1 + reached) / (1 + len(self.null_modularity))

    @property
    def topic_groups(self) -> tuple[tuple[str, ...], ...]:
        """Names of the topics of each community that has any."""
        kinds = self.graph.nodes(data="kind")
        groups = (
            tuple(node.strip() for node in community if kinds[node] == "topic")
            for community in self.communities
        )
        return tuple(group for group in groups if group)

    def central_words(self, most: int = 10) -> tuple[CentralWord, ...]:
        """Words with the largest participation, the most central first; none of a single one."""
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

    def table(self) -> list[dict[str, str | int | float | None]]:
        """Rows for a CSV or JSON file, one an edge, the heaviest first."""
        home = {node: number for number, group in enumerate(self.communities, 1) for node in group}
        rows: list[dict[str, str | int | float | None]] = [
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

    def findings(self, width: int = 80) -> list[str]:
        """What was found, a sentence each."""
        n_words = sum(kind == "word" for _, kind in self.graph.nodes(data="kind"))
        lines = [
            f"{n_words:,} words have {self.graph.number_of_edges():,} edges to "
            f"{self.graph.number_of_nodes() - n_words} topics."
        ]
        if self.modularity is None:
            return [*lines, "No word belongs to two topics."]
        null = np.asarray(self.null_modularity)
        lines.append(
            f"Modularity {self.modularity:.3f}; rewired with the same degrees "
            f"{null.min():.3f} to {null.max():.3f} (p = {self.p_value:.2g})."
            + ("" if self.p_value <= _LEVEL else " Communities below could be chance.")
        )
        if together := [group for group in self.topic_groups if len(group) > 1]:
            grouped = "; ".join(" ".join(group) for group in together)
            lines.append(f"Topics that share words: {grouped}.")
        else:
            lines.append("No two topics fall into one community.")
        if central := self.central_words(6):
            named = ", ".join(f"{one.word} ({' '.join(one.topics)})" for one in central)
            lines.append(f"Words between communities: {named}.")
        return [part for line in lines for part in textwrap.wrap(line, width)]


def topic_graph(
    source: Modes | Embeddings,
    *,
    modes: Iterable[int] | None = None,
    frequent: int = 4000,
    level: float = 0.01,
    draws: int = 20,
    seed: int = 0,
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
        As for `topics`; of at least two modes.
    modes : iterable of int, optional
        As for `topics`. Shares are of all d modes, whichever are drawn.
    frequent : int, default 4000
        Only so many of the most frequent words are nodes.
    level : float, default 0.01
        Of the filter, for each edge.
    draws : int, default 20
        Rewired graphs; at least 1.
    seed : int, default 0

    Raises
    ------
    InputError
        As for `topics`; a number out of range; no edge is left.
    """
    check_level(level)
    if not is_whole(draws) or draws < 1 or not is_whole(seed) or seed < 0:
        raise InputError(
            f"draws is {draws!r} and seed is {seed!r}; pass whole numbers from 1 and from 0 up"
        )
    found = topics(source, modes=modes, words_per_end=1, frequent=frequent)
    numbers = sorted({topic.mode for topic in found.topics})
    entries = word_entries(source, found.considered)
    shares = word_shares(entries)
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
        graph.add_node(word, kind="word")
        graph.add_node(topic, kind="topic", mode=mode + 1, end=end)
        graph.add_edge(word, topic, weight=float(shares[row, mode]), end=end)
    linking = linking_words(graph)
    if not linking.number_of_edges():
        alone = [{node} for node in linking]
        return TopicGraph(graph, with_the_rest(graph, alone), None, (), level)
    groups, modularity = communities(linking, seed)
    rng = np.random.default_rng(seed)
    null = tuple(communities(rewired(linking, rng), seed)[1] for _ in range(draws))
    return TopicGraph(graph, with_the_rest(graph, groups), modularity, null, level)
