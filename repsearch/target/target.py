"""The target matrix M* that word2vec factorises near the origin, and its rivals.

M* = S + c 11^T with S as sparse as the counts and c = -2 (Setting 3.1 and
every other weighting, as long as zero counts are taken at their word): a pair
that was never seen has M*_ij = -2 exactly. No V x V array is made unless it is
asked for.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy import sparse
from scipy.sparse.linalg import LinearOperator

from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.kernels.symmetric import SymmetricProduct
from repsearch.target.weighting import Setting31, Weighting

ZeroCounts = Literal["exact", "smooth", "neutral"]
DENSE_LIMIT = 20_000
_CHUNK = 1 << 22


@dataclass(frozen=True, eq=False)
class Target:
    """A matrix over pairs of words: a sparse part plus a constant.

    Made by `mstar`, `pmi` or `shifted_ppmi`.

    Parameters
    ----------
    name : str
        ``"M*"``, ``"PMI"`` or ``"PPMI"``.
    words : tuple of str
        The vocabulary.
    indptr, columns : (V + 1,) int64, (nnz,) int32
        Where the sparse part's lower triangle has entries, as in `Counts`.
    below : (nnz,) float
        Entries (i, j), j <= i, of the sparse part: the matrix less `constant`.
    above : (nnz,) float
        Entries (j, i). The same array as `below` where the matrix is symmetric.
    constant : float
        The value of the matrix at pairs that were never seen.
    counts : Counts
        What it was made from.
    weighting : Weighting
        Psi+ and Psi-.
    """

    name: str
    words: tuple[str, ...]
    indptr: NDArray[np.int64]
    columns: NDArray[np.int32]
    below: NDArray[np.floating]
    above: NDArray[np.floating]
    constant: float
    counts: Counts
    weighting: Weighting

    @property
    def symmetric(self) -> bool:
        """Whether the matrix is symmetric."""
        return self.above is self.below

    @property
    def squared_norm(self) -> float:
        """||M||_F^2, exact up to rounding, from the stored entries alone."""
        c = self.constant
        on = self._on_diagonal()
        unseen = len(self.words) ** 2 - 2 * len(on) + int(np.count_nonzero(on))
        total = unseen * c**2
        for low in range(0, len(on), _CHUNK):
            piece = slice(low, low + _CHUNK)
            below, above = self.below[piece].astype(float), self.above[piece].astype(float)
            squares = (below + c) ** 2 + np.where(on[piece], 0.0, (above + c) ** 2)
            total += float(squares.sum())
        return total

    def dense(self, dtype: DTypeLike = np.float64) -> NDArray[np.floating]:
        """The whole (V, V) array.

        Raises
        ------
        InputError
            V above 20,000, where the array alone would take gigabytes; another
            dtype than float32 and float64.
        """
        size = len(self.words)
        dtype = _precision(dtype)
        if size > DENSE_LIMIT:
            raise InputError(
                f"a dense array over {size:,} words would take {size * size * 8 / 2**30:.0f} GiB; "
                "use the operator"
            )
        full = np.full((size, size), self.constant, dtype)
        rows = np.repeat(np.arange(size), np.diff(self.indptr))
        full[self.columns, rows] += self.above.astype(dtype)
        # The diagonal has been added once by the line above.
        off = self.columns != rows
        full[rows[off], self.columns[off]] += self.below[off].astype(dtype)
        return full

    def entries(self, i: NDArray[np.integer], j: NDArray[np.integer]) -> NDArray[np.float64]:
        """Entries M_ij for arrays of word numbers, which are broadcast.

        Raises
        ------
        InputError
            Something that is not the number of a word.
        """
        i, j = np.broadcast_arrays(self._numbers(i), self._numbers(j))
        low, high = np.minimum(i, j).ravel(), np.maximum(i, j).ravel()
        found = np.full(low.shape, self.constant, float)
        for k, (row, column) in enumerate(zip(high.tolist(), low.tolist(), strict=True)):
            begin, end = self.indptr[row], self.indptr[row + 1]
            place = begin + np.searchsorted(self.columns[begin:end], column)
            if place < end and self.columns[place] == column:
                side = self.below if i.flat[k] >= j.flat[k] else self.above
                found[k] += side[place]
        return found.reshape(i.shape)

    def weights(self, rows: NDArray[np.integer]) -> NDArray[np.float64]:
        """Rows of G_ij = Psi+_ij P_ij + Psi-_ij P_i P_j, of shape (len(rows), V).

        The weights under which the quartic loss is a factorisation of M*
        (arXiv 2502.09863, Proposition 2); all equal to 1 under Setting 3.1.
        They are those of the counts as they are, whatever `zeros` made of M*.

        Raises
        ------
        InputError
            Something that is not the number of a word.
        """
        counts = self.counts
        pairs = self.weighting.of(counts)
        size = len(self.words)
        rows = np.atleast_1d(self._numbers(rows))
        p = counts.matrix()[rows, :].toarray() / counts.total
        i, j = np.broadcast_arrays(rows[:, None], np.arange(size)[None, :])
        independent = counts.marginals[i] * counts.marginals[j]
        weights: NDArray[np.float64] = pairs.positive(i, j, p, independent) + pairs.negative(
            i, j, p, independent
        )
        return weights

    def operator(
        self, dtype: DTypeLike = np.float64, pool: ThreadPoolExecutor | None = None
    ) -> LinearOperator:
        """M as an operator on vectors and blocks of vectors.

        Parameters
        ----------
        dtype : dtype
            Precision of the products, float32 or float64.
        pool : ThreadPoolExecutor, optional
            Threads to share the work; the result does not depend on them.

        Raises
        ------
        InputError
            Another dtype than float32 and float64.
        """
        dtype = _precision(dtype)
        below = self.below.astype(dtype, copy=False)
        above = below if self.symmetric else self.above.astype(dtype, copy=False)
        forward = SymmetricProduct(self.indptr, self.columns, below, above, pool)
        backward = (
            forward
            if self.symmetric
            else SymmetricProduct(self.indptr, self.columns, above, below, pool)
        )
        return _TargetOperator(forward, backward, self.constant, dtype)

    def __matmul__(self, other: NDArray[np.floating]) -> NDArray[np.floating]:
        """Product with an array of shape (V,) or (V, d), in float64."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            product: NDArray[np.floating] = self.operator(pool=pool) @ other
        return product

    def __repr__(self) -> str:
        return f"Target({self.name}, {len(self.words):,} words, constant {self.constant:g})"

    def _numbers(self, given: NDArray[np.integer]) -> NDArray[np.integer]:
        numbers = np.asarray(given)
        size = len(self.words)
        if numbers.size and not np.issubdtype(numbers.dtype, np.integer):
            raise InputError(f"words are given by whole numbers here, not {numbers.dtype}")
        wrong = (numbers < 0) | (numbers >= size)
        if wrong.any():
            raise InputError(
                f"there is no word number {numbers[wrong].flat[0]}; they run from 0 to {size - 1:,}"
            )
        return numbers.astype(np.int64, copy=False)

    def _on_diagonal(self) -> NDArray[np.bool_]:
        on = np.zeros(len(self.columns), bool)
        filled = np.flatnonzero(np.diff(self.indptr))
        last = self.indptr[filled + 1] - 1
        on[last] = self.columns[last] == filled
        return on


class _TargetOperator(LinearOperator):
    def __init__(
        self,
        forward: SymmetricProduct,
        backward: SymmetricProduct,
        constant: float,
        dtype: np.dtype[Any],
    ) -> None:
        size = forward.sums.shape[1]
        super().__init__(dtype, (size, size))  # type: ignore[call-arg]
        self._forward = forward
        self._backward = backward
        self._constant = dtype.type(constant)

    def _matvec(self, x: NDArray[Any]) -> NDArray[Any]:
        y: NDArray[Any] = self._forward(x) + self._constant * x.sum(dtype=self.dtype)
        return y

    def _rmatvec(self, x: NDArray[Any]) -> NDArray[Any]:
        y: NDArray[Any] = self._backward(x) + self._constant * x.sum(dtype=self.dtype)
        return y


# ------------------------------------------------------------ making them


def mstar(
    counts: Counts,
    weighting: Weighting | None = None,
    *,
    zeros: ZeroCounts = "exact",
    smoothing: float = 0.01,
    dtype: DTypeLike = np.float64,
) -> Target:
    """The target M* of the quartic loss, arXiv 2502.09863, eq. (5).

    M*_ij = (Psi+ P - Psi- PP) / ((Psi+ P + Psi- PP) / 2), with P the counts
    divided by their sum and PP the product of P's row sums; equal to
    2 tanh((PMI_ij + log(Psi+_ij / Psi-_ij)) / 2). A word that co-occurs with
    nothing, say the only word of its document, has P_i = 0, where that is 0 / 0:
    its pairs are taken for pairs that were never seen, like any other such pair
    however rare its words.

    Parameters
    ----------
    counts : Counts
        Co-occurrence counts.
    weighting : Weighting, optional
        Setting 3.1 with one negative pair per positive pair by default.
    zeros : {"exact", "smooth", "neutral"}
        What a pair that was never seen is taken for. ``"exact"``: what the
        formula says, -2, however few such pairs could be expected; in small
        corpora, where most pairs are unseen, this alone gives M* an eigenvalue
        near -2 V times their share. ``"smooth"``: Psi+ P is mixed with Psi- PP
        as (1 - smoothing) to smoothing, so that unseen pairs have
        -2 (1 - smoothing) / (1 + smoothing) and independent pairs still have 0;
        it damps rare pairs most. ``"neutral"``: an unseen pair says nothing and
        has 0; the evidence that two frequent words avoid each other is lost.
    smoothing : float
        Between 0 and 1, for ``zeros="smooth"``.
    dtype : dtype
        What entries are stored in, after they were worked out in float64.

    Raises
    ------
    InputError
        An unknown choice, a smoothing out of range, counts without a pair.
    """
    if zeros not in get_args(ZeroCounts):
        raise InputError(f"zeros is {zeros!r}; choose 'exact', 'smooth' or 'neutral'")
    if not 0 < smoothing < 1:
        raise InputError(f"smoothing is {smoothing!r}; pass a number between 0 and 1")
    floor = smoothing if zeros == "smooth" else 0.0
    unseen = -2 * (1 - floor) / (1 + floor)
    constant = 0.0 if zeros == "neutral" else unseen

    def entry(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        mixed = (1 - floor) * ratio + floor
        return 2 - 4 / (mixed + 1) - constant  # 2 (r - 1) / (r + 1), also for a huge r

    return _target("M*", counts, weighting or Setting31(), entry, constant, dtype)


def pmi(counts: Counts, *, zero_ratio: float = 1e-25, dtype: DTypeLike = np.float64) -> Target:
    """Pointwise mutual information, log(P_ij / (P_i P_j) + `zero_ratio`).

    Parameters
    ----------
    counts : Counts
        Co-occurrence counts.
    zero_ratio : float
        Added to the ratio so that unseen pairs are finite; the paper's 1e-25
        gives them -57.6, the 1e-2 of Korchinski et al. (2505.18651) -4.6.
    dtype : dtype
        What entries are stored in.

    Raises
    ------
    InputError
        A `zero_ratio` that is not positive, counts without a pair.
    """
    if not 0 < zero_ratio < math.inf:
        raise InputError(f"zero_ratio is {zero_ratio!r}; pass a small positive number")
    constant = math.log(zero_ratio)

    def entry(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.log(ratio + zero_ratio) - constant)

    return _target("PMI", counts, Setting31(), entry, constant, dtype)


def shifted_ppmi(
    counts: Counts, *, negatives: float = 1.0, dtype: DTypeLike = np.float64
) -> Target:
    """Shifted positive PMI, max(PMI_ij - log k, 0) (Levy and Goldberg 2014).

    Parameters
    ----------
    counts : Counts
        Co-occurrence counts.
    negatives : float
        k; 1 gives plain PPMI.
    dtype : dtype
        What entries are stored in.

    Raises
    ------
    InputError
        `negatives` not positive, counts without a pair.
    """

    def entry(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.log(np.maximum(ratio, 1.0)))

    return _target("PPMI", counts, Setting31(negatives), entry, 0.0, dtype)


def _target(
    name: str,
    counts: Counts,
    weighting: Weighting,
    entry: Any,
    constant: float,
    dtype: DTypeLike,
) -> Target:
    if counts.total == 0:
        raise InputError("the counts hold no pair of words; count a longer text or a wider window")
    dtype = _precision(dtype)
    pairs = weighting.of(counts)
    n = len(counts.values)
    below = np.empty(n, dtype)
    above = below if weighting.symmetric else np.empty(n, dtype)
    total, marginals = counts.total, counts.marginals
    for low, high, rows in counts.blocks():
        columns = counts.columns[low:high]
        p = counts.values[low:high] / total
        independent = marginals[rows] * marginals[columns]
        for side, i, j in ((below, rows, columns), (above, columns, rows)):
            ratio = pairs.positive(i, j, p, independent) / pairs.negative(i, j, p, independent)
            side[low:high] = entry(ratio)
            if weighting.symmetric:
                break
    return Target(
        name=name,
        words=counts.words,
        indptr=counts.indptr,
        columns=counts.columns,
        below=below,
        above=above,
        constant=constant,
        counts=counts,
        weighting=weighting,
    )


def _precision(dtype: DTypeLike) -> np.dtype[Any]:
    try:
        precision = np.dtype(dtype)
    except TypeError:
        precision = np.dtype(object)
    if precision not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise InputError(f"dtype is {dtype!r}; choose 'float32' or 'float64'")
    return precision


def sparse_part(target: Target) -> sparse.csr_array:
    """The sparse part S = M - constant as a full (V, V) matrix, for use with other libraries."""
    size = len(target.words)
    lower = sparse.csr_array((target.below, target.columns, target.indptr), shape=(size, size))
    upper = sparse.csr_array((target.above, target.columns, target.indptr), shape=(size, size))
    full: sparse.csr_array = (lower + sparse.tril(upper, -1).T).tocsr()
    return full
