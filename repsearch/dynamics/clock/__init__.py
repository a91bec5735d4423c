"""Convert optimiser steps into flow time, for every loss, weighting and batch."""

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

__all__ = [
    "QUARTIC",
    "SGNS",
    "Clock",
    "FullBatch",
    "LossExpansion",
    "MeanOverPairs",
    "SampledPairs",
    "StreamedPairs",
    "UniformPairs",
    "clock",
    "reference_clock",
    "stable_learning_rate",
    "word2vec_clock",
]
