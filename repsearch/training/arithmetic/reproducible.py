"""Arithmetic on weights that gives the same bits on any number of CPU threads."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Sums, products and factorisations by one CPU thread; also a decorator.

    Both BLAS and torch's own reductions add up in another order on another
    number of threads. On a GPU this changes nothing.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def combination(*terms: tuple[float, Tensor]) -> Tensor:
    """Sum of c x over pairs (c, x), term by term from the left, as a new tensor.

    Products and sums are rounded one by one. The fused ``add(alpha=)`` of torch
    rounds once where it works on vectors, and where that begins depends on how
    the entries are shared out over threads.
    """
    (first, tensor), *rest = terms
    total = tensor * first
    part = torch.empty_like(total)
    for factor, tensor in rest:
        if factor != 0:
            total.add_(torch.mul(tensor, factor, out=part))
    return total


@one_torch_thread()
def norm(tensor: Tensor) -> float:
    """Frobenius norm in float64, without over- or underflow of squares."""
    largest = float(tensor.abs().amax())
    # Not a number stays so; of an infinite entry the norm is infinite.
    if largest == 0 or not math.isfinite(largest):
        return largest
    return largest * math.sqrt(float((tensor.double() / largest).square().sum()))
