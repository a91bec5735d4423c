"""Check predictions of the theory on random inputs, against numerical integration.

The modules `counting`, `curvature`, `floor`, `flow`, `losses`, `minima`, `targets`,
`untied`, `vanishing` and `worlds` hold checks: functions that return a `Check`, and
take a user's own loss, target, solver or counter. `oracle` integrates the gradient
flow numerically. `strategies` makes random inputs and needs Hypothesis
(``python -m pip install hypothesis``), so it is imported on its own. The guide is
``docs/testing.md``.
"""

from repsearch.testing.check import Check
from repsearch.testing.checks import (
    counting,
    curvature,
    floor,
    flow,
    losses,
    minima,
    targets,
    untied,
    vanishing,
    worlds,
)

__all__ = [
    "Check",
    "counting",
    "curvature",
    "floor",
    "flow",
    "losses",
    "minima",
    "targets",
    "untied",
    "vanishing",
    "worlds",
]
