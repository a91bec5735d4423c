"""Make a target on a torch device from its stored entries: dense, or sparse plus a constant."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from repsearch.target.scaled import Scaled
from repsearch.target.target import Target

if TYPE_CHECKING:
    import torch

# Entries that go to the device at once: their places take 24 bytes each there.
_PIECE = 1 << 24


def to_device(array: NDArray[Any], place: torch.device) -> torch.Tensor:
    """Copy an array to a device.

    Parameters
    ----------
    array : array
        Array on the host, which may be mapped from a file.
    place : torch.device
        The device.

    Returns
    -------
    Tensor
        The copy.
    """
    import torch

    return torch.from_numpy(np.require(array, requirements=["C", "W"])).to(place)


def to_host(tensor: torch.Tensor) -> NDArray[Any]:
    """Copy a tensor to the host, once what makes it has been computed.

    Parameters
    ----------
    tensor : Tensor
        Tensor on a device.

    Returns
    -------
    array
        The copy.
    """
    array: NDArray[Any] = tensor.cpu().numpy()
    return array


def dense(target: Target | Scaled, dtype: str, place: torch.device) -> torch.Tensor:
    """Make the whole matrix on a device.

    Parameters
    ----------
    target : Target or Scaled
        Symmetric target.
    dtype : {"float32", "float64"}
        Precision.
    place : torch.device
        The device.

    Returns
    -------
    (V, V) Tensor
        The matrix.
    """
    import torch

    plain = _plain(target)
    size = len(plain.words)
    full = torch.full((size, size), plain.constant, dtype=getattr(torch, dtype), device=place)
    flat = full.view(-1)
    for rows, columns, entries in _pieces(plain, full.dtype, place):
        values = entries + plain.constant
        flat[rows * size + columns] = values
        flat[columns * size + rows] = values
    if isinstance(target, Scaled):
        gamma = to_device(target.gamma, place).to(full.dtype)
        full *= gamma[:, None]
        full *= gamma
    return full


class Product:
    """Multiply blocks of vectors on a device by a target, kept as sparse plus a constant.

    Parameters
    ----------
    target : Target or Scaled
        Symmetric target.
    dtype : {"float32", "float64"}
        Precision of the products.
    place : torch.device
        The device.
    """

    def __init__(self, target: Target | Scaled, dtype: str, place: torch.device) -> None:
        import torch

        plain = _plain(target)
        size = len(plain.words)
        kind = getattr(torch, dtype)
        places, values = [], []
        for rows, columns, entries in _pieces(plain, kind, place):
            off = rows != columns
            places += [rows * size + columns, columns[off] * size + rows[off]]
            values += [entries, entries[off]]
        where, order = torch.sort(torch.cat(places))
        bounds = torch.arange(size + 1, device=place) * size
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
            # torch 2.11 and 2.12 warn of unchecked invariants even where a check is asked for.
            warnings.filterwarnings("ignore", "Sparse invariant checks are implicitly disabled")
            self._sparse = torch.sparse_csr_tensor(
                torch.searchsorted(where, bounds),
                where % size,
                torch.cat(values)[order],
                (size, size),
                check_invariants=True,  # torch warns where this is left open
            )
        self._constant = plain.constant
        self._gamma: torch.Tensor | None = None
        if isinstance(target, Scaled):
            self._gamma = to_device(target.gamma, place).to(kind)[:, None]

    def __call__(self, block: torch.Tensor) -> torch.Tensor:
        """Multiply a block.

        Parameters
        ----------
        block : (V, b) Tensor
            Vectors, one a column.

        Returns
        -------
        (V, b) Tensor
            The matrix times them.
        """
        if self._gamma is not None:
            block = self._gamma * block
        product = self._sparse @ block + self._constant * block.sum(dim=0)
        return product if self._gamma is None else self._gamma * product


def _plain(target: Target | Scaled) -> Target:
    return target.target if isinstance(target, Scaled) else target


def _pieces(
    target: Target, kind: torch.dtype, place: torch.device
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Rows, columns and values of the stored entries, some at a time, on the device."""
    import torch

    indptr, size = target.indptr, len(target.words)
    low = 0
    while low < size:
        high = int(np.searchsorted(indptr, indptr[low] + _PIECE, side="right")) - 1
        high = min(max(high, low + 1), size)
        begin, end = int(indptr[low]), int(indptr[high])
        lengths = to_device(np.diff(indptr[low : high + 1]), place)
        rows = torch.repeat_interleave(
            torch.arange(low, high, device=place), lengths, output_size=end - begin
        )
        columns = to_device(target.columns[begin:end], place).to(torch.int64)
        yield rows, columns, to_device(target.below[begin:end], place).to(kind)
        low = high
