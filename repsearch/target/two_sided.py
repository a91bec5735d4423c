"""Set a matrix and its transpose side by side, so that eigenpairs give singular vectors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy.sparse.linalg import LinearOperator

from repsearch.target.operator import precision
from repsearch.target.target import Target


@dataclass(frozen=True, eq=False)
class TwoSided:
    """Hold the symmetric matrix [[0, M], [M^T, 0]] of 2V rows, words and then contexts.

    For M = U Sigma V^T its eigenvalues are plus and minus the singular values, and (u, v) / sqrt 2
    the eigenvector of each positive one.

    Parameters
    ----------
    target : Target
        M, of shape (V, V).

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat sat", "the dog sat"], vocabulary_size=None)
    >>> target = rs.shifted_ppmi(rs.count(corpus, rs.Window(1)), exponent=0.75)
    >>> both = TwoSided(target)
    >>> len(both.words), target.symmetric, both.symmetric
    (8, False, True)
    """

    target: Target

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The vocabulary, twice."""
        return self.target.words + self.target.words

    @property
    def name(self) -> str:
        """The target's name."""
        return self.target.name

    @property
    def symmetric(self) -> bool:
        """True."""
        return True

    @property
    def squared_norm(self) -> float:
        """Squared Frobenius norm, twice that of M."""
        return 2 * self.target.squared_norm

    def dense(self, dtype: DTypeLike = np.float64) -> NDArray[np.floating]:
        """Return the whole matrix.

        Parameters
        ----------
        dtype : dtype
            Type of the array, float32 or float64.

        Returns
        -------
        (2V, 2V) float
            The matrix.

        Raises
        ------
        InputError
            V above 20,000; another dtype than float32 and float64.
        """
        half = self.target.dense(dtype)
        size = len(half)
        full = np.zeros((2 * size, 2 * size), half.dtype)
        full[:size, size:], full[size:, :size] = half, half.T
        return full

    def operator(
        self, dtype: DTypeLike = np.float64, pool: ThreadPoolExecutor | None = None
    ) -> LinearOperator:
        """Return the matrix as a linear operator on vectors and blocks of vectors.

        Parameters
        ----------
        dtype : dtype
            Precision of the products, float32 or float64.
        pool : ThreadPoolExecutor, optional
            Threads that compute parts of a product; the result does not depend on them.

        Returns
        -------
        LinearOperator
            The matrix, of shape (2V, 2V).

        Raises
        ------
        InputError
            Another dtype than float32 and float64.
        """
        return _Operator(self.target.operator(dtype, pool), precision(dtype))


class _Operator(LinearOperator):
    def __init__(self, half: LinearOperator, dtype: np.dtype[Any]) -> None:
        size = half.shape[0]
        super().__init__(dtype, (2 * size, 2 * size))  # type: ignore[call-arg]
        self._half, self._size = half, size

    def _matvec(self, x: NDArray[Any]) -> NDArray[Any]:
        return self._matmat(x.reshape(-1, 1))[:, 0]

    def _matmat(self, block: NDArray[Any]) -> NDArray[Any]:
        words, contexts = block[: self._size], block[self._size :]
        columns = range(block.shape[1])
        ahead = [self._half.matvec(np.ascontiguousarray(contexts[:, k])) for k in columns]
        back = [self._half.rmatvec(np.ascontiguousarray(words[:, k])) for k in columns]
        return np.concatenate([np.stack(ahead, 1), np.stack(back, 1)]).astype(self.dtype)
