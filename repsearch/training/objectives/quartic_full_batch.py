"""Evaluate the quartic loss of all pairs under Setting 3.1, without a V x V array of products.

With G = 1 and M* = 2 (Psi+P - Psi-PP) = 4 Psi+P - 2 11^T, all is in M* W and d x d
products (theory: arXiv 2502.09863, Theorem 1): L = ||W W^T||^2 / 4 - <W, M* W> / 2.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
import torch
from torch import Tensor

from repsearch import dynamics
from repsearch.errors import InputError
from repsearch.kernels.sparse_block import multiply_rows
from repsearch.training.arithmetic.matrix_products import (
    Workers,
    add_product,
    factors,
    product,
    sum_in_order,
)
from repsearch.training.compute import Compute
from repsearch.training.terms.pair_terms import PairTerms

# On two threads both forms took equal times at densities between 0.16 (V = 10,000, d = 200,
# float32) and 0.37 (V = 5,000, d = 100, float64).
DENSE_FROM = 0.25  # share of entries that are not zero
DENSE_BYTES = 1 << 30  # 16,384 words in float32
BLOCK = 512  # rows
PARTS = 64  # of the sparse matrix, each of about as many entries


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

    Raises
    ------
    InputError
        Terms of another weighting.
    """

    stochastic = False
    way = "products with M*"

    def __init__(self, terms: PairTerms, *, tied: bool, compute: Compute) -> None:
        if not terms.constant:
            raise InputError(
                "the terms are of a weighting other than Setting 3.1; use TiledFullBatch, or "
                "pair_terms(counts, Setting31())"
            )
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
        kind = np.dtype(compute.dtype)
        full = len(terms.columns) >= DENSE_FROM * size**2
        self._target: _Dense | _Sparse | _DeviceSparse
        if full and size**2 * kind.itemsize <= DENSE_BYTES:
            self._target = _Dense(terms, self._blocks, compute)
        elif compute.torch_device.type == "cpu":
            self._target = _Sparse(terms, compute)
        else:
            self._target = _DeviceSparse(terms, compute)

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


class _Dense:
    """M* as an array."""

    def __init__(self, terms: PairTerms, blocks: list[slice], compute: Compute) -> None:
        matrix = torch.full((terms.n_words,) * 2, -2, dtype=compute.torch_dtype)
        for row, mine in enumerate(matrix.numpy()):
            entries = slice(*terms.indptr[row : row + 2])
            mine[terms.columns[entries]] += 4 * terms.positive[entries]
        self.matrix = matrix.to(compute.torch_device)
        self.blocks = blocks
        self.products = compute.products

    def times(self, block: Tensor, total: Tensor, workers: Workers) -> Tensor:
        return torch.cat(
            workers.map(lambda rows: product(self.matrix[rows], block, self.products), self.blocks)
        )


class _Sparse:
    """M* by its seen pairs, in the memory of the terms."""

    def __init__(self, terms: PairTerms, compute: Compute) -> None:
        positive = terms.positive.astype(compute.dtype, copy=False)
        self.arrays = (terms.indptr, terms.columns, positive)
        shares = np.arange(1, PARTS) * (len(positive) / PARTS)
        self.bounds = np.concatenate(
            [[0], np.searchsorted(terms.indptr, shares), [terms.n_words]]
        ).tolist()

    def times(self, block: Tensor, total: Tensor, workers: Workers) -> Tensor:
        out = torch.empty_like(block)

        def part(number: int) -> None:
            first, last = self.bounds[number : number + 2]
            multiply_rows(*self.arrays, block.numpy(), first, last, out.numpy())
            out[first:last].mul_(4).sub_(2 * total)

        workers.map(part, range(PARTS))
        return out


class _DeviceSparse:
    """The same on a CUDA device."""

    def __init__(self, terms: PairTerms, compute: Compute) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
            # torch 2.11 and 2.12 warn of unchecked invariants even where a check is asked for.
            warnings.filterwarnings("ignore", "Sparse invariant checks are implicitly disabled")
            self.matrix = torch.sparse_csr_tensor(
                torch.as_tensor(terms.indptr),
                torch.as_tensor(terms.columns.astype(np.int64)),
                torch.as_tensor(terms.positive),
                (terms.n_words,) * 2,
                dtype=compute.torch_dtype,
                device=compute.torch_device,
                check_invariants=True,
            )

    def times(self, block: Tensor, total: Tensor, workers: Workers) -> Tensor:
        return (self.matrix @ block).mul_(4).sub_(2 * total)
