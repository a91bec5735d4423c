"""A small result of every class of `probes.model_theory` and `probes.interventions`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from probes.interventions import Dose, ErasedStates, FamilySteering, Steering
from probes.interventions.result import Response
from probes.model_theory import (
    ConceptPrediction,
    ModesPresent,
    SpaceOverlaps,
    TheoryBeside,
    WordSpaces,
    theory_beside,
)
from probes.relations import Relations
from probes.result import Result
from probes.shared.intervals import Interval
from repsearch import Embeddings
from repsearch.synthetic import BinaryAttributes


@cache
def theory() -> TheoryBeside:
    """M* of a sample beside its own modes, and beside noise."""
    world = BinaryAttributes([0.5, 0.4, 0.3, 0.2, 0.2, 0.1])
    noise = Embeddings(world.words, np.random.default_rng(0).normal(size=(64, 4)))
    return theory_beside(
        WordSpaces.of({"own modes": world.spectrum().embeddings(4), "noise": noise}),
        world.sample(100_000, seed=0),
        Relations(world.relations),
        modes=6,
        permutations=40,
        controls=0,
    )


def _concepts() -> ConceptPrediction:
    found = theory().concepts
    assert found is not None
    return found


def _steering() -> Steering:
    """By hand, for no model is at hand without torch."""
    one, none = Interval(1.0, 0.8, 1.2, method="made"), Interval(0.0, -0.1, 0.1, method="made")
    doses = tuple(
        Dose(6, "add", size, Interval(size, size - 0.1, size + 0.1), none, 0.1, 0.2)
        for size in (-0.5, 0.5)
    )
    whole = (*doses, Dose(6, "project out", None, none, none, 0.1, 0.2))
    half = Interval(0.5, 0.3, 0.7, method="made")
    family = FamilySteering(
        family="family",
        pairs=12,
        left_out=3,
        doses=whole,
        responses=(Response(6, one, none, 0.025),),
        erased=(ErasedStates(6, 6, one_less(one), half, half),),
    )
    return Steering((family,), {"by/chance": "2 groups of pairs are too few"}, {"model": "made"})


def one_less(one: Interval) -> Interval:
    """A share near 1."""
    return Interval(0.9, one.low - 0.1, 1.0, method="made")


MADE: dict[type[Result], Callable[[], Result]] = {
    TheoryBeside: theory,
    SpaceOverlaps: lambda: theory().overlaps,
    ModesPresent: lambda: theory().modes,
    ConceptPrediction: _concepts,
    Steering: _steering,
}
