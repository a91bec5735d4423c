"""Descend the loss or a batch of it, with a learning rate or a schedule of them."""

from __future__ import annotations

from dataclasses import dataclass

from repsearch.dynamics import Clock
from repsearch.dynamics.clock.flow_time import LearningRate
from repsearch.training.arithmetic.reproducible import combination
from repsearch.training.integrators import learning_rates
from repsearch.training.protocols import Objective
from repsearch.training.state import State


@dataclass(frozen=True)
class GradientDescent:
    """W <- W - eta gradient, of the whole loss or of a batch: no momentum, no weight decay.

    The optimiser of arXiv 2502.09863.

    Parameters
    ----------
    learning_rate : float or sequence of tuples
        eta: a constant, or the stretches of a schedule, (steps, learning rate) or
        (steps, first, last), as `repsearch.dynamics.Clock` takes them.
    force : bool
        Do not refuse a rate above the bound of stability
        (`repsearch.training.check_learning_rate`).

    Raises
    ------
    InputError
        A learning rate that is not positive, a schedule with a stretch that cannot be.

    Examples
    --------
    >>> from repsearch.training import GradientDescent
    >>> decaying = GradientDescent([(10, 0.2), (10, 0.2, 0.0)])
    >>> [round(decaying.rate_of(step), 3) for step in (0, 10, 19)]
    [0.2, 0.19, 0.01]
    """

    learning_rate: LearningRate
    force: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "learning_rate", learning_rates.settled(self.learning_rate))

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
        """The largest stable learning rate in units of that of plain descent: 1."""
        return 1.0

    def clock(self, objective: Objective) -> Clock:
        """Make the clock of descent on an objective.

        Parameters
        ----------
        objective : Objective
            Whose `rate` is the flow time of a step at learning rate 1.

        Returns
        -------
        Clock
            Flow time as a function of steps.
        """
        return Clock(objective.rate, self.learning_rate)

    def rate_of(self, step: int) -> float:
        """Give the learning rate of the step after `step` steps.

        Where it changes linearly it is that in the middle of the step, so that
        the sum over steps is the clock's.

        Parameters
        ----------
        step : int
            Steps taken so far.

        Returns
        -------
        float
            eta.

        Raises
        ------
        InputError
            The schedule has ended.
        """
        return learning_rates.rate_of(self.learning_rate, step)

    def step(self, objective: Objective, state: State, limit: float) -> State:
        """Take one step.

        Parameters
        ----------
        objective : Objective
            What is minimised.
        state : State
            Where the step begins.
        limit : float
            Has no effect, for a step cannot be cut short.

        Returns
        -------
        State
            After the step, at the time of the clock after so many steps.

        Raises
        ------
        InputError
            The schedule has ended.
        """
        rate = self.rate_of(state.step)
        gradient = objective.gradient(state.weights, state.step)
        weights = combination((1, state.weights), (-rate, gradient))
        time = float(self.clock(objective).time(state.step + 1))
        return State(weights, state.step + 1, time, state.memory)
