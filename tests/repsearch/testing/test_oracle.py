"""The numerical integration of gradient flows: right where a solution is known by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import strategies as _profile  # noqa: F401 (loads the settings of the tests)
from hypothesis import given, settings
from hypothesis import strategies as st

from repsearch.errors import InputError
from repsearch.testing import oracle
from repsearch.testing.strategies import Operator, initialisations, rotations, symmetric_operators

TIMES = np.array([0.0, 0.5, 2.0])
# Of what an integration may add up to: a thousand steps of 1e-12.
INTEGRATED = 1e-9


def close(one: Any, other: Any) -> bool:
    size = max(float(np.abs(other).max()), 1e-300)
    return bool(np.abs(np.asarray(one) - other).max() <= INTEGRATED * size)


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


M, W = np.diag([2.0, 1.0]), np.eye(2, 1)


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
    ],
)
def test_bad_arguments(call: Callable[[], object], culprit: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert culprit in str(caught.value)


def test_an_integration_that_overflows_says_so() -> None:
    with np.errstate(all="ignore"), pytest.raises(InputError, match="overflowed at time 0;"):
        oracle.integrate_tied([[1e200]], [[1e160]], [1.0])
