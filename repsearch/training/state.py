"""Hold all that the rest of a run depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    moments : mapping of str to tensor
        What it carries of the shape of the weights, such as a velocity.

    Examples
    --------
    >>> import torch
    >>> from repsearch.training import State
    >>> start = State(torch.zeros(3, 2))
    >>> start.step, start.time
    (0, 0.0)
    """

    weights: Tensor
    step: int = 0
    time: float = 0.0
    memory: Mapping[str, float] = field(default_factory=dict)
    moments: Mapping[str, Tensor] = field(default_factory=dict)
