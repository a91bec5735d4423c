"""Measure one space of words against the modes of M*, and against the same with words permuted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from probes.model_theory.frequency_bins import (
    frequency_bins,
    frequency_functions,
    permuted_rows,
    without_frequency,
)
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SpaceMeasures:
    """What a space of words has of the modes of M*.

    Parameters
    ----------
    rank : int
        Dimension r of the space, functions of frequency taken out.
    overlaps : (n,) float
        Mean squared cosine of the principal angles between the k leading modes of M* and the k
        leading directions of the space, for each k.
    null_overlaps : (B, n) float
        The same with words permuted within bins of frequency.
    shares : (K,) float
        Squared length of each mode within the whole space.
    null_shares : (B, K) float
        The same with words permuted.
    """

    rank: int
    overlaps: Real
    null_overlaps: Real
    shares: Real
    null_shares: Real


def modes_beyond_frequency(modes: Real) -> tuple[Real, Real]:
    """Take functions of frequency out of modes.

    Parameters
    ----------
    modes : (V, K) float
        Orthonormal columns, words in the order of frequency.

    Returns
    -------
    tuple of ((V, K) float, (K,) float)
        What is left of each, of length 1, and the part of its squared length that was lost.

    Raises
    ------
    InputError
        Of a mode nothing is left.

    Examples
    --------
    >>> rank = np.linspace(-1, 1, 100)[:, None]
    >>> modes = np.linalg.qr(rank + 1e-3 * np.random.default_rng(0).normal(size=(100, 1))).Q
    >>> modes_beyond_frequency(modes)[1].round(3)
    array([1.])
    """
    rest = without_frequency(modes)
    lengths = np.linalg.norm(rest, axis=0)
    gone = np.flatnonzero(lengths < 1e-6)
    if len(gone):
        raise InputError(
            f"mode {gone[0] + 1} of M* is a function of frequency alone; take fewer modes"
        )
    return rest / lengths, 1 - lengths**2


def leading_directions(vectors: NDArray[np.floating]) -> Real:
    """Find the left singular vectors of word vectors, functions of frequency taken out.

    Parameters
    ----------
    vectors : (V, d) float
        Rows of words, in the order of frequency.

    Returns
    -------
    (V, r) float
        Orthonormal columns, by falling singular value; those that are rounding are left out.

    Raises
    ------
    InputError
        Nothing is left but rounding, as where all words have one vector.
    """
    given = vectors.astype(np.float64)
    largest = float(np.abs(given).max())
    left, values, _ = scipy.linalg.svd(without_frequency(given), full_matrices=False)
    floor = max(values[0], largest) * max(given.shape) * np.finfo(np.float32).eps
    rank = int(np.count_nonzero(values > floor))
    if not rank:
        raise InputError(
            "vectors are the same for all words, or follow frequency alone; there are no "
            "directions in them"
        )
    return np.asarray(left[:, :rank])


@one_blas_thread()
def measured(
    modes: Real, vectors: NDArray[np.floating], ks: Sequence[int], *, permutations: int, seed: int
) -> SpaceMeasures:
    """Measure how much of the modes a space of words has, and has with words permuted.

    Parameters
    ----------
    modes : (V, K) float
        From `modes_beyond_frequency`; words in the order of frequency.
    vectors : (V, d) float
        Vectors of the same words.
    ks : sequence of int
        Numbers of leading modes, each at most K.
    permutations : int
        Draws of the null.
    seed : int
        Seed of the null; the permutations are the same for each space.

    Returns
    -------
    SpaceMeasures

    Raises
    ------
    InputError
        All words have the same vector.

    Examples
    --------
    A space that has the first of two modes, turned by 60 degrees out of it:

    >>> rng = np.random.default_rng(0)
    >>> axes = np.linalg.qr(without_frequency(rng.normal(size=(200, 3)))).Q
    >>> vectors = 0.5 * axes[:, :1] + 0.75**0.5 * axes[:, 2:]
    >>> found = measured(axes[:, :2], vectors, [1], permutations=20, seed=0)
    >>> found.overlaps.round(3), found.shares.round(3), found.rank
    (array([0.25]), array([0.25, 0.  ]), 1)
    """
    space = leading_directions(vectors)
    # The span of the first k columns of Q is that of the first k modes.
    basis, triangle = np.linalg.qr(modes)
    bins = frequency_bins(len(modes))
    rng = np.random.default_rng(seed)
    functions = frequency_functions(len(modes))
    overlaps, shares = _at(basis, triangle, space, functions, ks)
    null = [
        _at(basis[permuted_rows(bins, rng)], triangle, space, functions, ks)
        for _ in range(permutations)
    ]
    return SpaceMeasures(
        rank=space.shape[1],
        overlaps=overlaps,
        null_overlaps=np.array([one for one, _ in null]),
        shares=shares,
        null_shares=np.array([one for _, one in null]),
    )


def _at(
    basis: Real, triangle: Real, space: Real, functions: Real, ks: Sequence[int]
) -> tuple[Real, Real]:
    """Overlaps and shares of modes Q R, functions of frequency taken out of them.

    Permuted modes follow frequency by chance, where the space has nothing: what they have of it
    is taken out as it was of the modes themselves, or the null would be too low.
    """
    inner = basis.T @ space
    # The space is orthogonal to those functions, so that they need not be taken out of Q itself.
    of_frequency = functions.T @ basis
    gram = np.eye(len(inner)) - of_frequency.T @ of_frequency
    lengths = np.einsum("ik,ij,jk->k", triangle, gram, triangle)
    shares = np.sum((triangle.T @ inner) ** 2, axis=1) / lengths
    # Cholesky's factor keeps the span of the first k columns, as QR does.
    factor = np.linalg.cholesky(gram)
    squares = scipy.linalg.solve_triangular(factor, inner, lower=True) ** 2
    # A space of fewer than k directions can have no more than their number in common.
    overlaps = [squares[:k, :k].sum() / min(k, squares.shape[1]) for k in ks]
    return np.minimum(overlaps, 1.0), np.minimum(shares, 1.0)
