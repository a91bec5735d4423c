"""Hold a state together with the velocity that was worked out there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from repsearch.training.protocols import Objective
from repsearch.training.state import State

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Evaluated(State):
    """A state that comes with the flow's velocity there, which the next step begins with.

    It is not stored. From a plain `State` of the same numbers the velocity is
    worked out again, to the same bits, because it was worked out at these very
    weights.

    Parameters
    ----------
    weights : (V, d) or (2, V, d) tensor
        W of tied weights; words and contexts of untied ones.
    step : int
        Steps taken.
    time : float
        Flow time reached.
    memory : mapping of str to float
        What the integrator carries from step to step.
    moments : mapping of str to tensor
        None here: an adaptive step carries nothing of the shape of the weights.
    velocity : tensor, optional
        dW/dt at the weights, of their shape.
    objective : Objective, optional
        Whose velocity it is.
    """

    velocity: Tensor | None = None
    objective: Objective | None = None
