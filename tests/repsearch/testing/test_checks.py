"""Checks: true of our own code, false of wrong code, and clear about bad arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import strategies as _profile  # noqa: F401 (loads the settings of the tests)
from hypothesis import given
from numpy.typing import NDArray

from repsearch.counts.counts import Counts
from repsearch.counts.window import Window
from repsearch.errors import InputError
from repsearch.testing import Check
from repsearch.testing.checks import counting, curvature, floor, losses, minima, targets
from repsearch.testing.counts_from import counts_from
from repsearch.testing.strategies import (
    distributions,
    documents,
    windows,
)
from repsearch.testing.weighted_pairs import WeightedPairs

Real = NDArray[np.float64]

# ------------------------------------------------------------------ counting


def test_pairs_are_counted_by_hand() -> None:
    found = counting.pair_counts([["a", "b", None, "a"], ["b"]], Window(3, "linear"))
    # Distance 1: ab (3). Distance 2: b-a (2). Distance 3: a-a (1, in both orders).
    assert found == {("a", "b"): 5, ("b", "a"): 5, ("a", "a"): 2}


@given(documents(), windows(5))
def test_counting_is_exact(texts: list[str], window: Window) -> None:
    assert counting.counts_of(texts, window)


def test_wrong_counters_are_caught() -> None:
    texts, window = ["a b", "b"], Window(1)

    def across_documents(given_: Any, of: Window) -> dict[tuple[str, str], int]:
        return counting.pair_counts([" ".join(given_).split()], of)

    def one_order(given_: Any, of: Window) -> dict[tuple[str, str], int]:
        both = counting.pair_counts([text.split() for text in given_], of)
        return {pair: n for pair, n in both.items() if pair[0] <= pair[1]}

    found = counting.counts_of(texts, window, counter=across_documents)
    assert not found
    assert found.witness["pair"] == ("b", "b")
    assert (found.witness["counted"], found.witness["should be"]) == (2, 0)
    assert counting.counts_of(texts, window, counter=one_order).witness["pair"] == ("b", "a")


# -------------------------------------------------------------------- pairs


@given(distributions(4, zeros=True, min_size=1))
def test_pairs_by_their_definitions(p: Real) -> None:
    independent = np.outer(p.sum(axis=1), p.sum(axis=1))
    plain, even = WeightedPairs.unweighted(p, negatives=2), WeightedPairs.setting31(p, negatives=2)
    assert np.array_equal(plain.weights, p + 2 * independent)
    assert np.abs(even.weights - 1).max() <= 4 * losses.EPS
    assert np.abs(plain.target - even.target).max() <= 16 * losses.EPS
    assert (plain.target[p == 0] == -2).all()


def test_a_check_is_what_it_says() -> None:
    good, bad = Check("x", 1.0, 1.0), Check("x", float("nan"), 1.0, {"W": np.eye(2)})
    assert good
    assert not bad
    assert repr(good).startswith("holds: x")
    assert repr(bad).startswith("FAILS: x")


# ------------------------------------------------------------- bad arguments

M, W = np.diag([2.0, 1.0]), np.eye(2, 1)
PAIRS = WeightedPairs.unweighted(np.array([[0.4, 0.1], [0.1, 0.4]]))
COUNTS: Counts = counts_from(np.array([[1, 2], [2, 0]]))


@pytest.mark.parametrize(
    ("call", "culprit"),
    [
        (lambda: WeightedPairs(np.ones((2, 3)), np.ones((2, 3))), "(2, 3)"),
        (lambda: WeightedPairs(-np.eye(2), np.eye(2)), "-1.0"),
        (lambda: WeightedPairs(np.eye(2), np.eye(3)), "(3, 3)"),
        (lambda: losses.rotation_invariant(lambda _: 0.0, W, 2 * np.eye(1)), "orthogonal"),
        (lambda: losses.rotation_invariant(lambda _: 0.0, W, np.eye(2)), "columns"),
        (lambda: losses.gradient_matches(lambda _: 0.0, lambda _: np.eye(2), W), "(2, 2)"),
        (
            lambda: losses.logistic_is_stationary(WeightedPairs(np.eye(2), np.ones((2, 2)))),
            "weight 0",
        ),
        (lambda: minima.descent_reaches_minimum(np.diag([1.0, -1.0]), np.eye(2)), "-1"),
        (lambda: minima.descent_reaches_minimum(np.eye(2), W), "the next 1"),
        (lambda: curvature.critical_points(M, []), "[]"),
        (lambda: curvature.critical_points(M, [2]), "[2]"),
        (lambda: curvature.critical_points(M, [0, 0]), "[0, 0]"),
        (lambda: curvature.critical_points(-M, [0]), "-1"),
        (lambda: floor.normalised_floor(np.full((2, 2), 0.25)), "independent"),
        (lambda: targets.permutation_equivariant(COUNTS, [0, 0]), "[0, 0]"),
        (lambda: targets.top_by_signed_value(M, 1, solver=lambda m, d: (m[0], m)), "(2,)"),
    ],
)
def test_bad_arguments(call: Callable[[], object], culprit: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert culprit in str(caught.value)
