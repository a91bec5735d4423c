"""Merge topics that share more words than chance has it, into trees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from textwrap import shorten
from typing import TYPE_CHECKING, ClassVar

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from probes.result import WIDTH, Result
from probes.shared.resampling import check_draws
from probes.shared.several_tests import LEVEL, is_finding
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted
from probes.topics.labels import LabelTable
from probes.topics.topics import Modes
from probes.topics.words_on_modes import words_on_modes
from repsearch.errors import InputError
from repsearch.kernels.exchanges import exchange_ends
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from repsearch.embeddings import Embeddings

Real = NDArray[np.float64]
Held = NDArray[np.bool_]
_ATTEMPTS_PER_EDGE = 10
"""Where chains of exchanges have forgotten their start (Milo et al. 2003, cond-mat/0312028)."""
_SHOWN = 6


@dataclass(frozen=True)
class Merge:
    """Two groups of topics that became one.

    Parameters
    ----------
    first, second : tuple of str
        Topics of either, such as ``3+``.
    shared : int
        Words that both have.
    overlap : float
        That number over the words of the smaller group.
    by_chance : float
        The same in the mean over graphs with the same degrees.
    p_value : float
        Share of these graphs in which any two of the groups of this step stand out as far.
    words : tuple of str
        Some that both have, those first that lie on them most.

    Examples
    --------
    >>> Merge(("1+",), ("3-",), 12, 0.3, 0.1, 0.01, ("law",)).topics
    ('1+', '3-')
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    shared: int
    overlap: float
    by_chance: float
    p_value: float
    words: tuple[str, ...]

    @property
    def topics(self) -> tuple[str, ...]:
        """Topics of both."""
        return (*self.first, *self.second)


@dataclass(frozen=True)
class Nearest:
    """The topic with which another shares words most beyond chance.

    Parameters
    ----------
    topic, other : str
        The topic, and the one nearest to it.
    words : int
        Words of the topic.
    shared : int
        Words of both.
    overlap, by_chance, p_value : float
        As of `Merge`, at the first step.

    Examples
    --------
    >>> Nearest("1+", "3-", 40, 12, 0.3, 0.1, 0.01).other
    '3-'
    """

    topic: str
    other: str
    words: int
    shared: int
    overlap: float
    by_chance: float
    p_value: float


@dataclass(frozen=True, eq=False)
class TopicTree(Result):
    """Topics merged where they share more words than chance has it.

    Parameters
    ----------
    nearest : tuple of Nearest
        Of each topic, by mode.
    merges : tuple of Merge
        In the order in which they were made.
    left : Merge or None
        Of the groups that were left the two that come nearest to being merged; None of one group.
    labels : LabelTable, optional
        Labels that the text shows beside the topics' names.
    settings : dict
        ``frequent``, ``level``, ``permutations`` and ``seed``.

    Examples
    --------
    >>> from repsearch import Embeddings
    >>> pairs = np.repeat(np.kron(np.eye(2), [[1.0, 1.0]]), 20, axis=0)
    >>> alone = np.repeat(np.eye(4), 10, axis=0)
    >>> vectors = np.hstack([np.vstack([pairs, alone]), np.full((80, 20), 0.01)])
    >>> found = topic_tree(Embeddings([f"w{k}" for k in range(80)], vectors), modes=[1, 2, 3, 4])
    >>> found.groups
    (('1+', '2+'), ('3+', '4+'))
    """

    name = "topic-tree"
    figure = "probes.figures.words.topic_tree:plot_topic_tree"
    columns: ClassVar[Mapping[str, str]] = {
        "shared": "words that lie on both, each more than on a random direction",
        "overlap": "of the words of the smaller one; by chance: in graphs with the same degrees",
        "group": "topics with one number are merged",
    }

    nearest: tuple[Nearest, ...]
    merges: tuple[Merge, ...]
    left: Merge | None
    labels: LabelTable | None = None
    settings: dict[str, Cell] = field(default_factory=dict)

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Topics of each group: the merged ones first, then those that stand alone."""
        found: list[tuple[str, ...]] = [(one.topic,) for one in self.nearest]
        for merge in self.merges:
            found = [one for one in found if one not in (merge.first, merge.second)]
            found.append(merge.topics)
        return tuple(sorted(found, key=lambda one: (-len(one), self._place(one[0]))))

    def _place(self, topic: str) -> int:
        return [one.topic for one in self.nearest].index(topic)

    def summary(self) -> str:
        """Say which topics are merged, and how near the others come to it."""
        together = [one for one in self.groups if len(one) > 1]
        least = f"(p below {LEVEL:g} over all pairs of each step)"
        if together:
            named = "; ".join(" ".join(one) for one in together)
            lines = [
                f"Of {counted(len(self.nearest), 'topic')}, {sum(map(len, together))} share more "
                f"words than chance has it {least}: {named}."
            ]
        else:
            lines = [
                f"No two of {counted(len(self.nearest), 'topic')} share more words than chance has "
                f"it {least}."
            ]
        if self.left is not None:
            pair = f"{' '.join(self.left.first)} and {' '.join(self.left.second)}"
            lines.append(
                f"Of the groups left, {pair} come nearest: an overlap of {self.left.overlap:.2f}, "
                f"{self.left.by_chance:.2f} by chance (p = {self.left.p_value:.2g})."
            )
        return " ".join(lines)

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each topic, with its group and the topic nearest to it."""
        home = {topic: number for number, group in enumerate(self.groups, 1) for topic in group}
        return [
            {
                "topic": one.topic,
                "group": home[one.topic],
                "words": one.words,
                "nearest": one.other,
                "shared": one.shared,
                "overlap": one.overlap,
                "by_chance": one.by_chance,
                "p": one.p_value,
            }
            for one in self.nearest
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of topics and merges, the filter, and the null."""
        return {
            "topics": len(self.nearest),
            "merges": len(self.merges),
            "null": "graphs with the same degrees, no word at both ends of a mode",
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out the merged groups as trees, and a row for each topic."""
        made = {merge.topics: merge for merge in self.merges}
        lines: list[str] = []
        for number, group in enumerate(self.groups, 1):
            if len(group) > 1:
                lines += [f"group {number}", *self._drawn(group, made, "", "", width), ""]
        head = ("topic", "group", "words", "nearest", "shared", "overlap", "by chance", "p")
        rows = [
            (
                str(row["topic"]),
                str(row["group"]),
                str(row["words"]),
                str(row["nearest"]),
                str(row["shared"]),
                f"{row['overlap']:.2f}",
                f"{row['by_chance']:.2f}",
                f"{row['p']:.2g}",
            )
            for row in self.table()
        ]
        return "\n".join([*lines, fixed_width(head, rows, left=(0, 3))])

    def _drawn(
        self,
        group: tuple[str, ...],
        made: dict[tuple[str, ...], Merge],
        first: str,
        more: str,
        width: int,
    ) -> list[str]:
        if len(group) == 1:
            label = "" if self.labels is None else self._label(group[0])
            said = f"{group[0]}  {label}".rstrip()
            return [f"{first}{shorten(said, max(width - len(first), 12), placeholder=' ...')}"]
        merge = made[group]
        said = f"overlap {merge.overlap:.2f} (by chance {merge.by_chance:.2f}): "
        said += ", ".join(merge.words)
        return [
            f"{first}{shorten(said, max(width - len(first), 40), placeholder=' ...')}",
            *self._drawn(merge.first, made, f"{more}├─ ", f"{more}│  ", width),
            *self._drawn(merge.second, made, f"{more}└─ ", f"{more}   ", width),
        ]

    def _label(self, topic: str) -> str:
        assert self.labels is not None
        return next((str(one) for one in self.labels.labels if one.name == topic), "")


def topic_tree(
    source: Modes | Embeddings,
    *,
    modes: Iterable[int] | None = None,
    frequent: int = 4000,
    level: float = 0.01,
    permutations: int = 199,
    seed: int = 0,
    labels: LabelTable | None = None,
) -> TopicTree:
    """Merge topics that share words, as long as two share more than chance has it.

    Words lie on the ends of modes as in `topic_graph`: those with an edge at `level`. Two groups of
    topics overlap by the words of both, over those of the smaller one. What chance gives is told
    by graphs whose edges were exchanged at random: every word keeps the number of its topics and
    every topic that of its words, and no word gets to both ends of a mode. Each pair stands out by
    so many standard deviations of these graphs; p is the share of graphs in which any pair does so
    as far (Westfall and Young 1993), so that where nothing is shared the probability of any merge
    at all is 5 %. Of the pairs with p below 0.05 the one with the largest overlap is merged, and
    all are looked at again, the same groups in the same graphs.

    Parameters
    ----------
    source : Spectrum or Embeddings
        With at least two modes, and words in order of frequency, the most frequent first.
    modes : iterable of int, optional
        Numbers of the modes, from 1; the first ten by default, or as many as there are.
    frequent : int, default 4000
        Only so many of the most frequent words are looked at.
    level : float, default 0.01
        Level of the filter, for each word and mode.
    permutations : int, default 199
        Graphs of the null, at least 20.
    seed : int, default 0
        Seed of the null.
    labels : LabelTable, optional
        Labels of the same modes, for the text.

    Returns
    -------
    TopicTree

    Raises
    ------
    InputError
        A mode that is not there; a number out of range; fewer than two topics with words.

    References
    ----------
    Westfall and Young 1993, "Resampling-based multiple testing".

    Examples
    --------
    Half of the words of the first mode lie on the second as well:

    >>> from repsearch import Embeddings
    >>> rows = np.vstack([np.repeat(np.eye(6), 20, axis=0), np.repeat([[1, 1, 0, 0, 0, 0]], 20, 0)])
    >>> vectors = np.hstack([rows, np.full((140, 20), 0.01)])
    >>> found = topic_tree(Embeddings([f"w{k}" for k in range(140)], vectors), modes=range(1, 7))
    >>> [(merge.topics, merge.shared, merge.overlap) for merge in found.merges]
    [(('1+', '2+'), 20, 0.5)]
    """
    check_draws(name="permutations", draws=permutations, least=20, seed=seed)
    graph, considered = words_on_modes(source, modes=modes, frequent=frequent, level=level)
    edges = _Edges.of(graph)
    if len(edges.names) < 2:
        raise InputError("there are fewer than two topics with words; take more modes")
    here = edges.held()
    rng = np.random.default_rng(seed)
    null = [edges.exchanged(rng).held() for _ in range(permutations)]
    groups: list[tuple[int, ...]] = [(k,) for k in range(len(edges.names))]
    step = _Step.of(here, null, groups)
    nearest = tuple(step.nearest(k, edges) for k in range(len(groups)))
    merges: list[Merge] = []
    while len(groups) > 1 and (pair := step.found()) is not None:
        merges.append(step.merge(*pair, here, edges))
        one, other = pair
        joined = (*groups[one], *groups[other])
        groups = [group for k, group in enumerate(groups) if k not in pair] + [joined]
        step = _Step.of(here, null, groups)
    left = step.merge(*step.furthest(), here, edges) if len(groups) > 1 else None
    settings: dict[str, Cell] = {
        "frequent": considered,
        "level": level,
        "permutations": permutations,
        "seed": seed,
    }
    return TopicTree(nearest, tuple(merges), left, labels, settings)


@dataclass(frozen=True, eq=False)
class _Edges:
    """Edges between words and topics, by number."""

    names: tuple[str, ...]
    vocabulary: tuple[str, ...]
    kinds: NDArray[np.int64]
    words: NDArray[np.int64]
    topics: NDArray[np.int64]
    weights: Real

    @classmethod
    def of(cls, graph: nx.Graph) -> _Edges:
        nodes = graph.nodes(data=True)
        ends = sorted(
            (node for node, about in nodes if about["kind"] == "topic"),
            key=lambda node: (nodes[node]["mode"], nodes[node]["end"]),
        )
        words = [node for node, about in nodes if about["kind"] == "word"]
        place = {node: k for k, node in enumerate(ends)}
        edges = [
            (row, place[topic], edge["weight"])
            for row, word in enumerate(words)
            for topic, edge in graph[word].items()
        ]
        modes = {
            mode: k for k, mode in enumerate(dict.fromkeys(nodes[one]["mode"] for one in ends))
        }
        return cls(
            tuple(node.strip() for node in ends),
            tuple(words),
            np.array([modes[nodes[node]["mode"]] for node in ends], dtype=np.int64),
            np.array([edge[0] for edge in edges], dtype=np.int64),
            np.array([edge[1] for edge in edges], dtype=np.int64),
            np.array([edge[2] for edge in edges]),
        )

    def held(self) -> Held:
        """(T, V) Whether each topic has each word."""
        found = np.zeros((len(self.names), len(self.vocabulary)), dtype=bool)
        found[self.topics, self.words] = True
        return found

    def exchanged(self, rng: np.random.Generator) -> _Edges:
        """Exchange ends at random, ten attempts an edge."""
        topics = self.topics.copy()
        held = np.zeros((len(self.vocabulary), int(self.kinds.max()) + 1), dtype=bool)
        held[self.words, self.kinds[topics]] = True
        attempts = rng.integers(len(topics), size=(_ATTEMPTS_PER_EDGE * len(topics), 2))
        exchange_ends(self.words, topics, self.kinds, held, attempts)
        return _Edges(self.names, self.vocabulary, self.kinds, self.words, topics, self.weights)


@dataclass(frozen=True, eq=False)
class _Step:
    """All pairs of groups at one step, beside the same groups of each graph of the null."""

    groups: list[tuple[int, ...]]
    shared: Real
    sizes: Real
    expected: Real
    apart: Real
    p_values: Real

    @classmethod
    def of(cls, here: Held, null: list[Held], groups: list[tuple[int, ...]]) -> _Step:
        shared, sizes = _shared(here, groups)
        drawn = [_shared(one, groups) for one in null]
        of_null = np.array([one for one, _ in drawn])
        # What was found counts among the graphs here as well: of few of them, what is held
        # against a mean and a spread that it has no part in stands out too easily.
        among = np.concatenate([of_null, shared[None]])
        # Of pairs that nearly never share, one word would be many deviations.
        spread = np.sqrt(np.maximum(among.var(axis=0), 1.0))
        above = np.triu_indices(len(groups), 1)
        apart = (shared - among.mean(axis=0)) / spread
        best = ((of_null - among.mean(axis=0)) / spread)[:, *above].max(axis=1)
        reached = np.count_nonzero(best[:, None, None] >= apart - 1e-12, axis=0)
        p_values = (1 + reached) / (1 + len(null))
        least = np.minimum.outer(sizes, sizes)
        overlaps = np.array([one / np.minimum.outer(size, size) for one, size in drawn])
        return cls(groups, shared, least, overlaps.mean(axis=0), apart, p_values)

    @property
    def overlaps(self) -> Real:
        return self.shared / self.sizes

    def found(self) -> tuple[int, int] | None:
        """The pair with the largest overlap among those beyond chance."""
        above = np.triu(np.ones_like(self.shared, dtype=bool), 1)
        known = above & np.vectorize(is_finding, otypes=[bool])(self.p_values)
        if not known.any():
            return None
        return _place(np.where(known, self.overlaps, -1.0))

    def furthest(self) -> tuple[int, int]:
        """The pair that stands out most."""
        above = np.triu(np.ones_like(self.shared, dtype=bool), 1)
        return _place(np.where(above, self.apart, -np.inf))

    def nearest(self, k: int, edges: _Edges) -> Nearest:
        apart = self.apart[k].copy()
        apart[k] = -np.inf
        other = int(np.argmax(apart))
        return Nearest(
            edges.names[k],
            edges.names[other],
            int(self.shared[k, k]),
            int(self.shared[k, other]),
            float(self.overlaps[k, other]),
            float(self.expected[k, other]),
            float(self.p_values[k, other]),
        )

    def merge(self, one: int, other: int, here: Held, edges: _Edges) -> Merge:
        both = [here[list(self.groups[k])].any(axis=0) for k in (one, other)]
        weight = np.zeros(len(edges.vocabulary))
        inside = np.isin(edges.topics, [*self.groups[one], *self.groups[other]])
        np.add.at(weight, edges.words[inside], edges.weights[inside])
        common = np.flatnonzero(both[0] & both[1])
        leading = common[np.argsort(-weight[common], kind="stable")][:_SHOWN]
        named = [tuple(edges.names[k] for k in self.groups[g]) for g in (one, other)]
        return Merge(
            named[0],
            named[1],
            int(self.shared[one, other]),
            float(self.overlaps[one, other]),
            float(self.expected[one, other]),
            float(self.p_values[one, other]),
            tuple(edges.vocabulary[k] for k in leading),
        )


def _shared(held: Held, groups: list[tuple[int, ...]]) -> tuple[Real, Real]:
    """(G, G) Words that two groups share, (G,) words of each."""
    rows = np.array([held[list(group)].any(axis=0) for group in groups], dtype=np.float32)
    shared = (rows @ rows.T).astype(np.float64)  # whole numbers, exact in float32
    return shared, np.diagonal(shared).copy()


def _place(values: Real) -> tuple[int, int]:
    one, other = np.unravel_index(int(np.argmax(values)), values.shape)
    return int(one), int(other)
