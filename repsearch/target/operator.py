"""Multiply vectors by a sparse matrix plus a constant."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy.sparse.linalg import LinearOperator

from repsearch.errors import InputError
from repsearch.kernels.symmetric import SymmetricProduct
from repsearch.kernels.symmetric_block import SymmetricBlockProduct


class SparsePlusConstant(LinearOperator):
    """Multiply vectors and blocks of vectors by S + c 11^T.

    Parameters
    ----------
    forward : callable
        Makes the product of S with a vector, when it is first asked for.
    backward : callable
        Makes the product with its transpose.
    blocks : SymmetricBlockProduct or None
        Product of S with a block of vectors, where S is symmetric.
    size : int
        Number of rows V.
    constant : float
        The constant c, added to every entry.
    dtype : dtype
        Precision of the products, float32 or float64.
    """

    def __init__(
        self,
        forward: Callable[[], SymmetricProduct],
        backward: Callable[[], SymmetricProduct],
        blocks: SymmetricBlockProduct | None,
        size: int,
        constant: float,
        dtype: np.dtype[Any],
    ) -> None:
        super().__init__(dtype, (size, size))  # type: ignore[call-arg]
        self._forward = cache(forward)
        self._backward = cache(backward)
        self._blocks = blocks
        self._constant = dtype.type(constant)

    def _matvec(self, x: NDArray[Any]) -> NDArray[Any]:
        y: NDArray[Any] = self._forward()(x) + self._constant * x.sum(dtype=self.dtype)
        return y

    def _rmatvec(self, x: NDArray[Any]) -> NDArray[Any]:
        y: NDArray[Any] = self._backward()(x) + self._constant * x.sum(dtype=self.dtype)
        return y

    def _matmat(self, block: NDArray[Any]) -> NDArray[Any]:
        if self._blocks is None:
            return np.stack([self._matvec(column) for column in block.T], axis=1)
        product = self._blocks(block)
        product += (self._constant * block.sum(axis=0, dtype=np.float64)).astype(self.dtype)
        return product


def precision(dtype: DTypeLike) -> np.dtype[Any]:
    """Check a floating type.

    Parameters
    ----------
    dtype : dtype
        Name or type.

    Returns
    -------
    dtype
        float32 or float64.

    Raises
    ------
    InputError
        Another type than these two.
    """
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = np.dtype(object)
    if found not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise InputError(f"dtype is {dtype!r}; choose 'float32' or 'float64'")
    return found
