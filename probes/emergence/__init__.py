"""Follow how analogies emerge: answers, directions and the modes they live on."""

from probes.emergence.answers import Answers, answers
from probes.emergence.delocalised_noise import DelocalisedNoise, NoiseTable, delocalised_noise
from probes.emergence.followed import Followed, followed_closed_form, followed_run
from probes.emergence.linear.linear_times import linear_times
from probes.emergence.linear.result import FamilyTimes, LinearTimes
from probes.emergence.mode_signal import ModeSignal, mode_signal
from probes.emergence.points import FamilyEmergence, Point
from probes.emergence.repaired import Repaired
from probes.emergence.result import Emergence
from probes.emergence.scores import AnswerScores
from probes.emergence.study import EmergenceStudy, emergence_study
from probes.emergence.theory import Theory, theory_of, theory_of_counts, theory_of_run
from probes.emergence.time_and_dimension import emergence
from probes.shared.rank_correlation import RankCorrelation, rank_correlation

__all__ = [
    "AnswerScores",
    "Answers",
    "DelocalisedNoise",
    "Emergence",
    "EmergenceStudy",
    "FamilyEmergence",
    "FamilyTimes",
    "Followed",
    "LinearTimes",
    "ModeSignal",
    "NoiseTable",
    "Point",
    "RankCorrelation",
    "Repaired",
    "Theory",
    "answers",
    "delocalised_noise",
    "emergence",
    "emergence_study",
    "followed_closed_form",
    "followed_run",
    "linear_times",
    "mode_signal",
    "rank_correlation",
    "theory_of",
    "theory_of_counts",
    "theory_of_run",
]
