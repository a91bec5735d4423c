"""Worlds with a part taken away."""

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
    """A random choice of the words of a world, as if the others had been struck out.

    P is that of the pairs left, scaled to sum to 1. Relations keep the pairs of
    which both words are left; one without such a pair is kept, empty.

    Parameters
    ----------
    world : PairWorld
        Where the words come from.
    size : int
        How many words to keep, from 2 to all.
    seed : int
        Of the choice.

    Raises
    ------
    InputError
        A number out of range.
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
        """The words kept."""
        return tuple(self.world.words[i] for i in self.rows)

    @cached_property
    def relations(self) -> Mapping[str, Pairs]:
        """The pairs kept."""
        kept = set(self.words)
        return {
            name: tuple(pair for pair in pairs if kept.issuperset(pair))
            for name, pairs in self.world.relations.items()
        }

    @cached_property
    def P(self) -> Real:
        """(size, size) P_ij: symmetric, sums to 1."""
        left = self.world.P[np.ix_(self.rows, self.rows)]
        return np.asarray(left / left.sum())


@dataclass(frozen=True)
class WithoutPairs(PairWorld):
    """A world whose pairs of one relation never co-occur.

    P_ij = 0, and so M*_ij = -2, for the pairs of the relation; the rest of P is
    scaled to sum to 1. The relation is kept: it is asked of embeddings that
    have never seen its pairs together.

    Parameters
    ----------
    world : PairWorld
        Where the pairs come from.
    relation : str
        Name of a relation of the world.

    Raises
    ------
    InputError
        No such relation.
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
        """The words of the world."""
        return self.world.words

    @property
    def relations(self) -> Mapping[str, Pairs]:
        """The relations of the world, the deleted one among them."""
        return self.world.relations

    @cached_property
    def P(self) -> Real:
        """(V, V) P_ij: symmetric, sums to 1."""
        row = {word: k for k, word in enumerate(self.words)}
        i, j = (
            np.array([(row[a], row[b]) for a, b in self.relations[self.relation]]).reshape(-1, 2).T
        )
        left = self.world.P.copy()
        left[i, j] = left[j, i] = 0
        return np.asarray(left / left.sum())
