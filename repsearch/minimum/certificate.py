"""Measure the curvature of a loss along random and suspicious directions.

Where W solves the first-order conditions and its weakest mode is u, the loss falls along
v u^T if D = dL/dX has a direction v that is negative enough: a mode that should be learned
is not. D is not formed. A column e v appended to W adds e D v to the gradient, to O(e^3),
so that one pass over all pairs multiplies D by a block of vectors, and the most negative
directions are found in their Krylov space (the argument of Burer and Monteiro 2005 on the
rank-deficient minima of low-rank problems).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from repsearch.minimum.lbfgs import inner
from repsearch.minimum.line_search import Place
from repsearch.minimum.objective import ScaledObjective

_BLOCK = 6
_PRODUCTS = 3
_SHORT = 0.1
"""Length of steps, as a share of the median mode."""
_UNCLEAR = 1e-3
"""Curvature that is told from 0, as a share of that along random directions."""


def suspicious(objective: ScaledObjective, place: Place, seed: int) -> dict[str, Tensor]:
    """Give directions of length 1 along which a saddle would show, and two random ones.

    Parameters
    ----------
    objective : ScaledObjective
        The loss.
    place : Place
        At weights in principal axes, the weakest mode last.
    seed : int
        Seed of the random directions, and of the block that the Krylov space begins with.

    Returns
    -------
    dict of str to tensor
        Directions of the shape of Z by what they are.
    """
    z = place.scaled
    drawn = np.random.default_rng(seed)
    found = {}
    for number in (1, 2):
        found[f"random direction {number}"] = _unit(torch.from_numpy(drawn.normal(size=z.shape)), z)
    start = torch.from_numpy(drawn.normal(size=(z[..., 0].numel(), _BLOCK))).to(z.device)
    for number, vector in enumerate(_unlearned(objective, z, start), start=1):
        direction = torch.zeros(z.shape, dtype=torch.float64, device=z.device)
        direction[..., -1] = vector
        found[f"unlearned mode {number} in place of the weakest"] = _unit(direction, z)
    return found


def curvature(objective: ScaledObjective, place: Place, direction: Tensor) -> float:
    """Work out the second derivative of the loss along a direction of length 1.

    By the polynomial of fourth degree that has the losses of both ends of a short step and of its
    middle, the slope of the middle and that of one end: exact for the quartic loss.

    Parameters
    ----------
    objective : ScaledObjective
        The loss.
    place : Place
        Where.
    direction : tensor
        Of length 1.

    Returns
    -------
    float
        The curvature; about 1 where the scaling is good.
    """
    step = short_step(place.scaled)
    after, gradient = objective.at(place.scaled + step * direction)
    before = objective.loss_at(place.scaled - step * direction)
    here, there = inner([direction], [place.gradient, gradient], objective.workers)[0].tolist()
    even = (after + before) / 2 - place.loss  # a t^2 + b t^4
    odd = (after - before) / 2 - here * step  # c t^3
    bent = there - here - 3 * odd / step  # 2 a t + 4 b t^3
    return float(4 * even / step**2 - bent / step)


def doubt(place: Place, found: dict[str, float], *, rounding: float) -> float:
    """Give the size below which a curvature is not told from 0.

    Parameters
    ----------
    place : Place
        Where it was measured.
    found : dict of str to float
        Curvatures by direction.
    rounding : float
        Error of a loss relative to itself.

    Returns
    -------
    float
        A thousandth of the curvature along random directions, or the error of a second
        difference where that is more.
    """
    typical = [abs(value) for name, value in found.items() if name.startswith("random")]
    error = 8 * rounding * abs(place.loss) / short_step(place.scaled) ** 2
    return max(_UNCLEAR * float(np.mean(typical)), error)


def short_step(scaled: Tensor) -> float:
    """Give the length of the steps along which curvature is measured."""
    modes = scaled.double().square().sum(-2).sqrt().reshape(-1)
    present = modes[modes > 1e-6 * modes.max()]
    return _SHORT * float(present.median()) if len(present) else _SHORT


def _unlearned(objective: ScaledObjective, z: Tensor, start: Tensor) -> list[Tensor]:
    """Find the two most negative directions of D scaled by words, in a block Krylov space."""
    scaling = objective.scaling
    weights = scaling.weights(z)
    rows = scaling.rows.double()
    length = _SHORT * float((scaling.rows * weights).double().square().sum(-2).sqrt().median() or 1)

    def times(block: Tensor) -> Tensor:
        columns = block.reshape(*z.shape[:-1], block.shape[1]) / rows * length
        whole = torch.cat([weights, columns.to(weights)], -1)
        found = objective.gradient(whole)[..., weights.shape[-1] :].double()
        return (found / length / rows).reshape(block.shape)

    basis, image = torch.linalg.qr(start)[0], start[:, :0]
    block = basis
    for number in range(_PRODUCTS):
        product = times(block)
        image = torch.cat([image, product], 1)
        if number + 1 < _PRODUCTS and basis.shape[1] + block.shape[1] <= basis.shape[0]:
            for _ in range(2):
                product = product - basis @ (basis.T @ product)
            block = torch.linalg.qr(product)[0]
            basis = torch.cat([basis, block], 1)
        else:
            break
    small = basis[:, : image.shape[1]].T @ image
    _, vectors = torch.linalg.eigh((small + small.T) / 2)
    found = basis[:, : image.shape[1]] @ vectors[:, :2]
    return [vector.reshape(z.shape[:-1]) for vector in found.T]


def _unit(direction: Tensor, like: Tensor) -> Tensor:
    unit: Tensor = (direction / direction.norm()).to(like)
    return unit
