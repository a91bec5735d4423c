"""Mix topics, with concepts that shift the topic weights of words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from repsearch.errors import InputError
from repsearch.synthetic.checks import check_positive, check_size, check_whole, is_number
from repsearch.synthetic.topic_model import TextWorld
from repsearch.synthetic.word_names import base26, base26_width
from repsearch.synthetic.world import Pairs, Real


@dataclass(frozen=True)
class TopicMixture(TextWorld):
    """Documents of one topic each, and concepts that shift a word's topic weights.

    A word i has topic weights theta_it = P(t|i). The two words of a pair have the same
    random weights rho: theta = (1 - strength) rho + strength e_x for the first
    and (1 - strength) rho + strength e_y for the second, with a topic x and a
    topic y of the concept's own. So all pairs of a concept differ by the same
    shift, strength (e_y - e_x), and since P_ij / (P_i P_j) =
    sum_t theta_it theta_jt / pi_t, by the same row of that matrix: its
    parallelograms are exact. Those of M* = 2 tanh(PMI / 2), no linear function
    of it, are approximate.

    Pairs are words such as "xab" and "yab" (concept a, pair b), other words,
    with random weights, such as "zc". Words are sorted by frequency.

    Parameters
    ----------
    topics : int
        T, the number of topics, at least two for each concept.
    concepts : int
        Number of concepts.
    pairs : int
        Number of pairs of each concept, at least 2.
    others : int
        Number of words that belong to no pair.
    strength : float
        Size of the shift, above 0 and below 1.
    concentration : float
        Parameter of the Dirichlet distribution of the random weights; the smaller, the
        fewer topics a word has.
    exponent : float
        Exponent of Zipf's law: the k-th most frequent word has P_i proportional to
        k^-exponent; from 0 to 2.
    seed : int
        Seed of the weights and of the order of words by frequency.

    Raises
    ------
    InputError
        A number out of range.

    Examples
    --------
    >>> world = TopicMixture(topics=6, pairs=3, others=4, seed=1)
    >>> world.relations["concept a"]
    (('xaa', 'yaa'), ('xab', 'yab'), ('xac', 'yac'))
    >>> world.documents(8, seed=0, length=4)
    ['yba yba ybc za', 'yab ybc zc xbc']
    """

    topics: int = 16
    concepts: int = 2
    pairs: int = 10
    others: int = 40
    strength: float = 0.4
    concentration: float = 1.0
    exponent: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        check_whole("concepts", self.concepts, 1)
        check_whole("topics", self.topics, 2 * self.concepts)
        check_whole("pairs", self.pairs, 2)
        check_whole("others", self.others, 0)
        check_whole("seed", self.seed, 0)
        if not is_number(self.strength) or not 0 < self.strength < 1:
            raise InputError(f"strength is {self.strength!r}; pass a number between 0 and 1")
        check_positive("concentration", self.concentration)
        if not is_number(self.exponent) or not 0 <= self.exponent <= 2:
            raise InputError(f"exponent is {self.exponent!r}; pass a number from 0 to 2")
        check_size(2 * self.concepts * self.pairs + self.others, "this mixture")

    @property
    def words(self) -> tuple[str, ...]:
        """The V words, most frequent first."""
        return self._made[0]

    @property
    def topic_weights(self) -> Real:
        """(V, T) theta_it = P(t|i), the topic weights of each word; rows sum to 1."""
        return self._made[1]

    @property
    def word_chances(self) -> Real:
        """(V,) P_i by Zipf's law; `marginals` are the row sums of P, equal up to rounding."""
        chances = np.arange(1.0, len(self.words) + 1) ** -self.exponent
        return np.asarray(chances / chances.sum())

    @cached_property
    def relations(self) -> Mapping[str, Pairs]:
        """The pairs of "concept a", "concept b" and so on, by name."""
        return {
            f"concept {self._concept(c)}": tuple(
                (f"x{self._concept(c)}{self._pair(k)}", f"y{self._concept(c)}{self._pair(k)}")
                for k in range(self.pairs)
            )
            for c in range(self.concepts)
        }

    @property
    def prior(self) -> Real:
        """(T,) pi_t = sum_i P_i theta_it, the probability of each topic."""
        return np.asarray(self.word_chances @ self.topic_weights)

    @property
    def word_given_topic(self) -> Real:
        """(T, V) P(i|t) = P_i theta_it / pi_t; rows sum to 1, or to 0 for a topic without words."""
        joint = self.topic_weights.T * self.word_chances
        sums = joint.sum(axis=1, keepdims=True)
        # A topic that no word has, as a tiny concentration may leave one, is never drawn.
        return np.asarray(joint / np.where(sums > 0, sums, 1.0))

    @cached_property
    def _made(self) -> tuple[tuple[str, ...], Real]:
        rng = np.random.default_rng(self.seed)
        alpha = np.full(self.topics, self.concentration)
        words: list[str] = []
        weights: list[Real] = []
        for c, found in enumerate(self.relations.values()):
            for pair in found:
                shared = (1 - self.strength) * rng.dirichlet(alpha)
                for word, topic in zip(pair, (2 * c, 2 * c + 1), strict=True):
                    words.append(word)
                    weights.append(shared + self.strength * (np.arange(self.topics) == topic))
        width = base26_width(self.others)
        words += [f"z{base26(k, width)}" for k in range(self.others)]
        weights += list(rng.dirichlet(alpha, size=self.others))
        order = rng.permutation(len(words))
        return tuple(words[i] for i in order), np.array(weights)[order]

    def _concept(self, number: int) -> str:
        return base26(number, base26_width(self.concepts))

    def _pair(self, number: int) -> str:
        return base26(number, base26_width(self.pairs))
