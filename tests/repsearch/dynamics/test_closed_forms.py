"""The closed forms at the edges: of times, sizes, ranks, kinds of arrays, and bad input."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest
import strategies as _profile  # noqa: F401  (the profile without deadlines)
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from repsearch import dynamics
from repsearch.dynamics.closed_form.growth import growth
from repsearch.errors import InputError
from repsearch.kernels.pivoting import eliminate

EPS = float(np.finfo(float).eps)


def logistic(value: float, start: float, time: float) -> float:
    """s(t) of an aligned mode in 60 digits, by the formula as the paper prints it."""
    with mpmath.workdps(60):
        v, s, t = mpmath.mpf(value), mpmath.mpf(start) ** 2, mpmath.mpf(time)
        if v == 0:
            return float(mpmath.sqrt(s / (1 + s * t)))
        grown = mpmath.exp(v * t)
        return float(mpmath.sqrt(s * v * grown / (v + s * (grown - 1))))


@given(st.floats(-3, 3), st.sampled_from([-1, 0, 1]), st.floats(-300, 3), st.floats(-300, 6))
def test_logistic_curve_to_rounding(
    log_value: float, sign: int, log_start: float, log_time: float
) -> None:
    value, start = sign * 10**log_value, 10**log_start
    time = 10**log_time / abs(value or 1.0)
    (seen,) = dynamics.aligned_singular_values([value], start, [time])[0]
    wanted = logistic(value, start, time)
    # The exponent of e^(lambda t / 2) s_0 is rounded; while the mode grows this is what is seen.
    exponent = abs(math.log(start)) + abs(value * time) / 2
    assert seen == pytest.approx(wanted, rel=8 * EPS * (4 + exponent), abs=1e-305)


def test_aligned_and_exact_agree_from_the_smallest_starts() -> None:
    start = np.array([1e-3, 1e-200, 1e-300, 1e-12])
    values = np.array([50.0, 20.0, 3.0, -1.0])
    times = np.array([0.0, 1e-8, 1.0, 10.0, 100.0, 1e4, 1e6])
    curves = dynamics.aligned_singular_values(values, start, times)
    solved = dynamics.singular_values(values, np.diag(start), times)
    assert np.isfinite(curves).all()
    assert solved == pytest.approx(np.sort(curves, 1)[:, ::-1], rel=1e-12, abs=1e-305)
    assert curves[-1] == pytest.approx([*np.sqrt(values[:3]), 0], rel=1e-15)


@pytest.mark.parametrize("time", [1e-300, 1e-8, 1.0, 1e3, 1e6, 1e300])
def test_no_time_is_too_long_or_short(time: float) -> None:
    rng = np.random.default_rng(0)
    values = np.array([3.0, 2.0, 1.0, 0.0, -1.0, -50.0])
    with np.errstate(all="raise", under="ignore"):
        for d in (1, 3, 6, 8):
            w = dynamics.coordinates(values, 1e-3 * rng.standard_normal((6, d)), [time])[0]
            assert np.isfinite(w).all()
            if time >= 1e3:
                learned = np.diag(w @ w.T)
                assert learned[: min(d, 3)] == pytest.approx(values[: min(d, 3)], rel=1e-6)


def test_a_start_of_deficient_rank_stays_so() -> None:
    # Rounding must not be taken for a seed that grows by e^500.
    rng = np.random.default_rng(0)
    values = np.array([50.0, 40.0, 30.0, -5.0])
    for rank in (1, 2):
        start = rng.standard_normal((4, rank)) @ rng.standard_normal((rank, 3))
        s = dynamics.singular_values(values, start, [0.5, 20.0, 1e4])
        assert (s[:, rank:] == 0).all()
        assert s[-1, :rank] == pytest.approx(np.sqrt(values[:rank]))


def test_a_start_blind_to_a_mode_never_learns_it() -> None:
    values = np.array([50.0, 40.0, 30.0])
    start = np.array([[0.0, 0.0], [0.1, 0.2], [0.3, -0.1]])
    w = dynamics.coordinates(values, start, [1e3])[0]
    assert w @ w.T == pytest.approx(np.diag([0.0, 40.0, 30.0]), abs=1e-12)


def test_a_start_of_zero_stays() -> None:
    assert not dynamics.coordinates([3.0, 1.0], np.zeros((2, 2)), [0.0, 5.0, 1e9]).any()
    assert not dynamics.singular_values([3.0, 1.0], np.zeros((2, 3)), [5.0]).any()


def test_at_time_zero_the_start_is_returned_as_it_is() -> None:
    start = np.random.default_rng(0).standard_normal((4, 3))
    assert np.array_equal(dynamics.coordinates([4.0, 1.0, 0.0, -3.0], start, [0.0])[0], start)


@pytest.mark.smoke
def test_same_bits_on_any_number_of_threads() -> None:
    rng = np.random.default_rng(0)
    values, start = 40 * np.arange(1.0, 61) ** -0.6, rng.standard_normal((60, 40))
    times = np.geomspace(1e-3, 1e2, 9)
    for solve in (dynamics.coordinates, dynamics.singular_values):
        with threadpool_limits(1):
            one = solve(values, start, times)
        with threadpool_limits(2):
            assert np.array_equal(one, solve(values, start, times))


def test_elimination_reproduces_the_matrix() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((7, 4))
    scale = 5 * rng.standard_normal(7)
    rows, multipliers, pivots, upper = eliminate(matrix, scale)
    lower = np.exp(scale[:, None] - scale[rows]) * multipliers
    diagonal = np.exp(scale[rows]) * pivots
    assert np.abs(lower).max() <= 1 + 4 * EPS
    assert np.abs(upper).max() <= 1
    scaled = np.exp(scale)[:, None] * matrix
    product = (lower * diagonal) @ upper
    # Columns come out in the order of the pivots.
    place = [int(np.argmin(np.abs(scaled - column[:, None]).sum(0))) for column in product.T]
    assert sorted(place) == [0, 1, 2, 3]
    assert product == pytest.approx(scaled[:, place], rel=1e-12)


@given(st.floats(-50, 50), st.floats(0, 50))
def test_growth(value: float, time: float) -> None:
    g = growth(np.array([value]), time)
    with mpmath.workdps(40):
        v, t = mpmath.mpf(value), mpmath.mpf(time)
        phi = mpmath.expm1(v * t) / v if value else t
        if not phi:
            assert g.log_phi[0] == -np.inf
            return
        scale = 1 + abs(value * time) + abs(float(mpmath.log(phi)))
        assert g.log_phi[0] == pytest.approx(float(mpmath.log(phi)), abs=8 * EPS * scale)
        ceiling = float(mpmath.log(mpmath.exp(v * t) / phi) / 2)
        assert g.log_ceiling[0] == pytest.approx(ceiling, abs=8 * EPS * scale)


# ------------------------------------------------------------ when modes are learned


def test_learning_times_of_modes_that_are_never_or_already_learned() -> None:
    values = np.array([4.0, 4.0, 4.0, 0.0, -1.0])
    start = np.array([1e-2, 3.0, 0.0, 1.0, 1.0])
    tau = dynamics.learning_times(values, start)
    assert tau.tolist() == [math.log(4 / 1e-4) / 4, 0.0, math.inf, math.inf, math.inf]
    half = dynamics.half_height_times(values, start)
    assert half[1:].tolist() == [0.0, math.inf, math.inf, math.inf]
    assert half[0] == pytest.approx(math.log(4 / 1e-4 - 1) / 4)


def test_effective_start_is_not_the_singular_values() -> None:
    start = np.random.default_rng(0).standard_normal((9, 3))
    begun = dynamics.effective_start(start)
    # What is left of each row after the rows before it are projected out.
    for k in range(3):
        before = start[:k].T
        rest = start[k] - before @ np.linalg.pinv(before) @ start[k] if k else start[0]
        assert begun[k] == pytest.approx(np.linalg.norm(rest))
    assert not np.allclose(begun, np.linalg.svd(start, compute_uv=False), rtol=0.1)


def test_plateaus_and_effective_rank() -> None:
    assert dynamics.plateaus([3.0, 2.0, -9.0]).tolist() == [0, -9 / 4, -13 / 4, -13 / 4]
    assert dynamics.effective_rank([2.0, 2.0, 2.0, 0.0]) == pytest.approx(3)
    assert dynamics.effective_rank([[0.0, 0.0], [1e-300, 0.0]]).tolist() == [0.0, 1.0]


# ------------------------------------------------------------ kinds of arrays


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_torch_tensors_come_back_as_they_went_in(kind: str) -> None:
    torch = pytest.importorskip("torch")
    dtype = getattr(torch, kind)
    values = torch.tensor([3.0, 1.0, -2.0], dtype=dtype)
    start = torch.arange(6, dtype=dtype).reshape(3, 2) / 8
    times = torch.tensor([0.0, 1.0, 100.0], dtype=dtype)
    plain = [x.numpy() for x in (values, start, times)]
    for solve in (dynamics.coordinates, dynamics.singular_values):
        found, wanted = solve(values, start, times), solve(*plain)
        assert isinstance(found, torch.Tensor)
        assert found.dtype == dtype
        assert wanted.dtype == np.dtype(kind)
        assert np.array_equal(found.numpy(), wanted)
    assert dynamics.aligned_singular_values(values, 0.1, times).dtype == dtype
    assert dynamics.quartic_loss(values, dynamics.coordinates(values, start, times)).shape == (3,)


def test_float32_is_float64_rounded() -> None:
    rng = np.random.default_rng(0)
    values, start = np.float32([9, 4, 1, -30]), rng.standard_normal((4, 2)).astype(np.float32)
    found = dynamics.coordinates(values, start, [0.3])
    full = dynamics.coordinates(values.astype(float), start.astype(float), [0.3])
    assert np.array_equal(found, full.astype(np.float32))


# ------------------------------------------------------------ bad input

BAD: list[tuple[str, Any, str]] = [
    ("aligned_singular_values", ([[1.0]], 1.0, [1.0]), "in one row"),
    ("aligned_singular_values", ([], 1.0, [1.0]), "one or more"),
    ("aligned_singular_values", ([math.nan], 1.0, [1.0]), "eigenvalues contain nan"),
    ("aligned_singular_values", ([1.0], -1.0, [1.0]), "start has -1"),
    ("aligned_singular_values", ([1.0], [1.0, 2.0], [1.0]), "one singular value for each"),
    ("aligned_singular_values", ([1.0], 1.0, [-2.0]), "time -2 lies before the start"),
    ("aligned_singular_values", ([1.0], 1.0, [math.inf]), "times contain inf"),
    ("aligned_singular_values", ([1.0], 1.0, []), "one or more"),
    ("aligned_singular_values", (["a"], 1.0, [1.0]), "real numbers"),
    ("aligned_singular_values", ([1j], 1.0, [1.0]), "real numbers"),
    ("coordinates", ([1.0, 2.0], np.ones((3, 1)), [1.0]), "a row for each of the 2"),
    ("coordinates", ([1.0, 2.0], np.ones(2), [1.0]), "a row for each"),
    ("coordinates", ([1.0], np.ones((1, 0)), [1.0]), "a row for each"),
    ("coordinates", ([1.0], [[math.inf]], [1.0]), "contain inf"),
    ("singular_values", ([1.0], [[1.0]], [-1.0]), "before the start"),
    ("learning_times", ([1.0, 2.0], [1.0]), "one singular value for each"),
    ("half_height_times", ([1.0], -1.0), "at least 0"),
    ("learning_time_quantiles", ([1.0], 0.0, 3, [0.5]), "scale is 0.0"),
    ("learning_time_quantiles", ([2.0, 1.0], 0.1, 1, [0.5]), "at least 2"),
    ("learning_time_quantiles", ([1.0], 0.1, 3, [1.5]), "between 0 and 1"),
    ("order_reversal", (-1.0,), "at least 0"),
    ("effective_start", (np.ones(3),), "a row for each"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), BAD)
def test_bad_input(name: str, arguments: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        getattr(dynamics, name)(*arguments)
