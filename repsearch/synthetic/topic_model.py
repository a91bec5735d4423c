"""Worlds that are a mixture of topics, which can be written out as text."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property

import numpy as np

from repsearch.synthetic.checks import check_whole
from repsearch.synthetic.pair_distribution import PairWorld
from repsearch.synthetic.world import Real


class TextWorld(PairWorld):
    """A world whose words are independent of each other once the topic is known.

    A document keeps one topic, so every two places of it hold the words i and j
    with the chance P_ij = sum_t pi_t P(i|t) P(j|t), whatever the window.
    """

    @property
    @abstractmethod
    def prior(self) -> Real:
        """(T,) pi_t, the chance of each topic; sums to 1."""

    @property
    @abstractmethod
    def word_given_topic(self) -> Real:
        """(T, V) P(i|t); rows sum to 1."""

    @cached_property
    def P(self) -> Real:
        """(V, V) P_ij: symmetric, sums to 1."""
        scaled = np.sqrt(self.prior)[:, None] * self.word_given_topic
        return np.asarray(scaled.T @ scaled)

    def documents(self, n_tokens: int, *, seed: int, length: int = 100) -> list[str]:
        """A text corpus, for `repsearch.encode`.

        Parameters
        ----------
        n_tokens : int
            Words in all documents together.
        seed : int
            Another seed draws another, independent corpus.
        length : int
            Words of a document; the last one may have fewer.

        Raises
        ------
        InputError
            A number out of range.
        """
        check_whole("n_tokens", n_tokens, 1)
        check_whole("seed", seed, 0)
        check_whole("length", length, 1)
        rng = np.random.default_rng(seed)
        number = -(-n_tokens // length)
        topics = rng.choice(len(self.prior), size=number, p=self.prior)
        bounds = np.cumsum(self.word_given_topic, axis=1)
        # A last bound of 1 - eps would let a draw fall past the last word.
        bounds[:, -1] = 1.0
        words = np.array(self.words, object)
        texts = []
        for document, topic in enumerate(topics):
            places = min(length, n_tokens - document * length)
            drawn = np.searchsorted(bounds[topic], rng.random(places), side="right")
            texts.append(" ".join(words[drawn]))
        return texts
