"""How analogies emerge: answers, directions and the modes they live on, over time and dimension."""

from probes.emergence.answers import Answers, answers
from probes.emergence.delocalised_noise import DelocalisedNoise, delocalised_noise
from probes.emergence.grid import emergence
from probes.emergence.linear.linear_times import linear_times
from probes.emergence.linear.result import FamilyTimes, LinearTimes
from probes.emergence.mode_signal import ModeSignal, mode_signal
from probes.emergence.result import Emergence, FamilyEmergence, Point
from probes.emergence.scores import AnswerScores
from probes.emergence.theory import Theory, theory_of, theory_of_run
from probes.shared.rank_correlation import RankCorrelation, rank_correlation

__all__ = [
    "AnswerScores",
    "Answers",
    "DelocalisedNoise",
    "Emergence",
    "FamilyEmergence",
    "FamilyTimes",
    "LinearTimes",
    "ModeSignal",
    "Point",
    "RankCorrelation",
    "Theory",
    "answers",
    "delocalised_noise",
    "emergence",
    "linear_times",
    "mode_signal",
    "rank_correlation",
    "theory_of",
    "theory_of_run",
]
