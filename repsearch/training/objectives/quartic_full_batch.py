"""Evaluate the quartic loss of all pairs under Setting 3.1, without a V x V array of products.

With G = 1 and M* = 2 (Psi+P - Psi-PP) = 4 Psi+P - 2 11^T, all is in M* W and d x d
products (theory: arXiv 2502.09863, Theorem 1): L = ||W W^T||^2 / 4 - <W, M* W> / 2.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from repsearch import dynamics
from repsearch.errors import InputError
from repsearch.training.arithmetic.matrix_products import (
    Workers,
    add_product,
    factors,
    product,
    sum_in_order,
)
from repsearch.training.compute import Compute
from repsearch.training.objectives.shared_rows import SharedRows
from repsearch.training.objectives.target_rows import Dense, DeviceSparse, Sparse, target_rows
from repsearch.training.processes.group import Processes
from repsearch.training.terms.pair_terms import PairTerms

BLOCK = 512  # rows


class QuarticFullBatch:
    """Exact loss and gradient of `Quartic` under `Setting31`; an `Objective`.

    arXiv 2502.09863, Theorem 1, with g = 1.
    M* is held as an array where at least 25 % of its entries stand for a seen
    pair and it takes at most 1 GiB, otherwise as the memory of `terms`.

    Parameters
    ----------
    terms : PairTerms
        The coefficients under Setting 3.1.
    tied : bool
        Whether words and contexts share their vectors.
    compute : Compute
        Device and precision.
    processes : Processes, optional
        Others that work out their share of the rows of M* W.

    Raises
    ------
    InputError
        Terms of another weighting.
    """

    stochastic = False
    way = "products with M*"

    def __init__(
        self,
        terms: PairTerms,
        *,
        tied: bool,
        compute: Compute,
        processes: Processes | None = None,
    ) -> None:
        if not terms.constant:
            raise InputError(
                "the terms are of a weighting other than Setting 3.1; use TiledFullBatch, or "
                "pair_terms(counts, Setting31())"
            )
        given = compute
        if processes is not None:
            compute = processes.threads(compute)
        self.tied = tied
        self.eps = compute.eps
        self.rate = dynamics.clock(
            1.0, loss=dynamics.QUARTIC, tied=tied, weight=terms.mean_weight
        ).rate
        self._size = terms.n_words
        self._compute = compute
        self._workers = Workers(compute)
        size = self._size
        height = BLOCK if compute.torch_device.type == "cpu" else size
        self._blocks = [slice(k, min(k + height, size)) for k in range(0, size, height)]
        self._target: Dense | Sparse | DeviceSparse | SharedRows
        self._target = target = target_rows(terms, self._blocks, compute)
        if processes is not None and not isinstance(target, DeviceSparse):
            self._target = SharedRows(target, terms, given, processes)
            self.way = f"products with M* over {processes.size} processes"

    def gradient(self, weights: Tensor, step: int = 0) -> Tensor:
        """Work out (W W^T - M*) W; untied (A B^T - M*) B / 2 and (A B^T - M*)^T A / 2.

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
        words, contexts = self._factors(weights)
        if self.tied:
            return self._gradient_of(words, words)
        return torch.stack(
            [self._gradient_of(words, contexts), self._gradient_of(contexts, words)]
        ).div_(2)

    def loss_and_gradient(self, weights: Tensor) -> tuple[float, Tensor]:
        """Work out `loss` and `gradient`, one after the other.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) tensor
            W of tied weights; words and contexts of untied ones.

        Returns
        -------
        loss : float
            The loss.
        gradient : tensor
            Of the shape of the weights.
        """
        return self.loss(weights), self.gradient(weights)

    def loss(self, weights: Tensor, step: int = 0) -> float:
        """Work out ||A B^T||^2 / 4 - <A, M* B> / 2, with products as chosen, their sum in float64.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) tensor
            W of tied weights; words and contexts of untied ones.
        step : int
            Has no effect.

        Returns
        -------
        float
            The loss, 0 at the origin.

        Raises
        ------
        InputError
            Weights of another shape, precision or device.
        """
        words, contexts = self._factors(weights)
        target = self._target.times(contexts, self._sum(contexts), self._workers)
        pairs = [(words[rows], target[rows]) for rows in self._blocks]
        pairs.append((self._gram(words), self._gram(contexts)))
        *parts, squares = self._workers.map(_inner, pairs)
        return squares / 4 - math.fsum(parts) / 2

    def _factors(self, weights: Tensor) -> tuple[Tensor, Tensor]:
        return factors(weights, self._size, tied=self.tied, compute=self._compute)

    def _gradient_of(self, own: Tensor, other: Tensor) -> Tensor:
        """Work out the gradient of one side: own (other^T other) - M* other; M* is symmetric."""
        gram = self._gram(other)
        out = self._target.times(other, self._sum(other), self._workers).neg_()
        products = self._compute.products
        self._workers.map(
            lambda rows: add_product(out[rows], own[rows], gram, products), self._blocks
        )
        return out

    def _gram(self, block: Tensor) -> Tensor:
        """Work out W^T W, (d, d)."""
        parts = self._workers.map(
            lambda rows: product(block[rows].T, block[rows], self._compute.products), self._blocks
        )
        return sum_in_order(parts)

    def _sum(self, block: Tensor) -> Tensor:
        """Work out 1^T W, (d,)."""
        return sum_in_order(self._workers.map(lambda rows: block[rows].sum(0), self._blocks))


def _inner(pair: tuple[Tensor, Tensor]) -> float:
    return float((pair[0].double() * pair[1].double()).sum())
