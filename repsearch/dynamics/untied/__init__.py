"""Follow training in closed form where words and contexts have vectors of their own."""

from repsearch.dynamics.untied.balance import balanced_contexts, conserved
from repsearch.dynamics.untied.flow import UntiedFlow, untied_flow
from repsearch.dynamics.untied.learning_order import LearningOrder, learning_order

__all__ = [
    "LearningOrder",
    "UntiedFlow",
    "balanced_contexts",
    "conserved",
    "learning_order",
    "untied_flow",
]
