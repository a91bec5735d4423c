"""What is recorded, when, and how settings become JSON and come back."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import strategies as _profile  # noqa: F401  (the profile without deadlines)
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

pytest.importorskip("torch", reason="training needs the extra repsearch[torch]")

import torch

from repsearch import Aligned, Gaussian, Setting31, Spectrum, Window, Word2Vec, gradient_flow
from repsearch.dynamics import FullBatch, MeanOverPairs, SampledPairs
from repsearch.errors import InputError
from repsearch.training.arithmetic.modes_of_weights import (
    leading_overlaps,
    left_modes,
    singular_values,
)
from repsearch.training.compute import Compute
from repsearch.training.integrators.exponential import Exponential
from repsearch.training.integrators.gradient_descent import GradientDescent
from repsearch.training.integrators.runge_kutta import RungeKutta
from repsearch.training.objectives.losses import CustomLoss, Quartic, Sgns
from repsearch.training.record import Record
from repsearch.training.schedules import (
    BEFORE,
    AnyOf,
    AtSteps,
    AtTimes,
    Every,
    LogSpaced,
    Schedule,
    learning_time_schedule,
)
from repsearch.training.state import State
from repsearch.training.store.settings_json import from_json, to_json

EPS = float(np.finfo(float).eps)


def orthonormal(n: int, d: int, seed: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(n, d)))[0]


def spectrum(n: int = 12, d: int = 4) -> Spectrum:
    return Spectrum(
        tuple(f"word{i}" for i in range(n)),
        np.linspace(4, 1, d),
        orthonormal(n, d, 1),
        np.zeros(d),
        100.0,
        "M*",
    )


# ---------------------------------------------------------------- when

increasing = st.sets(st.integers(0, 60), min_size=1, max_size=8).map(sorted)
by_steps = st.one_of(
    increasing.map(lambda steps: AtSteps(tuple(steps))),
    st.integers(1, 20).map(Every),
    st.builds(
        lambda first, more, n: LogSpaced(first, first + more, n),
        *(st.integers(1, 20), st.integers(1, 40), st.integers(2, 12)),
    ),
)
by_times = increasing.map(lambda times: AtTimes(tuple(t / 3 for t in times)))
schedules = st.lists(st.one_of(by_steps, by_times), min_size=1, max_size=3).map(
    lambda parts: parts[0] if len(parts) == 1 else AnyOf(tuple(parts))
)


def steps_of(schedule: Schedule, last: int) -> list[int]:
    """All steps up to the last, by their definition."""
    match schedule:
        case AtSteps(steps):
            return [step for step in steps if step <= last]
        case Every(n):
            return [step for step in range(last + 1) if step % n == 0]
        case LogSpaced(first, end, n):
            grown = np.rint(np.geomspace(first, end, n))
            return sorted({int(step) for step in grown if step <= last})
        case AnyOf(parts):
            return sorted({step for part in parts for step in steps_of(part, last)})
    return []


@given(schedules)
def test_every_step_is_met_once(schedule: Schedule) -> None:
    met, step = [], -1.0
    while (step := schedule.next_step(step)) <= 60:
        met.append(step)
    assert met == steps_of(schedule, 60)


@given(schedules, st.floats(-1, 25), st.floats(-1, 25))
def test_a_time_is_due_between_two_moments(schedule: Schedule, one: float, other: float) -> None:
    parts = schedule.parts if isinstance(schedule, AnyOf) else (schedule,)
    times = [t for part in parts if isinstance(part, AtTimes) for t in part.times]
    early, late = min(one, other), max(one, other)
    assert schedule.next_time(early) == min((t for t in times if t > early), default=math.inf)
    due = any(early < t <= late for t in times)
    assert AnyOf(tuple(AtTimes(p.times) for p in parts if isinstance(p, AtTimes))).reached(
        (0, early), (0, late)
    ) == (due and early < late)


@given(schedules, schedules, st.integers(-1, 60), st.floats(-1, 25))
def test_a_union_is_due_when_one_is(a: Schedule, b: Schedule, step: int, time: float) -> None:
    both = a | b
    assert both.next_step(step) == min(a.next_step(step), b.next_step(step))
    assert both.next_time(time) == min(a.next_time(time), b.next_time(time))
    moved = (step, time), (step + 3, time + 0.5)
    assert both.reached(*moved) == (a.reached(*moved) or b.reached(*moved))
    assert not any(isinstance(part, AnyOf) for part in both.parts)


def test_the_start_is_due_where_it_is_asked_for() -> None:
    for schedule, due in [
        (Every(5), True),
        (AtSteps((0, 3)), True),
        (AtTimes((0.0, 1.0)), True),
        (AtTimes((1.0,)), False),
        (LogSpaced(1, 10, 3), False),
        (AnyOf(()), False),
    ]:
        assert schedule.reached(BEFORE, (0, 0.0)) == due


def test_learning_times_are_surrounded() -> None:
    trajectory = gradient_flow(spectrum(), Aligned((1e-3, 1e-3, 1e-3, 0.0)))
    times = learning_time_schedule(trajectory, points=5, spread=0.2).times
    expected = [t * f for t in trajectory.learning_times[:3] for f in (0.8, 0.9, 1, 1.1, 1.2)]
    assert math.isinf(trajectory.learning_times[3])
    np.testing.assert_allclose(times, sorted(expected), rtol=4 * EPS)
    for time in trajectory.learning_times[:3]:
        assert time in times
    assert learning_time_schedule([2.0, math.inf, 0.0], points=1).times == (2.0,)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AtTimes(()), "at least one"),
        (lambda: AtTimes((1.0, 1.0)), "do not increase"),
        (lambda: AtTimes((-1.0,)), "not negative"),
        (lambda: AtTimes((math.nan,)), "finite"),
        (lambda: AtSteps(()), "whole numbers"),
        (lambda: AtSteps((1.5,)), r"steps is \(1\.5,\)"),
        (lambda: AtSteps((3, 2)), "do not increase"),
        (lambda: Every(0), "steps is 0"),
        (lambda: LogSpaced(0, 10, 3), "first is 0"),
        (lambda: LogSpaced(10, 10, 3), "beyond the first"),
        (lambda: LogSpaced(1, 10, 1), "at least 2"),
        (lambda: AnyOf((3,)), "3 is no schedule"),
        (lambda: learning_time_schedule([math.inf]), "none of the learning times"),
        (lambda: learning_time_schedule([1.0], points=0), "points is 0"),
        (lambda: learning_time_schedule([1.0], spread=1.0), r"spread is 1\.0"),
        (lambda: Record(when=3), "when is 3; pass a schedule"),
        (lambda: Record(when=Every(1), measures={"loss": len}), "the measure 'loss'"),
        (lambda: Record(when=Every(1), measures={"a": 3}), "the measure 'a' is 3"),
    ],
)
def test_wrong_arguments(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


# ---------------------------------------------------------------- what


class Constant:
    """An objective that knows which weights and step it was asked about."""

    rate, stochastic = 1.0, False

    def gradient(self, weights: torch.Tensor, step: int) -> torch.Tensor:
        raise NotImplementedError

    def loss(self, weights: torch.Tensor, step: int) -> float:
        return float(weights.sum()) + step


@pytest.mark.parametrize("smallest", [-6, -12, -15])
def test_small_singular_values_are_not_lost(smallest: int) -> None:
    """They would be by way of the Gram matrix, below 1e-8 of the largest."""
    values = np.logspace(0, smallest, 8)
    weights = orthonormal(50, 8, 2) * values @ orthonormal(8, 8, 3).T
    found = singular_values(weights)
    # Weyl: rounding of the product and of the decompositions, each some eps ||W||.
    assert np.abs(found - values).max() <= 50 * EPS
    gram = np.sqrt(np.abs(np.linalg.eigvalsh(weights.T @ weights)[::-1]))
    if smallest < -8:
        assert np.abs(gram - values).max() > 50 * EPS


@pytest.mark.parametrize(("n", "d"), [(30, 6), (6, 6), (4, 6)])
@pytest.mark.parametrize("scale", [1.0, 1e-12])
def test_singular_values_and_vectors(n: int, d: int, scale: float) -> None:
    rng = np.random.default_rng(n)
    tied, untied = scale * rng.normal(size=(n, d)), scale * rng.normal(size=(2, n, d))
    for weights, dense in ((tied, tied), (untied, untied[0] @ untied[1].T)):
        expected = np.linalg.svd(dense, compute_uv=False)[:d]
        expected = np.pad(expected, (0, d - len(expected)))
        size = expected[0]
        assert np.abs(singular_values(weights) - expected).max() <= 100 * EPS * size
        left, values = left_modes(weights)
        assert np.abs(values - expected).max() <= 100 * EPS * size
        r = min(n, d)
        assert np.abs(left.T @ left - np.eye(r)).max() <= 100 * EPS
        # W W^T u = s^2 u for each of them.
        residual = dense @ (dense.T @ left) - left * values[:r] ** 2
        assert np.abs(residual).max() <= 100 * EPS * size**2


def test_overlap_against_its_definition() -> None:
    left, modes = orthonormal(20, 6, 4), orthonormal(20, 5, 5)
    found = leading_overlaps(left, modes)
    for k in range(1, 6):
        expected = np.linalg.norm(left[:, :k].T @ modes[:, :k]) ** 2 / k
        assert found[k - 1] == pytest.approx(expected, rel=20 * EPS)


@given(st.integers(0, 1000))
def test_overlap_is_one_with_itself_and_does_not_see_rotations(seed: int) -> None:
    theory = spectrum()
    turn = orthonormal(4, 4, seed)
    record = Record(when=Every(1), overlap=theory)
    for values in ([2.0, 1.0, 0.5, 0.1], [1e-3, 1e-5, 1e-8, 1e-9]):
        weights = torch.from_numpy(theory.eigenvectors * values @ turn.T)
        row = record.measure(State(weights), Constant(), theory.words)
        # sin of the angle is the rounding over the gap to the next value, and enters squared.
        assert np.abs(row["overlap"] - 1).max() <= 100 * EPS
        assert np.abs(row["singular_values"] - values).max() <= 50 * EPS * values[0]


def test_overlap_of_a_learned_part() -> None:
    """Two of four modes learned, the rest at random."""
    theory = spectrum(40, 4)
    noise = 1e-4 * np.random.default_rng(3).normal(size=(40, 2))
    weights = np.concatenate([theory.eigenvectors[:, :2] * [2.0, 1.0], noise], 1)
    row = Record(when=Every(1), overlap=theory).measure(
        State(torch.from_numpy(weights)), Constant(), theory.words
    )
    assert row["overlap"][:2] == pytest.approx([1, 1], abs=1e-5)
    assert 0.5 <= row["overlap"][3] < 0.75


def test_a_row_holds_what_was_asked_for() -> None:
    theory = spectrum()
    weights = torch.arange(24.0).reshape(2, 12, 1).to(torch.float32)
    state = State(weights, 7, 1.5)
    record = Record(
        when=Every(1),
        overlap=theory,
        measures={"size": lambda e: {"norm": np.linalg.norm(e.vectors), "words": len(e)}},
    )
    row = record.measure(state, Constant(), theory.words)
    assert list(row) == ["loss", "overlap", "singular_values", "size/norm", "size/words"]
    assert record.names == ("overlap", "size")
    assert row["loss"] == float(weights.sum()) + 7
    assert len(row["overlap"]) == 1
    assert row["size/norm"] == pytest.approx(float(weights[0].norm()))
    assert row["size/words"] == 12.0
    plain = Record(when=Every(1), loss=False, singular_values=False)
    assert plain.measure(state, Constant(), theory.words) == {}
    assert plain.snapshots.next_step(-1) == plain.snapshots.next_time(-1.0) == math.inf
    with pytest.raises(InputError, match="the spectrum's words are not those of the run"):
        record.measure(state, Constant(), theory.words[::-1])


@pytest.mark.parametrize("untied", [False, True])
def test_a_row_has_the_same_bits_on_one_and_two_threads(*, untied: bool) -> None:
    theory = spectrum(700, 30)
    shape = (2, 700, 60) if untied else (700, 60)
    weights = torch.from_numpy(np.random.default_rng(5).normal(size=shape))
    record = Record(when=Every(1), overlap=theory, loss=False)
    rows = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            rows.append(record.measure(State(weights), Constant(), theory.words))
    for name, value in rows[0].items():
        assert np.asarray(value).tobytes() == np.asarray(rows[1][name]).tobytes()


# ---------------------------------------------------------------- settings as JSON


@dataclass(frozen=True)
class Mine:
    rate: float
    parts: tuple[Any, ...] = ()


def there_and_back(value: Any, **named: Any) -> Any:
    text = json.dumps(to_json(value), allow_nan=False)
    return from_json(json.loads(text), **named)


@pytest.mark.parametrize(
    "value",
    [
        Setting31(0.1 + 0.2),
        Word2Vec(negatives=5, subsample=None),
        Window(5, "harmonic"),
        FullBatch(),
        MeanOverPairs(10),
        SampledPairs(100, 2.5, "mean"),
        Aligned((1e-12, 5e-324)),
        Gaussian(1e-6, 3),
        Quartic(),
        Sgns(),
        Quartic().expansion,
        Compute(dtype="float32", threads=2),
        Every(3) | AtTimes((0.1, 1 / 3)) | LogSpaced(1, 9, 3) | AtSteps((0, 2)),
        GradientDescent([(10, 0.1), (math.inf, 0.05)]),
        RungeKutta(),
        {"a": {"b": (1, 2.5, "x", None, True)}, "c": ()},
    ],
    ids=repr,
)
def test_settings_come_back(value: Any) -> None:
    assert there_and_back(value) == value
    assert to_json(there_and_back(value)) == to_json(value)


@given(st.floats() | st.floats(width=32).map(np.float32))
def test_numbers_come_back_to_the_bit(number: float) -> None:
    found = there_and_back({"rate": number, "parts": (number, [number])})
    for value in (found["rate"], found["parts"][0], found["parts"][1][0]):
        assert type(value) is float
        assert np.float64(value).tobytes() == np.float64(number).tobytes() or math.isnan(value)
        assert math.isnan(value) == math.isnan(number)


def test_a_loss_of_your_own_must_be_passed_again() -> None:
    def make(power: float) -> CustomLoss:
        return CustomLoss(lambda x: x**2 - power * x, lambda x: x**2, name="bent")

    stored = json.loads(json.dumps(to_json(make(1.0))))
    assert stored["name"] == "bent"
    again = make(1.0)
    assert from_json(stored, again=(None, again)) is again
    for wrong in ((), (make(2.0),), (Quartic(),)):
        with pytest.raises(InputError, match=r"a loss of your own, 'bent' .*pass the same again"):
            from_json(stored, again=wrong)
    with pytest.raises(InputError, match="the loss 'sgns', but a loss of your own is passed"):
        from_json(to_json(Sgns()), again=(again,))


def test_a_spectrum_must_be_passed_again() -> None:
    stored = json.loads(json.dumps(to_json(Exponential(spectrum(), rtol=1e-7))))
    again = spectrum()
    found = from_json(stored, again=(again,))
    assert found.spectrum is again
    assert found.rtol == 1e-7
    with pytest.raises(InputError, match=r"a spectrum of M\*, which it does not hold"):
        from_json(stored, again=(spectrum(13),))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: to_json(Mine(1.0)), "cannot be stored in a run"),
        (lambda: to_json({"a": [object()]}), "cannot be stored in a run"),
        (lambda: to_json({"kind": 1}), "other than 'kind'"),
        (lambda: to_json({1: 1}), r"the keys \[1\]"),
        (lambda: to_json(np.zeros(2)), "cannot be stored in a run"),
        (lambda: to_json(type("Every", (Mine,), {})(1.0)), "cannot be stored in a run"),
        (lambda: from_json({"kind": "os.system"}), r"'os\.system', which is unknown"),
        (lambda: from_json({"kind": ["Every"]}), "which is unknown"),
        (lambda: from_json({"kind": "Every", "steps": 0}), "does not accept: steps is 0"),
        (lambda: from_json({"kind": "Every"}), "does not accept: .*missing"),
        (lambda: from_json({"kind": "Every", "steps": 1, "x": 2}), "Every does not accept"),
        (lambda: from_json({"kind": "Quartic", "name": "x"}), "Quartic does not accept"),
        (lambda: from_json({"kind": "float", "value": "1"}), "'float', which is unknown"),
    ],
)
def test_what_cannot_be_stored_or_read(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
