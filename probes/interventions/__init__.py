"""Change hidden states inside a causal model, and see what that does to its next word."""

from probes.interventions.result import Dose, ErasedStates, FamilySteering, Steering
from probes.interventions.study import steering

__all__ = ["Dose", "ErasedStates", "FamilySteering", "Steering", "steering"]
