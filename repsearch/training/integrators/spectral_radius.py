"""Estimate how stiff the gradient flow is: the spectral radius of its Jacobian.

The Jacobian of a gradient flow is symmetric, so Lanczos (1950) finds its ends
from a few products, and a product is a difference of two velocities. Three
vectors are kept; without reorthogonalisation copies of eigenvalues appear, and
the ends stay where they are (Parlett, The Symmetric Eigenvalue Problem, ch. 13).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from repsearch.training.arithmetic import devices
from repsearch.training.arithmetic.reproducible import combination, norm, one_torch_thread

if TYPE_CHECKING:
    from torch import Tensor

# The estimate is the eigenvalue plus its residual, which is at most this share of it.
_ACCURACY = 0.05
_MOST_PRODUCTS = 50
# Products between two looks at what a device has found.
_AT_ONCE = 5


def spectral_radius(
    velocity: Callable[[Tensor], Tensor],
    weights: Tensor,
    first: Tensor,
    eps: float | None = None,
) -> float:
    """Bound the largest |eigenvalue| of the Jacobian of `velocity` at `weights`.

    Parameters
    ----------
    velocity : callable
        From weights to dW/dt, minus a gradient.
    weights : (V, d) or (2, V, d) tensor
        W.
    first : (V, d) or (2, V, d) tensor
        The velocity there.
    eps : float, optional
        Relative rounding of a velocity, where it is coarser than that of the weights.

    Returns
    -------
    float
        The largest Ritz value by magnitude, plus its residual, per unit of
        flow time. An eigenvalue lies between it less twice the residual and
        itself; that it is the largest is not certain, as with any Krylov method.

    Examples
    --------
    >>> import torch
    >>> rates = torch.tensor([[-3.0, -1.0]], dtype=torch.float64)
    >>> weights = torch.ones_like(rates)
    >>> round(spectral_radius(lambda w: rates * w, weights, rates * weights), 4)
    3.0
    """
    import torch

    eps = eps or float(torch.finfo(weights.dtype).eps)
    if not devices.on_host(weights):
        return _on_device(velocity, weights, first, eps)
    # A fixed random start has a component in every direction; the velocity would lack
    # directions that have decayed already.
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(weights.shape, generator=generator, dtype=torch.float64)
    vector = (start / norm(start)).to(weights)
    # Half the digits of a difference are lost to rounding, the other half to curvature.
    reach = math.sqrt(eps) * (norm(weights) or 1.0)
    before, beta = torch.zeros_like(vector), 0.0
    diagonal: list[float] = []
    beside: list[float] = []
    radius = 0.0
    for _ in range(min(_MOST_PRODUCTS, weights.numel())):
        ahead = velocity(combination((1, weights), (reach, vector)))
        product = combination((1 / reach, ahead), (-1 / reach, first), (-beta, before))
        diagonal.append(_inner(product, vector))
        rest = combination((1, product), (-diagonal[-1], vector))
        beta = norm(rest)
        if not (math.isfinite(beta) and math.isfinite(diagonal[-1])):
            break
        radius, residual = _radius(diagonal, beside, beta)
        if residual <= _ACCURACY * radius:
            break
        beside.append(beta)
        before, vector = vector, rest / beta
    return radius


def _radius(diagonal: list[float], beside: list[float], beta: float) -> tuple[float, float]:
    """Give the largest Ritz value by magnitude, plus its residual, and that residual."""
    values, vectors = scipy.linalg.eigh_tridiagonal(np.array(diagonal), np.array(beside))
    end = int(np.argmax(np.abs(values)))
    residual = beta * abs(float(vectors[-1, end]))
    return abs(float(values[end])) + residual, residual


def _on_device(
    velocity: Callable[[Tensor], Tensor], weights: Tensor, first: Tensor, eps: float
) -> float:
    """Do the same with a start drawn on the device, and few looks at its numbers."""
    import torch

    generator = torch.Generator(weights.device).manual_seed(0)
    vector = torch.randn(
        weights.shape, generator=generator, dtype=weights.dtype, device=weights.device
    )
    vector = vector / _norm(vector)
    size = _norm(weights)
    reach = math.sqrt(eps) * torch.where(size == 0, 1, size)
    before, beta = torch.zeros_like(vector), torch.zeros_like(size)
    numbers: list[float] = []
    radius = 0.0
    most = min(_MOST_PRODUCTS, weights.numel())
    for begin in range(0, most, _AT_ONCE):
        found: list[Tensor] = []
        for _ in range(begin, min(begin + _AT_ONCE, most)):
            ahead = velocity(combination((1, weights), (reach, vector)))
            product = combination((1 / reach, ahead), (-1 / reach, first), (-beta, before))
            along = torch.sum(product.double() * vector.double())
            rest = combination((1, product), (-along, vector))
            beta = _norm(rest)
            before, vector = vector, rest / beta
            found += [along, beta]
        # Diagonal and what is beside it, in turn.
        for number in torch.stack(found).tolist():
            numbers.append(number)
            if not math.isfinite(number):
                return radius
            if len(numbers) % 2 == 0:
                radius, residual = _radius(numbers[::2], numbers[1:-1:2], number)
                if residual <= _ACCURACY * radius:
                    return radius
    return radius


def _norm(tensor: Tensor) -> Tensor:
    import torch

    return torch.linalg.vector_norm(tensor, dtype=torch.float64)


@one_torch_thread()
def _inner(one: Tensor, other: Tensor) -> float:
    return float((one.double() * other.double()).sum())
