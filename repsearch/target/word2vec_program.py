"""Weigh positive and negative pairs of words as the program word2vec.c draws them.

word2vec.c, and gensim after it, walk over the text three times in one:

1. An occurrence of word i is kept with probability a_i. What is left moves together.
2. Around each word left, a window of a size drawn uniformly from 1 to L: D_ij, the
   share of all pairs that fall on (i, j). D is symmetric.
3. For each of these pairs, k words drawn from q: k D_i q_j pairs with a negative sign,
   where D_i = sum_j D_ij.

The paper's appendix A.3 (`Word2Vec`) has D_ij ~ a_i a_j P_ij and, on the negative side,
k a_i P_i q_j: as if negatives were drawn for the neighbours that were dropped as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from repsearch.counts.counts import Counts
from repsearch.kernels.symmetric import SymmetricProduct
from repsearch.target.sampled_weights import Real, SampledWeights
from repsearch.target.weighting import PairWeights, Word2Vec


@dataclass(frozen=True)
class Word2VecC:
    """Weigh pairs as word2vec.c and gensim draw them: k negatives for each pair that is left.

    Psi+_ij P_ij = D_ij and Psi-_ij P_i P_j = k D_i q_j, with D_i = sum_j D_ij and q_j
    proportional to f_j^alpha. From counts of the whole text, D_ij = a_i a_j P_ij / Z and so
    D_i = a_i (P a)_i / Z, where a = min(1, t/f + sqrt(t/f)) and Z makes D sum to 1. That is
    exact without subsampling. With it, it leaves out that windows reach farther once words
    are dropped; counts of the subsampled text have that too::

        counts = replace(rs.count(rs.subsample(corpus, t)), word_counts=corpus.word_counts)
        rs.mstar(counts, rs.Word2VecC(subsample=None))

    The word counts are those of the whole text, from which word2vec.c draws its negatives.
    The program skips a negative that happens to be the word it is to tell apart, which
    leaves k q_j (D_i - D_ij); here such pairs are kept, as in `repsearch.dynamics.StreamedPairs`
    (docs/choices.md says how much it is). `Word2Vec` is the paper's formula.

    Parameters
    ----------
    negatives : float
        Negative samples per positive pair, k.
    exponent : float
        Exponent alpha of the negative samples' distribution.
    subsample : float, optional
        Threshold t of subsampling, 1e-3 in word2vec.c and gensim; None keeps every word.
    symmetrise : bool
        Whether the negative part is averaged over (i, j) and (j, i). Without it M* is not
        symmetric and has no eigenpairs, only entries and products.

    Raises
    ------
    InputError
        `negatives` or `subsample` not positive, an exponent outside 0 to 1.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat sat", "the dog sat"], vocabulary_size=None)
    >>> counts = rs.count(corpus, rs.Window(2))
    >>> program, paper = (
    ...     rs.mstar(counts, of(negatives=1, subsample=0.1)) for of in (Word2VecC, rs.Word2Vec)
    ... )
    >>> program.dense()[0, 1].round(2).item(), paper.dense()[0, 1].round(2).item()
    (-0.05, -0.1)
    """

    negatives: float = 5.0
    exponent: float = 0.75
    subsample: float | None = 1e-3
    symmetrise: bool = True

    def __post_init__(self) -> None:
        self._paper()

    def __str__(self) -> str:
        return f"word2vec.c ({self._paper().in_words()})"

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
            Weights whose positive part sums to 1 and whose negative part sums to k.
        """
        sampling = self._paper()
        kept, drawn = sampling.kept(counts), sampling.drawn(counts)
        partners = kept * _times(counts, kept)
        total = float(partners.sum()) or 1.0
        return SampledWeights(
            self.negatives,
            kept / np.sqrt(total),
            partners / total,
            drawn,
            symmetrise=self.symmetrise,
        )

    def _paper(self) -> Word2Vec:
        """The same sampling of words, whose checks hold here too."""
        return Word2Vec(self.negatives, self.exponent, self.subsample, self.symmetrise)


def _times(counts: Counts, vector: Real) -> Real:
    """P times a vector, off the two triangles."""
    other = counts.values if counts.above is None else counts.above
    multiply = SymmetricProduct(
        counts.indptr, counts.columns, counts.values, other, dtype=np.float64
    )
    return multiply(vector) / max(counts.total, 1)
