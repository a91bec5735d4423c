"""Theory beside experiment: trained runs laid over the closed form, in one time, nothing fitted."""

from probes.experiment.ablation import Ablation, ablation
from probes.experiment.comparison import Comparison, compare
from probes.experiment.curves import Curves, ModeError
from probes.experiment.early_growth import EarlyGrowth
from probes.experiment.learning import LearningTime, Order
from probes.experiment.loss_steps import LossCurve, Plateau
from probes.experiment.run import TrainedRun

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
