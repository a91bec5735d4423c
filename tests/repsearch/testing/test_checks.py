"""The judge and the checks: right against what is known by hand, and clear about bad input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import strategies as _profile  # noqa: F401 (loads the settings of the tests)
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from repsearch.counts.counts import Counts
from repsearch.counts.window import Window
from repsearch.errors import InputError
from repsearch.testing import Check, oracle
from repsearch.testing.checks import counting, curvature, floor, losses, minima, targets
from repsearch.testing.counts_from import counts_from
from repsearch.testing.strategies import (
    Operator,
    distributions,
    documents,
    initialisations,
    rotations,
    symmetric_operators,
    windows,
)
from repsearch.testing.weighted_pairs import WeightedPairs

Real = NDArray[np.float64]

TIMES = np.array([0.0, 0.5, 2.0])
# Of what an integration may add up to: a thousand steps of 1e-12.
INTEGRATED = 1e-9


def close(one: Any, other: Any) -> bool:
    size = max(float(np.abs(other).max()), 1e-300)
    return bool(np.abs(np.asarray(one) - other).max() <= INTEGRATED * size)


# ------------------------------------------------------------------- oracle


@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e-150])
@pytest.mark.parametrize("eigenvalue", [3.0, 0.0, -2.0])
def test_one_word_follows_its_differential_equation(eigenvalue: float, scale: float) -> None:
    # u = 1 / w^2 obeys the linear du/dt = 1 - lambda u, solved by hand.
    (a, b, c) = oracle.integrate_tied([[eigenvalue]], [[scale]], TIMES).ravel().tolist()
    assert a == scale
    for t, w in [(0.5, b), (2.0, c)]:
        growth = np.exp(-eigenvalue * t)
        forced = t if eigenvalue == 0 else (1 - growth) / eigenvalue
        u = growth + scale**2 * forced
        assert abs(w / scale - u**-0.5) <= INTEGRATED * u**-0.5


def test_zero_and_equilibria_stay() -> None:
    assert not oracle.integrate_tied(np.eye(2), np.zeros((2, 1)), TIMES).any()
    still = oracle.integrate_tied(np.diag([4.0, 1.0]), [[2.0], [0.0]], TIMES)
    assert (still == [[2.0], [0.0]]).all()


@settings(max_examples=25)
@given(symmetric_operators(4), st.data())
def test_the_flow_does_not_know_bases(operator: Operator, data: st.DataObject) -> None:
    m = operator.matrix
    w = data.draw(initialisations(len(m), 2, min_scale=1e-3))
    q, u = data.draw(rotations(len(m))), data.draw(rotations(2))
    plain = oracle.integrate_tied(m, w, [0.4])
    rotated = oracle.integrate_tied(q @ m @ q.T, q @ w @ u, [0.4])
    assert close(rotated, q @ plain @ u)


@settings(max_examples=25)
@given(symmetric_operators(4), st.data())
def test_untied_and_weighted_flows_contain_the_tied_one(
    operator: Operator, data: st.DataObject
) -> None:
    m = operator.matrix
    w = data.draw(initialisations(len(m), 2, min_scale=1e-3))
    tied = oracle.integrate_tied(m, w, TIMES[:2])
    first, second = oracle.integrate_untied(m, w, w, TIMES[:2])
    assert close(first, tied)
    assert close(second, tied)
    assert close(oracle.integrate_weighted(m, np.ones_like(m), w, TIMES[:2]), tied)
    # A constant weight is another unit of time.
    assert close(oracle.integrate_weighted(m, 2 * np.ones_like(m), w, TIMES[:2] / 2), tied)


def test_untied_flow_of_a_matrix_that_is_not_square() -> None:
    m, a, b = np.array([[1.0, 2.0, 0.0]]), np.array([[0.5]]), np.array([[1.0], [0.0], [-1.0]])
    h = 1e-6
    first, second = oracle.integrate_untied(m, a, b, [0.0, h])
    error = m - a @ b.T
    assert np.abs((first[1] - a) / h - error @ b / 2).max() <= 1e-4
    assert np.abs((second[1] - b) / h - error.T @ a / 2).max() <= 1e-4
    assert first.shape == (2, 1, 1)
    assert second.shape == (2, 3, 1)


def test_weights_weigh() -> None:
    m, g, w = np.eye(2), np.array([[2.0, 0.5], [0.5, 0.0]]), np.array([[1.0], [3.0]])
    h = 1e-6
    moved = oracle.integrate_weighted(m, g, w, [h])[0]
    # (1/2) (G o (M - w w^T)) w by hand: rows (2 (1-1) 1 + .5 (0-3) 3) / 2, (.5 (0-3) 1) / 2
    assert np.abs((moved - w) / h - [[-2.25], [-0.75]]).max() <= 1e-4


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
        (lambda: oracle.integrate_tied([1.0], W, [1]), "(1,)"),
        (lambda: oracle.integrate_tied(np.ones((2, 3)), W, [1]), "(2, 3)"),
        (lambda: oracle.integrate_tied([[1, 2], [0, 1]], W, [1]), "symmetrise"),
        (lambda: oracle.integrate_tied(M, np.eye(3), [1]), "3 rows"),
        (lambda: oracle.integrate_tied(M, W * np.nan, [1]), "finite"),
        (lambda: oracle.integrate_tied(M, W, [2, 1]), "[2, 1]"),
        (lambda: oracle.integrate_tied(M, W, [-1]), "[-1]"),
        (lambda: oracle.integrate_tied(M, W, 1.0), "1.0"),
        (lambda: oracle.integrate_tied(M, W, [np.inf]), "inf"),
        (lambda: oracle.integrate_tied(M, W, [1], rtol=1e-16), "1e-16"),
        (lambda: oracle.integrate_tied(M, W, [1], atol=-1.0), "-1.0"),
        (lambda: oracle.integrate_weighted(M, np.eye(3), W, [1]), "(3, 3)"),
        (lambda: oracle.integrate_weighted(M, [[1, 2], [0, 1]], W, [1]), "weights"),
        (lambda: oracle.integrate_untied(M, W, np.eye(3, 1), [1]), "second has 3 rows"),
        (lambda: oracle.integrate_untied(M, W, np.eye(2), [1]), "1 columns and second 2"),
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


def test_an_integration_that_overflows_says_so() -> None:
    with np.errstate(all="ignore"), pytest.raises(InputError, match="overflowed at time 0;"):
        oracle.integrate_tied([[1e200]], [[1e160]], [1.0])
