"""Minimise and follow the factorisation of M* under weights of words or pairs."""

from repsearch.dynamics.weighted.flow import WeightedPath, weighted_flow, weighted_loss
from repsearch.dynamics.weighted.majorisation import GeneralMinimum, general_minimiser
from repsearch.dynamics.weighted.minimiser import (
    WeightedMinimiser,
    power_weights,
    weighted_minimiser,
)

__all__ = [
    "GeneralMinimum",
    "WeightedMinimiser",
    "WeightedPath",
    "general_minimiser",
    "power_weights",
    "weighted_flow",
    "weighted_loss",
    "weighted_minimiser",
]
