"""Define what moves the weights: an objective, and an integrator that takes steps."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from repsearch.training.state import State


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
