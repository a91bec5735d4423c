"""Minimise and follow the factorisation of M* under weights of words or pairs."""

from repsearch.dynamics.weighted.flow import weighted_flow, weighted_loss
from repsearch.dynamics.weighted.majorisation import general_minimiser
from repsearch.dynamics.weighted.minimiser import (
    WeightedMinimiser,
    power_weights,
    weighted_minimiser,
)

__all__ = [
    "WeightedMinimiser",
    "general_minimiser",
    "power_weights",
    "weighted_flow",
    "weighted_loss",
    "weighted_minimiser",
]
