"""Align embeddings with others: the orthogonal Procrustes problem over the words they share."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import orthogonal_procrustes

from repsearch.checks import is_whole
from repsearch.embeddings.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Alignment:
    """Embeddings turned to lie as near to others as they can.

    Parameters
    ----------
    embeddings : Embeddings
        All words of the embeddings that were turned, in their type of number.
    turn : (d, d) ndarray of float64
        The orthogonal matrix R by which vectors are multiplied from the right: a rotation, or
        one with a reflection.
    residual : float
        ||A R - B||_F over the root of ||A||_F^2 + ||B||_F^2, of the words that both have: 0
        where one is the other turned, 1 where they have nothing in common. A difference of
        scale counts: nothing is scaled or centred.
    before : float
        The same without the turn, from 0 to the root of 2.
    cosine : float
        The cosine of A R and B as long vectors, from 0 to 1, which scale does not change.
    by_chance : float
        The mean of that cosine where the words of B are shuffled: what vectors of these lengths
        and this mean have in common whatever the words.
    shared : int
        Words that both have.

    Examples
    --------
    >>> first = Embeddings(("a", "b", "c"), np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]]))
    >>> turned = Embeddings(("c", "b", "a"), first.vectors[::-1] @ [[0.0, 1.0], [-1.0, 0.0]])
    >>> found = align(turned, first)
    >>> bool(np.allclose(found.embeddings["a"], first["a"]))
    True
    >>> found
    <Alignment of 3 shared words: residual 0.00 (before 1.00), cosine 1.00 (shuffled words 0.82)>
    """

    embeddings: Embeddings
    turn: Real
    residual: float
    before: float
    cosine: float
    by_chance: float
    shared: int

    def __repr__(self) -> str:
        return (
            f"<Alignment of {self.shared:,} shared words: residual {self.residual:.2f} (before "
            f"{self.before:.2f}), cosine {self.cosine:.2f} (shuffled words {self.by_chance:.2f})>"
        )


@one_blas_thread()
def align(
    embeddings: Embeddings, to: Embeddings, *, permutations: int = 19, seed: int = 0
) -> Alignment:
    """Turn embeddings to lie as near to others as they can.

    R is the orthogonal matrix that makes ||A R - B||_F least, where A and B are the vectors of
    the words that both have. Cosines and lengths do not change by it, and W W^T does not either:
    embeddings are known up to such a turn only.

    Parameters
    ----------
    embeddings : Embeddings
        Those that are turned, all of their words.
    to : Embeddings
        Those that stay, of the same number of dimensions; of another vocabulary, perhaps.
    permutations : int, default 19
        Shuffles of words behind `Alignment.by_chance`.
    seed : int, default 0
        Seed of the shuffles.

    Returns
    -------
    Alignment
        The embeddings turned, and how far apart they still are.

    Raises
    ------
    InputError
        The two differ in dimension, share fewer words than there are dimensions (the turn
        would not be determined), or have only zeros for these words; a number of shuffles below
        1, or a seed that is no whole number from 0 up.

    References
    ----------
    Schönemann 1966, Psychometrika 31, 1-10; Hamilton, Leskovec and Jurafsky 2016, ACL (its use
    for embeddings over time). Solved by `scipy.linalg.orthogonal_procrustes`.

    Examples
    --------
    A second solution of the same words, turned by chance:

    >>> from repsearch.synthetic import BinaryAttributes
    >>> emb = BinaryAttributes([0.3, 0.2, 0.1]).spectrum().embeddings(3)
    >>> turn = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3))).Q
    >>> found = align(Embeddings(emb.words, emb.vectors @ turn), emb)
    >>> f"{found.residual:.1e}"[:1] < "9", bool(np.allclose(found.turn, turn.T))
    (True, True)
    """
    if not is_whole(permutations) or permutations < 1:
        raise InputError(f"permutations is {permutations!r}; pass a whole number from 1 up")
    if not is_whole(seed) or seed < 0:
        raise InputError(f"a seed is a whole number from 0 up; got {seed!r}")
    d = embeddings.dimension
    if d != to.dimension:
        raise InputError(
            f"the embeddings have {d} and {to.dimension} dimensions; keep as many of each with "
            f"`truncate({min(d, to.dimension)})`"
        )
    shared = [word for word in embeddings.words if word in to.index]
    if len(shared) < d:
        raise InputError(
            f"the embeddings share {len(shared):,} words and have {d} dimensions, so that the "
            "turn is not determined; take vocabularies with more words in common, or fewer "
            "dimensions (`truncate`)"
        )
    ours = embeddings.rows(shared).astype(np.float64)
    theirs = to.rows(shared).astype(np.float64)
    if not ours.any() or not theirs.any():
        raise InputError("the vectors of all shared words are zero in one of the embeddings")
    # Of largest entry 1 each, so that no square over- or underflows.
    ours, size = _scaled(ours)
    theirs, other = _scaled(theirs)
    lengths = float(np.linalg.norm(ours)) * float(np.linalg.norm(theirs))
    turn = np.asarray(orthogonal_procrustes(ours, theirs)[0], np.float64)
    rng = np.random.default_rng(seed)
    by_chance = [
        _common(ours, theirs[rng.permutation(len(shared))]) / lengths for _ in range(permutations)
    ]
    cosine = min(_common(ours, theirs) / lengths, 1.0)
    largest = max(size, other)
    ours, theirs = ours * (size / largest), theirs * (other / largest)
    whole = math.sqrt(float(np.square(ours).sum() + np.square(theirs).sum()))
    vectors = (embeddings.vectors.astype(np.float64) @ turn).astype(embeddings.vectors.dtype)
    return Alignment(
        embeddings=Embeddings(embeddings.words, vectors, embeddings.name),
        turn=turn,
        residual=float(np.linalg.norm(ours @ turn - theirs)) / whole,
        before=float(np.linalg.norm(ours - theirs)) / whole,
        cosine=cosine,
        by_chance=float(np.mean(by_chance)),
        shared=len(shared),
    )


def _scaled(vectors: Real) -> tuple[Real, float]:
    """Vectors over their largest entry, and this."""
    largest = float(np.abs(vectors).max())
    return vectors / largest, largest


def _common(ours: Real, theirs: Real) -> float:
    """The largest inner product that a turn gives: the sum of singular values of A^T B."""
    return float(np.linalg.svd(ours.T @ theirs, compute_uv=False).sum())
