"""Hold the basis of a Krylov space in the host's memory, and compute with it on threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Block: TypeAlias = Any
"""Vectors, one a column, of shape (V, b), where the basis is kept."""

# Fixed, so that sums are made in the same order whatever the number of threads.
_PIECES = 16


class Vectors(Protocol):
    """Describe to `block_lanczos` where vectors are kept and how they are computed with.

    Small matrices (coefficients) are float64 on the host; blocks stay where they are.
    """

    @property
    def size(self) -> int:
        """Length V of a vector."""

    @property
    def width(self) -> int:
        """Number of vectors in a block."""

    @property
    def epsilon(self) -> float:
        """Distance from 1 to the next number."""

    def make_room(self, columns: int) -> None:
        """Make room for a basis of this many vectors.

        Parameters
        ----------
        columns : int
            Their number.
        """

    def moved(self, block: NDArray[np.float64]) -> Block:
        """Take a block from the host.

        Parameters
        ----------
        block : (V, b) float64
            Vectors.

        Returns
        -------
        Block
            The same where the basis is.
        """

    def store(self, block: Block, first: int) -> None:
        """Write a block into the basis.

        Parameters
        ----------
        block : Block
            Vectors.
        first : int
            Column of the basis that gets the first of them.
        """

    def block(self, first: int, last: int) -> Block:
        """Copy columns [first, last) of the basis.

        Parameters
        ----------
        first, last : int
            Bounds of the columns.

        Returns
        -------
        Block
            The copy.
        """

    def product(self, first: int, last: int) -> Block:
        """Multiply columns [first, last) of the basis by the matrix.

        Parameters
        ----------
        first, last : int
            Bounds of the columns.

        Returns
        -------
        Block
            A Q_[first, last).
        """

    def project_out(self, block: Block, first: int, last: int) -> NDArray[np.float64]:
        """Take out of a block, in place, what lies along columns of the basis.

        Parameters
        ----------
        block : Block
            Vectors that are changed.
        first, last : int
            Bounds of the columns.

        Returns
        -------
        (last - first, b) float64
            Their coefficients.
        """

    def gram(self, block: Block) -> NDArray[np.float64]:
        """Multiply a block by its transpose, in float64.

        Parameters
        ----------
        block : Block
            Vectors B.

        Returns
        -------
        (b, b) float64
            B^T B.
        """

    def times(self, block: Block, weights: NDArray[np.float64]) -> Block:
        """Combine the vectors of a block.

        Parameters
        ----------
        block : Block
            Vectors.
        weights : (b, k) float64
            Weights of them in each result.

        Returns
        -------
        Block
            k vectors.
        """

    def joined(self, one: Block, other: Block) -> Block:
        """Put two blocks side by side.

        Parameters
        ----------
        one, other : Block
            Vectors.

        Returns
        -------
        Block
            Those of `one`, then those of `other`.
        """

    def rotate(self, first: int, weights: NDArray[np.float64]) -> None:
        """Replace columns of the basis from `first` on by combinations of them.

        Parameters
        ----------
        first : int
            First of the columns.
        weights : (m, k) float64
            Weights of m columns in each of the k that take their places.
        """

    def combined(self, first: int, weights: NDArray[np.float64]) -> NDArray[np.floating]:
        """Combine columns of the basis from `first` on.

        Parameters
        ----------
        first : int
            First of the columns.
        weights : (m, k) float64
            Weights of m columns in each result.

        Returns
        -------
        (V, k) float
            The results, on the host.
        """


class HostVectors:
    """Keep a basis in the host's memory; its rows are shared out over threads.

    Parameters
    ----------
    multiply : callable
        From a block (V, b) to the matrix times it.
    size : int
        Length V of a vector.
    dtype : {"float32", "float64"}
        Precision of the basis.
    pool : ThreadPoolExecutor
        Threads; the bits do not depend on their number while BLAS keeps to one.
    """

    width = 16

    def __init__(
        self,
        multiply: Callable[[NDArray[Any]], NDArray[Any]],
        size: int,
        dtype: str,
        pool: ThreadPoolExecutor,
    ) -> None:
        self._multiply = multiply
        self.size = size
        self.dtype = np.dtype(dtype)
        self.epsilon = float(np.finfo(self.dtype).eps)
        self._pool = pool
        pieces = min(_PIECES, size)
        edges = np.linspace(0, size, pieces + 1).astype(int).tolist()
        self._pieces = [slice(low, high) for low, high in pairwise(edges)]
        self._basis: NDArray[Any] = np.empty((size, 0), self.dtype)

    def make_room(self, columns: int) -> None:
        """Make room for a basis of this many vectors, keeping what is there."""
        if columns > self._basis.shape[1]:
            basis = np.empty((self.size, columns), self.dtype)
            basis[:, : self._basis.shape[1]] = self._basis
            self._basis = basis

    def moved(self, block: NDArray[np.float64]) -> Block:
        """Take a block."""
        return block.astype(self.dtype)

    def store(self, block: Block, first: int) -> None:
        """Write a block into the basis."""
        self._basis[:, first : first + block.shape[1]] = block

    def block(self, first: int, last: int) -> Block:
        """Copy columns of the basis."""
        return self._basis[:, first:last].copy()

    def product(self, first: int, last: int) -> Block:
        """Multiply columns of the basis by the matrix."""
        product = self._multiply(self.block(first, last))
        # It is changed afterwards, and may be the very array that was multiplied.
        return np.array(product, self.dtype, order="C")

    def project_out(self, block: Block, first: int, last: int) -> NDArray[np.float64]:
        """Take out of a block, in place, what lies along columns of the basis."""
        along = self._summed(lambda rows: self._basis[rows, first:last].T @ block[rows])
        weights = along.astype(self.dtype)

        def subtract(rows: slice) -> None:
            block[rows] -= self._basis[rows, first:last] @ weights

        list(self._pool.map(subtract, self._pieces))
        return along

    def gram(self, block: Block) -> NDArray[np.float64]:
        """Multiply a block by its transpose, in float64."""

        def of_rows(rows: slice) -> NDArray[np.float64]:
            mine = block[rows].astype(np.float64)
            squares: NDArray[np.float64] = mine.T @ mine
            return squares

        return self._summed(of_rows)

    def times(self, block: Block, weights: NDArray[np.float64]) -> Block:
        """Combine the vectors of a block."""
        out = np.empty((self.size, weights.shape[1]), self.dtype)

        def combine(rows: slice) -> None:
            out[rows] = block[rows].astype(np.float64) @ weights

        list(self._pool.map(combine, self._pieces))
        return out

    def joined(self, one: Block, other: Block) -> Block:
        """Put two blocks side by side."""
        return np.hstack([one, other])

    def rotate(self, first: int, weights: NDArray[np.float64]) -> None:
        """Replace columns of the basis by combinations of them."""
        many, few = weights.shape
        factors = weights.astype(self.dtype)

        def combine(rows: slice) -> None:
            self._basis[rows, first : first + few] = (
                self._basis[rows, first : first + many] @ factors
            )

        list(self._pool.map(combine, self._pieces))

    def combined(self, first: int, weights: NDArray[np.float64]) -> NDArray[np.floating]:
        """Combine columns of the basis."""
        many, few = weights.shape
        factors = weights.astype(self.dtype)
        out: NDArray[np.floating] = np.empty((self.size, few), self.dtype)

        def combine(rows: slice) -> None:
            out[rows] = self._basis[rows, first : first + many] @ factors

        list(self._pool.map(combine, self._pieces))
        return out

    def _summed(self, of_rows: Callable[[slice], NDArray[Any]]) -> NDArray[np.float64]:
        total: NDArray[np.float64] | None = None
        for part in self._pool.map(of_rows, self._pieces):
            total = part.astype(np.float64) if total is None else total + part
        assert total is not None
        return total
