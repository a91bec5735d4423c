"""Train word2vec and its quartic approximation, and record what they learn when."""

from repsearch.errors import InputError

try:
    import torch  # noqa: F401
except ImportError:
    raise InputError("training needs torch; pip install 'repsearch[torch]'") from None

from repsearch.errors import DivergenceError
from repsearch.training.compute import Compute
from repsearch.training.integrators.chebyshev import Chebyshev
from repsearch.training.integrators.exponential import Exponential
from repsearch.training.integrators.gradient_descent import GradientDescent
from repsearch.training.integrators.runge_kutta import RungeKutta
from repsearch.training.integrators.stability import check_learning_rate
from repsearch.training.objectives.full_batch import full_batch
from repsearch.training.objectives.losses import CustomLoss, Loss, Quartic, Sgns
from repsearch.training.protocols import Integrator, Objective
from repsearch.training.record import Record
from repsearch.training.schedules import (
    AtSteps,
    AtTimes,
    Every,
    LogSpaced,
    Schedule,
    evenly,
    learning_time_schedule,
)
from repsearch.training.state import State
from repsearch.training.terms.pair_terms import PairTerms, pair_terms
from repsearch.training.train import resume, train
from repsearch.training.trained_trajectory import TrainedTrajectory

__all__ = [
    "AtSteps",
    "AtTimes",
    "Chebyshev",
    "Compute",
    "CustomLoss",
    "DivergenceError",
    "Every",
    "Exponential",
    "GradientDescent",
    "Integrator",
    "LogSpaced",
    "Loss",
    "Objective",
    "PairTerms",
    "Quartic",
    "Record",
    "RungeKutta",
    "Schedule",
    "Sgns",
    "State",
    "TrainedTrajectory",
    "check_learning_rate",
    "evenly",
    "full_batch",
    "learning_time_schedule",
    "pair_terms",
    "resume",
    "train",
]
