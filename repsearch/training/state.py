"""What a run is at one moment, and the two things that move it: an objective and an integrator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from torch import Tensor


@dataclass(frozen=True, eq=False)
class State:
    """All that the rest of a run depends on.

    Parameters
    ----------
    weights : (V, d) or (2, V, d) tensor
        W of tied weights; words and contexts of untied ones.
    step : int
        Steps taken.
    time : float
        Flow time reached.
    memory : mapping of str to float
        What the integrator carries from step to step, the step size it would try
        next for example.
    """

    weights: Tensor
    step: int = 0
    time: float = 0.0
    memory: Mapping[str, float] = field(default_factory=dict)


class Objective(Protocol):
    """A loss of the weights, fed by all pairs or by some of them.

    Stateless: what a step draws depends on its number and the seed alone.
    """

    @property
    def rate(self) -> float:
        """Flow time of a step at learning rate 1 (`repsearch.dynamics.clock`)."""

    @property
    def stochastic(self) -> bool:
        """Whether gradients are drawn, and only exact in expectation."""

    def gradient(self, weights: Tensor, step: int) -> Tensor:
        """The gradient, of the shape of `weights`; the flow is dW/dt = -gradient / rate.

        Of a stochastic objective, that of the batch of this step.
        """

    def loss(self, weights: Tensor, step: int) -> float:
        """The loss itself; of a stochastic objective that of the batch of this step."""


class Integrator(Protocol):
    """A way to follow the flow or to descend."""

    @property
    def stochastic(self) -> bool:
        """Whether it may be used with drawn gradients."""

    def step(self, objective: Objective, state: State, limit: float) -> State:
        """Take one step, whose time does not go beyond `limit` where the step size is free.

        An integrator whose step is exactly at `limit` gives that very number as the time.
        """
