"""Solve the training dynamics of word2vec-like models in closed form, at any time.

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
from repsearch.dynamics.clock.flow_time import Clock, clock
from repsearch.dynamics.clock.loss_expansion import QUARTIC, SGNS, LossExpansion
from repsearch.dynamics.clock.other_programs import reference_clock, word2vec_clock
from repsearch.dynamics.clock.stable_rate import stable_learning_rate
from repsearch.dynamics.closed_form.logistic import aligned_singular_values
from repsearch.dynamics.closed_form.riccati import coordinates, singular_values
from repsearch.dynamics.effective_start import effective_start
from repsearch.dynamics.flow import gradient_flow
from repsearch.dynamics.learning_times import (
    half_height_times,
    learning_time_quantiles,
    learning_times,
    order_reversal,
)
from repsearch.dynamics.loss import aligned_loss, effective_rank, plateaus, quartic_loss
from repsearch.dynamics.starts import Aligned, Gaussian, Given, Projection, Start, Vanishing
from repsearch.dynamics.trajectory import Trajectory
from repsearch.dynamics.untied.balance import balanced_contexts, conserved
from repsearch.dynamics.untied.flow import UntiedFlow, untied_flow
from repsearch.dynamics.untied.learning_order import LearningOrder, learning_order
from repsearch.dynamics.weighted.flow import WeightedPath, weighted_flow, weighted_loss
from repsearch.dynamics.weighted.majorisation import GeneralMinimum, general_minimiser
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
    "GeneralMinimum",
    "Given",
    "LearningOrder",
    "LossExpansion",
    "MeanOverPairs",
    "Projection",
    "SampledPairs",
    "Start",
    "StreamedPairs",
    "Trajectory",
    "UniformPairs",
    "UntiedFlow",
    "Vanishing",
    "WeightedMinimiser",
    "WeightedPath",
    "aligned_loss",
    "aligned_singular_values",
    "balanced_contexts",
    "clock",
    "conserved",
    "coordinates",
    "effective_rank",
    "effective_start",
    "general_minimiser",
    "gradient_flow",
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
