"""Hold a matrix over pairs of words as a sparse part plus a constant.

M = S + c 11^T with S as sparse as the counts and c the value at pairs that were
never seen. No V x V array is made unless it is asked for.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy import sparse
from scipy.sparse.linalg import LinearOperator

from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.kernels.symmetric import SymmetricProduct
from repsearch.kernels.symmetric_block import SymmetricBlockProduct
from repsearch.storage.mapped import release, taken
from repsearch.target.operator import SparsePlusConstant, precision
from repsearch.target.weighting import Weighting

DENSE_LIMIT = 20_000
_CHUNK = 1 << 22


@dataclass(frozen=True, eq=False)
class Target:
    """Hold a matrix M over pairs of words as a sparse part plus a constant.

    Made by `mstar`, `pmi` or `shifted_ppmi`.

    Parameters
    ----------
    name : str
        Name of the matrix: ``"M*"``, ``"PMI"`` or ``"PPMI"``, and in brackets what is not as
        usual of its contexts or of the window, such as ``"PPMI (contexts^0.75)"``.
    words : tuple of str
        The vocabulary.
    indptr : (V + 1,) int64
        Bounds of rows: the entries of row i of the sparse part's lower triangle are
        ``indptr[i]:indptr[i + 1]``, as in `Counts`.
    columns : (nnz,) int32
        Column j of each entry, at most the row's number i.
    below : (nnz,) float
        Entries (i, j), j <= i, of the sparse part: the matrix less `constant`.
    above : (nnz,) float
        Entries (j, i). The same array as `below` where the matrix is symmetric.
    constant : float
        Value of the matrix at pairs that were never seen.
    counts : Counts
        Counts that it was computed from.
    weighting : Weighting
        Weights of pairs, Psi+ and Psi-.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat sat", "the dog sat"], vocabulary_size=None)
    >>> target = rs.mstar(rs.count(corpus, rs.Window(1)))
    >>> target
    Target(M*, 4 words, constant -2)
    >>> (target @ np.ones(4)).round(2).tolist()
    [-2.67, -2.67, -2.67, -2.67]
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
        """Squared Frobenius norm ||M||_F^2, exact up to rounding, from the stored entries."""
        c = self.constant
        size, n = len(self.words), len(self.columns)
        last = self.indptr[1:] - 1
        filled = np.flatnonzero(np.diff(self.indptr))
        # Places of the entries that lie on the diagonal.
        on = last[filled[taken(self.columns, last[filled]) == filled]]
        total = (size**2 - 2 * n + len(on)) * c**2
        for low in range(0, n, _CHUNK):
            high = min(low + _CHUNK, n)
            below = self.below[low:high].astype(float)
            mirrored = (self.above[low:high].astype(float) + c) ** 2
            mirrored[on[(on >= low) & (on < high)] - low] = 0.0
            total += float(((below + c) ** 2 + mirrored).sum())
            release(self.below, low, high)
            release(self.above, low, high)
        return total

    def dense(self, dtype: DTypeLike = np.float64) -> NDArray[np.floating]:
        """Return the whole matrix.

        Parameters
        ----------
        dtype : dtype
            Type of the array, float32 or float64.

        Returns
        -------
        (V, V) float
            M.

        Raises
        ------
        InputError
            V above 20,000, where the array alone would take gigabytes; another
            dtype than float32 and float64.
        """
        size = len(self.words)
        dtype = precision(dtype)
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
        """Look up entries M_ij.

        Parameters
        ----------
        i, j : array of int
            Numbers of words, which are broadcast against each other.

        Returns
        -------
        array of float64
            Entries, in the broadcast shape.

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
        """Compute rows of the weights G_ij = Psi+_ij P_ij + Psi-_ij P_i P_j.

        The quartic loss is (1/4) sum_ij G_ij ((W W^T)_ij - M*_ij)^2 plus a constant
        (arXiv 2502.09863, Proposition 2); under Setting 3.1 all weights are 1.
        They are those of the counts as they are, whatever `zeros` made of M*.

        Parameters
        ----------
        rows : (n,) array of int
            Numbers of words.

        Returns
        -------
        (n, V) float64
            Weights of the pairs of those words with all words.

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
        independent = counts.marginals[i] * counts.context_marginals[j]
        weights: NDArray[np.float64] = pairs.positive(i, j, p, independent) + pairs.negative(
            i, j, p, independent
        )
        return weights

    def operator(
        self, dtype: DTypeLike = np.float64, pool: ThreadPoolExecutor | None = None
    ) -> LinearOperator:
        """Return M as a linear operator on vectors and blocks of vectors.

        Parameters
        ----------
        dtype : dtype
            Precision of the products, float32 or float64.
        pool : ThreadPoolExecutor, optional
            Threads that compute parts of a product; the result does not depend on them.

        Returns
        -------
        LinearOperator
            M, of shape (V, V).

        Raises
        ------
        InputError
            Another dtype than float32 and float64.
        """
        dtype = precision(dtype)

        def product(below: NDArray[np.floating], above: NDArray[np.floating]) -> SymmetricProduct:
            below = below.astype(dtype, copy=False)
            above = below if self.symmetric else above.astype(dtype, copy=False)
            return SymmetricProduct(self.indptr, self.columns, below, above, pool)

        blocks = None
        if self.symmetric:
            # Entries of less precision are widened one at a time.
            wide = np.promote_types(self.below.dtype, dtype) != dtype
            below = self.below.astype(dtype) if wide else self.below

            def done(low: int, high: int) -> None:
                release(self.columns, low, high)
                release(below, low, high)

            blocks = SymmetricBlockProduct(self.indptr, self.columns, below, dtype, pool, done)
        return SparsePlusConstant(
            lambda: product(self.below, self.above),
            lambda: product(self.above, self.below),
            blocks,
            len(self.words),
            self.constant,
            dtype,
        )

    def __matmul__(self, other: NDArray[np.floating]) -> NDArray[np.floating]:
        """Multiply an array of shape (V,) or (V, d), in float64."""
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


def sparse_part(target: Target) -> sparse.csr_array:
    """Return the sparse part S = M - constant as a full matrix, for other libraries.

    Parameters
    ----------
    target : Target
        A target.

    Returns
    -------
    (V, V) sparse array
        S, both triangles, by rows.
    """
    size = len(target.words)
    lower = sparse.csr_array((target.below, target.columns, target.indptr), shape=(size, size))
    upper = sparse.csr_array((target.above, target.columns, target.indptr), shape=(size, size))
    full: sparse.csr_array = (lower + sparse.tril(upper, -1).T).tocsr()
    return full
