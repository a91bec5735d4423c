"""Define what moves the weights: an objective, and an integrator that takes steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from repsearch.training.state import State

if TYPE_CHECKING:
    from torch import Tensor


class Objective(Protocol):
    """A loss of the weights, of all pairs or of some of them.

    Stateless: what a step draws depends on its number and the seed alone.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> from repsearch.training import Compute, Quartic, full_batch, pair_terms
    >>> terms = pair_terms(BinaryAttributes([0.4, 0.3]).sample(1000, seed=0), rs.Setting31())
    >>> objective = full_batch(terms, Quartic(), tied=True, compute=Compute())
    >>> objective.rate, objective.stochastic
    (2.0, False)
    """

    @property
    def rate(self) -> float:
        """Flow time of a step at learning rate 1 (`repsearch.dynamics.clock`)."""

    @property
    def stochastic(self) -> bool:
        """Whether gradients are drawn, and only exact in expectation."""

    def gradient(self, weights: Tensor, step: int) -> Tensor:
        """Work out the gradient; the flow is dW/dt = -gradient / rate.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) tensor
            W of tied weights; words and contexts of untied ones.
        step : int
            Steps taken so far; of a stochastic objective it chooses the batch.

        Returns
        -------
        (V, d) or (2, V, d) tensor
            The gradient of the loss; of a stochastic objective that of the step's batch.
        """

    def loss(self, weights: Tensor, step: int) -> float:
        """Work out the loss itself.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) tensor
            W of tied weights; words and contexts of untied ones.
        step : int
            Steps taken so far; of a stochastic objective it chooses the batch.

        Returns
        -------
        float
            The loss; of a stochastic objective that of the step's batch.
        """


class ExactObjective(Objective, Protocol):
    """A loss of all pairs, which gives its value along with the gradient."""

    def loss_and_gradient(self, weights: Tensor) -> tuple[float, Tensor]:
        """Work out both, in one pass where that is cheaper.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) tensor
            W of tied weights; words and contexts of untied ones.

        Returns
        -------
        loss : float
            The loss.
        gradient : tensor
            Of the shape of the weights.
        """


@runtime_checkable
class Integrator(Protocol):
    """A way to follow the flow, or to descend.

    Examples
    --------
    >>> from repsearch.training import Chebyshev, GradientDescent, RungeKutta
    >>> [one.stochastic for one in (RungeKutta(), Chebyshev(), GradientDescent(0.1))]
    [False, False, True]
    """

    @property
    def stochastic(self) -> bool:
        """Whether it may be used with drawn gradients."""

    def step(self, objective: Objective, state: State, limit: float) -> State:
        """Take one step.

        An integrator whose step ends exactly at `limit` gives that very number as the time.

        Parameters
        ----------
        objective : Objective
            What is minimised.
        state : State
            Where the step begins.
        limit : float
            Flow time beyond which it does not go, where the step size is free.

        Returns
        -------
        State
            After the step.
        """
