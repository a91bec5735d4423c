"""Descend by Adam: each entry at its own rate, by running moments of its gradient."""

from __future__ import annotations

from dataclasses import dataclass

from repsearch.dynamics.clock.flow_time import LearningRate
from repsearch.errors import InputError
from repsearch.training.arithmetic.reproducible import combination
from repsearch.training.integrators import learning_rates
from repsearch.training.protocols import Objective
from repsearch.training.state import State

_FIRST, _SECOND = "first", "second"


@dataclass(frozen=True)
class Adam:
    """W <- W - eta m / (sqrt(v) + eps), of bias-corrected moments, as `torch.optim.Adam` has it.

    Each entry moves at a rate of its own, in coordinates that the loss knows nothing of: this is
    no flow of the theory, and time in such a run counts steps. W turned by a rotation is not
    trained to the same embeddings turned.

    Parameters
    ----------
    learning_rate : float or sequence of tuples
        eta: a constant, or the stretches of a schedule, (steps, learning rate) or
        (steps, first, last). No entry moves by much more than this in a step.
    beta1, beta2 : float, default 0.9 and 0.999
        What the running means of the gradient and of its square keep of themselves; from 0,
        below 1.
    eps : float, default 1e-8
        Added to the root of the second moment. Gradients that are not large beside it move the
        weights less.

    Raises
    ------
    InputError
        A number out of range, a schedule with a stretch that cannot be.

    References
    ----------
    Kingma and Ba 2015, ICLR, arXiv 1412.6980.

    Examples
    --------
    The first step has the size of the learning rate whatever the gradient:

    >>> import torch
    >>> from repsearch.training import Adam, State
    >>> class Slope:
    ...     def gradient(self, weights, step):
    ...         return torch.tensor([[3.0, -0.01]])
    >>> after = Adam(0.5).step(Slope(), State(torch.zeros(1, 2)), 1.0)
    >>> after.weights.numpy().round(4).tolist(), after.time
    ([[-0.5, 0.5]], 1.0)
    """

    learning_rate: LearningRate = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def __post_init__(self) -> None:
        object.__setattr__(self, "learning_rate", learning_rates.settled(self.learning_rate))
        for name in ("beta1", "beta2"):
            value = getattr(self, name)
            if not 0 <= value < 1:
                raise InputError(f"{name} is {value!r}; pass a number from 0, below 1")
        if not 0 < self.eps < 1:
            raise InputError(f"eps is {self.eps!r}; pass a number above 0 and below 1")

    @property
    def stochastic(self) -> bool:
        """Yes: gradients may be drawn."""
        return True

    @property
    def largest(self) -> float:
        """The largest learning rate of the schedule."""
        return learning_rates.largest(self.learning_rate)

    def step(self, objective: Objective, state: State, limit: float) -> State:
        """Take one step.

        Parameters
        ----------
        objective : Objective
            What is minimised.
        state : State
            Where the step begins, with the moments of the steps before.
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
        step = state.step + 1
        first, second = (1 - self.beta1, gradient), (1 - self.beta2, gradient * gradient)
        if state.moments:
            mean = combination((self.beta1, state.moments[_FIRST]), first)
            square = combination((self.beta2, state.moments[_SECOND]), second)
        else:
            mean, square = combination(first), combination(second)
        spread = square.sqrt() / (1 - self.beta2**step) ** 0.5 + self.eps
        weights = combination((1, state.weights), (-rate / (1 - self.beta1**step), mean / spread))
        moments = {_FIRST: mean, _SECOND: square}
        return State(weights, step, float(step), state.memory, moments)
