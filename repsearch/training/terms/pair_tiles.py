"""Divide all pairs of words into tiles, and weigh a loss by its coefficients on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from repsearch.kernels.sgns_tile import sgns_tile
from repsearch.kernels.sparse_block import join
from repsearch.training.compute import Compute
from repsearch.training.terms.pair_terms import PairTerms

SIDE = 512  # rows and columns of a tile on the CPU: with its like, it stays in the cache
ENTRIES = 1 << 27  # of a tile on a CUDA device; a place among them has 32 bits


@dataclass(frozen=True)
class Tile:
    """Some rows and columns of the V x V array of pairs.

    Parameters
    ----------
    rows : slice
        Words.
    columns : slice
        Contexts.
    mirrored : bool
        Whether it stands for its mirror image as well.
    """

    rows: slice
    columns: slice
    mirrored: bool


class PairTiles(Protocol):
    """All pairs, divided into tiles in a way that depends on V alone."""

    @property
    def tiles(self) -> list[Tile]:
        """All tiles, in a fixed order; with their mirror images they are all pairs, each once."""

    def join(self, tile: Tile, positive: Tensor, negative: Tensor) -> Tensor:
        """Work out Psi+P o positive + Psi-PP o negative on a tile.

        Parameters
        ----------
        tile : Tile
            One of `tiles`.
        positive, negative : tensor
            Of the shape of the tile.

        Returns
        -------
        tensor
            Of that shape, an array of its own.
        """


def pair_tiles(terms: PairTerms, *, tied: bool, compute: Compute) -> PairTiles:
    """Divide all pairs into tiles, on the CPU or a CUDA device.

    With tied weights x_ij = x_ji, so the coefficients may be made symmetric, which
    changes neither the loss nor its gradient.

    Parameters
    ----------
    terms : PairTerms
        The coefficients of the loss over pairs.
    tied : bool
        Whether words and contexts share their vectors.
    compute : Compute
        Device and precision.

    Returns
    -------
    PairTiles
        `Squares` on the CPU, `Strips` on a CUDA device.
    """
    left, right = terms.left, terms.right
    if tied:
        left, right = np.concatenate([left, right]) / 2, np.concatenate([right, left])
    if compute.torch_device.type == "cpu":
        return Squares(terms, left, right, tied=tied, compute=compute)
    return Strips(terms, left, right, device=compute.torch_device, dtype=compute.torch_dtype)


class Squares:
    """Square tiles, of symmetric pairs those on and above the diagonal; compiled.

    Parameters
    ----------
    terms : PairTerms
        The coefficients of the loss over pairs.
    left, right : (R, V) float64
        Outer products that take the place of those of `terms`.
    tied : bool
        Whether words and contexts share their vectors.
    compute : Compute
        Precision.
    """

    def __init__(
        self,
        terms: PairTerms,
        left: NDArray[np.float64],
        right: NDArray[np.float64],
        *,
        tied: bool,
        compute: Compute,
    ) -> None:
        size, kind = terms.n_words, np.dtype(compute.dtype)
        spans = [slice(k, min(k + SIDE, size)) for k in range(0, size, SIDE)]
        self.tiles = [
            Tile(rows, columns, mirrored=tied and j > i)
            for i, rows in enumerate(spans)
            for j, columns in enumerate(spans)
            if j >= i or not tied
        ]
        self._positive = terms.indptr, terms.columns, terms.positive.astype(kind, copy=False)
        self._negative = left.astype(kind), right.astype(kind), terms.seen

    def join(self, tile: Tile, positive: Tensor, negative: Tensor) -> Tensor:
        """Work out Psi+P o positive + Psi-PP o negative on a tile.

        Parameters
        ----------
        tile : Tile
            One of `tiles`.
        positive, negative : tensor
            Of the shape of the tile.

        Returns
        -------
        tensor
            Of that shape, an array of its own.
        """
        # A custom loss may return one array for both, or one number broadcast.
        sides = [side.detach().contiguous().numpy() for side in (positive, negative)]
        out = torch.empty(positive.shape, dtype=positive.dtype)
        corner = tile.rows.start, tile.columns.start
        join(*self._positive, *self._negative, *corner, *sides, out.numpy())
        return out

    def sgns(self, tile: Tile, x: Tensor, *, loss: bool, slopes: bool) -> float:
        """Work out the loss of SGNS on a tile, in float32, and put its slopes in the place of x.

        Parameters
        ----------
        tile : Tile
            One of `tiles`.
        x : float32 tensor
            Inner products, of the shape of the tile; overwritten if slopes are wanted.
        loss, slopes : bool
            What to work out.

        Returns
        -------
        float
            The loss; 0 if it is not wanted.
        """
        corner = tile.rows.start, tile.columns.start
        sums = *self._positive, *self._negative
        return float(sgns_tile(*sums, *corner, loss, slopes, x.numpy()))


class Strips:
    """Whole rows, whose seen pairs lie together, on a torch device.

    Parameters
    ----------
    terms : PairTerms
        The coefficients of the loss over pairs.
    left, right : (R, V) float64
        Outer products that take the place of those of `terms`.
    device : torch.device
        Where they go.
    dtype : torch.dtype
        Precision.
    """

    def __init__(
        self,
        terms: PairTerms,
        left: NDArray[np.float64],
        right: NDArray[np.float64],
        *,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        size = terms.n_words
        height = max(1, ENTRIES // size)
        self.tiles = [
            Tile(slice(k, min(k + height, size)), slice(0, size), mirrored=False)
            for k in range(0, size, height)
        ]
        # Where the seen pairs of a tile lie in it, worked out once: a number of a row that the
        # host sends for each tile of each gradient would hold the device up.
        lengths = torch.as_tensor(np.diff(terms.indptr), device=device)
        columns = torch.as_tensor(terms.columns, device=device)
        self._places = torch.empty_like(columns)
        self._entries: dict[int, slice] = {}
        for tile in self.tiles:
            rows = tile.rows
            mine = slice(int(terms.indptr[rows.start]), int(terms.indptr[rows.stop]))
            lines = torch.arange(rows.stop - rows.start, device=device, dtype=columns.dtype)
            lines = lines.repeat_interleave(lengths[rows], output_size=mine.stop - mine.start)
            self._places[mine] = lines.mul_(size).add_(columns[mine])
            self._entries[rows.start] = mine
        self._values = torch.as_tensor(terms.positive, dtype=dtype, device=device)
        self._left = torch.as_tensor(left, dtype=dtype, device=device)
        self._right = torch.as_tensor(right, dtype=dtype, device=device)
        self._seen = terms.seen

    def join(self, tile: Tile, positive: Tensor, negative: Tensor) -> Tensor:
        """Work out Psi+P o positive + Psi-PP o negative on a tile, without rounding any factor.

        Parameters
        ----------
        tile : Tile
            One of `tiles`.
        positive, negative : tensor
            Of the shape of the tile.

        Returns
        -------
        tensor
            Of that shape, an array of its own.
        """
        entries = self._entries[tile.rows.start]
        places = self._places[entries].long()
        out = torch.zeros(positive.shape, dtype=positive.dtype, device=positive.device)
        for factor, others in zip(self._left[:, tile.rows], self._right, strict=True):
            out.addcmul_(factor[:, None], others[None, :])
        out.mul_(negative)
        seen = positive.reshape(-1)[places] - self._seen * negative.reshape(-1)[places]
        # No place comes twice, so that nothing is added up in an order left to the device.
        out.view(-1)[places] += self._values[entries] * seen
        return out
