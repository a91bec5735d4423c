"""Define worlds by a mixture of topics, and write documents from them."""

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
    with the probability P_ij = sum_t pi_t P(i|t) P(j|t), whatever the window. A world of
    your own derives from it and gives `words`, `relations`, `prior` and
    `word_given_topic`.

    Examples
    --------
    >>> class TwoTopics(TextWorld):
    ...     words = ("sun", "moon")
    ...     relations = {}
    ...     prior = np.array([0.5, 0.5])
    ...     word_given_topic = np.array([[0.9, 0.1], [0.1, 0.9]])
    >>> TwoTopics().P.round(2)
    array([[0.41, 0.09],
           [0.09, 0.41]])
    >>> [len(text.split()) for text in TwoTopics().documents(250, seed=0)]
    [100, 100, 50]
    """

    @property
    @abstractmethod
    def prior(self) -> Real:
        """(T,) pi_t, the probability of each topic; sums to 1."""

    @property
    @abstractmethod
    def word_given_topic(self) -> Real:
        """(T, V) P(i|t), the probability of each word in a topic; rows sum to 1."""

    @cached_property
    def P(self) -> Real:
        """(V, V) P_ij, the probability of a pair: symmetric, sums to 1."""
        scaled = np.sqrt(self.prior)[:, None] * self.word_given_topic
        return np.asarray(scaled.T @ scaled)

    def documents(self, n_tokens: int, *, seed: int, length: int = 100) -> list[str]:
        """Write a text corpus for `repsearch.encode`.

        Parameters
        ----------
        n_tokens : int
            Number of words in all documents together.
        seed : int
            Seed of the draw; another seed draws another, independent corpus.
        length : int
            Number of words of a document; the last one may have fewer.

        Returns
        -------
        list of str
            Documents, words separated by spaces.

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
