"""Find what share chance gives: that of random pairs, in the same embedding at the same moment."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from probes.concepts.differences import Differences
from probes.concepts.matched_pairs import can_be_matched, matched_rows
from probes.concepts.signal_to_noise.share_estimator import ShareEstimator
from repsearch.embeddings import Embeddings
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]

CONTROLS = 200
"""Random families; their 95 % point is then the 10th or 11th largest."""
FEWEST_DIMENSIONS = 2
"""In one dimension all differences are collinear, and a share is an agreement of signs."""
_AT_ONCE = 4_000_000  # numbers in a temporary array


@one_blas_thread()
def effective_dimensions(turned: Embeddings, dims: Sequence[int]) -> Real:
    """Give the effective dimension of the first d columns, (Tr C)^2 / Tr C^2 of the covariance C.

    Parameters
    ----------
    turned : Embeddings
        On principal axes.
    dims : sequence of int
        Numbers of columns.

    Returns
    -------
    (D,) float
        From 1 to d; 1 where all vectors are equal.

    Examples
    --------
    >>> emb = Embeddings(("a", "b", "c", "d"), np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]]))
    >>> effective_dimensions(emb, [1, 2]).tolist()
    [1.0, 2.0]
    """
    vectors = np.asarray(turned.vectors, dtype=np.float64)
    vectors = vectors - vectors.mean(axis=0)
    scale = float(np.abs(vectors).max()) or 1.0  # fourth powers are summed
    covariance = (vectors / scale).T @ (vectors / scale)
    found = []
    for d in dims:
        block = covariance[:d, :d]
        squares = float(np.sum(block**2))
        found.append(float(np.trace(block)) ** 2 / squares if squares > 0 else 1.0)
    return np.array(found)


def too_few(effective_dimension: float | None) -> bool:
    """Tell whether an embedding has too few dimensions for a share or a margin to be a finding.

    Parameters
    ----------
    effective_dimension : float or None
        Its effective dimension, if it is known.

    Returns
    -------
    bool
        True below 2.

    Examples
    --------
    >>> too_few(1.06), too_few(2.3), too_few(None)
    (True, False, False)
    """
    return effective_dimension is not None and effective_dimension < FEWEST_DIMENSIONS


class Chance:
    """Random families in the place of one, with its graph and about its frequencies.

    Parameters
    ----------
    embeddings : Embeddings
        The vocabulary, the most frequent word first.
    differences : Differences
        The family.
    seed : int
        Seed of the draw.
    controls : int, default 200
        Random families; none where the vocabulary is too small for them.

    Attributes
    ----------
    rows : (F, N, 2) int
        Rows of the words of each random family.

    Examples
    --------
    >>> from probes.concepts import difference_vectors
    >>> vectors = np.random.default_rng(0).normal(size=(60, 9))
    >>> emb = Embeddings([f"w{k}" for k in range(60)], vectors)
    >>> family = difference_vectors(emb, [("w1", "w2"), ("w3", "w4"), ("w5", "w6"), ("w7", "w8")])
    >>> bool(0 < Chance(emb, family, seed=0).shares(emb, [9])[0] < 0.5)
    True
    """

    def __init__(
        self,
        embeddings: Embeddings,
        differences: Differences,
        *,
        seed: int,
        controls: int = CONTROLS,
    ) -> None:
        self._differences = differences
        if not can_be_matched(embeddings, differences.pairs):
            controls = 0
        self.rows = matched_rows(embeddings, differences.pairs, families=controls, seed=seed)

    def __len__(self) -> int:
        return len(self.rows)

    @one_blas_thread()
    def shares(self, turned: Embeddings, dims: Sequence[int]) -> Real:
        """Give the common share that one random family in twenty exceeds.

        Parameters
        ----------
        turned : Embeddings
            The same words, at any time, on principal axes.
        dims : sequence of int
            Numbers of leading columns.

        Returns
        -------
        (D,) float
            NaN without random families, or where their words do not differ.
        """
        if not len(self):
            return np.full(len(dims), np.nan)
        vectors = np.asarray(turned.vectors, dtype=np.float64)
        step = max(1, _AT_ONCE // (self.rows.shape[1] * vectors.shape[1]))
        shares = np.concatenate(
            [
                self._of(vectors, self.rows[begin : begin + step], dims)
                for begin in range(0, len(self), step)
            ]
        )
        known = np.isfinite(shares).all(axis=0)
        quantiles = np.quantile(np.where(known, shares, 0.0), 0.95, axis=0, method="higher")
        return np.where(known, quantiles, np.nan)

    def _of(self, vectors: Real, rows: NDArray[np.int64], dims: Sequence[int]) -> Real:
        """(families, D) shares, NaN where no words of a family differ."""
        between = vectors[rows[..., 1]] - vectors[rows[..., 0]]
        blocks = [
            between[..., begin:end] @ np.swapaxes(between[..., begin:end], 1, 2)
            for begin, end in pairwise((0, *dims))
        ]
        grams = np.cumsum(blocks, axis=0).reshape(-1, *blocks[0].shape[1:])
        some = np.einsum("knn->k", grams) > 0
        shares = np.full(len(grams), np.nan)
        if some.any():
            shares[some] = ShareEstimator.of(grams[some], self._differences).shares()
        return np.asarray(shares.reshape(len(dims), -1).T)
