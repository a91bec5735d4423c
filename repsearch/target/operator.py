"""Multiply vectors by a sparse matrix plus a constant."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy.sparse.linalg import LinearOperator

from repsearch.errors import InputError
from repsearch.kernels.symmetric import SymmetricProduct


class SparsePlusConstant(LinearOperator):
    """Multiply vectors and blocks of vectors by S + c 11^T.

    Parameters
    ----------
    forward : SymmetricProduct
        Product with S.
    backward : SymmetricProduct
        Product with its transpose.
    constant : float
        The constant c, added to every entry.
    dtype : dtype
        Precision of the products, float32 or float64.
    """

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
