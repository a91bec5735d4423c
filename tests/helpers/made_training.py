"""A small result of every class of `probes.emergence`, `theory_check` and `studies`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from probes.emergence import (
    Answers,
    Emergence,
    EmergenceStudy,
    Followed,
    LinearTimes,
    ModeSignal,
    NoiseTable,
    Theory,
    answers,
    delocalised_noise,
    emergence,
    emergence_study,
    linear_times,
    mode_signal,
    theory_of,
)
from probes.relations import Relations
from probes.result import Result
from probes.studies.over_time import TrainingOverTime, training_over_time
from probes.studies.prediction import PredictionTable, Setup, modes_of_spectrum, predict
from probes.theory_check import Ablation, Comparison, ComparisonPart, ablation, compare
from repsearch import Gaussian, Spectrum, Vanishing, gradient_flow
from repsearch.dynamics.clock.batches import FullBatch
from repsearch.dynamics.clock.loss_expansion import SGNS

if TYPE_CHECKING:
    from oracle_runs import OracleRun

    from repsearch import Counts


def counts() -> Counts:
    """What the runs were trained on."""
    pytest.importorskip("torch", reason="training needs the extra repsearch[torch]")
    from oracle_runs import corpus

    return corpus()


@cache
def run(*, quartic: bool) -> OracleRun:
    """A run that is exact, or one of another loss and other weights of pairs."""
    corpus = counts()
    from oracle_runs import OracleSettings, gaussian, integrated

    from repsearch.target.weighting import Unweighted
    from repsearch.training.objectives.losses import Quartic, Sgns

    times = np.concatenate([[0.0], np.linspace(0.1, 6.0, 40)])
    settings = OracleSettings(Quartic()) if quartic else OracleSettings(Sgns(), Unweighted())
    return integrated(corpus, gaussian((16, 5), 1e-3), times, settings=settings)


def compared() -> Comparison:
    """Four modes of the run that is not exact."""
    return compare(run(quartic=False), counts(), n_modes=4)


def part() -> ComparisonPart:
    """Learning times, some of which are not in the run."""
    found = compared().parts()["learning_times"]
    assert isinstance(found, ComparisonPart)
    return found


TIMES = (0.5, 2.0, 6.0, 12.0)


@cache
def spectrum() -> Spectrum:
    """Six modes of 60 words, of which three are directions of a relation."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(60, 6))
    for mode in range(3):
        vectors[20 * mode : 20 * mode + 10, mode] += 2.0
        vectors[20 * mode + 10 : 20 * mode + 20, mode] -= 2.0
    values = np.array([8.0, 5.0, 3.0, 2.0, 1.5, 1.0])
    words = tuple(f"w{k}" for k in range(60))
    return Spectrum(words, values, np.linalg.qr(vectors)[0], np.zeros(6), 110.0, "M")


def relations() -> Relations:
    """Three relations that are directions, and one that nothing can be asked of."""
    families = {
        f"f/{mode}": tuple((f"w{20 * mode + 10 + k}", f"w{20 * mode + k}") for k in range(10))
        for mode in range(3)
    }
    return Relations({**families, "gone": (("x", "y"),)})


def theory() -> Theory:
    """The limit of a small start."""
    return theory_of(gradient_flow(spectrum(), Vanishing(1e-3, 1)))


def study() -> EmergenceStudy:
    """A random start, beside the limit of small ones."""
    flow = gradient_flow(spectrum(), Gaussian(1e-3, 1))
    return emergence_study(Followed(flow, TIMES, theory()), relations(), dims=[2, 6])


def predicted() -> PredictionTable:
    """Two modes that are learned in time, and warnings."""
    setup = Setup(8, 0.1, True, SGNS, FullBatch(), 1e-2)  # noqa: FBT003
    return predict(modes_of_spectrum(spectrum()), setup, time=2.0)


MADE: dict[type[Result], Callable[[], Result]] = {
    Ablation: lambda: ablation(
        {"exact": run(quartic=True), "other": run(quartic=False)}, counts(), n_modes=3
    ),
    Comparison: compared,
    ComparisonPart: part,
    Answers: lambda: answers(spectrum().embeddings(3), relations())["f/0"],
    Emergence: lambda: emergence(spectrum().embeddings(), relations(), dims=[2, 6]),
    EmergenceStudy: study,
    LinearTimes: lambda: linear_times(theory(), relations(), theory=theory(), times=TIMES),
    ModeSignal: lambda: mode_signal(spectrum(), relations().families["f/1"], name="f/1"),
    PredictionTable: predicted,
    TrainingOverTime: lambda: training_over_time(spectrum(), TIMES, scale=0.1),
    NoiseTable: lambda: delocalised_noise(spectrum().embeddings(), relations(), dims=[2, 6]),
}
