"""A small result of every class of `probes.emergence`, `theory_check` and `studies`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from probes.result import Result
from probes.theory_check import Ablation, Comparison, ComparisonPart, ablation, compare

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


MADE: dict[type[Result], Callable[[], Result]] = {
    Ablation: lambda: ablation(
        {"exact": run(quartic=True), "other": run(quartic=False)}, counts(), n_modes=3
    ),
    Comparison: compared,
    ComparisonPart: part,
}
