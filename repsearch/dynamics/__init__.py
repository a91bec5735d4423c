"""Closed-form training dynamics of word2vec-like models, at any time and from any start.

All in the flow time of dW/dt = (1/2)(M - W W^T) W (arXiv 2502.09863, Lemma 3.1). Functions
take NumPy arrays, lists or torch tensors and answer in kind.
"""

from repsearch.dynamics.exact import coordinates, singular_values
from repsearch.dynamics.logistic import aligned_singular_values
from repsearch.dynamics.loss import aligned_loss, effective_rank, plateaus, quartic_loss
from repsearch.dynamics.starts import Aligned, Gaussian, Given, Start, Vanishing
from repsearch.dynamics.vanishing import (
    effective_start,
    half_height_times,
    learning_time_quantiles,
    learning_times,
    order_reversal,
)

__all__ = [
    "Aligned",
    "Gaussian",
    "Given",
    "Start",
    "Vanishing",
    "aligned_loss",
    "aligned_singular_values",
    "coordinates",
    "effective_rank",
    "effective_start",
    "half_height_times",
    "learning_time_quantiles",
    "learning_times",
    "order_reversal",
    "plateaus",
    "quartic_loss",
    "singular_values",
]
