"""Work out the coefficients of a loss over pairs of words, sparse and by outer products.

Psi+_ij P_ij is as sparse as the counts, and Psi-_ij P_i P_j is a sum of a few outer
products, less, under Setting 3.1, what the seen pairs have: Psi-PP = 1 - Psi+P.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import DTypeLike, NDArray

from repsearch.counts.counts import Counts
from repsearch.dynamics import LossExpansion
from repsearch.errors import InputError
from repsearch.target.weighting import PairWeights, Weighting


@dataclass(frozen=True, eq=False)
class PairTerms:
    """Psi+P by rows and Psi-PP = sum_r left_r right_r^T - seen Psi+P; made by `pair_terms`.

    Parameters
    ----------
    indptr : (V + 1,) int64
        Where the rows of Psi+P begin.
    columns : (nnz,) int32
        Columns of its entries, increasing in each row.
    positive : (nnz,) float
        Psi+_ij P_ij, the full symmetric matrix by rows.
    left, right : (R, V) float64
        The outer products.
    seen : float
        1 under Setting 3.1, otherwise 0.
    total : float
        sum_ij G_ij, G = Psi+P + Psi-PP.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> from repsearch.training import pair_terms
    >>> counts = BinaryAttributes([0.4, 0.3]).sample(1000, seed=0)
    >>> constant, word2vec = (pair_terms(counts, w) for w in (rs.Setting31(), rs.Word2Vec()))
    >>> constant.constant, word2vec.constant, round(constant.mean_weight, 6)
    (True, False, 1.0)
    """

    indptr: NDArray[np.int64]
    columns: NDArray[np.int32]
    positive: NDArray[np.floating]
    left: NDArray[np.float64]
    right: NDArray[np.float64]
    seen: float
    total: float

    @property
    def n_words(self) -> int:
        """V, number of words."""
        return len(self.indptr) - 1

    @property
    def constant(self) -> bool:
        """Whether G_ij = 1 for all pairs: Setting 3.1."""
        return self.seen == 1

    @property
    def mean_weight(self) -> float:
        """Mean of G, the unit of the flow's time (`repsearch.dynamics.clock`)."""
        return self.total / self.n_words**2

    def near_origin(self, expansion: LossExpansion) -> tuple[float, float]:
        """Give a, b with which N = a Psi+P + b sum_r left_r right_r^T drives small embeddings.

        Near the origin only the slopes of the loss count, whatever the weights G: in the
        time of `repsearch.dynamics.clock` (curvature c, mean weight w) dW/dt = (1/2) N W
        with N = -(f+'(0) Psi+P + f-'(0) Psi-PP) / (c w). For the quartic loss and for SGNS
        that is (G o M*) / mean(G) (arXiv 2502.09863, eq. 5 and Proposition 2), M* itself
        where G is constant.

        Parameters
        ----------
        expansion : LossExpansion
            Derivatives of the loss at 0.

        Returns
        -------
        a, b : float
            Factors of Psi+P and of the outer products.
        """
        unit = expansion.curvature * self.mean_weight
        up, down = expansion.positive[0] / unit, expansion.negative[0] / unit
        # Psi-PP is the outer products less `seen` Psi+P.
        return self.seen * down - up, -down

    def dense(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give Psi+P and Psi-PP as arrays, for tests on small vocabularies.

        Returns
        -------
        positive : (V, V) float64
            Psi+_ij P_ij.
        negative : (V, V) float64
            Psi-_ij P_i P_j.
        """
        size = self.n_words
        positive = np.zeros((size, size))
        rows = np.repeat(np.arange(size), np.diff(self.indptr))
        positive[rows, self.columns] = self.positive
        return positive, self.left.T @ self.right - self.seen * positive


def pair_terms(counts: Counts, weighting: Weighting, dtype: DTypeLike = np.float64) -> PairTerms:
    """Work out the coefficients for a corpus.

    Parameters
    ----------
    counts : Counts
        Co-occurrence counts over V words.
    weighting : Weighting
        `Setting31`, `Unweighted` or `Word2Vec`.
    dtype : dtype
        What Psi+P is stored in; it is worked out in float64.

    Returns
    -------
    PairTerms
        Psi+P and Psi-PP.

    Raises
    ------
    InputError
        Counts without a pair, or in a window that is not alike on both sides.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> from repsearch.training import pair_terms
    >>> counts = BinaryAttributes([0.4, 0.3]).sample(1000, seed=0)
    >>> positive, negative = pair_terms(counts, rs.Setting31()).dense()
    >>> bool(np.allclose(2 * (positive - negative), rs.mstar(counts).dense()))  # eq. (5), G = 1
    True
    """
    if counts.total == 0:
        raise InputError("the counts hold no pair of words; count a longer text or a wider window")
    counts.require_symmetric("training")
    weights = weighting.of(counts)
    left, right = weights.negative_factors()
    below = np.empty(len(counts.values), dtype)
    sum_positive = 0.0
    for low, high, part, on_diagonal in _positive(counts, weights):
        below[low:high] = part
        sum_positive += float(2 * part.sum() - part[on_diagonal].sum())
    indptr, columns, positive = _both_triangles(counts.indptr, counts.columns, below)
    total = float(left.sum(1) @ right.sum(1)) + (1 - weights.seen) * sum_positive
    return PairTerms(indptr, columns, positive, left, right, weights.seen, total)


def _positive(
    counts: Counts, weights: PairWeights
) -> Iterator[tuple[int, int, NDArray[np.float64], NDArray[np.bool_]]]:
    marginals, total = counts.marginals, counts.total
    for low, high, rows in counts.blocks():
        columns = counts.columns[low:high]
        independent = marginals[rows] * marginals[columns]
        part = weights.positive(rows, columns, counts.values[low:high] / total, independent)
        yield low, high, part, columns == rows


@numba.njit(cache=True)
def _both_triangles(
    indptr: NDArray[np.int64], columns: NDArray[np.int32], below: NDArray[np.floating]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.floating]]:
    """Write out a symmetric matrix by rows from its lower triangle, columns increasing."""
    size = len(indptr) - 1
    full = np.zeros(size + 1, np.int64)
    for row in range(size):
        for k in range(indptr[row], indptr[row + 1]):
            full[row + 1] += 1
            if columns[k] != row:
                full[columns[k] + 1] += 1
    full = np.cumsum(full)
    place = full[:-1].copy()
    where = np.empty(full[-1], np.int32)
    values = np.empty(full[-1], below.dtype)
    # Row by row: what a row has below its diagonal comes before what later rows add above it.
    for row in range(size):
        for k in range(indptr[row], indptr[row + 1]):
            column = columns[k]
            where[place[row]], values[place[row]] = column, below[k]
            place[row] += 1
            if column != row:
                where[place[column]], values[place[column]] = row, below[k]
                place[column] += 1
    return full, where, values
