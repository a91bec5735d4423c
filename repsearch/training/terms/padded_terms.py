"""Lay out the coefficients of a loss over pairs for the fused kernel: dense, in whole tiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from repsearch.errors import InputError
from repsearch.training.terms.pair_terms import PairTerms

PADDING = 128
"""A multiple of the sides of all tiles."""
_ROWS_AT_ONCE = 1024


@dataclass(frozen=True, eq=False)
class PaddedTerms:
    """`PairTerms` on the device, padded with zeros to whole tiles.

    Parameters
    ----------
    positive : (n, n) float32 tensor
        Psi+P, n being V rounded up to a multiple of 128.
    left, right : (R, n) float32 tensor
        The outer products of Psi-PP.
    unseen : float
        1 - seen: what Psi+P adds to the weights G of the tile.
    """

    positive: Tensor
    left: Tensor
    right: Tensor
    unseen: float

    @property
    def turned(self) -> PaddedTerms:
        """The coefficients of the pairs (j, i); Psi+P is symmetric."""
        return PaddedTerms(self.positive, self.right, self.left, self.unseen)


def has_room(n_words: int, device: torch.device) -> bool:
    """Tell whether Psi+P takes at most half of the memory that is free on a CUDA device.

    Parameters
    ----------
    n_words : int
        V.
    device : torch.device
        The device.

    Returns
    -------
    bool
        Whether there is room for it and for what else training needs.
    """
    n = _padded(n_words)
    free, _ = torch.cuda.mem_get_info(device)
    return 8 * n * n <= int(free)


def padded_terms(terms: PairTerms, device: torch.device, *, tied: bool) -> PaddedTerms:
    """Move the coefficients to the device.

    Parameters
    ----------
    terms : PairTerms
        The coefficients of the loss over pairs.
    device : torch.device
        Where they go.
    tied : bool
        With tied weights x_ij = x_ji, so only the symmetric part of Psi-PP matters;
        it is taken here, and the gradient is 2 D W.

    Returns
    -------
    PaddedTerms
        In float32.

    Raises
    ------
    InputError
        Psi+P does not fit into the memory that is free on the GPU.
    """
    size = terms.n_words
    n = _padded(size)
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        if 4 * n * n > free:
            raise InputError(
                f"Psi+P over {size:,} words takes {4 * n * n / 2**30:.1f} GiB and "
                f"{free / 2**30:.1f} GiB are free on {device}; use TiledFullBatch"
            )
    positive = torch.zeros((n, n), dtype=torch.float32, device=device)
    flat = positive.view(-1)
    for low in range(0, size, _ROWS_AT_ONCE):
        high = min(low + _ROWS_AT_ONCE, size)
        entries = slice(terms.indptr[low], terms.indptr[high])
        starts = torch.arange(low, high, device=device) * n
        lengths = torch.from_numpy(np.diff(terms.indptr[low : high + 1])).to(device)
        places = starts.repeat_interleave(lengths, output_size=entries.stop - entries.start)
        places += torch.from_numpy(terms.columns[entries]).to(device)
        values = torch.from_numpy(terms.positive[entries].astype(np.float32, copy=False))
        flat[places] = values.to(device)
    left, right = _symmetric(terms.left, terms.right) if tied else (terms.left, terms.right)
    factors = torch.zeros((2, len(left), n), dtype=torch.float32, device=device)
    factors[:, :, :size] = torch.from_numpy(np.stack([left, right]).astype(np.float32))
    return PaddedTerms(positive, factors[0], factors[1], 1.0 - terms.seen)


def _padded(size: int) -> int:
    return -(-size // PADDING) * PADDING


def _symmetric(
    left: NDArray[np.float64], right: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give factors of the symmetric part of sum_r left_r right_r^T."""
    if np.array_equal(left, right):
        return left, right
    return np.concatenate([left, right]) / 2, np.concatenate([right, left])
