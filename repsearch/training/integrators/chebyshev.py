"""Follow the gradient flow by Runge-Kutta-Chebyshev steps, for stiff losses without linear algebra.

Of s stages, two make the order and all others stability: real negative
eigenvalues up to 0.65 s^2 / h are damped, so that a step ten times longer takes
about three times the work, not ten. A gradient flow's Jacobian is symmetric and
has no others but the positive ones of growth. (B. P. Sommeijer, L. F. Shampine
and J. G. Verwer, RKC: an explicit solver for parabolic PDEs, J. Comput. Appl.
Math. 88 (1997) 315-326; Verwer, Hundsdorfer and Sommeijer, Numer. Math. 57
(1990) 157-178.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from repsearch.checks import is_whole
from repsearch.errors import InputError
from repsearch.training.arithmetic.reproducible import combination
from repsearch.training.integrators.adaptive import FlowStep, StepSize, check_rtol
from repsearch.training.integrators.rounding import TurnedStep
from repsearch.training.integrators.spectral_radius import spectral_radius
from repsearch.training.protocols import Objective
from repsearch.training.state import State

if TYPE_CHECKING:
    from torch import Tensor

_DAMPING = 2 / 13
# The end of the stable interval over s^2 - 1, to leading order in the damping.
_REACH = 2 / 3 * (1 - 2 / 15 * _DAMPING)
_ORDER = 3
# As in the authors' code: the radius is looked up again after so many steps, and trusted to
# grow by so much in between.
_RADIUS_STEPS, _MARGIN = 25, 1.2


@dataclass(frozen=True)
class Chebyshev:
    """Adaptive steps of order 2 along dW/dt = -gradient / rate, for stiff losses.

    Runge-Kutta-Chebyshev (Sommeijer, Shampine and Verwer 1997).
    A step costs as many gradients as stages, which follow from its size and the
    spectral radius of the Jacobian; this is found by Lanczos (about 10
    gradients) every 25 steps and after a rejected one.

    Parameters
    ----------
    rtol : float
        Error of a step, relative to each mode's own size (`ModeScale`). Work
        grows as rtol^(-1/6) where stability decides, as rtol^(-1/3) elsewhere.
    max_stages : int
        Most stages of a step, from 2 on. Rounding grows as the square of the stages.

    Raises
    ------
    InputError
        A tolerance that is not between 0 and 1, fewer than 2 stages.

    Examples
    --------
    >>> import torch
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> from repsearch.training import Chebyshev, Compute, Sgns, State, full_batch, pair_terms
    >>> terms = pair_terms(BinaryAttributes([0.4, 0.3]).sample(1000, seed=0), rs.Word2Vec())
    >>> objective = full_batch(terms, Sgns(), tied=True, compute=Compute())
    >>> after = Chebyshev().step(objective, State(0.1 * torch.eye(4, 2).double()), limit=1.0)
    >>> after.step, 0 < after.time <= 1.0
    (1, True)
    """

    rtol: float = 1e-5
    max_stages: int = 200

    def __post_init__(self) -> None:
        check_rtol(self.rtol)
        if not is_whole(self.max_stages) or self.max_stages < 2:
            raise InputError(
                f"max_stages is {self.max_stages!r}; pass a whole number of at least 2"
            )

    @property
    def stochastic(self) -> bool:
        """No: the error of a step would be that of the draw."""
        return False

    def step(self, objective: Objective, state: State, limit: float) -> State:
        """Take one step that keeps to the tolerance.

        Parameters
        ----------
        objective : Objective
            What is minimised, with exact gradients.
        state : State
            Where the step begins.
        limit : float
            Flow time beyond which it does not go.

        Returns
        -------
        State
            After the step.

        Raises
        ------
        InputError
            A stochastic objective, a limit that is not ahead.
        DivergenceError
            A gradient that is not finite, or no step that is small enough.
        """
        import torch

        flow = FlowStep(objective, state, limit, self.rtol)
        size = StepSize(flow, _ORDER)
        # Rounding of a stage grows as s^2 and is to stay below the tolerance.
        eps = torch.finfo(state.weights.dtype).eps
        stages = min(self.max_stages, max(2, int(math.sqrt(self.rtol / (10 * eps)))))
        radius = state.memory.get("radius", 0.0)
        age = state.memory.get("radius_age", math.inf)
        while True:
            if age >= _RADIUS_STEPS:
                eps = max(eps, getattr(objective, "eps", eps))
                found = spectral_radius(flow.velocity, state.weights, flow.first, eps)
                radius, age = _MARGIN * found, 0.0
            if radius > 0:
                size.at_most(_REACH * (stages**2 - 1) / radius)
            h = size.size
            weights, velocity, error = _with_error(flow, h, _stages(h * radius))
            if size.accepts(error, weights, velocity, partial(_again, flow, h, radius)):
                more = {"radius": radius, "radius_age": age + 1}
                return flow.arrived(weights, velocity, size, **more)
            # The step may have been too long because the Jacobian has grown meanwhile.
            age = math.inf if age > 0 else age


def _stages(reach: float) -> int:
    """Give the stages that make a step stable; `reach` is its size times the spectral radius."""
    return max(2, math.ceil(math.sqrt(1 + reach / _REACH)))


def _again(flow: FlowStep, h: float, radius: float) -> Tensor:
    return _with_error(flow.turned(), h, _stages(h * radius))[2]


def _with_error(
    flow: FlowStep | TurnedStep, h: float, stages: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Work out the weights after a step of size h, the velocity there and the estimated error."""
    start, weights = flow.state.weights, _attempt(flow, h, stages)
    velocity = flow.velocity(weights)
    error = combination((0.8, start), (-0.8, weights), (0.4 * h, flow.first), (0.4 * h, velocity))
    return weights, velocity, error


def _attempt(flow: FlowStep | TurnedStep, h: float, stages: int) -> Tensor:
    """Work out the weights after a step of size h, by the recurrence of Chebyshev polynomials."""
    w0 = 1 + _DAMPING / stages**2
    value, slope, curvature = _chebyshev(stages, w0)
    w1 = slope[stages] / curvature[stages]
    b = [curvature[j] / slope[j] ** 2 if j > 1 else 0.0 for j in range(stages + 1)]
    b[0] = b[1] = b[2]
    start, first = flow.state.weights, flow.first
    before, now = start, combination((1, start), (b[1] * w1 * h, first))
    for j in range(2, stages + 1):
        mu, nu = 2 * b[j] * w0 / b[j - 1], -b[j] / b[j - 2]
        pace = 2 * b[j] * w1 / b[j - 1] * h
        drag = -(1 - b[j - 1] * value[j - 1]) * pace
        before, now = (
            now,
            combination(
                (1 - mu - nu, start),
                (mu, now),
                (nu, before),
                (pace, flow.velocity(now)),
                (drag, first),
            ),
        )
    return now


def _chebyshev(degree: int, x: float) -> tuple[list[float], list[float], list[float]]:
    """Work out T_j(x), T_j'(x) and T_j''(x) for j up to the degree."""
    value, slope, curvature = [1.0, x], [0.0, 1.0], [0.0, 0.0]
    for j in range(1, degree):
        value.append(2 * x * value[j] - value[j - 1])
        slope.append(2 * value[j] + 2 * x * slope[j] - slope[j - 1])
        curvature.append(4 * slope[j] + 2 * x * curvature[j] - curvature[j - 1])
    return value, slope, curvature
