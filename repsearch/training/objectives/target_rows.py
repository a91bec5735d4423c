"""Multiply rows of M* by W under Setting 3.1: of an array, or of the seen pairs alone."""

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from repsearch.kernels.sparse_block import multiply_rows
from repsearch.training.arithmetic.matrix_products import Workers, product
from repsearch.training.compute import Compute
from repsearch.training.terms.pair_terms import PairTerms

# On two threads both forms took equal times at densities between 0.16 (V = 10,000, d = 200,
# float32) and 0.37 (V = 5,000, d = 100, float64).
DENSE_FROM = 0.25  # share of entries that are not zero
DENSE_BYTES = 1 << 30  # 16,384 words in float32
PARTS = 64  # of the sparse matrix, each of about as many entries


class Dense:
    """M* as an array.

    Parameters
    ----------
    terms : PairTerms
        The coefficients under Setting 3.1.
    pieces : list of slice
        Rows that are here, and that are multiplied at once.
    compute : Compute
        Device and precision.
    """

    name = "dense"

    def __init__(self, terms: PairTerms, pieces: list[slice], compute: Compute) -> None:
        self.pieces, self.products = pieces, compute.products
        self.rows = span(pieces)
        size = self.rows.stop - self.rows.start, terms.n_words
        matrix = torch.full(size, -2, dtype=compute.torch_dtype)
        for row, mine in enumerate(matrix.numpy(), start=self.rows.start):
            entries = slice(*terms.indptr[row : row + 2])
            mine[terms.columns[entries]] += 4 * terms.positive[entries]
        self.matrix = matrix.to(compute.torch_device)

    def times(self, block: Tensor, total: Tensor, workers: Workers) -> Tensor:
        """Work out these rows of M* B.

        Parameters
        ----------
        block : (V, d) tensor
            B.
        total : (d,) tensor
            Its sum over words.
        workers : Workers
            Threads.

        Returns
        -------
        (rows, d) tensor
            The product.
        """

        def part(piece: slice) -> Tensor:
            mine = slice(piece.start - self.rows.start, piece.stop - self.rows.start)
            return product(self.matrix[mine], block, self.products)

        return torch.cat([block[:0], *workers.map(part, self.pieces)])


class Sparse:
    """M* by its seen pairs, in the memory of the terms.

    Parameters
    ----------
    terms : PairTerms
        The coefficients under Setting 3.1.
    pieces : list of slice
        Rows that are here, and that are multiplied at once.
    compute : Compute
        Precision.
    """

    name = "sparse"

    def __init__(self, terms: PairTerms, pieces: list[slice], compute: Compute) -> None:
        self.pieces, self.rows = pieces, span(pieces)
        positive = terms.positive.astype(compute.dtype, copy=False)
        indptr = terms.indptr[self.rows.start : self.rows.stop + 1]
        self.arrays = (indptr, terms.columns, positive)

    def times(self, block: Tensor, total: Tensor, workers: Workers) -> Tensor:
        """Work out these rows of M* B.

        Parameters
        ----------
        block : (V, d) tensor
            B.
        total : (d,) tensor
            Its sum over words.
        workers : Workers
            Threads.

        Returns
        -------
        (rows, d) tensor
            The product.
        """
        out = block.new_empty((self.rows.stop - self.rows.start, block.shape[1]))

        def part(piece: slice) -> None:
            first, last = piece.start - self.rows.start, piece.stop - self.rows.start
            multiply_rows(*self.arrays, block.numpy(), first, last, out.numpy())
            out[first:last].mul_(4).sub_(2 * total)

        workers.map(part, self.pieces)
        return out


class DeviceSparse:
    """The same on a CUDA device.

    Parameters
    ----------
    terms : PairTerms
        The coefficients under Setting 3.1.
    compute : Compute
        Device and precision.
    """

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
        """Work out M* B.

        Parameters
        ----------
        block : (V, d) tensor
            B.
        total : (d,) tensor
            Its sum over words.
        workers : Workers
            Has no effect.

        Returns
        -------
        (V, d) tensor
            The product.
        """
        return (self.matrix @ block).mul_(4).sub_(2 * total)


FORMS: dict[str, type[Dense | Sparse]] = {"dense": Dense, "sparse": Sparse}


def target_rows(
    terms: PairTerms, blocks: list[slice], compute: Compute
) -> Dense | Sparse | DeviceSparse:
    """Choose the form of M* by its density and size.

    Parameters
    ----------
    terms : PairTerms
        The coefficients under Setting 3.1.
    blocks : list of slice
        Rows that an array is multiplied by at once.
    compute : Compute
        Device and precision.

    Returns
    -------
    Dense, Sparse or DeviceSparse
        All rows.
    """
    size, kind = terms.n_words, np.dtype(compute.dtype)
    full = len(terms.columns) >= DENSE_FROM * size**2
    if full and size**2 * kind.itemsize <= DENSE_BYTES:
        return Dense(terms, blocks, compute)
    if compute.torch_kind != "cpu":
        return DeviceSparse(terms, compute)
    shares = np.arange(1, PARTS) * (len(terms.columns) / PARTS)
    bounds = [0, *np.searchsorted(terms.indptr, shares).tolist(), size]
    return Sparse(terms, [slice(*ends) for ends in pairwise(bounds)], compute)


def span(pieces: list[slice]) -> slice:
    """Give the rows of pieces that follow each other.

    Parameters
    ----------
    pieces : list of slice
        None, or several.

    Returns
    -------
    slice
        From the first to the last.
    """
    return slice(pieces[0].start, pieces[-1].stop) if pieces else slice(0, 0)
