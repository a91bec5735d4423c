"""Delete words, or the pairs of a relation, from a world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.synthetic.checks import check_whole
from repsearch.synthetic.pair_distribution import PairWorld
from repsearch.synthetic.world import Pairs, Real


@dataclass(frozen=True)
class Pruned(PairWorld):
    """A world with only a random choice of its words.

    P is that of the pairs that remain, divided by its sum. Relations keep the pairs of
    which both words remain; a relation without such a pair is kept, empty. Korchinski
    et al. (arXiv 2505.18651) prune words to show that analogies survive it: keeping m of V
    words multiplies the leading eigenvalues of P_ij / (P_i P_j) by about m / V.

    Parameters
    ----------
    world : PairWorld
        The world that the words are taken from.
    size : int
        Number of words to keep, from 2 to all.
    seed : int
        Seed of the choice.

    Raises
    ------
    InputError
        A number out of range.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = Pruned(BinaryAttributes([0.3, 0.5, 0.7]), size=5)
    >>> world.words
    ('ppm', 'pmp', 'pmm', 'mpp', 'mpm')
    >>> world.relations["attribute 3"]
    (('pmm', 'pmp'), ('mpm', 'mpp'))
    """

    world: PairWorld
    size: int
    seed: int = 0

    def __post_init__(self) -> None:
        check_whole("size", self.size, 2, len(self.world.words))
        check_whole("seed", self.seed, 0)

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """(size,) rows of the kept words in the world they come from, increasing."""
        rng = np.random.default_rng(self.seed)
        return np.sort(rng.choice(len(self.world.words), size=self.size, replace=False))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The kept words, in the order of the world they come from."""
        return tuple(self.world.words[i] for i in self.rows)

    @cached_property
    def relations(self) -> Mapping[str, Pairs]:
        """Of each relation the pairs of which both words are kept."""
        kept = set(self.words)
        return {
            name: tuple(pair for pair in pairs if kept.issuperset(pair))
            for name, pairs in self.world.relations.items()
        }

    @cached_property
    def P(self) -> Real:
        """(size, size) P_ij, the probability of a pair: symmetric, sums to 1."""
        left = self.world.P[np.ix_(self.rows, self.rows)]
        return np.asarray(left / left.sum())


@dataclass(frozen=True)
class WithoutPairs(PairWorld):
    """A world in which the two words of a relation's pairs never co-occur.

    P_ij = 0, and so M*_ij = -2, for the pairs of the relation; the rest of P is
    divided by its sum. The relation is kept, so that it can be asked of embeddings that
    have never seen its pairs together; Korchinski et al. (arXiv 2505.18651) find that
    they still have it.

    Parameters
    ----------
    world : PairWorld
        The world that the pairs are taken from.
    relation : str
        Name of the relation whose pairs are deleted.

    Raises
    ------
    InputError
        A relation that the world does not have.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = WithoutPairs(BinaryAttributes([0.3, 0.5, 0.7]), "attribute 1")
    >>> world.relations["attribute 1"][0]
    ('mpp', 'ppp')
    >>> float(world.mstar()[world.words.index("mpp"), world.words.index("ppp")])
    -2.0
    """

    world: PairWorld
    relation: str

    def __post_init__(self) -> None:
        if self.relation not in self.world.relations:
            known = ", ".join(self.world.relations) or "none"
            raise InputError(
                f"there is no relation {self.relation!r} in this world; it has {known}"
            )

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the world, in its order."""
        return self.world.words

    @property
    def relations(self) -> Mapping[str, Pairs]:
        """The relations of the world, the deleted one among them."""
        return self.world.relations

    @cached_property
    def P(self) -> Real:
        """(V, V) P_ij, the probability of a pair: symmetric, sums to 1."""
        row = {word: k for k, word in enumerate(self.words)}
        i, j = (
            np.array([(row[a], row[b]) for a, b in self.relations[self.relation]]).reshape(-1, 2).T
        )
        left = self.world.P.copy()
        left[i, j] = left[j, i] = 0
        return np.asarray(left / left.sum())
