"""Theory beside experiment: trained runs laid over the closed form, in one time, nothing fitted."""

from probes.theory_check.ablation import Ablation, ablation
from probes.theory_check.comparison import compare
from probes.theory_check.curves import Curves, ModeError
from probes.theory_check.early_growth import EarlyGrowth
from probes.theory_check.learning import LearningTime, Order
from probes.theory_check.loss_steps import LossCurve, Plateau
from probes.theory_check.result import Comparison
from probes.theory_check.run import TrainedRun

__all__ = [
    "Ablation",
    "Comparison",
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
