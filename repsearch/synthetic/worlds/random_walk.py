"""Draw words from the log-linear model of Arora et al. 2016 (RAND-WALK)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from repsearch.errors import InputError
from repsearch.synthetic.checks import check_positive, check_size, check_whole
from repsearch.synthetic.topic_model import TextWorld
from repsearch.synthetic.word_names import base26, base26_width
from repsearch.synthetic.world import Pairs, Real


@dataclass(frozen=True)
class RandomWalk(TextWorld):
    """Words drawn with P(w|c) proportional to exp(v_w.c), for hidden contexts c.

    The vectors v_w are Gaussian with variance scale^2 in every coordinate, the
    contexts uniform on the unit sphere; a document keeps its context, the limit
    of a walk that drifts slowly. For many words, many contexts and a small
    scale, PMI is near v.v'/d (Arora, Li, Liang, Ma and Risteski, "A latent variable model
    approach to PMI-based word embeddings", 2016); P itself is exact for the contexts drawn.

    Parameters
    ----------
    size : int
        V, the number of words.
    dimension : int
        d, the number of coordinates of the word vectors.
    scale : float
        Standard deviation of a coordinate of the word vectors.
    contexts : int
        Number of contexts c, even: each comes with -c, so that they average to 0.
    seed : int
        Seed of vectors and contexts.

    Raises
    ------
    InputError
        A number out of range.

    Examples
    --------
    >>> world = RandomWalk(size=50, dimension=3, scale=0.3, contexts=2000)
    >>> predicted = world.vectors @ world.vectors.T / 3
    >>> off_diagonal = np.triu_indices(50, 1)
    >>> correlation = np.corrcoef(world.pmi()[off_diagonal], predicted[off_diagonal])[0, 1]
    >>> round(float(correlation), 2)
    0.96
    """

    size: int = 300
    dimension: int = 10
    scale: float = 1.0
    contexts: int = 4000
    seed: int = 0

    def __post_init__(self) -> None:
        check_whole("size", self.size, 2)
        check_size(self.size, "this walk")
        check_whole("dimension", self.dimension, 1)
        check_positive("scale", self.scale)
        check_whole("contexts", self.contexts, 2)
        if self.contexts % 2:
            raise InputError(f"contexts is {self.contexts}; pass an even number")
        check_whole("seed", self.seed, 0)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The V words; they have no order."""
        width = base26_width(self.size)
        return tuple(f"w{base26(k, width)}" for k in range(self.size))

    @property
    def relations(self) -> Mapping[str, Pairs]:
        """Empty: the vectors are random."""
        return {}

    @cached_property
    def vectors(self) -> Real:
        """(V, d) the word vectors v_w."""
        rng = np.random.default_rng([self.seed, 0])
        return self.scale * rng.standard_normal((self.size, self.dimension))

    @property
    def prior(self) -> Real:
        """(T,) the probability of each context; all are equal."""
        return np.full(self.contexts, 1 / self.contexts)

    @cached_property
    def word_given_topic(self) -> Real:
        """(T, V) P(w|c), one row for each context; rows sum to 1."""
        rng = np.random.default_rng([self.seed, 1])
        half = rng.standard_normal((self.contexts // 2, self.dimension))
        half /= np.linalg.norm(half, axis=1, keepdims=True)
        products = np.concatenate([half, -half]) @ self.vectors.T
        products -= products.max(axis=1, keepdims=True)
        weights = np.exp(products)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))
