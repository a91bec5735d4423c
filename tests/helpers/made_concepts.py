"""A small result of every class of `probes.concepts`, `random_matrix` and `hidden_states`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from probes.concepts import (
    Adversary,
    ConceptAngles,
    ConceptProbe,
    ConceptProfiles,
    Coverage,
    Differences,
    HeldOut,
    LeastSquaresErasure,
    Localisation,
    PublishedSnr,
    Signal,
    SnrCurve,
    SnrCurves,
    SnrPlane,
    SpikedFamilies,
    adversary,
    concept_angles,
    coverage,
    difference_vectors,
    held_out,
    localise,
    on_principal_axes,
    probe_concepts,
    profiles,
    published_snr,
    signal,
    snr_curve,
    snr_curves,
    snr_plane,
    spiked_families,
)
from probes.hidden_states import (
    LabelsProbe,
    LayersProbe,
    StateProbe,
    TargetProbe,
    probe_hidden_states,
    probe_layers,
    probe_many_labels,
    probe_targets,
)
from probes.layers import LayerCurves, Layered, OneLayer, layer_curves
from probes.learning import LearningCurves, OrderOfLearning, RelationOrder
from probes.random_matrix import SpikedCovariance, fit_spiked_covariance
from probes.relations import Relations
from probes.result import Result
from probes.shared.intervals import Interval
from repsearch import Aligned, Embeddings, gradient_flow
from repsearch.synthetic import BinaryAttributes

N = 12
"""Pairs of each relation."""


def embeddings() -> Embeddings:
    """Words of one relation that is linear, and of one of random pairs."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=(N, 16))
    second = first + 3 * np.eye(16)[0] + 0.3 * rng.normal(size=(N, 16))
    random = rng.normal(size=(2 * N, 16))
    words = [f"{side}{k}" for side in "ab" for k in range(N)]
    return Embeddings(
        [*words, *(f"r{k}" for k in range(2 * N))], np.concatenate([first, second, random])
    )


def relations() -> Relations:
    """One that is linear, and one of random pairs, with a name that is no file name."""
    linear = [(f"a{k}", f"b{k}") for k in range(N)]
    return Relations({"linear": linear, "by/chance": [(f"r{k}", f"r{k + N}") for k in range(N)]})


def chance() -> Differences:
    """The random pairs, in which nothing is to be found."""
    turned = on_principal_axes(embeddings())
    return difference_vectors(turned, relations().families["by/chance"], name="by/chance")


def _adversary() -> Result:
    labels = np.arange(40) % 2
    vectors = np.random.default_rng(0).normal(size=(40, 3)) + 2 * labels[:, None]
    return adversary(vectors, labels, np.arange(40) // 2, erasure=LeastSquaresErasure())


def _plane() -> Result:
    world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    flow = gradient_flow(world.spectrum(), Aligned(1e-3), d=6)
    return snr_plane(flow, world.relations["attribute 1"], [5.0, 30.0], [4, 6], permutations=100)


def _states() -> Result:
    """Labels that a probe finds only by knowing the group."""
    groups = np.repeat(np.arange(8), 4)
    own = np.random.default_rng(0).normal(size=(8, 20))
    states = own[groups] + 0.1 * np.random.default_rng(1).normal(size=(32, 20))
    labels = np.where(groups % 2, "new", "old")
    return probe_hidden_states(states, labels, groups=groups, permutations=20, controls=3)


def _layers() -> Result:
    """A relation and a random one at two layers, of which the first knows nothing."""
    given = embeddings()

    def at(layer: int) -> OneLayer:
        differences = {
            name: difference_vectors(given, pairs, name=name)
            for name, pairs in relations().families.items()
        }
        if layer == 0:
            zero = differences["linear"]
            differences["linear"] = Differences(0.0 * zero.vectors, zero.pairs, zero.name)
        return OneLayer(differences, {}, given)

    return layer_curves(
        Layered("toy", (0, 1), at, {"linear": N, "by/chance": N}, (("none", "it has 3 labels"),)),
        permutations=99,
        controls=2,
    )


def _learning() -> Result:
    """The same at three steps, of which the first knows nothing; dated from both sides."""
    layers = _layers()
    assert isinstance(layers, LayerCurves)
    steps = [
        replace(one, layers=(one.layers[0], *(replace(one.layers[1], layer=k) for k in (16, 32))))
        for one in layers.concepts
    ]
    order = _order()
    assert isinstance(order, OrderOfLearning)
    return LearningCurves(replace(layers, concepts=tuple(steps)), (0, 4096, None), None, order)


def _order() -> Result:
    """A relation that is dated and one that is not."""
    half = Interval(12.0, 8.0, 16.0)
    return OrderOfLearning(
        (
            RelationOrder("linear", 16, half, None, Interval(0.2, 0.1, 0.3), 40.0),
            RelationOrder("by/chance", None, None, None, None, 3.0),
        ),
        {("direction", "learning time"): None},
        {"columns": 4, "seed": 0},
    )


def _labels(seed: int = 0) -> Result:
    """Three labels of groups, one with a name that acts on a terminal."""
    groups = np.repeat(np.arange(12), 3)
    states = np.random.default_rng(seed).normal(size=(36, 6)) + 2 * np.eye(6)[groups % 3]
    labels = np.array(["a noun", "$verb", "an\x1b[31m adverb of a long name"])[groups % 3]
    return probe_many_labels(states, labels, groups=groups, permutations=20, controls=3)


def _targets() -> Result:
    states = np.random.default_rng(0).normal(size=(36, 6))
    groups = np.repeat(np.arange(12), 3)
    return probe_targets(states, states[:, 0] + 1, groups=groups, permutations=20, controls=3)


def _state_layers() -> Result:
    """Nothing in the first of two layers, the label in the second, groups of several rows."""
    groups = np.repeat(np.arange(12), 3)
    states = np.random.default_rng(0).normal(size=(2, 36, 6))
    states[1] += 3 * np.eye(6)[groups % 3]
    return probe_layers(
        states,
        lambda one: probe_many_labels(one, groups % 3, groups=groups, permutations=60, controls=3),
    )


MADE: dict[type[Result], Callable[[], Result]] = {
    SpikedFamilies: lambda: spiked_families(embeddings(), relations(), controls=3),
    SpikedCovariance: lambda: fit_spiked_covariance(
        np.random.default_rng(1).normal(size=(9, 40)) + 0.6
    ),
    Coverage: lambda: coverage(
        Relations({"city": [("houston", "texas"), ("dallas", "texas"), ("a", "b")]}),
        {"houston", "dallas", "texas"},
    ),
    HeldOut: lambda: held_out(chance(), embeddings=embeddings(), controls=3),
    Adversary: _adversary,
    Localisation: lambda: localise(chance(), source=on_principal_axes(embeddings()), modes=3),
    ConceptAngles: lambda: concept_angles(
        embeddings(), relations(), resamples=100, permutations=100
    ),
    ConceptProfiles: lambda: profiles(embeddings(), relations(), permutations=99, controls=2),
    ConceptProbe: lambda: probe_concepts(embeddings(), relations(), permutations=99, controls=2),
    # Perfect analogies, whose SNR is infinite.
    Signal: lambda: signal(Differences(np.ones((5, 3)), [(f"a{k}", f"b{k}") for k in range(5)])),
    PublishedSnr: lambda: published_snr(chance()),
    SnrCurve: lambda: snr_curve(chance(), resamples=100, permutations=100),
    SnrCurves: lambda: snr_curves(embeddings(), relations()),
    SnrPlane: _plane,
    StateProbe: _states,
    LayerCurves: _layers,
    LearningCurves: _learning,
    OrderOfLearning: _order,
    LabelsProbe: _labels,
    TargetProbe: _targets,
    LayersProbe: _state_layers,
}
