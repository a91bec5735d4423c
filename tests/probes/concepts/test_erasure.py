"""Steering and erasure, with an adversary that looks for what is left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import linalg
from sklearn.preprocessing import PolynomialFeatures
from strategies import settings  # noqa: F401  (sets the profile)

from probes.concepts import LeastSquaresErasure, MeanDifference, adversary, project_out, steer
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError

EPS = float(np.finfo(float).eps)
Real = NDArray[np.float64]


def sample(
    n: int, d: int, *, seed: int, strength: float = 2.0, classes: int = 2
) -> tuple[Real, NDArray[np.int64]]:
    """Correlated words whose classes differ in the mean, along no axis."""
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(d, d)) / np.sqrt(d)
    y = rng.integers(classes, size=n)
    centres = strength * np.random.default_rng(98).normal(size=(classes, d)) / np.sqrt(d)
    return rng.normal(size=(n, d)) @ mixing + centres[y], y


def embeddings(n: int = 10, d: int = 4) -> Embeddings:
    vectors = np.random.default_rng(0).normal(size=(n, d))
    return Embeddings(tuple(f"w{k}" for k in range(n)), vectors, "x")


# ---------------------------------------------------------------- steering


def test_steering_moves_all_words_by_the_amount() -> None:
    words = embeddings()
    moved = steer(words, [0.0, 3.0, 0.0, 4.0], -2.0)
    assert moved.vectors - words.vectors == pytest.approx(
        np.tile([0.0, -1.2, 0.0, -1.6], (10, 1)), abs=4 * EPS * 4
    )
    assert (moved.words, moved.name) == (words.words, "x")
    back = steer(moved, [0.0, 3.0, 0.0, 4.0], 2.0)
    assert back.vectors == pytest.approx(words.vectors, abs=16 * EPS)


def test_steering_along_a_concept_turns_the_classifier() -> None:
    x, y = sample(400, 6, seed=0, strength=6.0)
    found = MeanDifference().fit(x, y)
    words = Embeddings(tuple(map(str, range(400))), x)
    gap = float(np.diff([found.transform(x)[y == k].mean() for k in (0, 1)])[0])
    moved = steer(words, found.direction_, gap).vectors
    assert found.predict(x[y == 0]).mean() < 0.1
    assert found.predict(moved[y == 0]).mean() > 0.9


@given(st.integers(1, 5), st.integers(0, 100))
def test_projection_leaves_nothing_along_and_all_else(k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(k, 6)) * 10.0 ** rng.integers(-3, 4, size=(k, 1))
    # One more that depends on the others.
    directions = np.vstack([directions, directions.sum(axis=0)])
    words = embeddings(8, 6)
    left = project_out(words, directions).vectors
    unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    room = 64 * EPS * float(np.abs(words.vectors).max()) * 6
    assert np.abs(left @ unit.T).max() <= room * np.linalg.cond(unit[:k])
    other = linalg.null_space(unit)
    assert np.abs((left - words.vectors) @ other).max(initial=0.0) <= 1e3 * room
    again = project_out(Embeddings(words.words, left), directions).vectors
    assert np.abs(again - left).max() <= 1e3 * room


@pytest.mark.parametrize(
    ("direction", "said"),
    [
        ([1.0, 2.0], "do not fit"),
        (np.ones((2, 3)), "do not fit"),
        (np.zeros((0, 4)), "do not fit"),
        (np.zeros(4), "points nowhere"),
        ([1.0, 0.0, np.inf, 0.0], "points nowhere"),
        ([[1.0, 0, 0, 0], [0, 0, 0, 0]], "points nowhere"),
    ],
)
def test_bad_directions(direction: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        project_out(embeddings(), direction)
    with pytest.raises(InputError, match=said):
        steer(embeddings(), direction, 1.0)
    with pytest.raises(InputError, match="one direction; got 2"):
        steer(embeddings(), np.eye(4)[:2], 1.0)
    with pytest.raises(InputError, match="amount is nan"):
        steer(embeddings(), np.ones(4), float("nan"))


# ---------------------------------------------------------------- erasure


def belrose(x: Real, y: NDArray[np.int64]) -> Real:
    """Theorem 4.2 of arXiv 2306.03819, as it stands, for a covariance of full rank."""
    z = np.eye(y.max() + 1)[y]
    centred = x - x.mean(axis=0)
    covariance = centred.T @ centred / len(x)
    cross = centred.T @ (z - z.mean(axis=0)) / len(x)
    w = linalg.fractional_matrix_power(covariance, -0.5).real
    white = w @ cross
    projection = white @ np.linalg.pinv(white, rcond=1e-10)
    return x - centred @ (np.linalg.inv(w) @ projection @ w).T


@pytest.mark.parametrize("classes", [2, 3])
def test_erasure_is_the_closed_form(classes: int) -> None:
    x, y = sample(200, 7, seed=1, classes=classes)
    found = LeastSquaresErasure().fit(x, y)
    assert found.erased_.shape == (7, classes - 1)
    assert found.transform(x) == pytest.approx(belrose(x, y), abs=1e-10)


@given(st.integers(2, 40), st.integers(1, 30), st.integers(2, 4), st.integers(0, 200))
def test_erased_classes_have_one_mean(n: int, d: int, classes: int, seed: int) -> None:
    x, y = sample(n, d, seed=seed, classes=classes)
    erasure = LeastSquaresErasure().fit(x, y)
    left = erasure.transform(x)
    size = float(np.abs(x).max())
    means = np.stack([left[y == k].mean(axis=0) for k in np.unique(y)])
    values = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)
    kept = values[values > max(n, d) * EPS * values[0]]
    room = 1e3 * max(n, d) * EPS * size * (kept[0] / kept[-1] if len(kept) else 1.0)
    assert np.abs(means - x.mean(axis=0)).max() <= room
    assert np.abs(erasure.transform(left) - left).max() <= room


def test_erasure_changes_less_than_projection() -> None:
    """Projecting the mean difference out equalises the means too, at a higher price."""
    x, y = sample(500, 8, seed=2)
    direction = MeanDifference().fit(x, y).direction_
    projected = project_out(Embeddings(tuple(map(str, range(500))), x), direction).vectors
    erased = LeastSquaresErasure().fit_transform(x, y)
    for left in (projected, erased):
        gap = left[y == 1].mean(axis=0) - left[y == 0].mean(axis=0)
        assert np.abs(gap).max() < 1e-12
    assert np.sum((erased - x) ** 2) < 0.9 * np.sum((projected - x) ** 2)


# ---------------------------------------------------------------- the adversary


@pytest.mark.parametrize("d", [5, 30])
def test_no_classifier_beats_a_constant_in_sample(d: int) -> None:
    """The claim of the theorem, on the words it was fitted to, at any strength of penalty."""
    x, y = sample(300, d, seed=3)
    groups = np.arange(300)
    for penalty in (1.0, 1e4):
        before = adversary(x, y, groups, C=penalty)
        after = adversary(x, y, groups, erasure=LeastSquaresErasure(), C=penalty)
        assert before.loss < 0.9 * before.constant_loss
        assert before.in_sample > 0.8
        assert after.loss >= after.constant_loss - 1e-9
        share = y.mean()
        entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
        assert after.constant_loss == pytest.approx(entropy)
        assert after.chance == max(share, 1 - share)


def test_held_out_words_are_at_chance_for_a_classifier_of_erased_ones() -> None:
    x, y = sample(600, 10, seed=4)
    before = adversary(x, y, np.arange(600))
    after = adversary(x, y, np.arange(600), erasure=LeastSquaresErasure())
    assert before.held_out.low > 0.8
    assert after.chance in after.held_out or after.held_out.value < after.chance
    assert "0." in str(after)


@pytest.mark.parametrize("n", [100, 1600])
def test_what_is_left_on_other_words_falls_with_their_number(n: int) -> None:
    """A new classifier fitted to erased words that the erasure has not seen."""
    rest = []
    for seed in range(10):
        x, y = sample(n, 10, seed=seed)
        other, labels = sample(20_000, 10, seed=1000 + seed)
        left = LeastSquaresErasure().fit(x, y).transform(other)
        gap = left[labels == 1].mean(axis=0) - left[labels == 0].mean(axis=0)
        spread = np.cov((left - left.mean(axis=0)).T)
        # Squared Mahalanobis distance of the classes: what a discriminant can use.
        rest.append(gap @ np.linalg.pinv(spread, rcond=1e-6) @ gap)
    # The sample's covariance with the labels is off by 1 / sqrt(n) in each of d directions;
    # a difference of means is 4 times that covariance where classes are equal.
    assert np.mean(rest) <= 3 * (4 * 10 / n + 4 * 10 / 20_000)
    assert np.mean(rest) >= 0.1 * 4 * 9 / n


def test_a_perfect_classifier_is_not_known_to_be_perfect() -> None:
    """Every resample of groups that are all right is right: the bootstrap has no width."""
    y = np.arange(40) % 2
    x = 100.0 * y[:, None] + np.random.default_rng(0).normal(size=(40, 3))
    found = adversary(x, y, np.arange(40) // 2).held_out
    assert (found.value, found.high) == (1.0, 1.0)
    # Clopper and Pearson for 20 groups without an exception.
    assert found.low == pytest.approx(0.025 ** (1 / 20), rel=1e-12)


def test_what_is_not_linear_stays() -> None:
    """Classes with one mean and two variances: erasure promises nothing, and keeps it."""
    rng = np.random.default_rng(5)
    y = np.arange(400) % 2
    x = rng.normal(size=(400, 3)) * np.where(y == 1, 4.0, 1.0)[:, None]
    erased = LeastSquaresErasure().fit_transform(x, y)
    squares = PolynomialFeatures(2).fit_transform(erased)
    assert adversary(squares, y, np.arange(400)).held_out.value > 0.85


def test_groups_stay_together() -> None:
    """Copies of the same words in two rows: only by groups is memory no help."""
    rng = np.random.default_rng(6)
    x = np.repeat(rng.normal(size=(40, 60)), 2, axis=0)
    y = np.repeat(rng.integers(2, size=40), 2)
    alone = adversary(x, y, np.arange(80), folds=40)
    together = adversary(x, y, np.repeat(np.arange(40), 2), folds=40)
    assert alone.held_out.value > 0.9
    assert together.held_out.value < 0.75


@pytest.mark.parametrize(
    ("x", "y", "groups", "options", "said"),
    [
        (np.ones(4), [0, 1, 0, 1], [0, 1, 2, 3], {}, "do not fit"),
        (np.ones((4, 1)), [0, 1, 0], [0, 1, 2, 3], {}, "do not fit"),
        (np.ones((4, 1)), [0, 1, 0, 1], [0, 1, 2], {}, "do not fit"),
        (np.ones((4, 1)), [0, 1, 2, 1], [0, 1, 2, 3], {}, "3 labels"),
        (np.ones((4, 1)), [0, 1, 0, 1], [0, 0, 0, 0], {}, "1 groups"),
        (np.ones((4, 1)), [0, 1, 1, 1], [0, 1, 2, 3], {}, "one label only"),
        (np.ones((4, 1)), [0, 1, 0, 1], [0, 1, 2, 3], {"folds": 1}, "folds"),
        (np.ones((4, 1)), [0, 1, 0, 1], [0, 1, 2, 3], {"level": 1}, "level"),
    ],
)
def test_bad_adversaries(x: Any, y: Any, groups: Any, options: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        adversary(x, y, groups, **options)
