"""Compare trained runs with the closed form, in one time, with nothing fitted."""

from probes.theory_check.ablation import Ablation, ablation
from probes.theory_check.comparison import compare
from probes.theory_check.early_growth import EarlyGrowth
from probes.theory_check.learning_times import LearningTime, Order
from probes.theory_check.loss_plateaus import LossCurve, Plateau
from probes.theory_check.parts import ComparisonPart
from probes.theory_check.result import Comparison
from probes.theory_check.singular_value_curves import Curves, ModeError
from probes.theory_check.trained_run import TrainedRun

__all__ = [
    "Ablation",
    "Comparison",
    "ComparisonPart",
    "Curves",
    "EarlyGrowth",
    "LearningTime",
    "LossCurve",
    "ModeError",
    "Order",
    "Plateau",
    "TrainedRun",
    "ablation",
    "compare",
]
