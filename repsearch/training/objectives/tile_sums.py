"""Add up loss and gradient over tiles of pairs, part by part: all parts, or a process's share."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from repsearch.training.arithmetic.matrix_products import Workers, add_product, product
from repsearch.training.arithmetic.pairwise_sum import PairwiseSum
from repsearch.training.compute import Compute
from repsearch.training.objectives.losses import Loss
from repsearch.training.terms.pair_terms import PairTerms
from repsearch.training.terms.pair_tiles import pair_tiles
from repsearch.training.terms.tile_losses import tile_loss

FEWEST = 8
"""Parts that all tiles are divided into, where they are not more."""
SIDES = 2
"""Sides of tiles that a part more is worth: so its sum of V d numbers takes about a hundredth of
the time of its arithmetic."""


class TileSums:
    """Sums over some of the parts of all tiles.

    Parameters
    ----------
    terms : PairTerms
        The coefficients of the loss over pairs; those of the rows of these parts will do.
    loss : Loss
        f+ and f-.
    tied : bool
        Whether words and contexts share their vectors.
    compute : Compute
        Device and precision.
    first, stop : int, optional
        Numbers of the parts, all by default.
    """

    def __init__(
        self,
        terms: PairTerms,
        loss: Loss,
        *,
        tied: bool,
        compute: Compute,
        first: int = 0,
        stop: int | None = None,
    ) -> None:
        self._tied, self._products = tied, compute.products
        self._workers = Workers(compute)
        pairs = pair_tiles(terms, tied=tied, compute=compute)
        self._loss = tile_loss(pairs, loss, compute)
        number = number_of_parts(len({tile.rows.start for tile in pairs.tiles}), len(pairs.tiles))
        bounds = np.linspace(0, len(pairs.tiles), number + 1).astype(int)
        self.parts = [pairs.tiles[begin:end] for begin, end in pairwise(bounds)]
        self.mine = range(first, number if stop is None else stop)

    def rows(self, first: int, stop: int) -> slice:
        """Give the words whose pairs are in some parts, as rows of Psi+P.

        Parameters
        ----------
        first, stop : int
            Numbers of the parts.

        Returns
        -------
        slice
            Without a word where there is no part.
        """
        if first == stop:
            return slice(0, 0)
        return slice(self.parts[first][0].rows.start, self.parts[stop - 1][-1].rows.stop)

    def of(
        self, words: Tensor, contexts: Tensor, *, loss: bool, gradient: bool
    ) -> tuple[list[Tensor], PairwiseSum]:
        """Go through the tiles of these parts once.

        Parameters
        ----------
        words, contexts : (V, d) tensor
            A and B, as `factors` gives them.
        loss, gradient : bool
            What to work out; the rest is meaningless.

        Returns
        -------
        losses : list of () float64 tensor
            The loss of each part, where the weights are.
        sums : PairwiseSum
            Of the gradients of the parts, (1, V, d) of tied weights, (2, V, d) of others.
        """
        losses, sums = [], PairwiseSum()
        found = self._workers.in_turn(
            lambda number: self._of(number, words, contexts, loss=loss, gradient=gradient),
            self.mine,
        )
        # Added up as they come, so that few of them are held at once.
        for number, (value, total) in zip(self.mine, found, strict=True):
            losses.append(value)
            if gradient:
                sums.add(number, 1, total)
        return losses, sums

    def _of(
        self, number: int, words: Tensor, contexts: Tensor, *, loss: bool, gradient: bool
    ) -> tuple[Tensor, Tensor]:
        """Work out the loss of a part in float64, and its gradient."""
        value = words.new_zeros((), dtype=torch.float64)
        sides = 1 if self._tied else 2
        total = words.new_zeros((sides, *words.shape)) if gradient else words
        for tile in self.parts[number]:
            of_rows, of_columns = words[tile.rows], contexts[tile.columns]
            x = product(of_rows, of_columns.T, self._products)
            once, slopes = self._loss.at(tile, x, loss=loss, slopes=gradient)
            if loss:
                value += 2 * once if tile.mirrored else once
            if gradient:
                add_product(total[0, tile.rows], slopes, of_columns, self._products)
            if gradient and (tile.mirrored or not self._tied):
                add_product(total[-1, tile.columns], slopes.T, of_rows, self._products)
        return value, total


def number_of_parts(sides: int, tiles: int) -> int:
    """Choose how many parts tiles are divided into: so many threads can work, of all processes.

    Parameters
    ----------
    sides : int
        Number of tiles along one side of all pairs.
    tiles : int
        Number of tiles.

    Returns
    -------
    int
        A power of two of at least 8, or as many as there are tiles. The bits of sums depend on it.

    Examples
    --------
    >>> [number_of_parts(V // 512, (V // 512) ** 2) for V in (600, 10_000, 100_000, 1_000_000)]
    [1, 8, 64, 512]
    """
    power = 1 << max(sides // SIDES, 1).bit_length() - 1
    return min(tiles, max(FEWEST, power))
