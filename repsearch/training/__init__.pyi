import repsearch.errors

from .compute import Compute
from .integrators.adam import Adam
from .integrators.chebyshev import Chebyshev
from .integrators.exponential import Exponential
from .integrators.gradient_descent import GradientDescent
from .integrators.momentum import Momentum
from .integrators.runge_kutta import RungeKutta
from .integrators.stability import check_learning_rate
from .objectives.full_batch import full_batch
from .objectives.losses import CustomLoss, Loss, Quartic, Sgns
from .processes.group import Processes
from .processes.helping import over_processes
from .protocols import Integrator, Objective
from .record import Record
from .recorded import Recorded
from .runs import resume, train
from .schedules import (
    AtSteps,
    AtTimes,
    Every,
    LogSpaced,
    Schedule,
    evenly,
    learning_time_schedule,
)
from .state import State
from .terms.pair_terms import PairTerms, pair_terms
from .trained_trajectory import TrainedTrajectory

# Not imported from there, for lazy_loader takes names of this room alone.
DivergenceError = repsearch.errors.DivergenceError

__all__ = [
    "Adam",
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
    "Momentum",
    "Objective",
    "PairTerms",
    "Processes",
    "Quartic",
    "Record",
    "Recorded",
    "RungeKutta",
    "Schedule",
    "Sgns",
    "State",
    "TrainedTrajectory",
    "check_learning_rate",
    "evenly",
    "full_batch",
    "learning_time_schedule",
    "over_processes",
    "pair_terms",
    "resume",
    "train",
]
