"""Hold the basis of a Krylov space on a torch device."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from repsearch.spectrum.torch_matrix import to_device, to_host
from repsearch.spectrum.vectors import Block

if TYPE_CHECKING:
    import torch


class TorchVectors:
    """Keep a basis on a device, as `repsearch.spectrum.vectors.Vectors` describes it.

    Parameters
    ----------
    multiply : callable
        From a block (V, b) on the device to the matrix times it.
    size : int
        Length V of a vector.
    dtype : {"float32", "float64"}
        Precision of the basis.
    place : torch.device
        The device.
    """

    width = 32

    def __init__(
        self,
        multiply: Callable[[torch.Tensor], torch.Tensor],
        size: int,
        dtype: str,
        place: torch.device,
    ) -> None:
        import torch

        self._multiply = multiply
        self.size = size
        self.epsilon = float(np.finfo(dtype).eps)
        self._kind = getattr(torch, dtype)
        self._place = place
        self._basis = torch.empty((size, 0), dtype=self._kind, device=place)

    def make_room(self, columns: int) -> None:
        """Make room for a basis of this many vectors, keeping what is there."""
        filled = self._basis.shape[1]
        if columns > filled:
            basis = self._basis.new_empty((self.size, columns))
            basis[:, :filled] = self._basis
            self._basis = basis

    def moved(self, block: NDArray[np.float64]) -> Block:
        """Take a block from the host."""
        return to_device(block, self._place).to(self._kind)

    def store(self, block: Block, first: int) -> None:
        """Write a block into the basis."""
        self._basis[:, first : first + block.shape[1]] = block

    def block(self, first: int, last: int) -> Block:
        """Copy columns of the basis."""
        return self._basis[:, first:last].clone()

    def product(self, first: int, last: int) -> Block:
        """Multiply columns of the basis by the matrix."""
        return self._multiply(self.block(first, last))

    def project_out(self, block: Block, first: int, last: int) -> NDArray[np.float64]:
        """Take out of a block, in place, what lies along columns of the basis."""
        basis = self._basis[:, first:last]
        along = basis.T @ block
        block -= basis @ along
        return to_host(along).astype(np.float64)

    def gram(self, block: Block) -> NDArray[np.float64]:
        """Multiply a block by its transpose, in float64."""
        wide = block.double()
        return to_host(wide.T @ wide)

    def times(self, block: Block, weights: NDArray[np.float64]) -> Block:
        """Combine the vectors of a block."""
        return (block.double() @ to_device(weights, self._place)).to(self._kind)

    def joined(self, one: Block, other: Block) -> Block:
        """Put two blocks side by side."""
        import torch

        return torch.hstack([one, other])

    def rotate(self, first: int, weights: NDArray[np.float64]) -> None:
        """Replace columns of the basis by combinations of them."""
        self._basis[:, first : first + weights.shape[1]] = self._combination(first, weights)

    def combined(self, first: int, weights: NDArray[np.float64]) -> NDArray[np.floating]:
        """Combine columns of the basis, on the host."""
        return to_host(self._combination(first, weights))

    def _combination(self, first: int, weights: NDArray[np.float64]) -> Any:
        factors = to_device(weights, self._place).to(self._kind)
        return self._basis[:, first : first + len(weights)] @ factors
