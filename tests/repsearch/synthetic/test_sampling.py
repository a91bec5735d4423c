"""Counts and documents drawn from worlds, and the sampling error of eigenvalues."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2

import repsearch as rs
from probes import Relations, analogies
from repsearch.synthetic import (
    BinaryAttributes,
    PairWorld,
    Realised,
    TopicMixture,
    Tree,
    WithoutPairs,
    eigenvalue_errors,
)
from repsearch.testing.checks.worlds import (
    eigenvalue_errors_hold,
)

EPS = float(np.finfo(float).eps)
EVEN = BinaryAttributes([0.3, 0.5, 0.5, 0.7])
UNEVEN = BinaryAttributes([0.3, 0.5, 0.7], asymmetry=[0.6, 1.0, 0.2])
SMALL = TopicMixture(topics=6, concepts=2, pairs=4, others=10, seed=2)


def name(world: object) -> str:
    return type(world).__name__


def test_samples_are_counts() -> None:
    counts = SMALL.sample(5_000, seed=3)
    full = counts.matrix().toarray()
    assert np.array_equal(full, full.T)
    assert counts.total == full.sum() == 10_000
    assert np.array_equal(counts.word_counts, full.sum(axis=1))
    assert np.all(np.diag(full) % 2 == 0)
    assert np.array_equal(SMALL.sample(5_000, seed=3).values, counts.values)
    other = SMALL.sample(5_000, seed=4)
    assert rs.merge([counts, other]).total == 20_000
    # One pair leaves most rows of the sparse layout empty.
    rare = SMALL.sample(1, seed=0)
    assert rare.total == 2
    assert rare.matrix().sum() == 2


def test_samples_have_the_distribution() -> None:
    n = 200_000
    drawn = UNEVEN.sample(n, seed=0).matrix().toarray()
    lower = np.tril_indices(8)
    seen = np.where(lower[0] == lower[1], drawn[lower] / 2, drawn[lower])
    expected = n * np.where(lower[0] == lower[1], 1, 2) * UNEVEN.P[lower]
    statistic = np.sum((seen - expected) ** 2 / expected)
    assert chi2.ppf(1e-3, len(seen) - 1) < statistic < chi2.isf(1e-3, len(seen) - 1)


def test_counts_of_a_realised_kernel_have_its_target() -> None:
    tree = Tree(3, 2, decay=1.5)
    world = Realised(tree)
    assert world.negatives != 1
    n = 10_000_000
    found = rs.eigenpairs(rs.mstar(world.sample(n, seed=0), rs.Setting31(world.negatives)), d=3)
    errors = eigenvalue_errors(world, n, d=3)
    assert (np.abs(found.eigenvalues - tree.spectrum().eigenvalues[:3]) < 4.5 * errors).all()
    # k = 1 has another M*.
    other = rs.eigenpairs(rs.mstar(world.sample(n, seed=0)), d=3)
    assert (np.abs(other.eigenvalues - found.eigenvalues) > 20 * errors).any()


def test_realising_a_distribution_gives_it_back() -> None:
    again = Realised(EVEN)
    assert again.negatives == pytest.approx(1)
    assert np.abs(again.P / EVEN.P - 1).max() < 1e-9


def test_documents_have_the_distribution() -> None:
    world = TopicMixture(topics=4, concepts=1, pairs=2, others=2, seed=1)
    documents = world.documents(120_001, seed=0, length=3)
    assert sum(len(text.split()) for text in documents) == 120_001
    assert len(documents) == 40_001
    assert documents == world.documents(120_001, seed=0, length=3)
    corpus = rs.encode(documents, vocabulary=world.words)
    # The outer words of each document alone, so that no two pairs share a document.
    tokens = corpus.tokens[:120_000].reshape(-1, 3)
    size = len(world.words)
    seen = np.bincount(tokens[:, 0] * size + tokens[:, 2], minlength=size**2)
    expected = 40_000 * world.P.ravel()
    statistic = np.sum((seen - expected) ** 2 / expected)
    assert chi2.ppf(1e-3, size**2 - 1) < statistic < chi2.isf(1e-3, size**2 - 1)


# ------------------------------------------------------------- sampling error


@pytest.mark.parametrize("world", [UNEVEN, SMALL], ids=name)
def test_eigenvalues_err_as_sampling_theory_says(world: PairWorld) -> None:
    assert eigenvalue_errors_hold(world, 3_000_000, d=3)
    # Adversary: smoothing by 1 % biases every eigenvalue by more than its error.
    smoothed = eigenvalue_errors_hold(
        world, 3_000_000, d=3, target=lambda counts: rs.mstar(counts, zeros="smooth")
    )
    assert not smoothed


def test_errors_of_text_fall_as_one_over_root_n() -> None:
    truth, exact = SMALL.spectrum().eigenvalues[:3], SMALL.mstar()
    sizes, repeats = [20_000, 80_000, 320_000], 8
    matrix, values = [], []
    for n in sizes:
        square = np.zeros(2)
        for seed in range(repeats):
            corpus = rs.encode(SMALL.documents(n, seed=seed, length=20), vocabulary=SMALL.words)
            target = rs.mstar(rs.count(corpus, rs.Window(4)))
            found = rs.eigenpairs(target, 3, dtype="float64").eigenvalues
            square += np.sum((target.dense() - exact) ** 2), np.sum((found - truth) ** 2)
        matrix.append(np.sqrt(square[0] / repeats))
        values.append(np.sqrt(square[1] / repeats))
    # Entries are many, so their error is sharp; 24 eigenvalues leave its logarithm a standard
    # deviation near 1 / sqrt(2 * 24), and the slope over a factor of 16 one near 0.07.
    slopes = [np.polyfit(np.log(sizes), np.log(errors), 1)[0] for errors in (matrix, values)]
    assert slopes[0] == pytest.approx(-0.5, abs=0.05)
    assert slopes[1] == pytest.approx(-0.5, abs=3 * 0.07)


def test_analogies_approach_the_truth() -> None:
    world = TopicMixture()
    relations = Relations(world.relations)
    wrong = []
    for n in (3_000, 100_000, 10_000_000):
        shares = [
            analogies(
                rs.eigenpairs(rs.mstar(world.sample(n, seed=seed)), 15).embeddings(),
                relations,
            ).micro.value
            for seed in range(4)
        ]
        wrong.append(1 - np.mean(shares))
    assert wrong[0] > 0.5
    assert wrong[0] > wrong[1] > wrong[2]
    assert wrong[2] == 0


@pytest.mark.parametrize("world", [UNEVEN, SMALL], ids=name)
def test_errors_are_those_of_finite_differences(world: PairWorld) -> None:
    def values(p: NDArray[np.float64]) -> NDArray[np.float64]:
        independent = np.outer(p.sum(axis=1), p.sum(axis=1))
        return np.linalg.eigvalsh(2 * (p - independent) / (p + independent))[::-1][:3]

    size = len(world.words)
    square, mean = np.zeros(3), np.zeros(3)
    for i in range(size):
        for j in range(size):
            pair = np.zeros((size, size))
            pair[i, j] += 0.5
            pair[j, i] += 0.5
            # A share of the rarest pair: central differences then err by its square.
            step = 1e-4 * world.P.min() * (pair - world.P)
            slope = (values(world.P + step) - values(world.P - step)) / (2e-4 * world.P.min())
            square += world.P[i, j] * slope**2
            mean += world.P[i, j] * slope
    expected = np.sqrt((square - mean**2) / 50)
    # Eigenvalues carry eps lambda_1, divided by the smallest step.
    rounding = size * EPS * world.spectrum().eigenvalues[0] / (1e-4 * world.P.min())
    assert eigenvalue_errors(world, 50, d=3) == pytest.approx(expected, rel=1e-6, abs=rounding)


def test_errors_need_pairs_that_occur() -> None:
    assert eigenvalue_errors(EVEN, 400, d=2) == pytest.approx(eigenvalue_errors(EVEN, 100, d=2) / 2)
    with pytest.raises(rs.InputError, match="16 pairs of this world never occur"):
        eigenvalue_errors(WithoutPairs(EVEN, "attribute 1"), 100, d=2)
