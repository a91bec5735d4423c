"""The weights of positive and negative pairs: all of word2vec's engineering, as two functions.

A weighting gives Psi+_ij P_ij and Psi-_ij P_i P_j, with Psi+- of arXiv
2502.09863, eq. (1), for any pairs of words. The target M* depends on the ratio
of the two alone; their sum, the weights G_ij of the factorisation, carries the
rest. They are given as products because Psi alone need not be finite: a word
that co-occurs with nothing has P_i = 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from repsearch.counts.counts import Counts
from repsearch.errors import InputError

Index = NDArray[np.integer]
Real = NDArray[np.float64]


class PairWeights(Protocol):
    """Weighted shares of pairs in a corpus, for pairs given by their words' numbers."""

    def positive(self, i: Index, j: Index, p: Real, independent: Real) -> Real:
        """Psi+_ij P_ij, from P_ij and P_i P_j where they are needed."""

    def negative(self, i: Index, j: Index, p: Real, independent: Real) -> Real:
        """Psi-_ij P_i P_j."""

    def negative_factors(self) -> tuple[Real, Real]:
        """(R, V) arrays a and b with Psi-_ij P_i P_j = sum_r a_ri b_rj - seen Psi+_ij P_ij."""

    @property
    def seen(self) -> float:
        """The `seen` of `negative_factors`, 0 or 1."""


class Weighting(Protocol):
    """A recipe that becomes `PairWeights` for given counts."""

    @property
    def symmetric(self) -> bool:
        """Whether Psi+_ij = Psi+_ji and Psi-_ij = Psi-_ji."""

    def of(self, counts: Counts) -> PairWeights:
        """Work out the weights for a corpus."""


@dataclass(frozen=True)
class Setting31:
    """The paper's Setting 3.1: weights that make the factorisation unweighted.

    Psi+_ij = 1 / (P_ij + k P_i P_j) and Psi-_ij = k Psi+_ij, so that G_ij = 1.
    With k = 1 this is the worked instance of arXiv 2502.09863, section 3.1.
    Where P_i P_j = 0 the limit of a pair never seen is taken, all of the weight
    on Psi-.

    Parameters
    ----------
    negatives : float
        k, negative pairs per positive pair.
    """

    negatives: float = 1.0

    def __post_init__(self) -> None:
        _check_negatives(self.negatives)

    @property
    def symmetric(self) -> bool:
        """Always."""
        return True

    def of(self, counts: Counts) -> PairWeights:
        """Weights that depend on P_ij and P_i P_j alone."""
        return _Equalising(self.negatives, len(counts.words))


@dataclass(frozen=True)
class Unweighted:
    """Plain skip-gram with negative samples from the unigram distribution.

    Psi+_ij = 1 and Psi-_ij = k: the same M* as `Setting31`, but
    G_ij = P_ij + k P_i P_j.

    Parameters
    ----------
    negatives : float
        k, negative pairs per positive pair.
    """

    negatives: float = 1.0

    def __post_init__(self) -> None:
        _check_negatives(self.negatives)

    @property
    def symmetric(self) -> bool:
        """Always."""
        return True

    def of(self, counts: Counts) -> PairWeights:
        """Weights that are the same for all pairs."""
        return _Constant(1.0, self.negatives, counts.marginals)


@dataclass(frozen=True)
class Word2Vec:
    """word2vec's subsampling and negative sampling.

    With f the share of each word among the tokens, a = min(1, t/f + sqrt(t/f))
    its chance to survive subsampling (word2vec.c; arXiv 2502.09863, appendix
    A.3), and q_j proportional to f_j^alpha: Psi+_ij = a_i a_j and
    Psi-_ij P_i P_j = k a_i P_i q_j, since only the centre word is subsampled.
    The dynamic window is in the counts already (linear weights).

    Parameters
    ----------
    negatives : float
        k, negative samples per positive pair.
    exponent : float
        alpha; word2vec has 0.75. With ``subsample=None`` this is
        context-distribution smoothing (Levy, Goldberg and Dagan 2015).
    subsample : float, optional
        t; None keeps every word.
    symmetrise : bool
        Average the negative part over (i, j) and (j, i), as the paper's
        experiments do. Without it M* is not symmetric and has no eigenpairs,
        only entries and products.
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

    @property
    def symmetric(self) -> bool:
        """As asked for."""
        return self.symmetrise

    def of(self, counts: Counts) -> PairWeights:
        """Weights from the word counts."""
        shares = counts.word_counts / counts.n_tokens
        kept = np.ones_like(shares)
        if self.subsample is not None:
            # Above a frequency of t the rule is a probability below 1 (word2vec.c).
            ratio = self.subsample / np.maximum(shares, np.finfo(float).tiny)
            kept = np.minimum(1.0, np.sqrt(ratio) + ratio)
        drawn = shares**self.exponent
        drawn /= drawn.sum()
        centre = kept * counts.marginals
        return _Sampled(self.negatives, kept, centre, drawn, symmetrise=self.symmetrise)


# --------------------------------------------------- weights of a corpus


@dataclass(frozen=True)
class _Equalising:
    k: float
    n_words: int

    def positive(self, i: Index, j: Index, p: Real, independent: Real) -> Real:
        return self._share(p, p, independent)

    def negative(self, i: Index, j: Index, p: Real, independent: Real) -> Real:
        return np.where(p > 0, self._share(self.k * independent, p, independent), 1.0)

    def negative_factors(self) -> tuple[Real, Real]:
        ones = np.ones((1, self.n_words))
        return ones, ones

    @property
    def seen(self) -> float:
        return 1.0

    def _share(self, part: Real, p: Real, independent: Real) -> Real:
        return np.asarray(part / np.where(p > 0, p + self.k * independent, 1.0))


@dataclass(frozen=True)
class _Constant:
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


@dataclass(frozen=True)
class _Sampled:
    k: float
    kept: Real
    centre: Real
    drawn: Real
    symmetrise: bool

    def positive(self, i: Index, j: Index, p: Real, independent: Real) -> Real:
        return np.asarray(self.kept[i] * self.kept[j] * p)

    def negative(self, i: Index, j: Index, p: Real, independent: Real) -> Real:
        pairs = self.centre[i] * self.drawn[j]
        if self.symmetrise:
            pairs = (pairs + self.centre[j] * self.drawn[i]) / 2
        return np.asarray(self.k * pairs)

    def negative_factors(self) -> tuple[Real, Real]:
        if not self.symmetrise:
            return self.k * self.centre[None], self.drawn[None]
        halves = self.k / 2 * np.stack([self.centre, self.drawn])
        return halves, np.stack([self.drawn, self.centre])

    @property
    def seen(self) -> float:
        return 0.0


def _check_negatives(negatives: float) -> None:
    if not 0 < negatives < math.inf:
        raise InputError(f"negatives is {negatives!r}; pass a positive number")
