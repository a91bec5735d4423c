"""Closed-form training dynamics of word2vec-like models, at any time and from any start.

All in the flow time of dW/dt = (1/2)(M - W W^T) W (arXiv 2502.09863, Lemma 3.1;
`clock` converts optimiser steps). Functions take NumPy arrays, lists or torch
tensors and answer in kind.
"""

from repsearch.dynamics.clock.batches import (
    FullBatch,
    MeanOverPairs,
    SampledPairs,
    StreamedPairs,
    UniformPairs,
)
from repsearch.dynamics.clock.clocks import Clock, clock, stable_learning_rate
from repsearch.dynamics.clock.known_clocks import reference_clock, word2vec_clock
from repsearch.dynamics.clock.loss_expansion import QUARTIC, SGNS, LossExpansion
from repsearch.dynamics.exact import coordinates, singular_values
from repsearch.dynamics.logistic import aligned_singular_values
from repsearch.dynamics.loss import aligned_loss, effective_rank, plateaus, quartic_loss
from repsearch.dynamics.order import LearningOrder, learning_order
from repsearch.dynamics.starts import Aligned, Gaussian, Given, Start, Vanishing
from repsearch.dynamics.untied.balance import balanced_contexts, conserved
from repsearch.dynamics.untied.flow import UntiedFlow, untied_flow
from repsearch.dynamics.vanishing import (
    effective_start,
    half_height_times,
    learning_time_quantiles,
    learning_times,
    order_reversal,
)
from repsearch.dynamics.weighted.flow import weighted_flow, weighted_loss
from repsearch.dynamics.weighted.majorisation import general_minimiser
from repsearch.dynamics.weighted.minimiser import (
    WeightedMinimiser,
    power_weights,
    weighted_minimiser,
)

__all__ = [
    "QUARTIC",
    "SGNS",
    "Aligned",
    "Clock",
    "FullBatch",
    "Gaussian",
    "Given",
    "LearningOrder",
    "LossExpansion",
    "MeanOverPairs",
    "SampledPairs",
    "Start",
    "StreamedPairs",
    "UniformPairs",
    "UntiedFlow",
    "Vanishing",
    "WeightedMinimiser",
    "aligned_loss",
    "aligned_singular_values",
    "balanced_contexts",
    "clock",
    "conserved",
    "coordinates",
    "effective_rank",
    "effective_start",
    "general_minimiser",
    "half_height_times",
    "learning_order",
    "learning_time_quantiles",
    "learning_times",
    "order_reversal",
    "plateaus",
    "power_weights",
    "quartic_loss",
    "reference_clock",
    "singular_values",
    "stable_learning_rate",
    "untied_flow",
    "weighted_flow",
    "weighted_loss",
    "weighted_minimiser",
    "word2vec_clock",
]
