"""Find how far to go along a direction, so that the loss falls and the gradient turns."""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from repsearch.minimum.lbfgs import inner
from repsearch.minimum.objective import ScaledObjective

_ENOUGH = 1e-4
"""Share of the decrease that the slope promises which is asked for (Armijo)."""
_TURNED = 0.9
"""Share of the slope that may be left (Wolfe)."""
_MOST = 12
"""Evaluations of one search."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where the minimiser stands.

    Parameters
    ----------
    scaled : tensor
        Z.
    loss : float
        The loss there.
    gradient : tensor
        The gradient with respect to Z.
    """

    scaled: Tensor
    loss: float
    gradient: Tensor


def search(
    objective: ScaledObjective, place: Place, direction: Tensor, *, rounding: float
) -> Place | None:
    """Go along a direction until the loss has fallen enough.

    The step 1 is tried first. Where the loss changes by less than its rounding, the slopes
    decide (Hager and Zhang 2005, approximate Wolfe conditions).

    Parameters
    ----------
    objective : ScaledObjective
        The loss.
    place : Place
        Where the search begins.
    direction : tensor
        Along which the loss falls.
    rounding : float
        Error of a loss relative to itself.

    Returns
    -------
    Place or None
        Where it ends; None where nothing better was found.
    """
    slope = float(inner([place.gradient], [direction], objective.workers)[0, 0])
    if not slope < 0:
        return None
    low, high, step = 0.0, math.inf, 1.0
    best: Place | None = None
    noise = rounding * abs(place.loss)
    for _ in range(_MOST):
        scaled = place.scaled + step * direction
        loss, gradient = objective.at(scaled)
        there = math.inf
        if loss < math.inf:
            there = float(inner([gradient], [direction], objective.workers)[0, 0])
        change = loss - place.loss
        falls = change <= _ENOUGH * step * slope
        level = abs(change) <= noise and there <= (2 * _ENOUGH - 1) * slope and there > slope
        if falls or level:
            if best is None or loss < best.loss:
                best = Place(scaled, loss, gradient)
            if there >= _TURNED * slope:
                return best
            low = step
        else:
            if best is not None:
                return best
            high = step
        step = _next(low, high, step, change, slope, there)
    return best


def _next(low: float, high: float, step: float, change: float, slope: float, there: float) -> float:
    """Give the step to try next."""
    if high == math.inf:
        return 2 * step if step < 1 else 4 * step
    bend = change - step * slope
    guess = -slope * step * step / (2 * bend) if 0 < bend < math.inf else 0.1 * step
    return low + min(max((guess - low), 0.1 * (high - low)), 0.6 * (high - low))
