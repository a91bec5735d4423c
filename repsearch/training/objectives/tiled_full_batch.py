"""Evaluate any loss of all pairs in tiles of the V x V array of inner products.

A tile goes from x = A B^T through dL/dx to its part of the gradient while it is in
the processor's cache, so that V x V numbers are never stored.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from repsearch import dynamics
from repsearch.training.arithmetic import devices
from repsearch.training.arithmetic.matrix_products import (
    Workers,
    add_product,
    factors,
    product,
    sum_in_order,
)
from repsearch.training.compute import Compute
from repsearch.training.objectives.losses import Loss
from repsearch.training.terms.pair_terms import PairTerms
from repsearch.training.terms.pair_tiles import Tile, pair_tiles
from repsearch.training.terms.tile_losses import tile_loss

PARTS = 8  # sums of their own, added up at the end


class TiledFullBatch:
    """Exact loss and gradient of any loss under any weighting; an `Objective`.

    dL/dx_ij = Psi+_ij P_ij f+'(x_ij) + Psi-_ij P_i P_j f-'(x_ij). With tied weights
    x is symmetric, only the symmetric part of the coefficients counts, and tiles
    below the diagonal are those above it, transposed.

    On the CPU, threads beyond 8 have nothing to do.

    Parameters
    ----------
    terms : PairTerms
        The coefficients of the loss over pairs.
    loss : Loss
        f+ and f-.
    tied : bool
        Whether words and contexts share their vectors.
    compute : Compute
        Device and precision.
    """

    stochastic = False

    def __init__(self, terms: PairTerms, loss: Loss, *, tied: bool, compute: Compute) -> None:
        self.tied = tied
        self.way = "tiles"
        self.eps = compute.eps
        self._compute = compute
        self._workers = Workers(compute)
        self._size = terms.n_words
        self.rate = dynamics.clock(
            1.0, loss=loss.expansion, tied=tied, weight=terms.mean_weight
        ).rate
        pairs = pair_tiles(terms, tied=tied, compute=compute)
        self._loss = tile_loss(pairs, loss, compute)
        tiles = pairs.tiles
        bounds = np.linspace(0, len(tiles), min(PARTS, len(tiles)) + 1).astype(int)
        self._parts = [tiles[begin:end] for begin, end in pairwise(bounds)]

    def gradient(self, weights: Tensor, step: int = 0) -> Tensor:
        """Work out D B and D^T A with D = dL/dx; tied, (D + D^T) W.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) tensor
            W of tied weights; words and contexts of untied ones.
        step : int
            Has no effect.

        Returns
        -------
        (V, d) or (2, V, d) tensor
            The gradient.

        Raises
        ------
        InputError
            Weights of another shape, precision or device.
        """
        return self._all(weights, loss=False, gradient=True)[1]

    def loss(self, weights: Tensor, step: int = 0) -> float:
        """Add up the loss of all pairs, in float64 from terms in the precision of the weights.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) tensor
            W of tied weights; words and contexts of untied ones.
        step : int
            Has no effect.

        Returns
        -------
        float
            The loss.

        Raises
        ------
        InputError
            Weights of another shape, precision or device.
        """
        return self._all(weights, loss=True, gradient=False)[0]

    def loss_and_gradient(self, weights: Tensor) -> tuple[float, Tensor]:
        """Work out `loss` and `gradient` in one pass over all pairs, to the same bits.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) tensor
            W of tied weights; words and contexts of untied ones.

        Returns
        -------
        loss : float
            The loss.
        gradient : (V, d) or (2, V, d) tensor
            The gradient.

        Raises
        ------
        InputError
            Weights of another shape, precision or device.
        """
        return self._all(weights, loss=True, gradient=True)

    def _all(self, weights: Tensor, *, loss: bool, gradient: bool) -> tuple[float, Tensor]:
        """Go through all pairs once; what is not wanted is meaningless."""
        words, contexts = factors(weights, self._size, tied=self.tied, compute=self._compute)
        found = self._workers.map(
            lambda part: self._of(part, words, contexts, loss=loss, gradient=gradient), self._parts
        )
        value = _added([loss for loss, _ in found]) if loss else 0.0
        if not gradient:
            return value, words
        total = sum_in_order([gradient for _, gradient in found])
        return value, total[0].mul_(2) if self.tied else total

    def _of(
        self, part: list[Tile], words: Tensor, contexts: Tensor, *, loss: bool, gradient: bool
    ) -> tuple[Tensor, Tensor]:
        """Work out the loss of some tiles in float64, where the weights are, and their gradient.

        The gradient is (1, V, d) of tied weights, (2, V, d) of others.
        """
        products = self._compute.products
        value = words.new_zeros((), dtype=torch.float64)
        sides = 1 if self.tied else 2
        total = words.new_zeros((sides, *words.shape)) if gradient else words
        for tile in part:
            of_rows, of_columns = words[tile.rows], contexts[tile.columns]
            x = product(of_rows, of_columns.T, products)
            once, slopes = self._loss.at(tile, x, loss=loss, slopes=gradient)
            if loss:
                value += 2 * once if tile.mirrored else once
            if gradient:
                add_product(total[0, tile.rows], slopes, of_columns, products)
            if gradient and (tile.mirrored or not self.tied):
                add_product(total[-1, tile.columns], slopes.T, of_rows, products)
        return value, total


def _added(parts: list[Tensor]) -> float:
    """Add up losses of tiles; of a device one number is read."""
    if devices.on_host(parts[0]):
        return math.fsum(float(part) for part in parts)
    return float(torch.stack(parts).sum())
