"""Follow training in closed form where words and contexts have vectors of their own."""

from repsearch.dynamics.untied.balance import balanced_contexts, conserved
from repsearch.dynamics.untied.flow import UntiedFlow, untied_flow

__all__ = [
    "UntiedFlow",
    "balanced_contexts",
    "conserved",
    "untied_flow",
]
