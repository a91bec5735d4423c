"""Weigh positive and negative pairs of words, Psi+ and Psi- of word2vec's loss.

A weighting gives Psi+_ij P_ij and Psi-_ij P_i P_j, with Psi+ and Psi- of arXiv
2502.09863, Eq. 1, for any pairs of words. The target M* depends only on the ratio
of the two; their sum is the weight G_ij of the pair in the factorisation. They are
given as products because Psi alone need not be finite: a word that co-occurs with
nothing has P_i = 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.target.sampled_weights import SampledWeights

Index = NDArray[np.integer]
Real = NDArray[np.float64]


class PairWeights(Protocol):
    """Weigh pairs of words of one corpus, given by their words' numbers.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat sat", "the dog sat"], vocabulary_size=None)
    >>> counts = rs.count(corpus, rs.Window(1))
    >>> i, j = np.array([1]), np.array([2])
    >>> p = counts.matrix().toarray()[i, j] / counts.total
    >>> weights = Unweighted().of(counts)
    >>> independent = counts.marginals[i] * counts.marginals[j]
    >>> weights.positive(i, j, p, independent), weights.negative(i, j, p, independent)
    (array([0.125]), array([0.0625]))
    """

    def positive(self, i: Index, j: Index, p: Real, independent: Real) -> Real:
        """Compute Psi+_ij P_ij.

        Parameters
        ----------
        i, j : (n,) array of int
            Numbers of the words of each pair, centre and context.
        p : (n,) array of float
            Skip-gram distribution P_ij at those pairs.
        independent : (n,) array of float
            Products P_i P_j at those pairs.

        Returns
        -------
        (n,) array of float
            Weighted frequency of each pair as a positive pair.
        """

    def negative(self, i: Index, j: Index, p: Real, independent: Real) -> Real:
        """Compute Psi-_ij P_i P_j.

        Parameters
        ----------
        i, j : (n,) array of int
            Numbers of the words of each pair, centre and context.
        p : (n,) array of float
            Skip-gram distribution P_ij at those pairs.
        independent : (n,) array of float
            Products P_i P_j at those pairs.

        Returns
        -------
        (n,) array of float
            Weighted frequency of each pair as a negative pair.
        """

    def negative_factors(self) -> tuple[Real, Real]:
        """Factorise the negative part: Psi-_ij P_i P_j = sum_r a_ri b_rj - seen Psi+_ij P_ij.

        Returns
        -------
        a, b : (R, V) float
            Factors of low rank R, so that no V x V array is needed.
        """

    @property
    def seen(self) -> float:
        """Factor `seen` of `negative_factors`, 0 or 1."""


@runtime_checkable
class Weighting(Protocol):
    """Define Psi+ and Psi- for any counts.

    Examples
    --------
    >>> weightings = Setting31(), Word2Vec(), Word2Vec(symmetrise=False)
    >>> [weighting.symmetric for weighting in weightings]
    [True, True, False]
    """

    @property
    def symmetric(self) -> bool:
        """Whether Psi+_ij = Psi+_ji and Psi-_ij = Psi-_ji."""

    def of(self, counts: Counts) -> PairWeights:
        """Compute the weights for the counts of a corpus.

        Parameters
        ----------
        counts : Counts
            Co-occurrence counts.

        Returns
        -------
        PairWeights
            Weights of pairs of its words.
        """


@dataclass(frozen=True)
class Setting31:
    """Weigh pairs so that the factorisation is unweighted: the paper's Setting 3.1.

    Psi+_ij = 1 / (P_ij + k P_i P_j) and Psi-_ij = k Psi+_ij, so that
    G_ij = Psi+_ij P_ij + Psi-_ij P_i P_j = 1. With k = 1 this is the instance that
    arXiv 2502.09863 uses throughout (Setting 3.1). Where P_i P_j = 0 the limit of a
    pair never seen is taken, all of the weight on Psi-.

    Parameters
    ----------
    negatives : float
        Negative pairs per positive pair, k.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat sat", "the dog sat"], vocabulary_size=None)
    >>> target = rs.mstar(rs.count(corpus, rs.Window(1)), Setting31())
    >>> target.weights(np.array([0])).tolist()
    [[1.0, 1.0, 1.0, 1.0]]
    """

    negatives: float = 1.0

    def __post_init__(self) -> None:
        _check_negatives(self.negatives)

    def __str__(self) -> str:
        return f"Setting 3.1 ({negatives_in_words(self.negatives)})"

    @property
    def symmetric(self) -> bool:
        """True."""
        return True

    def of(self, counts: Counts) -> PairWeights:
        """Compute the weights for the counts of a corpus.

        Parameters
        ----------
        counts : Counts
            Co-occurrence counts.

        Returns
        -------
        PairWeights
            Weights that depend only on P_ij and P_i P_j.
        """
        return _Setting31Weights(self.negatives, len(counts.words))


@dataclass(frozen=True)
class Unweighted:
    """Weigh all pairs alike: skip-gram with negative samples from the unigram distribution.

    Psi+_ij = 1 and Psi-_ij = k: the same M* as `Setting31`, but
    G_ij = P_ij + k P_i P_j.

    Parameters
    ----------
    negatives : float
        Negative pairs per positive pair, k.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat sat", "the dog sat"], vocabulary_size=None)
    >>> target = rs.mstar(rs.count(corpus, rs.Window(1)), Unweighted())
    >>> target.weights(np.array([0])).tolist()
    [[0.0625, 0.0625, 0.1875, 0.1875]]
    """

    negatives: float = 1.0

    def __post_init__(self) -> None:
        _check_negatives(self.negatives)

    def __str__(self) -> str:
        return f"all pairs as often as they occur ({negatives_in_words(self.negatives)})"

    @property
    def symmetric(self) -> bool:
        """True."""
        return True

    def of(self, counts: Counts) -> PairWeights:
        """Compute the weights for the counts of a corpus.

        Parameters
        ----------
        counts : Counts
            Co-occurrence counts.

        Returns
        -------
        PairWeights
            Weights that are the same for all pairs.
        """
        return _UnweightedWeights(1.0, self.negatives, counts.marginals)


@dataclass(frozen=True)
class Word2Vec:
    """Weigh pairs by the paper's formula for word2vec's sampling (appendix A.3).

    With f the relative frequency of each word, a = min(1, t/f + sqrt(t/f)) the
    probability that subsampling keeps it (word2vec.c; arXiv 2502.09863, appendix
    A.3), and q_j proportional to f_j^alpha: Psi+_ij = a_i a_j and
    Psi-_ij P_i P_j = k a_i P_i q_j, since only the centre word is subsampled.
    The dynamic window is in the counts already (linear weights). word2vec.c itself
    draws k negatives per pair that is left: `Word2VecC`, for setting results beside
    those of word2vec.c and gensim (docs/choices.md).

    Parameters
    ----------
    negatives : float
        Negative samples per positive pair, k.
    exponent : float
        Exponent alpha of the negative samples' distribution; word2vec has 0.75. With
        ``subsample=None`` this is context-distribution smoothing (Levy, Goldberg
        and Dagan 2015).
    subsample : float, optional
        Threshold t of subsampling; None keeps every word.
    symmetrise : bool
        Whether the negative part is averaged over (i, j) and (j, i), as in the
        paper's experiments. Without it M* is not symmetric and has no eigenpairs,
        only entries and products.

    Raises
    ------
    InputError
        `negatives` or `subsample` not positive, an exponent outside 0 to 1.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat sat", "the dog sat"], vocabulary_size=None)
    >>> target = rs.mstar(rs.count(corpus, rs.Window(1)), Word2Vec(negatives=1, subsample=0.1))
    >>> target.symmetric, target.dense()[1, 2].round(2).item()
    (True, 0.57)
    """

    negatives: float = 5.0
    exponent: float = 0.75
    subsample: float | None = 1e-5
    symmetrise: bool = True

    def __post_init__(self) -> None:
        _check_negatives(self.negatives)
        if not 0 <= self.exponent <= 1:
            raise InputError(f"exponent is {self.exponent!r}; pass a number from 0 to 1")
        if self.subsample is not None and not (0 < self.subsample < math.inf):
            raise InputError(
                f"subsample is {self.subsample!r}; pass a positive threshold such as 1e-5, or None"
            )

    def __str__(self) -> str:
        return f"word2vec of appendix A.3 ({self.in_words()})"

    def in_words(self) -> str:
        """Say how words are drawn.

        Returns
        -------
        str
            Negatives, their exponent, the threshold of subsampling.
        """
        threshold = (
            "no subsampling" if self.subsample is None else f"subsampling {self.subsample:g}"
        )
        return f"{negatives_in_words(self.negatives)}, exponent {self.exponent:g}, {threshold}"

    @property
    def symmetric(self) -> bool:
        """The field `symmetrise`."""
        return self.symmetrise

    def of(self, counts: Counts) -> PairWeights:
        """Compute the weights for the counts of a corpus.

        Parameters
        ----------
        counts : Counts
            Co-occurrence counts.

        Returns
        -------
        PairWeights
            Weights from the frequencies of words.
        """
        kept = self.kept(counts)
        centre = kept * counts.marginals
        return SampledWeights(
            self.negatives, kept, centre, self.drawn(counts), symmetrise=self.symmetrise
        )

    def kept(self, counts: Counts) -> Real:
        """Compute the probability that subsampling keeps an occurrence of each word.

        Parameters
        ----------
        counts : Counts
            Counts with the occurrences of words in the whole text.

        Returns
        -------
        (V,) array of float
            As `repsearch.corpus.subsampling.keep_probabilities`, 1 without subsampling.
        """
        if self.subsample is None:
            return np.ones(len(counts.words))
        frequencies = counts.word_counts / counts.n_tokens
        ratio = self.subsample / np.maximum(frequencies, np.finfo(float).tiny)
        return np.minimum(1.0, np.sqrt(ratio) + ratio)

    def drawn(self, counts: Counts) -> Real:
        """Compute the probability q of each word to be drawn as a negative sample.

        Parameters
        ----------
        counts : Counts
            Counts with the occurrences of words in the whole text.

        Returns
        -------
        (V,) array of float
            Proportional to frequencies to the power `exponent`.
        """
        drawn = (counts.word_counts / counts.n_tokens) ** self.exponent
        return np.asarray(drawn / drawn.sum())


# --------------------------------------------------- weights of a corpus


@dataclass(frozen=True)
class _Setting31Weights:
    k: float
    n_words: int

    def positive(self, i: Index, j: Index, p: Real, independent: Real) -> Real:
        return self._fraction(p, p, independent)

    def negative(self, i: Index, j: Index, p: Real, independent: Real) -> Real:
        return np.where(p > 0, self._fraction(self.k * independent, p, independent), 1.0)

    def negative_factors(self) -> tuple[Real, Real]:
        ones = np.ones((1, self.n_words))
        return ones, ones

    @property
    def seen(self) -> float:
        return 1.0

    def _fraction(self, part: Real, p: Real, independent: Real) -> Real:
        return np.asarray(part / np.where(p > 0, p + self.k * independent, 1.0))


@dataclass(frozen=True)
class _UnweightedWeights:
    plus: float
    minus: float
    marginals: Real

    def positive(self, i: Index, j: Index, p: Real, independent: Real) -> Real:
        return np.asarray(self.plus * p)

    def negative(self, i: Index, j: Index, p: Real, independent: Real) -> Real:
        return np.asarray(self.minus * independent)

    def negative_factors(self) -> tuple[Real, Real]:
        return self.minus * self.marginals[None], self.marginals[None]

    @property
    def seen(self) -> float:
        return 0.0


def negatives_in_words(negatives: float) -> str:
    """Say how many negatives there are for a pair.

    Parameters
    ----------
    negatives : float
        Their number, k.

    Returns
    -------
    str
        Such as ``"1 negative"``.
    """
    return f"{negatives:g} negative{'' if negatives == 1 else 's'}"


def _check_negatives(negatives: float) -> None:
    if not 0 < negatives < math.inf:
        raise InputError(f"negatives is {negatives!r}; pass a positive number")
