"""Follow the gradient flow by the Runge-Kutta method of Dormand and Prince, of order 5."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from repsearch.errors import InputError
from repsearch.training.arithmetic.reproducible import combination
from repsearch.training.integrators.adaptive import FlowStep, StepSize, check_rtol
from repsearch.training.integrators.rounding import TurnedStep
from repsearch.training.protocols import Objective
from repsearch.training.state import State

if TYPE_CHECKING:
    from torch import Tensor

# Dormand and Prince, J. Comput. Appl. Math. 6 (1980) 19-26, RK5(4)7M. The last stage is the
# step itself; its velocity is the next step's first.
_STAGES = (
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)
_ERROR = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)
_ORDER = 5


@dataclass(frozen=True)
class RungeKutta:
    """Adaptive steps of order 5 along dW/dt = -gradient / rate, of any full-batch objective.

    Dormand and Prince's RK5(4)7M (1980).
    A step costs 6 gradients. It is at most about 3.3 over the largest
    eigenvalue of the Hessian (in flow time), however smooth the path: where
    eigenvalues differ by orders of magnitude, see `Chebyshev` and
    `Exponential`.

    Parameters
    ----------
    rtol : float
        Error of a step, relative to each mode's own size (`ModeScale`): a start
        of 1e-12 is followed as truly as the end.
    first_step : float, optional
        Size of the first step, in flow time; found from the first two derivatives by default.

    Raises
    ------
    InputError
        A tolerance that is not between 0 and 1, a first step that is not positive.

    Examples
    --------
    >>> import torch
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> from repsearch.training import Compute, Quartic, RungeKutta, State, full_batch, pair_terms
    >>> terms = pair_terms(BinaryAttributes([0.4, 0.3]).sample(1000, seed=0), rs.Setting31())
    >>> objective = full_batch(terms, Quartic(), tied=True, compute=Compute())
    >>> state = State(0.1 * torch.eye(4, 2).double())
    >>> while state.time < 1.0:
    ...     state = RungeKutta(rtol=1e-4).step(objective, state, limit=1.0)
    >>> state.time, state.step < 20
    (1.0, True)
    """

    rtol: float = 1e-6
    first_step: float | None = None

    def __post_init__(self) -> None:
        check_rtol(self.rtol)
        if self.first_step is not None and not 0 < self.first_step < math.inf:
            raise InputError(f"first_step is {self.first_step!r}; pass a positive flow time")

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
        flow = FlowStep(objective, state, limit, self.rtol)
        size = StepSize(flow, _ORDER, self.first_step)
        while True:
            weights, velocities = _attempt(flow, size.size)
            error = _error(velocities, size.size)
            if size.accepts(error, weights, velocities[-1], partial(_again, flow, size.size)):
                return flow.arrived(weights, velocities[-1], size)


def _error(velocities: list[Tensor], h: float) -> Tensor:
    return combination(*((h * e, k) for e, k in zip(_ERROR, velocities, strict=True)))


def _again(flow: FlowStep, h: float) -> Tensor:
    return _error(_attempt(flow.turned(), h)[1], h)


def _attempt(flow: FlowStep | TurnedStep, h: float) -> tuple[Tensor, list[Tensor]]:
    """Work out the weights after a step of size h, and the velocities of its 7 stages."""
    velocities, weights = [flow.first], flow.state.weights
    for row in _STAGES:
        parts = ((h * a, k) for a, k in zip(row, velocities, strict=True))
        weights = combination((1, flow.state.weights), *parts)
        velocities.append(flow.velocity(weights))
    return weights, velocities
