"""What a family of word pairs offers before any vector is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from itertools import permutations

import networkx as nx

from probes.relations.relations import Pair, Relations
from probes.shared.text_table import fixed_width
from repsearch.errors import InputError


@dataclass(frozen=True)
class Unanswerable:
    """A re-paired question a : b :: a′ : b′ whose answer is one of its own query words.

    Parameters
    ----------
    first, second : (str, str)
        The pairs (a, b) and (a′, b′).
    reason : str
        Which query word the answer is: ``"b"`` for two pairs with one second
        word (houston : texas :: dallas : texas), ``"a"`` for pairs that run in
        opposite directions or form a chain, ``"a'"`` for a word paired with itself.
    """

    first: Pair
    second: Pair
    reason: str


@dataclass(frozen=True)
class FamilyCoverage:
    """Counts and defects of one family.

    Parameters
    ----------
    family : str
        Its name.
    pairs : tuple of (str, str)
        Distinct pairs with both words in the vocabulary.
    pairs_in_file : int
        Distinct pairs given.
    missing : tuple of str
        Words that are not in the vocabulary, in the order of the pairs.
    repeated : mapping of pair to int
        Pairs given more than once, with how often. `Relations` keep one copy,
        so repeats show only where a plain mapping was given.
    reversed_pairs : tuple of (str, str)
        Pairs whose reverse is also a pair, of each two the first.
    shared : mapping of str to int
        Other families that have some of its pairs, and how many.
    unanswerable : tuple of Unanswerable
        Among the re-paired questions of `pairs`.
    """

    family: str
    pairs: tuple[Pair, ...]
    pairs_in_file: int
    missing: tuple[str, ...]
    repeated: Mapping[Pair, int]
    reversed_pairs: tuple[Pair, ...]
    shared: Mapping[str, int]
    unanswerable: tuple[Unanswerable, ...]

    @property
    def share(self) -> float:
        """Share of the pairs that are in the vocabulary; 0 for a family without a pair."""
        return len(self.pairs) / self.pairs_in_file if self.pairs_in_file else 0.0

    @property
    def graph(self) -> nx.DiGraph:
        """Words as nodes, pairs as edges from the first word to the second."""
        return pair_graph(self.pairs)

    @property
    def components(self) -> tuple[tuple[str, ...], ...]:
        """Words joined by pairs, the largest set first; no pair joins two of the sets."""
        found = [tuple(sorted(words)) for words in nx.weakly_connected_components(self.graph)]
        return tuple(sorted(found, key=lambda words: (-len(words), words)))

    @property
    def many_to_one(self) -> Mapping[str, tuple[str, ...]]:
        """Second words with more than one first word, such as a state with many cities."""
        graph = self.graph
        return {w: tuple(graph.predecessors(w)) for w in graph if graph.in_degree(w) > 1}

    @property
    def one_to_many(self) -> Mapping[str, tuple[str, ...]]:
        """First words with more than one second word."""
        graph = self.graph
        return {w: tuple(graph.successors(w)) for w in graph if graph.out_degree(w) > 1}

    def hubs(self, most: int = 5) -> tuple[tuple[str, int], ...]:
        """Words in more than one pair and in how many, the busiest first."""
        busy = [(word, degree) for word, degree in self.graph.degree() if degree > 1]
        return tuple(sorted(busy, key=lambda found: (-found[1], found[0]))[:most])


@dataclass(frozen=True)
class Coverage:
    """Coverage of several families.

    Parameters
    ----------
    families : tuple of FamilyCoverage
        In the order given.
    name, source : str
        What the collection is called and where it comes from.
    """

    families: tuple[FamilyCoverage, ...]
    name: str = ""
    source: str = ""

    def __getitem__(self, family: str) -> FamilyCoverage:
        for found in self.families:
            if found.family == family:
                return found
        raise InputError(
            f"there is no family {family!r}; there are {', '.join(f.family for f in self.families)}"
        )

    def table(self) -> list[dict[str, str | int | float]]:
        """One row a family, for a CSV or JSON file."""
        return [
            {
                "family": found.family,
                "pairs_in_file": found.pairs_in_file,
                "pairs": len(found.pairs),
                "share": found.share,
                "missing_words": len(found.missing),
                "repeated_pairs": len(found.repeated),
                "reversed_pairs": len(found.reversed_pairs),
                "many_to_one": len(found.many_to_one),
                "one_to_many": len(found.one_to_many),
                "components": len(found.components),
                "questions": len(found.pairs) * (len(found.pairs) - 1),
                "unanswerable": len(found.unanswerable),
                "shared_pairs": sum(found.shared.values()),
                "source": self.source,
            }
            for found in self.families
        ]

    def __str__(self) -> str:
        header = ("family", "pairs", "of", "components", "questions", "unanswerable", "shared")
        keys = ("pairs", "pairs_in_file", "components", "questions", "unanswerable", "shared_pairs")
        rows = [[str(row["family"]), *(f"{row[key]:,}" for key in keys)] for row in self.table()]
        return fixed_width(header, rows)


def coverage(
    relations: Relations | Mapping[str, Iterable[Pair]],
    vocabulary: Container[str] | None = None,
) -> Coverage:
    """Report what each family of pairs has to offer, and what is wrong with it.

    Parameters
    ----------
    relations : Relations or mapping of str to iterable of (str, str)
        Families. A mapping may repeat pairs, which is reported.
    vocabulary : container of str, optional
        Such as `Embeddings`; by default every word counts as known.

    Raises
    ------
    InputError
        There is no pair, or an entry is not two words.
    """
    if isinstance(relations, Relations):
        raw: dict[str, tuple[Pair, ...]] = dict(relations.families)
        checked = relations
    else:
        raw = {family: tuple((p[0], p[1]) for p in pairs) for family, pairs in relations.items()}
        checked = Relations(raw)
    return Coverage(
        tuple(_family(family, raw[family], checked, vocabulary) for family in checked.families),
        name=checked.name,
        source=checked.source,
    )


def pair_graph(pairs: Iterable[Pair]) -> nx.DiGraph:
    """Words as nodes and pairs as edges, from the first word to the second."""
    graph = nx.DiGraph()
    graph.add_edges_from(pairs)
    return graph


def unanswerable(pairs: Iterable[Pair]) -> tuple[Unanswerable, ...]:
    """Ordered pairs of distinct pairs that make a question no method can answer.

    Query words are left out of the candidates, so b′ must not be a, b or a′.

    Parameters
    ----------
    pairs : iterable of (str, str)
        Of one family, distinct.
    """
    found = []
    for (a, b), (other, answer) in permutations(tuple(pairs), 2):
        reason = {a: "a", b: "b", other: "a'"}.get(answer)
        if reason:
            found.append(Unanswerable((a, b), (other, answer), reason))
    return tuple(found)


def _family(
    family: str, given: tuple[Pair, ...], relations: Relations, vocabulary: Container[str] | None
) -> FamilyCoverage:
    distinct = relations.families[family]
    words = dict.fromkeys(word for pair in distinct for word in pair)
    # "in", and not a row's truth: the word of row 0 is a word as any other.
    missing = () if vocabulary is None else tuple(w for w in words if w not in vocabulary)
    lost = set(missing)
    pairs = tuple(pair for pair in distinct if not lost.intersection(pair))
    known = set(distinct)
    others = {
        name: len(known.intersection(theirs))
        for name, theirs in relations.families.items()
        if name != family
    }
    return FamilyCoverage(
        family=family,
        pairs=pairs,
        pairs_in_file=len(distinct),
        missing=missing,
        repeated={pair: times for pair, times in Counter(given).items() if times > 1},
        reversed_pairs=tuple(
            pair for place, pair in enumerate(distinct) if pair[::-1] in distinct[place + 1 :]
        ),
        shared={name: number for name, number in others.items() if number},
        unanswerable=unanswerable(pairs),
    )
