"""Define worlds by the skip-gram distribution of word pairs, and draw counts from it."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property

import numpy as np

from repsearch.counts.counts import Counts
from repsearch.counts.window import Window
from repsearch.spectrum.spectrum import Spectrum
from repsearch.synthetic.checks import check_whole
from repsearch.synthetic.spectra import spectrum_of
from repsearch.synthetic.world import Pairs, Real


class PairWorld(ABC):
    """A world given by the skip-gram distribution P of its pairs of words.

    A world of your own derives from it and gives `words`, `relations` and `P`; the rest
    follows. M* is that of Setting 3.1 (arXiv 2502.09863, eq. 5).

    Examples
    --------
    >>> class TwoWords(PairWorld):
    ...     words = ("sun", "moon")
    ...     relations = {}
    ...     P = np.array([[0.3, 0.1], [0.1, 0.5]])
    >>> TwoWords().marginals
    array([0.4, 0.6])
    >>> TwoWords().mstar().round(3)
    array([[ 0.609, -0.824],
           [-0.824,  0.326]])
    """

    @property
    @abstractmethod
    def words(self) -> tuple[str, ...]:
        """The V words, in the order of the rows."""

    @property
    @abstractmethod
    def relations(self) -> Mapping[str, Pairs]:
        """Pairs of words that differ in the same way, by name of the relation; may be empty."""

    @property
    @abstractmethod
    def P(self) -> Real:
        """(V, V) P_ij, the probability of a pair: symmetric, sums to 1."""

    @property
    def negatives(self) -> float:
        """Negative pairs per positive pair: the k of `Setting31` under which M* is taken."""
        return 1.0

    @cached_property
    def marginals(self) -> Real:
        """(V,) P_i, the probability of a word: the row sums of P."""
        sums: Real = self.P.sum(axis=1)
        return sums

    def ratio(self) -> Real:
        """Divide the probability of each pair by that of independent words.

        Returns
        -------
        (V, V) float64
            P_ij / (P_i P_j).
        """
        return np.asarray(self.P / np.outer(self.marginals, self.marginals))

    def pmi(self) -> Real:
        """Compute the pointwise mutual information of all pairs.

        Returns
        -------
        (V, V) float64
            PMI_ij = log P_ij / (P_i P_j); -inf where a pair never occurs.
        """
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.ratio()))

    def mstar(self) -> Real:
        """Compute M* under Setting 3.1 (arXiv 2502.09863, eq. 5), without sampling error.

        Returns
        -------
        (V, V) float64
            2 (P_ij - P_i P_j) / (P_ij + P_i P_j), from -2 to 2.
        """
        independent = np.outer(self.marginals, self.marginals)
        return np.asarray(2 * (self.P - independent) / (self.P + independent))

    def spectrum(self) -> Spectrum:
        """Compute all eigenpairs of M*.

        Returns
        -------
        Spectrum
            V eigenpairs, largest eigenvalue first.
        """
        return spectrum_of(self.words, self.mstar())

    def sample(self, n_pairs: int, *, seed: int) -> Counts:
        """Draw the counts of a finite corpus: independent pairs from P.

        Each pair is a document of two words, so it counts once for each order,
        and the counts sum to twice `n_pairs`.

        Parameters
        ----------
        n_pairs : int
            Number of pairs to draw. The time does not depend on it.
        seed : int
            Seed of the draw; another seed draws another, independent corpus.

        Returns
        -------
        Counts
            Of the world's words, in their order; a flat window of one word.

        Raises
        ------
        InputError
            A number that is not a positive whole one, or a negative seed.
        """
        check_whole("n_pairs", n_pairs, 1, 2**61)
        check_whole("seed", seed, 0)
        size = len(self.words)
        rows, columns = np.tril_indices(size)
        chances = self.P[rows, columns] * np.where(rows == columns, 1.0, 2.0)
        drawn = np.random.default_rng(seed).multinomial(n_pairs, chances / chances.sum())
        drawn = drawn * np.where(rows == columns, 2, 1)
        seen = np.flatnonzero(drawn)
        rows, columns, drawn = rows[seen], columns[seen], drawn[seen].astype(np.int64)
        occurrences = np.zeros(size, np.int64)
        np.add.at(occurrences, rows, drawn)
        np.add.at(occurrences, columns, np.where(rows == columns, 0, drawn))
        recipe = f"{self!r}, {n_pairs} pairs, seed {seed}"
        return Counts(
            words=self.words,
            word_counts=occurrences,
            indptr=np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=size))]),
            columns=columns.astype(np.int32),
            values=drawn,
            window=Window(1, "flat"),
            tokenizer="latin",
            out_of_vocabulary="remove",
            n_words_read=2 * n_pairs,
            n_documents=n_pairs,
            corpora=(hashlib.sha256(recipe.encode()).hexdigest(),),
        )
