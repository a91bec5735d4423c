"""Count what families of word pairs offer, before any vector is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from itertools import permutations

import networkx as nx

from probes.drawing.labels import family_label
from probes.relations.relations import Pair, Relations
from probes.result import WIDTH, Result
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted
from repsearch.embeddings import Embeddings, WordsFound
from repsearch.errors import InputError
from repsearch.storage.tables import Cell


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

    Examples
    --------
    >>> unanswerable([("houston", "texas"), ("dallas", "texas")])[0].reason
    'b'
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
        Name of the family.
    pairs : tuple of (str, str)
        Distinct pairs with both words in the vocabulary.
    pairs_in_file : int
        Number of distinct pairs given.
    missing : tuple of str
        Words that are not in the vocabulary, in the order of the pairs.
    repeated : mapping of pair to int
        Pairs given more than once, with how often. `Relations` keep one copy,
        so repeats show only where a plain mapping was given.
    reversed_pairs : tuple of (str, str)
        Pairs whose reverse is also a pair, of each two the first.
    shared : mapping of str to int
        Other families that have some of `pairs`, in either order, and how many.
    pairs_shared : int, optional
        Those of `pairs` that some other family has, each counted once.
    unanswerable : tuple of Unanswerable
        Those among the re-paired questions of `pairs`.
    coinciding : tuple of (str, str), optional
        Pairs whose two words have one vector, which has no difference; not in `pairs`.

    Examples
    --------
    >>> cities = [("houston", "texas"), ("dallas", "texas"), ("boston", "massachusetts")]
    >>> found = coverage({"city": cities}, {"houston", "dallas", "texas"})["city"]
    >>> found.missing, round(found.share, 2), dict(found.many_to_one)
    (('boston', 'massachusetts'), 0.67, {'texas': ('houston', 'dallas')})
    """

    family: str
    pairs: tuple[Pair, ...]
    pairs_in_file: int
    missing: tuple[str, ...]
    repeated: Mapping[Pair, int]
    reversed_pairs: tuple[Pair, ...]
    shared: Mapping[str, int]
    unanswerable: tuple[Unanswerable, ...]
    coinciding: tuple[Pair, ...] = ()
    pairs_shared: int = 0

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


@dataclass(frozen=True)
class Coverage(Result):
    """Coverage of several families.

    Parameters
    ----------
    families : tuple of FamilyCoverage
        In the order given.
    relations : str
        What the collection is called.
    source : str
        Where it comes from: a file, or a citation.
    words : WordsFound, optional
        How the words were found, where the vocabulary is one of embeddings.

    Examples
    --------
    >>> found = coverage({"city": [("houston", "texas"), ("dallas", "texas")]})
    >>> print(found)
    family  pairs  of  components  questions  unanswerable  shared
    --------------------------------------------------------------
    city        2   2           1          2             2       0
    """

    name = "coverage"
    figure = "probes.figures.relations.concepts:plot_coverage"

    families: tuple[FamilyCoverage, ...]
    relations: str = ""
    source: str = ""
    words: WordsFound | None = None

    def __getitem__(self, family: str) -> FamilyCoverage:
        """Give one family.

        Parameters
        ----------
        family : str
            Its name.

        Returns
        -------
        FamilyCoverage

        Raises
        ------
        InputError
            There is no such family.
        """
        for found in self.families:
            if found.family == family:
                return found
        raise InputError(
            f"there is no family {family!r}; there are {', '.join(f.family for f in self.families)}"
        )

    def summary(self) -> str:
        """Say how many pairs can be used, and what is wrong with the others.

        Returns
        -------
        str
            One paragraph.
        """
        usable, given = self._pairs
        text = (
            f"Of {counted(given, 'pair')} in {counted(len(self.families), 'family', 'families')}, "
            f"{usable:,} {'has' if usable == 1 else 'have'} both words in the vocabulary."
        )
        lost = sum(len(found.unanswerable) for found in self.families)
        if lost:
            text += (
                f" {counted(lost, 're-paired question')} can be answered by no method, for the "
                "answer is a query word."
            )
        joined = [one for one in self.families if 0 < len(one.components) < len(one.pairs)]
        if joined:
            text += (
                f" In {counted(len(joined), 'family', 'families')} pairs share words and are not "
                "independent of each other."
            )
        return text

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each family.

        Returns
        -------
        list of dict
            Pairs, words that are missing, defects, and questions.
        """
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
                "shared_pairs": found.pairs_shared,
                "source": self.source,
            }
            for found in self.families
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the name and the source of the relations, and their numbers of pairs.

        Returns
        -------
        dict
            Name to value.
        """
        usable, given = self._pairs
        return {
            "relations": self.relations,
            "source": self.source,
            "families": len(self.families),
            "pairs_in_file": given,
            "pairs": usable,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out pairs and questions of each family.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            A table.
        """
        header = ("family", "pairs", "of", "components", "questions", "unanswerable", "shared")
        keys = ("pairs", "pairs_in_file", "components", "questions", "unanswerable", "shared_pairs")
        rows = [
            [family_label(str(row["family"])), *(f"{row[key]:,}" for key in keys)]
            for row in self.table()
        ]
        return fixed_width(header, rows, width=width)

    @property
    def _pairs(self) -> tuple[int, int]:
        """Pairs that can be used, and all."""
        return (
            sum(len(found.pairs) for found in self.families),
            sum(found.pairs_in_file for found in self.families),
        )


def coverage(
    relations: Relations | Mapping[str, Iterable[Pair]],
    vocabulary: Container[str] | None = None,
) -> Coverage:
    """Report what each family of pairs has to offer, and what is wrong with it.

    Parameters
    ----------
    relations : Relations or mapping of str to iterable of (str, str)
        Families of pairs. A mapping may repeat pairs, which is reported.
    vocabulary : container of str, optional
        Known words; by default every word counts as known. Those of `Embeddings` are found
        in other spellings too (`repsearch.embeddings.look_up`), and pairs have theirs.

    Returns
    -------
    Coverage
        One entry for each family.

    Raises
    ------
    InputError
        There is no pair, or an entry is not two words.

    Examples
    --------
    >>> from probes import google_relations
    >>> found = coverage(google_relations())
    >>> len(found["city-in-state"].pairs), len(found["city-in-state"].components)
    (68, 26)
    >>> found.summary()[:38]
    'Of 573 pairs in 14 families, 573 have '
    """
    if isinstance(relations, Relations):
        raw: dict[str, tuple[Pair, ...]] = dict(relations.families)
        checked = relations
    else:
        raw = {family: tuple((p[0], p[1]) for p in pairs) for family, pairs in relations.items()}
        checked = Relations(raw)
    words: WordsFound | None = None
    if isinstance(vocabulary, Embeddings):
        words = checked.look_up(vocabulary)
        raw = {f: tuple((words.spelling(a), words.spelling(b)) for a, b in raw[f]) for f in raw}
        checked = checked.spelt(words)
        vocabulary = {words.spelling(word) for word in words.rows}
    return Coverage(
        tuple(
            _family(family, raw[family], checked, vocabulary, differing=words is not None)
            for family in checked.families
        ),
        relations=checked.name,
        source=checked.source,
        words=words,
    )


def pair_graph(pairs: Iterable[Pair]) -> nx.DiGraph:
    """Make the graph whose nodes are words and whose edges are pairs.

    Parameters
    ----------
    pairs : iterable of (str, str)
        Pairs of one family.

    Returns
    -------
    networkx.DiGraph
        Edges run from the first word to the second.

    Examples
    --------
    >>> graph = pair_graph([("houston", "texas"), ("dallas", "texas")])
    >>> graph.in_degree("texas")
    2
    """
    graph = nx.DiGraph()
    graph.add_edges_from(pairs)
    return graph


def unanswerable(pairs: Iterable[Pair]) -> tuple[Unanswerable, ...]:
    """Find the questions, made of two of the pairs, that no method can answer.

    Query words are left out of the candidates, so b′ must not be a, b or a′.

    Parameters
    ----------
    pairs : iterable of (str, str)
        Distinct pairs of one family.

    Returns
    -------
    tuple of Unanswerable
        One for each ordered pair of distinct pairs of that kind.

    Examples
    --------
    >>> found = unanswerable([("king", "queen"), ("queen", "king"), ("son", "daughter")])
    >>> [(one.first, one.second, one.reason) for one in found]
    [(('king', 'queen'), ('queen', 'king'), 'a'), (('queen', 'king'), ('king', 'queen'), 'a')]
    """
    found = []
    for (a, b), (other, answer) in permutations(tuple(pairs), 2):
        reason = {a: "a", b: "b", other: "a'"}.get(answer)
        if reason:
            found.append(Unanswerable((a, b), (other, answer), reason))
    return tuple(found)


def _family(
    family: str,
    given: tuple[Pair, ...],
    relations: Relations,
    vocabulary: Container[str] | None,
    *,
    differing: bool,
) -> FamilyCoverage:
    distinct = relations.families[family]
    words = dict.fromkeys(word for pair in distinct for word in pair)
    # "in", and not a row's truth: the word of row 0 is a word as any other.
    missing = () if vocabulary is None else tuple(w for w in words if w not in vocabulary)
    lost = set(missing)
    known_pairs = tuple(pair for pair in distinct if not lost.intersection(pair))
    coinciding = tuple(pair for pair in known_pairs if differing and pair[0] == pair[1])
    pairs = tuple(pair for pair in known_pairs if pair not in coinciding)
    own = {frozenset(pair) for pair in pairs}
    others = {
        name: own.intersection(frozenset(pair) for pair in theirs)
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
        shared={name: len(common) for name, common in others.items() if common},
        unanswerable=unanswerable(pairs),
        coinciding=coinciding,
        pairs_shared=len(set().union(*others.values())),
    )
