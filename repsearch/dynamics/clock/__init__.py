"""Convert optimiser steps into flow time, for every loss, weighting and batch."""

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
