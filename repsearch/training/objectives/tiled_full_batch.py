"""Evaluate any loss of all pairs in tiles of the V x V array of inner products.

A tile goes from x = A B^T through dL/dx to its part of the gradient while it is in
the processor's cache, so that V x V numbers are never stored.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from repsearch import dynamics
from repsearch.training.arithmetic import devices
from repsearch.training.arithmetic.matrix_products import factors
from repsearch.training.compute import Compute
from repsearch.training.objectives.losses import Loss
from repsearch.training.objectives.shared_sums import SharedTileSums
from repsearch.training.objectives.tile_sums import TileSums
from repsearch.training.processes.group import Processes
from repsearch.training.terms.pair_terms import PairTerms


class TiledFullBatch:
    """Exact loss and gradient of any loss under any weighting; an `Objective`.

    dL/dx_ij = Psi+_ij P_ij f+'(x_ij) + Psi-_ij P_i P_j f-'(x_ij). With tied weights
    x is symmetric, only the symmetric part of the coefficients counts, and tiles
    below the diagonal are those above it, transposed.

    On the CPU, threads have nothing to do beyond 8, or beyond about one for each 1,500 words where
    that is more; those of all processes together. Their number changes no bit.

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
    processes : Processes, optional
        Others that work out their share of the sums.
    """

    stochastic = False

    def __init__(
        self,
        terms: PairTerms,
        loss: Loss,
        *,
        tied: bool,
        compute: Compute,
        processes: Processes | None = None,
    ) -> None:
        self.tied = tied
        self.way = "tiles"
        self.eps = compute.eps
        self._compute = compute
        self._size = terms.n_words
        self.rate = dynamics.clock(
            1.0, loss=loss.expansion, tied=tied, weight=terms.mean_weight
        ).rate
        self._sums: TileSums | SharedTileSums
        if processes is None:
            self._sums = TileSums(terms, loss, tied=tied, compute=compute)
        else:
            self._sums = SharedTileSums(
                terms, loss, tied=tied, compute=compute, processes=processes
            )
            self.way = f"tiles over {processes.size} processes"

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
        losses, sums = self._sums.of(words, contexts, loss=loss, gradient=gradient)
        value = _added(losses) if loss else 0.0
        if not gradient:
            return value, words
        total = sums.total()
        return value, total[0].mul_(2) if self.tied else total


def _added(parts: list[Tensor]) -> float:
    """Add up losses of tiles; of a device one number is read."""
    if devices.on_host(parts[0]):
        return math.fsum(float(part) for part in parts)
    return float(torch.stack(parts).sum())
