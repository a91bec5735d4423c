"""Work out full-batch SGNS on a GPU by a kernel that never writes the V x V part of its work.

Arithmetic against memory, for tied weights. X = W W^T and D W take 4 V^2 d
floating-point operations (3 V^2 d if X_ij = X_ji were used, which would need two
programs to add to one sum, in an order that changes from run to run). At
V = 10,000, d = 200 that is 8e10: on an H200, by its data sheet, 1.2 ms at 67 TFLOP/s
(float32), 0.16 ms at 495 TFLOP/s (TF32), 0.08 ms at 990 TFLOP/s (bfloat16).
Writing X and reading it back for the sigmoid, then D for the second product, would
move 4 arrays of 400 MB at 4.8 TB/s, 0.33 ms; this kernel moves one, Psi+P, in 0.08 ms
and while it computes.

Psi+P is a dense float32 array because counts of words that matter here are half
full (52 % at V = 10,000): as a sparse product Psi+P W would fetch a row of W from
cache for each of 5e7 entries, 4e10 bytes, several milliseconds, and a number that
is subtracted in the tile costs nothing but its 4 bytes. Working Psi+P out of
the counts in the kernel would read the same 4 bytes. Psi-PP is never stored: the tile
has it from the outer products. Rounding Psi+P to bfloat16 would halve its bytes,
but near the minimum D is a small difference of it and the sigmoid.

Asked for TF32, the kernel multiplies halves of bfloat16 (`fused_kernel`): on an H200 that takes
0.76 ms where TF32 took 0.95 to 1.1, and the gradient is 67 times as exact.

A tile's sides are powers of two, so d is padded to the next one: d = 200 does
1.28 times the arithmetic. What a step really takes, `python -m benchmarks.gpu` measures.
"""

from __future__ import annotations

import importlib.util
import os
from contextlib import nullcontext
from dataclasses import replace

import torch
from torch import Tensor

from repsearch import dynamics
from repsearch.errors import InputError
from repsearch.training.arithmetic.matrix_products import factors
from repsearch.training.compute import Compute, Products
from repsearch.training.objectives.fused_tiles import TILES, Tiles, stretch_of
from repsearch.training.objectives.losses import Sgns
from repsearch.training.objectives.tiled_full_batch import TiledFullBatch
from repsearch.training.terms.padded_terms import PaddedTerms, has_room, padded_terms
from repsearch.training.terms.pair_terms import PairTerms

WIDEST = 256
"""Dimensions whose sums still fit into the registers of a multiprocessor beside a tile."""
_ROUNDINGS = 8
"""Units of rounding in which two right ways may differ."""
_HALVES_EPS = 2.0**-16
"""Two bfloat16 leave 2^-18 of a number; a product of halves, that of both and as much again."""


def available() -> bool:
    """Tell whether the kernel can run.

    Returns
    -------
    bool
        Whether there is Triton and a CUDA device, or Triton's interpreter.
    """
    installed = importlib.util.find_spec("triton") is not None
    return installed and (torch.cuda.is_available() or _interpreted())


def applies(n_words: int, d: int | None, compute: Compute) -> bool:
    """Tell whether the kernel is the fastest way there is.

    Parameters
    ----------
    n_words : int
        V.
    d : int or None
        Dimension of the embeddings, if it is known.
    compute : Compute
        Device and precision. Full products are faster by the vendor's library.

    Returns
    -------
    bool
        Whether device, precision, dimension, memory and what is installed allow it.
    """
    if compute.torch_device.type != "cuda" or compute.products == "full" or not available():
        return False
    return (d is None or d <= WIDEST) and has_room(n_words, compute.torch_device)


def width_for(d: int) -> int:
    """Give the power of two that d dimensions are padded to.

    Parameters
    ----------
    d : int
        Dimension of the embeddings.

    Returns
    -------
    int
        At least 16.

    Raises
    ------
    InputError
        More than 256 dimensions.

    Examples
    --------
    >>> width_for(200), width_for(3)
    (256, 16)
    """
    if d > WIDEST:
        raise InputError(
            f"the fused kernel has room for {WIDEST} dimensions, not {d}; use TiledFullBatch"
        )
    return max(16, 1 << (d - 1).bit_length())


def fused_products(
    rows: Tensor,
    columns: Tensor,
    terms: PaddedTerms,
    *,
    products: Products,
    tiles: Tiles | None = None,
    processors: int | None = None,
) -> Tensor:
    """Work out D C for A = `rows` and C = `columns`, D_ij = dL/dx_ij of SGNS at x_ij = a_i . c_j.

    Parameters
    ----------
    rows, columns : (V, d) float32 tensor
        Vectors of the words of both sides, on the device of `terms`.
    terms : PaddedTerms
        The coefficients of the loss over pairs.
    products : {"full", "tf32", "bfloat16"}
        What the factors of both products are rounded to; sums are in float32. "tf32" is
        rounded less, to two bfloat16.
    tiles : Tiles, optional
        Those of `TILES` by default.
    processors : int, optional
        Multiprocessors to keep busy; those of the device by default. How the sum
        over words is divided depends on it, and with it the last bits.

    Returns
    -------
    (V, d) float32 tensor
        D C.

    Raises
    ------
    InputError
        More than 256 dimensions.
    """
    from repsearch.training.objectives.fused_kernel import sgns_products

    size, d = rows.shape
    width, n = width_for(d), len(terms.positive)
    tiles = tiles or TILES[products]
    if processors is None:
        processors = _processors(rows.device)
    # The interpreter has no products of bfloat16: the same numbers are held in float32 there.
    halved, rounded = products == "tf32", products != "full"
    factor = torch.bfloat16 if rounded and rows.is_cuda else torch.float32

    def padded(vectors: Tensor) -> tuple[Tensor, Tensor]:
        parts = torch.zeros((1 + halved, n, width), dtype=factor, device=vectors.device)
        parts[0, :size, :d] = vectors.bfloat16() if rounded else vectors
        if halved:
            parts[1, :size, :d] = (vectors - parts[0, :size, :d].float()).bfloat16()
        return parts[0], parts[-1]

    first, first_left = padded(rows)
    second, second_left = (first, first_left) if columns is rows else padded(columns)
    blocks = n // tiles.rows
    stretch = stretch_of(blocks, n // tiles.columns, processors) * tiles.columns
    stretches = -(-n // stretch)
    sums = torch.empty((stretches, n, width), dtype=torch.float32, device=rows.device)
    # Triton starts its kernels on the current device.
    with torch.cuda.device(rows.device) if rows.is_cuda else nullcontext():
        sgns_products[(blocks, stretches)](
            first,
            second,
            first_left,
            second_left,
            terms.positive,
            terms.left,
            terms.right,
            sums,
            n,
            stretch,
            terms.unseen,
            RANK=len(terms.left),
            WIDTH=width,
            BLOCK_I=tiles.rows,
            BLOCK_J=tiles.columns,
            HALVES=halved,
            num_warps=tiles.warps,
            num_stages=tiles.stages,
            enable_fp_fusion=True,  # said, because Triton's default is about to change
        )
    return sums[:, :size, :d].sum(0)


class FusedSgns:
    """SGNS over all pairs by the fused kernel; an `Objective`.

    The gradient is 2 D W (tied) or (D B, D^T A) with D as in `fused_products`; beyond
    256 dimensions it is that of `TiledFullBatch`. For ``products="full"`` the kernel
    multiplies outside the tensor cores, where `TiledFullBatch`, which calls the
    vendor's products, is faster (`docs/gpu.md`), and `full_batch` takes that.

    Parameters
    ----------
    terms : PairTerms
        Any weighting. Psi+P takes 4 V^2 bytes on the GPU.
    tied : bool
        Whether words and contexts share their vectors.
    compute : Compute
        A CUDA device, float32 weights.

    Raises
    ------
    InputError
        Another device or precision, Triton is not installed, not enough memory.
    """

    stochastic = False
    way = "fused kernel"

    def __init__(self, terms: PairTerms, *, tied: bool, compute: Compute) -> None:
        if importlib.util.find_spec("triton") is None:
            raise InputError(
                "the fused kernel needs Triton, which is not installed; install triton, or use "
                "TiledFullBatch"
            )
        device = compute.torch_device
        if device.type != "cuda" and not _interpreted():
            raise InputError(
                f"device is {compute.device!r}, and the fused kernel is for a GPU; choose 'cuda', "
                "or use TiledFullBatch"
            )
        if compute.dtype != "float32":
            raise InputError(
                f"dtype is {compute.dtype!r}, and the fused kernel computes in float32; choose "
                "'float32', or use TiledFullBatch"
            )
        self.tied = tied
        self.eps = _HALVES_EPS if compute.products == "tf32" else compute.eps
        self.rate = dynamics.clock(
            1.0, loss=dynamics.SGNS, tied=tied, weight=terms.mean_weight
        ).rate
        self._size = terms.n_words
        self._compute = compute
        # The loss, and what the kernel is held against, are to be as exact as float32 is.
        exact = replace(compute, products="full")
        self._plain = TiledFullBatch(terms, Sgns(), tied=tied, compute=exact)
        self.terms = padded_terms(terms, device, tied=tied)

    def fails(self, d: int | None) -> str | None:
        """Tell whether the kernel fails on this machine, or gives other numbers than it should.

        Triton compiles it for the card when it first runs, and no test of ours may have seen
        that card: its gradient at random weights is held against that of `TiledFullBatch`.

        Parameters
        ----------
        d : int or None
            Dimension of the embeddings, if it is known.

        Returns
        -------
        str or None
            The reason; None if it runs, and is right to what its products are rounded to.
        """
        shape = (self._size, d or 16) if self.tied else (2, self._size, d or 16)
        drawn = torch.randn(shape, generator=torch.Generator().manual_seed(0))
        weights = (drawn / shape[-1] ** 0.5).to(self._compute.torch_device)
        try:
            wanted = self._plain.gradient(weights)
            off = float((self.gradient(weights) - wanted).norm() / wanted.norm())
        except Exception as error:  # a missing compiler, header or driver, in words of their own
            return f"{type(error).__name__}: {str(error).strip().splitlines()[0][:200]}"
        if not off <= _ROUNDINGS * self.eps:
            return f"its gradient is off by {off:.1e}, more than its products are rounded by"
        return None

    def gradient(self, weights: Tensor, step: int = 0) -> Tensor:
        """Work out the gradient of the sum over all pairs.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) float32 tensor
            W of tied weights; words and contexts of untied ones.
        step : int
            Has no effect.

        Returns
        -------
        (V, d) or (2, V, d) float32 tensor
            The gradient.

        Raises
        ------
        InputError
            Weights of another shape, precision or device.
        """
        words, contexts = factors(weights, self._size, tied=self.tied, compute=self._compute)
        if words.shape[1] > WIDEST:
            return self._plain.gradient(weights, step)
        products = self._compute.products
        pulled = fused_products(words, contexts, self.terms, products=products)
        if self.tied:
            return pulled.mul_(2)
        mirrored = fused_products(contexts, words, self.terms.turned, products=products)
        return torch.stack([pulled, mirrored])

    def loss(self, weights: Tensor, step: int = 0) -> float:
        """Add up the loss of all pairs, by `TiledFullBatch`.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) float32 tensor
            W of tied weights; words and contexts of untied ones.
        step : int
            Has no effect.

        Returns
        -------
        float
            The loss.
        """
        return self._plain.loss(weights, step)

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


def _processors(device: torch.device) -> int:
    if device.type != "cuda":
        return 1
    return int(torch.cuda.get_device_properties(device).multi_processor_count)


def _interpreted() -> bool:
    return os.environ.get("TRITON_INTERPRET") == "1"
