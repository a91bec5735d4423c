"""Evaluate a loss and its gradient in one pass, as functions of scaled weights."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from torch import Tensor

from repsearch.minimum.lbfgs import norm_of
from repsearch.minimum.scaling import Scaling
from repsearch.training.arithmetic.matrix_products import Workers
from repsearch.training.protocols import ExactObjective


@dataclass(eq=False)
class ScaledObjective:
    """A loss of Z; counts how often it was evaluated.

    Parameters
    ----------
    objective : ExactObjective
        The exact loss of weights.
    scaling : Scaling
        The map between weights and Z.
    workers : Workers
        Threads that add up.
    ridge : float
        Half of this times the sum of squares of all weights is added to the loss.
    """

    objective: ExactObjective
    scaling: Scaling
    workers: Workers
    ridge: float = 0.0
    evaluations: int = field(default=0, init=False)

    def at(self, scaled: Tensor) -> tuple[float, Tensor]:
        """Give loss and gradient at Z; where the loss is no number it is infinite."""
        self.evaluations += 1
        weights = self.scaling.weights(scaled)
        loss, gradient = self.objective.loss_and_gradient(weights)
        if self.ridge:
            loss += self._penalty(weights)
            gradient = gradient + self.ridge * weights
        return (loss if math.isfinite(loss) else math.inf), self.scaling.gradient(gradient)

    def loss_at(self, scaled: Tensor) -> float:
        """Give the loss alone."""
        self.evaluations += 1
        weights = self.scaling.weights(scaled)
        loss = self.objective.loss(weights, 0)
        return loss + self._penalty(weights)

    def gradient(self, weights: Tensor) -> Tensor:
        """Give the gradient with respect to weights, of any number of columns."""
        self.evaluations += 1
        found = self.objective.gradient(weights, 0)
        return found + self.ridge * weights if self.ridge else found

    def _penalty(self, weights: Tensor) -> float:
        return self.ridge / 2 * norm_of(weights, self.workers) ** 2 if self.ridge else 0.0
