"""Worlds with known answers: what they have in common, and the arguments they refuse."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import repsearch as rs
from probes import Relations, analogies
from repsearch.spectrum.spectrum import Spectrum
from repsearch.synthetic import (
    BinaryAttributes,
    Exponential,
    Interval,
    Lattice,
    LowRankPlusNoise,
    PairWorld,
    PeriodicExponential,
    Pruned,
    RandomWalk,
    Realised,
    Seasons,
    TextWorld,
    TopicMixture,
    Tree,
    WithoutPairs,
    World,
    eigenvalue_errors,
    spectrum_of,
    symmetric_noise,
)
from repsearch.testing.checks.worlds import (
    is_distribution,
    parallelograms_close,
    spectrum_solves,
)

EPS = float(np.finfo(float).eps)
EVEN = BinaryAttributes([0.3, 0.5, 0.5, 0.7])
UNEVEN = BinaryAttributes([0.3, 0.5, 0.7], asymmetry=[0.6, 1.0, 0.2])
SMALL = TopicMixture(topics=6, concepts=2, pairs=4, others=10, seed=2)
PAIR_WORLDS: list[PairWorld] = [
    EVEN,
    UNEVEN,
    SMALL,
    Seasons(size=24, harmonics=(0.5, -0.3, 0.1)),
    RandomWalk(size=30, dimension=3, contexts=100),
    TopicMixture(concentration=1e-4, pairs=2, others=2),
    Pruned(EVEN, 7, seed=1),
    WithoutPairs(UNEVEN, "attribute 2"),
    Realised(Lattice((4, 5), Exponential(0.2))),
    Realised(Interval(20, 0.7)),
    Realised(Tree(3, 2, decay=1.5)),
]
WORLDS: list[World] = [
    *PAIR_WORLDS,
    Lattice((9,), PeriodicExponential(0.3)),
    Lattice((4, 5), Exponential(0.2)),
    Interval(20, 0.7),
    Tree(3, 2),
    LowRankPlusNoise([3.0, -2.0, 1.0], size=12, noise=0.1),
]


def name(world: object) -> str:
    return type(world).__name__


# ------------------------------------------------------- common interface


@pytest.mark.parametrize("world", WORLDS, ids=name)
def test_every_world_answers_the_same_questions(world: World) -> None:
    assert spectrum_solves(world)
    size = len(world.words)
    assert len(set(world.words)) == size
    assert world.mstar().shape == (size, size)
    found = world.spectrum()
    assert found.words == world.words
    assert found.squared_norm == pytest.approx(np.sum(found.eigenvalues**2), rel=size * 8 * EPS)
    for pairs in world.relations.values():
        assert {word for pair in pairs for word in pair} <= set(world.words)


@pytest.mark.parametrize("world", PAIR_WORLDS, ids=name)
def test_pair_worlds_are_distributions(world: PairWorld) -> None:
    assert is_distribution(world)
    p, single = world.P, world.P.sum(axis=1)
    independent = world.negatives * np.outer(single, single)
    expected = (p - independent) / ((p + independent) / 2)
    # The marginals of a realised world come from a linear system.
    allowed = 1e-9 if isinstance(world, Realised) else 64 * EPS
    assert np.abs(world.mstar() - expected).max() <= allowed


def test_settings_and_seed_decide_a_world() -> None:
    for world in (SMALL, RandomWalk(size=20, contexts=50), Pruned(EVEN, 5)):
        again = replace(world)
        assert again == world
        assert np.array_equal(again.P, world.P)
        other = replace(world, seed=9)
        assert not np.array_equal(other.P, world.P)


def test_words_survive_the_tokenizer() -> None:
    for world in PAIR_WORLDS:
        if isinstance(world, TextWorld):
            assert all(re.fullmatch("[a-z]+", word) for word in world.words)


# --------------------------------------------------------------- adversaries


@dataclass(frozen=True)
class WithSpectrumOf:
    """A world whose spectrum is that of another."""

    truth: World
    wrong: Callable[[NDArray[np.float64]], NDArray[np.float64]]

    @property
    def words(self) -> tuple[str, ...]:
        return self.truth.words

    @property
    def relations(self) -> dict[str, Any]:
        return {}

    def mstar(self) -> NDArray[np.float64]:
        return self.wrong(self.truth.mstar())

    def spectrum(self) -> Spectrum:
        return self.truth.spectrum()


@pytest.mark.parametrize("world", WORLDS, ids=name)
def test_a_wrong_sign_is_detected(world: World) -> None:
    assert spectrum_solves(WithSpectrumOf(world, lambda m: m))
    assert not spectrum_solves(WithSpectrumOf(world, lambda m: -m))
    assert not spectrum_solves(WithSpectrumOf(world, lambda m: m * (1 + 1e-9)))


def test_order_by_magnitude_and_a_missing_pair_are_detected() -> None:
    @dataclass(frozen=True)
    class Rearranged(WithSpectrumOf):
        order: tuple[int, ...] = ()

        def spectrum(self) -> Spectrum:
            whole, order = self.truth.spectrum(), list(self.order)
            return replace(
                whole,
                eigenvalues=whole.eigenvalues[order],
                eigenvectors=whole.eigenvectors[:, order],
            )

    world = LowRankPlusNoise([3.0, -2.0, 1.0], size=4)
    assert spectrum_solves(Rearranged(world, lambda m: m, (0, 1, 2, 3)))
    assert not spectrum_solves(Rearranged(world, lambda m: m, (0, 3, 1, 2)))
    assert not spectrum_solves(Rearranged(world, lambda m: m, (0, 1, 2)))


def test_a_skewed_distribution_is_detected() -> None:
    for change in (
        lambda p: p * 1.0001,
        lambda p: p + 1e-6 * np.subtract.outer(np.arange(len(p)), np.arange(len(p))),
        lambda p: p - 2 * p.min() * np.eye(len(p)),
    ):
        world = BinaryAttributes([0.3, 0.9])
        object.__setattr__(world, "P", change(world.P))
        assert not is_distribution(world)


# -------------------------------------------------------------- topic mixture


def test_concepts_shift_rows_of_the_ratio_alike() -> None:
    row = {word: k for k, word in enumerate(SMALL.words)}
    weights = SMALL.topic_weights
    for c, pairs in enumerate(SMALL.relations.values()):
        expected = np.zeros(6)
        expected[2 * c], expected[2 * c + 1] = -0.4, 0.4
        ratio = SMALL.ratio()
        steps = [ratio[row[b]] - ratio[row[a]] for a, b in pairs]
        for (a, b), step in zip(pairs, steps, strict=True):
            assert np.abs(weights[row[b]] - weights[row[a]] - expected).max() <= 4 * EPS
            # P_ij / (P_i P_j) = sum_t theta_it theta_jt / pi_t
            assert np.abs(step - weights @ (expected / SMALL.prior)).max() <= 64 * EPS * ratio.max()
    assert parallelograms_close(SMALL, d=6, target=TopicMixture.ratio)
    assert not parallelograms_close(SMALL, d=6, target=TopicMixture.mstar)


@pytest.mark.parametrize("seed", range(3))
def test_mstar_answers_the_planted_analogies(seed: int) -> None:
    world = TopicMixture(seed=seed)
    relations = Relations(world.relations)
    found = analogies(world.spectrum().embeddings(15), relations)
    assert found.micro.value == 1
    # Control: with the words paired at random there is no relation to find.
    words = np.random.default_rng(seed).permutation(
        [w for pairs in relations.families.values() for pair in pairs for w in pair]
    )
    random_pairs = Relations({"random": [tuple(map(str, pair)) for pair in words.reshape(-1, 2)]})
    assert analogies(world.spectrum().embeddings(15), random_pairs).micro.value < 0.3


# ------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: BinaryAttributes([]), "0 entries; pass one for each of 1 to 12"),
        (lambda: BinaryAttributes([0.5] * 13), "13 entries"),
        (lambda: BinaryAttributes([1.0]), "a strength is 1.0; pass numbers of at least 0"),
        (lambda: BinaryAttributes([-0.1]), "a strength is -0.1"),
        (lambda: BinaryAttributes(["a"]), "strengths holds 'a'; pass finite numbers"),
        (lambda: BinaryAttributes("0.5"), "strengths is '0.5'; pass a sequence"),
        (lambda: BinaryAttributes([float("nan")]), "strengths holds nan"),
        (lambda: BinaryAttributes([0.5], [1.0, 1.0]), "2 entries for 1 attributes"),
        (lambda: BinaryAttributes([0.5], 0.0), "an asymmetry is 0.0"),
        (lambda: BinaryAttributes([0.5], 1.5), "an asymmetry is 1.5"),
        (lambda: BinaryAttributes([0.5], [True]), "asymmetry holds True"),
        (lambda: TopicMixture(topics=3), "topics is 3; pass a whole number of at least 4"),
        (lambda: TopicMixture(concepts=0), "concepts is 0"),
        (lambda: TopicMixture(pairs=1), "pairs is 1; pass a whole number of at least 2"),
        (lambda: TopicMixture(others=-1), "others is -1"),
        (lambda: TopicMixture(others=9000), "9,040 words; stay within 8,192"),
        (lambda: TopicMixture(strength=1.0), "strength is 1.0; pass a number between"),
        (lambda: TopicMixture(concentration=0.0), "concentration is 0.0"),
        (lambda: TopicMixture(exponent=-1), "exponent is -1"),
        (lambda: TopicMixture(seed=-1), "seed is -1"),
        (lambda: Seasons(size=100), "size is 100; pass a multiple of the 12 months"),
        (lambda: Seasons(harmonics=(0.8, 0.3)), "sum to 1.1; pass some"),
        (lambda: Seasons(harmonics=()), "0 entries; pass at least one"),
        (lambda: Seasons(size=4, months=2, harmonics=(0.1, 0.1)), "2 entries; pass at least one"),
        (lambda: Seasons(harmonics=(0.0,)), "sum to 0"),
        (lambda: RandomWalk(size=1), "size is 1"),
        (lambda: RandomWalk(contexts=3), "contexts is 3; pass an even"),
        (lambda: RandomWalk(scale=float("inf")), "scale is inf"),
        (lambda: Pruned(EVEN, 17), "size is 17; pass a whole number from 2 to 16"),
        (lambda: WithoutPairs(EVEN, "sex"), "no relation 'sex' in this world; it has attribute 1"),
        (lambda: WithoutPairs(Seasons(), "sex"), "it has none"),
        (lambda: Lattice((), Exponential()), r"shape is \(\)"),
        (lambda: Lattice(5, Exponential()), "shape is 5; pass a sequence"),
        (lambda: Lattice((2,), Exponential()), "an axis of shape is 2; pass a whole number"),
        (lambda: Lattice((100, 100), Exponential()), "10,000 words"),
        (lambda: Lattice((5,), 3.0), "kernel is 3.0; pass a function"),
        (lambda: Lattice((5,), lambda d: np.where(d > 0, d, np.nan)), "does not give a finite"),
        (lambda: Lattice((5,), lambda d: 1.0), "does not give a finite"),
        (lambda: Exponential(0.0), "length is 0.0"),
        (lambda: PeriodicExponential(amplitude=-1), "amplitude is -1"),
        (lambda: PeriodicExponential().eigenvalues(0), "size is 0"),
        (lambda: Interval(1), "size is 1"),
        (lambda: Interval(9).wavenumbers(0), "n is 0"),
        (lambda: Tree(1), "branching is 1; pass a whole number from 2 to 26"),
        (lambda: Tree(depth=0), "depth is 0"),
        (lambda: Tree(10, 4), "11,111 words"),
        (lambda: Tree(depth=2).split_eigenvalues(2), "depth is 2; pass a whole number from 0 to 1"),
        (lambda: LowRankPlusNoise([], 3), "0 eigenvalues; pass from 1 to 3"),
        (lambda: LowRankPlusNoise([1.0] * 4, 3), "4 eigenvalues"),
        (lambda: LowRankPlusNoise([1.0], 3, noise=-1), "noise is -1"),
        (lambda: LowRankPlusNoise([1.0], 3).observed(seed=-1), "seed is -1"),
        (lambda: symmetric_noise(3, 0.0, seed=0), "scale is 0.0"),
        (lambda: EVEN.sample(0, seed=0), "n_pairs is 0"),
        (lambda: EVEN.sample(2.5, seed=0), "n_pairs is 2.5"),
        (lambda: EVEN.sample(5, seed=-1), "seed is -1"),
        (lambda: SMALL.documents(0, seed=0), "n_tokens is 0"),
        (lambda: SMALL.documents(5, seed=0, length=0), "length is 0"),
        (lambda: eigenvalue_errors(EVEN, 5, d=17), "d is 17; pass a whole number from 1 to 16"),
        (lambda: Realised(Lattice((5,), Exponential(amplitude=3.0))), "magnitude 3"),
        (lambda: Realised(Tree(3, 2)), "no positive word probabilities"),
        (lambda: spectrum_of(("a",), np.eye(2)), r"shape \(2, 2\) for 1 words"),
        (lambda: spectrum_of(("a", "b"), np.array([[0, 1], [0, 0.0]])), "off symmetric by 1.0e"),
        (lambda: spectrum_of(("a",), np.array([[np.inf]])), "not finite"),
        (lambda: parallelograms_close(Seasons(), d=2), "no relation of two pairs"),
    ],
)
def test_refusals(make: Callable[[], object], message: str) -> None:
    with pytest.raises(rs.InputError, match=message):
        make()
