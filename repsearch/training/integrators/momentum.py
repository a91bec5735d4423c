"""Descend with momentum: Polyak's heavy ball, or Nesterov's."""

from __future__ import annotations

from dataclasses import dataclass

from repsearch.dynamics.clock.flow_time import LearningRate
from repsearch.errors import InputError
from repsearch.training.arithmetic.reproducible import combination
from repsearch.training.integrators import learning_rates
from repsearch.training.protocols import Objective
from repsearch.training.state import State

_VELOCITY = "velocity"


@dataclass(frozen=True)
class Momentum:
    """V <- mu V + gradient, W <- W - eta V, as `torch.optim.SGD` has it.

    Where momentum carries the weights depends on where they came from, so that no closed form
    of the flow is at the same place: time in such a run counts steps.

    Parameters
    ----------
    learning_rate : float or sequence of tuples
        eta: a constant, or the stretches of a schedule, (steps, learning rate) or
        (steps, first, last).
    momentum : float, default 0.9
        mu, above 0 and below 1. Steady gradients move the weights as descent at
        eta / (1 - mu) does.
    nesterov : bool, default False
        W <- W - eta (gradient + mu V) instead, with the new V.
    force : bool
        Do not refuse a rate above the bound of stability
        (`repsearch.training.check_learning_rate`).

    Raises
    ------
    InputError
        A number out of range, a schedule with a stretch that cannot be.

    References
    ----------
    Polyak 1964, USSR Computational Mathematics and Mathematical Physics 4. Sutskever et al.
    2013, ICML (Nesterov's, in this form).

    Examples
    --------
    >>> import torch
    >>> from repsearch.training import Momentum, State
    >>> class Slope:
    ...     def gradient(self, weights, step):
    ...         return torch.ones_like(weights)
    >>> state = State(torch.zeros(1, 1))
    >>> for _ in range(3):
    ...     state = Momentum(1.0, 0.5).step(Slope(), state, 3.0)
    >>> state.weights.item(), state.time
    (-4.25, 3.0)
    """

    learning_rate: LearningRate
    momentum: float = 0.9
    nesterov: bool = False
    force: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "learning_rate", learning_rates.settled(self.learning_rate))
        if not 0 < self.momentum < 1:
            raise InputError(
                f"momentum is {self.momentum!r}; pass a number above 0 and below 1, such as 0.9"
            )

    @property
    def stochastic(self) -> bool:
        """Yes: gradients may be drawn."""
        return True

    @property
    def largest(self) -> float:
        """The largest learning rate of the schedule."""
        return learning_rates.largest(self.learning_rate)

    @property
    def reach(self) -> float:
        """The largest stable learning rate, in units of that of plain descent.

        On a quadratic of curvature h the heavy ball is stable up to 2 (1 + mu) / h, Nesterov's
        up to 2 (1 + mu) / ((1 + 2 mu) h).
        """
        return (1 + self.momentum) / (1 + 2 * self.momentum * self.nesterov)

    def step(self, objective: Objective, state: State, limit: float) -> State:
        """Take one step.

        Parameters
        ----------
        objective : Objective
            What is minimised.
        state : State
            Where the step begins, with the velocity of the steps before.
        limit : float
            Has no effect, for a step cannot be cut short.

        Returns
        -------
        State
            After the step; its time is the number of steps.

        Raises
        ------
        InputError
            The schedule has ended.
        """
        rate = learning_rates.rate_of(self.learning_rate, state.step)
        gradient = objective.gradient(state.weights, state.step)
        before = state.moments.get(_VELOCITY)
        velocity = (
            combination((1, gradient))
            if before is None
            else combination((self.momentum, before), (1, gradient))
        )
        along = combination((1, gradient), (self.momentum, velocity)) if self.nesterov else velocity
        weights = combination((1, state.weights), (-rate, along))
        step = state.step + 1
        return State(weights, step, float(step), state.memory, {_VELOCITY: velocity})
