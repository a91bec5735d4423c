"""Combine and measure tensors to the same bits on any number of CPU threads."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from repsearch.training.arithmetic import devices

if TYPE_CHECKING:
    from torch import Tensor


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Confine torch to one CPU thread, for sums, products and factorisations; also a decorator.

    Both BLAS and torch's own reductions add up in another order on another
    number of threads. On a GPU this changes nothing.

    Yields
    ------
    None
        Once, while torch is confined.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def combination(*terms: tuple[float | Tensor, Tensor]) -> Tensor:
    """Sum c x over pairs (c, x), term by term from the left, as a new tensor.

    Products and sums are rounded one by one. The fused ``add(alpha=)`` of torch
    rounds once where it works on vectors, and where that begins depends on how
    the entries are divided among threads. On a device, where it does not, it is used: it
    reads and writes the sum once a term.

    Parameters
    ----------
    *terms : (float or tensor of one number, tensor)
        Factors and tensors, all of one shape. A factor that is a tensor stays where it is.

    Returns
    -------
    tensor
        The sum, of their shape and dtype.

    Examples
    --------
    >>> import torch
    >>> combination((2.0, torch.ones(2)), (-0.5, torch.ones(2))).tolist()
    [1.5, 1.5]
    """
    import torch
    from torch import Tensor

    (first, tensor), *rest = terms
    total = tensor * first
    if not devices.on_host(total):
        for factor, tensor in rest:
            if isinstance(factor, Tensor):
                total.addcmul_(tensor, factor.to(total))
            elif factor != 0:
                total.add_(tensor, alpha=factor)
        return total
    part = torch.empty_like(total)
    for factor, tensor in rest:
        if factor != 0:
            total.add_(torch.mul(tensor, factor, out=part))
    return total


@one_torch_thread()
def norm(tensor: Tensor) -> float:
    """Work out the Frobenius norm in float64, without over- or underflow of squares.

    Parameters
    ----------
    tensor : tensor
        Of any shape.

    Returns
    -------
    float
        Infinite or NaN where an entry is.

    Examples
    --------
    >>> import torch
    >>> norm(torch.tensor([3e-200, 4e-200], dtype=torch.float64))
    5e-200
    """
    largest = float(tensor.abs().amax())
    # Not a number stays so; of an infinite entry the norm is infinite.
    if largest == 0 or not math.isfinite(largest):
        return largest
    return largest * math.sqrt(float((tensor.double() / largest).square().sum()))
