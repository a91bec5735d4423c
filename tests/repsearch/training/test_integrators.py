"""Integrators against closed forms, DOP853, dense Hessians, and each other's costs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import pytest
import strategies as _profile  # noqa: F401  (the profile without deadlines)
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

torch = pytest.importorskip("torch", reason="needs torch (repsearch[torch])")

from repsearch import dynamics  # noqa: E402
from repsearch.dynamics import QUARTIC, Clock  # noqa: E402
from repsearch.errors import DivergenceError, InputError  # noqa: E402
from repsearch.spectrum.spectrum import Spectrum  # noqa: E402
from repsearch.target.weighting import Setting31, Unweighted, Word2Vec  # noqa: E402
from repsearch.testing.counts_from import counts_from  # noqa: E402
from repsearch.testing.oracle import integrate_tied, integrate_untied  # noqa: E402
from repsearch.training.arithmetic.reproducible import combination, norm  # noqa: E402
from repsearch.training.compute import Compute  # noqa: E402
from repsearch.training.integrators import chebyshev, exponential, runge_kutta  # noqa: E402
from repsearch.training.integrators.adaptive import FlowStep  # noqa: E402
from repsearch.training.integrators.chebyshev import Chebyshev  # noqa: E402
from repsearch.training.integrators.exponential import Exponential  # noqa: E402
from repsearch.training.integrators.gradient_descent import GradientDescent  # noqa: E402
from repsearch.training.integrators.mode_error import ModeScale  # noqa: E402
from repsearch.training.integrators.phi_functions import phi  # noqa: E402
from repsearch.training.integrators.runge_kutta import RungeKutta  # noqa: E402
from repsearch.training.integrators.spectral_radius import spectral_radius  # noqa: E402
from repsearch.training.integrators.stability import check_learning_rate, extreme_eigenvalues  # noqa: E402
from repsearch.training.objectives.losses import Quartic, Sgns  # noqa: E402
from repsearch.training.objectives.quartic_full_batch import QuarticFullBatch  # noqa: E402
from repsearch.training.protocols import Integrator  # noqa: E402
from repsearch.training.state import State  # noqa: E402
from repsearch.training.terms.pair_terms import PairTerms, pair_terms  # noqa: E402

Real = NDArray[np.float64]


class Dense:
    """An objective from any differentiable loss, by automatic differentiation."""

    stochastic = False

    def __init__(self, loss: Callable[[Any], Any], rate: float = 1.0) -> None:
        self.function, self.rate, self.calls = loss, rate, 0

    def gradient(self, weights: Any, step: int) -> Any:
        self.calls += 1
        with threads(1):
            at = weights.detach().requires_grad_()
            (found,) = torch.autograd.grad(self.function(at), at)
        return found

    def loss(self, weights: Any, step: int) -> float:
        return float(self.function(weights))


@contextmanager
def threads(number: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def quartic(matrix: Real) -> Dense:
    """dW/dt = (M - W W^T) W / 2, tied or untied by the shape of the weights."""
    m = torch.tensor(matrix)

    def loss(w: Any) -> Any:
        if w.ndim == 2:
            return (w @ w.T - m).square().sum() / 8
        return (w[0] @ w[1].T - m).square().sum() / 4

    return Dense(loss)


def linear(matrix: Real) -> Dense:
    """dW/dt = A W."""
    a = torch.tensor(matrix)
    return Dense(lambda w: -(w * (a @ w)).sum() / 2)


def sgns(size: int, seed: int = 0) -> Dense:
    rng = np.random.default_rng(seed)
    plus = torch.tensor(rng.uniform(0, 1, (size, size)))
    plus, minus = (plus + plus.T) / 2, torch.tensor(rng.uniform(0, 1, size))
    softplus = torch.nn.functional.softplus

    def loss(w: Any) -> Any:
        x = w @ w.T
        return (plus * softplus(-x) + torch.outer(minus, minus) * softplus(x)).sum()

    return Dense(loss, rate=0.7)


def made(values: list[float], seed: int = 0) -> tuple[Real, Real]:
    """A symmetric matrix of given eigenvalues, and its eigenvectors."""
    rng = np.random.default_rng(seed)
    vectors = np.linalg.qr(rng.standard_normal((len(values),) * 2))[0]
    matrix = (vectors * values) @ vectors.T
    return (matrix + matrix.T) / 2, vectors


def start_of(*shape: int, scale: float = 0.1, seed: int = 1) -> Any:
    return torch.tensor(scale * np.random.default_rng(seed).standard_normal(shape))


def follow(integrator: Integrator, objective: Any, start: Any, times: Any) -> list[State]:
    state, found = State(start), []
    for time in times:
        while state.time < time:
            state = integrator.step(objective, state, time)
        found.append(state)
    return found


def singular(states: list[State]) -> Real:
    return np.array([np.linalg.svd(s.weights.numpy(), compute_uv=False) for s in states])


def terms_of(matrix: Real) -> PairTerms:
    """Setting 3.1 with M* = 4 Psi+P - 2 given."""
    n = len(matrix)
    columns, ones = np.tile(np.arange(n, dtype=np.int32), n), np.ones((1, n))
    return PairTerms(
        np.arange(n + 1) * n, columns, ((matrix + 2) / 4).ravel(), ones, ones, 1.0, float(n * n)
    )


class Plain(QuarticFullBatch):
    """The same objective for a small array, without threads to hand work to."""

    def __init__(self, matrix: Real, dtype: Any) -> None:
        self.tied, self.rate = True, 2.0
        self.matrix = torch.tensor(matrix, dtype=dtype)

    def gradient(self, weights: Any, step: int = 0) -> Any:
        with threads(1):
            return weights @ (weights.T @ weights) - self.matrix @ weights

    def loss(self, weights: Any, step: int = 0) -> float:
        return float((weights @ weights.T - self.matrix).square().sum() / 4)


def quartic_batch(matrix: Real, dtype: Any = torch.float64) -> Plain:
    return Plain(matrix, dtype)


def spectrum_of(values: Real, vectors: Real, chosen: list[int]) -> Spectrum:
    words = tuple(f"w{k}" for k in range(len(vectors)))
    kept = np.asarray(values, float)[chosen]
    return Spectrum(words, kept, vectors[:, chosen], 0 * kept, float(np.sum(values**2)), "made")


STIFF = np.array([50.0, 40, 30, 20, 10, 5, 2, 1, 0.5, 0, -1, -2, -3, -4, -5, -1e4])
ALL = list(range(16))


def adaptive(values: Real = STIFF, seed: int = 0) -> list[Integrator]:
    _, vectors = made(list(values), seed)
    chosen = [0, 1, 2, 3, len(values) - 1]
    return [RungeKutta(), Chebyshev(1e-4), Exponential(spectrum_of(values, vectors, chosen))]


# --------------------------------------------------------- against the truth


@pytest.mark.parametrize("integrator", [RungeKutta(1e-7), Chebyshev(1e-6)], ids=repr)
def test_flows_agree_with_dop853(integrator: Integrator) -> None:
    matrix, _ = made([4.0, 3, 1, 0.5, -1, -6])
    times = [0.3, 1.0, 2.5, 6.0]
    tied, untied = start_of(6, 3), start_of(2, 6, 3)
    wanted = integrate_tied(matrix, tied.numpy(), times)
    seen = follow(integrator, quartic(matrix), tied, times)
    assert np.array([s.weights.numpy() for s in seen]) == pytest.approx(wanted, abs=2e-3 * 0.1)
    first, second = integrate_untied(matrix, *untied.numpy(), times)
    pairs = np.array(
        [s.weights.numpy() for s in follow(integrator, quartic(matrix), untied, times)]
    )
    assert pairs[:, 0] == pytest.approx(first, abs=2e-3 * 0.1)
    assert pairs[:, 1] == pytest.approx(second, abs=2e-3 * 0.1)


def test_sgns_by_two_methods() -> None:
    objective, start = sgns(7), start_of(7, 3)
    times = [0.1, 1.0, 10.0]
    fine = follow(RungeKutta(1e-9), objective, start, times)
    for integrator in (RungeKutta(1e-6), Chebyshev(1e-5)):
        for one, other in zip(follow(integrator, objective, start, times), fine, strict=True):
            assert norm(one.weights - other.weights) < 2e-3 * norm(other.weights)


@pytest.mark.parametrize("scale", [1e-2, 1e-12])
def test_every_mode_of_a_small_start_is_true(scale: float) -> None:
    # From 1e-12 the last mode is 1e-8 of the first for a long time.
    values = np.array([5.0, 4, 3, 2, -1, -8])
    matrix, vectors = made(list(values))
    start = start_of(6, 4, scale=scale)
    times = np.linspace(0, 2.2 * math.log(1 / scale), 15)[1:]
    wanted = dynamics.singular_values(values, vectors.T @ start.numpy(), times)
    batch = quartic_batch(matrix)
    chosen = spectrum_of(values, vectors, [0, 1, 5])
    for integrator in (RungeKutta(1e-6), Chebyshev(1e-4), Exponential(chosen, 1e-5)):
        states = follow(integrator, batch, start, times)
        # Errors of all steps may add up.
        allowed = integrator.rtol * states[-1].step
        assert singular(states) == pytest.approx(wanted, rel=allowed), repr(integrator)


def test_an_error_measured_by_the_whole_would_miss_the_small_modes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Mode 1 has been learned; mode 2 grows from 1e-9, unseen by the norm of W.
    values = np.array([4.0, 3.9, -1, -2])
    matrix, vectors = made(list(values))
    start = torch.tensor(vectors[:, :2] * [2.0, 1e-9])
    time = [2.4 * math.log(1e9) / 3.9]
    wanted = dynamics.singular_values(values, vectors.T @ start.numpy(), time)

    def wrong() -> float:
        states = follow(RungeKutta(1e-4), quartic(matrix), start, time)
        return float(np.abs(singular(states) / wanted - 1).max())

    mine = wrong()
    monkeypatch.setattr(ModeScale, "relative", lambda self, change: norm(change) / 2.0)
    assert mine < 1e-2
    assert wrong() > 10 * mine


@pytest.mark.parametrize(
    ("attempt", "order"),
    [
        (lambda flow, h: runge_kutta._attempt(flow, h)[0], 5),
        (lambda flow, h: chebyshev._attempt(flow, h, 2), 2),
        (lambda flow, h: chebyshev._attempt(flow, h, 7), 2),
        (
            lambda flow, h: exponential._Linear(
                _SOME, torch.tensor(_SOME.eigenvectors), flow
            ).attempt(h)[0],
            4,
        ),
    ],
    ids=["Dormand-Prince", "Chebyshev 2", "Chebyshev 7", "ETDRK4"],
)
def test_order_of_convergence(attempt: Callable[[FlowStep, float], Any], order: int) -> None:
    objective, start = quartic_batch(_SMOOTH), start_of(6, 3, scale=0.8)
    errors = []
    exact = integrate_tied(_SMOOTH, start.numpy(), [0.8], rtol=1e-13)[0]
    for steps in (8, 16, 32):
        state = State(start)
        for _ in range(steps):
            flow = FlowStep(objective, state, math.inf, 1e-6)
            state = State(attempt(flow, 0.8 / steps))
        errors.append(np.abs(state.weights.numpy() - exact).max())
    rates = np.log2(np.array(errors[:-1]) / errors[1:])
    assert order - 0.25 < rates[-1] < order + 1


_SMOOTH, _SMOOTH_VECTORS = made([3.0, 2, 1.5, 0.5, -1, -3])
_SOME = spectrum_of(np.array([3.0, 2, 1.5, 0.5, -1, -3]), _SMOOTH_VECTORS, [0, 2, 5])


@pytest.mark.parametrize("make", [RungeKutta, Chebyshev, lambda r: Exponential(_SOME, r)])
def test_the_error_follows_the_tolerance(make: Callable[[float], Integrator]) -> None:
    objective, start = quartic_batch(_SMOOTH), start_of(6, 3)
    exact = integrate_tied(_SMOOTH, start.numpy(), [3.0])[0]
    errors = [
        np.abs(follow(make(r), objective, start, [3.0])[0].weights.numpy() - exact).max()
        for r in (1e-3, 1e-5, 1e-7)
    ]
    # A hundredth of the tolerance: the local error in proportion, steps more numerous.
    for before, after in pairwise(errors):
        assert before / 1e4 < after < before / 5


def test_float32_keeps_to_its_own_rounding() -> None:
    start = start_of(6, 3, scale=1e-4)
    exact = singular(follow(RungeKutta(1e-9), quartic_batch(_SMOOTH), start, [8.0]))
    for integrator in (RungeKutta(), Chebyshev(), Exponential(_SOME)):
        batch = quartic_batch(_SMOOTH, torch.float32)
        (state,) = follow(integrator, batch, start.float(), [8.0])
        assert state.weights.dtype == torch.float32
        assert singular([state]) == pytest.approx(exact, rel=2e-3)


# ---------------------------------------------------------------- stiffness


def test_a_huge_negative_eigenvalue_dictates_explicit_steps_only() -> None:
    matrix, vectors = made(list(STIFF))
    batch, start = quartic_batch(matrix), start_of(16, 4, scale=1e-3)
    times = [0.02, 0.2]
    wanted = dynamics.singular_values(STIFF, vectors.T @ start.numpy(), times)
    evaluations = []
    for integrator in adaptive():
        states = follow(integrator, batch, start, times)
        assert singular(states) == pytest.approx(wanted, rel=2e-2), repr(integrator)
        evaluations.append(states[-1].memory["evaluations"])
    explicit, chebyshev_, exact = evaluations
    # Stability: h < 3.31 / 5000, 6 gradients a step.
    assert explicit > 6 * 0.2 * 5000 / 3.4
    assert chebyshev_ < explicit / 3
    assert exact < explicit / 6


def test_exponential_steps_are_exact_while_the_path_is_linear() -> None:
    matrix, vectors = made(list(STIFF))
    spectrum = spectrum_of(STIFF, vectors, ALL)
    start = torch.tensor(vectors[:, :4] * 1e-12)
    flow = FlowStep(quartic_batch(matrix), State(start), math.inf, 1e-6)
    weights, _, error = exponential._Linear(
        spectrum, torch.tensor(spectrum.eigenvectors), flow
    ).attempt(0.1)
    wanted = vectors[:, :4] * 1e-12 * np.exp(STIFF[:4] * 0.05)
    assert weights.numpy() == pytest.approx(wanted, abs=1e-12 * 1e-11)
    assert flow.scale.relative(error) < 1e-9


def test_exponential_steps_from_the_smallest_start() -> None:
    # Steps grow until e^z is beyond float64; that attempt must be thrown away, no more.
    matrix, vectors = made(list(STIFF))
    start = torch.tensor(vectors[:, :2] * 1e-150)
    times = [12.0, 20.0]
    wanted = dynamics.singular_values(STIFF, vectors.T @ start.numpy(), times)
    integrator = Exponential(spectrum_of(STIFF, vectors, ALL))
    states = follow(integrator, quartic_batch(matrix), start, times)
    assert singular(states) == pytest.approx(wanted, rel=1e-4)
    z = np.array([1e3, -1e3, 0.0])
    for grown, row in exponential._tableau(z):
        assert np.isfinite(grown[1:]).all()
        assert all(np.isfinite(a[1:]).all() for a in row if a is not None)


def test_eigenpairs_that_are_wrong_cost_steps_not_truth() -> None:
    _, wrong = made([3.0, 2, 1.5, 0.5, -1, -3], seed=9)
    spectrum = spectrum_of(np.array([2.0, 1, 0, 0, 0, -5]), wrong, [0, 1, 5])
    start = start_of(6, 3)
    exact = integrate_tied(_SMOOTH, start.numpy(), [3.0])[0]
    (state,) = follow(Exponential(spectrum, 1e-7), quartic_batch(_SMOOTH), start, [3.0])
    assert state.weights.numpy() == pytest.approx(exact, abs=1e-5)


@pytest.mark.parametrize("stages", [2, 3, 5, 20, 200])
def test_chebyshev_stages_reach_as_far_as_they_are_said_to(stages: int) -> None:
    # The largest step that so many stages are chosen for, at a radius of 1.
    h = (stages**2 - 1) * chebyshev._REACH * (1 - 1e-12)
    assert chebyshev._stages(h) == stages
    rates = -np.linspace(0, 1, 4001)
    column = torch.tensor(rates)[:, None]
    objective = Dense(lambda w: -(column * w * w).sum() / 2)
    flow = FlowStep(objective, State(torch.ones_like(column)), 1e9, 1e-6)
    grown = chebyshev._attempt(flow, h, stages).numpy()
    assert np.abs(grown[1:]).max() < 1
    # Damped throughout, not only stable: by a third of 2/13 at least beyond the first zero.
    if stages >= 5:
        assert np.abs(grown[rates < -5 / h]).max() < 1 - 2 / 13 / 4


@given(st.lists(st.floats(-1e3, 50), min_size=2, max_size=12), st.integers(0, 99))
@settings(max_examples=30)
def test_spectral_radius_bounds_the_largest_eigenvalue(values: list[float], seed: int) -> None:
    matrix, _ = made(values, seed)
    radius = float(np.abs(values).max())
    weights = start_of(len(values), 2)
    objective = linear(matrix)
    velocity = lambda w: -objective.gradient(w, 0)  # noqa: E731
    found = spectral_radius(velocity, weights, velocity(weights))
    assert radius * 0.9 - 1e-6 <= found <= radius * 1.12 + 1e-6


def test_spectral_radius_sees_what_has_decayed() -> None:
    # The velocity has no part along the eigenvector of -1e4.
    matrix, vectors = made(list(STIFF))
    weights = torch.tensor(vectors[:, :4] * [1.0, 1e-3, 2, 1])
    objective = quartic(matrix)
    velocity = lambda w: -objective.gradient(w, 0)  # noqa: E731
    found = spectral_radius(velocity, weights, velocity(weights))
    assert 5000 <= found * 1.001 <= 5600


@given(st.floats(-300, 300) | st.floats(-2, 2) | st.sampled_from([0.0, 1.0, -1.0, -1e5, 5e-324]))
def test_phi_functions_to_rounding(z: float) -> None:
    with mpmath.workdps(60):
        x = mpmath.mpf(z)
        # Kummer's function, another way to write the same series.
        exact = [float(mpmath.hyp1f1(1, k + 1, x) / mpmath.factorial(k)) for k in range(4)]
    seen = [float(found[0]) for found in phi(np.array([z]), 3)]
    assert seen == pytest.approx(exact, rel=4e-15, abs=1e-300)


# ------------------------------------------------------- how errors are measured


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 6), st.integers(-150, 150))
def test_modes_are_measured_by_their_own_size(seed: int, v: int, d: int, power: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.standard_normal((v, d)) @ np.diag(10.0 ** rng.uniform(-3, 0, d))
    change = rng.standard_normal((v, v)) @ weights
    _, sizes, modes = np.linalg.svd(weights, full_matrices=False)
    wanted = np.max(np.linalg.norm(change @ modes.T, axis=0) / sizes)
    scale = 10.0**power
    seen = ModeScale(torch.tensor(scale * weights), 1e-6).relative(torch.tensor(scale * change))
    assert seen == pytest.approx(wanted, rel=1e-6)
    rotation = np.linalg.qr(rng.standard_normal((d, d)))[0]
    rotated = ModeScale(torch.tensor(weights @ rotation), 1e-6)
    assert rotated.relative(torch.tensor(change @ rotation)) == pytest.approx(wanted, rel=1e-6)


def test_measures_at_the_edges() -> None:
    zero = torch.zeros(3, 2, dtype=torch.float64)
    assert ModeScale(zero, 1e-6).relative(zero) == 0
    ones = torch.ones(3, 2, dtype=torch.float64)
    scale = ModeScale(ones, 1e-6)
    assert scale.relative(zero) == 0
    assert not scale.relative(ones * math.nan) <= 1
    assert not scale.relative(ones * math.inf) <= 1
    # Rounding in a direction that the weights have not is no error.
    assert scale.relative(1e-17 * torch.tensor([[1.0, -1]] * 3).double()) < 1e-6
    assert norm(ones * 1e-200) == pytest.approx(6**0.5 * 1e-200)
    assert norm(zero) == 0
    assert math.isnan(norm(ones * math.nan))


def test_the_origin_stays() -> None:
    for integrator in (RungeKutta(), Chebyshev(), Exponential(_SOME)):
        zero = torch.zeros(6, 3, dtype=torch.float64)
        (state,) = follow(integrator, quartic_batch(_SMOOTH), zero, [2.0])
        assert state.time == 2.0
        assert not state.weights.any()
        assert integrator.step(quartic_batch(_SMOOTH), State(zero), math.inf).time > 0


# ------------------------------------------------------------- going on


def big_objective() -> tuple[Dense, Any]:
    """Large enough that torch shares entries out over threads."""
    rng = np.random.default_rng(0)
    factors = torch.tensor(rng.standard_normal((9001, 4)) / 50)

    def loss(w: Any) -> Any:
        return (w.T @ w).square().sum() / 8 - (factors.T @ w).square().sum() / 4

    return Dense(loss), torch.tensor(0.1 * rng.standard_normal((9001, 7)))


@pytest.mark.parametrize(
    "integrator", [RungeKutta(1e-5), Chebyshev(1e-4), GradientDescent(0.01)], ids=repr
)
def test_same_bits_on_any_number_of_threads(integrator: Integrator) -> None:
    objective, start = big_objective()
    found = []
    for number in (1, 2, 3):
        with threads(number):
            state = State(start)
            for _ in range(3):
                state = integrator.step(objective, state, 1.0)
            assert torch.get_num_threads() == number
        found.append(state)
    for other in found[1:]:
        assert torch.equal(found[0].weights, other.weights)
        assert found[0].memory == other.memory
        assert found[0].step == other.step


def test_exponential_same_bits_on_any_number_of_threads() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.uniform(-2, 2, (500, 500))
    matrix = (matrix + matrix.T) / 2
    values, vectors = np.linalg.eigh(matrix)
    spectrum = spectrum_of(values, vectors, [*range(20), *range(460, 500)])
    start = start_of(500, 70)
    found = []
    for number in (1, 2, 3):
        compute = Compute(threads=number)
        batch = QuarticFullBatch(terms_of(matrix), tied=True, compute=compute)
        with threads(number):
            state = State(start)
            for _ in range(2):
                state = Exponential(spectrum).step(batch, state, 1.0)
        found.append(state.weights)
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[0], found[2])


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_stored_state_goes_on_to_the_same_bits(which: int) -> None:
    integrator = adaptive()[which]
    batch, start = quartic_batch(made(list(STIFF))[0]), start_of(16, 4, scale=1e-2)
    times = [0.001, 0.0013, 0.01]
    undisturbed, state = follow(integrator, batch, start, times)[-1], State(start)
    for time in times:
        while state.time < time:
            after = integrator.step(batch, state, time)
            memory = json.loads(json.dumps(dict(after.memory)))
            state = State(after.weights.clone(), after.step, after.time, memory)
    assert torch.equal(state.weights, undisturbed.weights)
    assert (state.step, state.time) == (undisturbed.step, undisturbed.time)
    assert dict(state.memory) == dict(undisturbed.memory)


def test_a_velocity_of_another_objective_is_not_taken_over() -> None:
    start = start_of(6, 3)
    after = RungeKutta().step(quartic_batch(_SMOOTH), State(start), 1.0)
    other = quartic_batch(-_SMOOTH)
    plain = State(after.weights, after.step, after.time, after.memory)
    seen, wanted = (RungeKutta().step(other, s, 1.0).weights for s in (after, plain))
    assert torch.equal(seen, wanted)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_limits_are_reached_to_the_bit_and_never_passed(which: int) -> None:
    integrator = adaptive()[which]
    batch, state = quartic_batch(made(list(STIFF))[0]), State(start_of(16, 4))
    # Far apart, close together, and no multiple of anything.
    for limit in (1e-5, 1.1e-5, 1.1e-5 + 1e-15, math.pi / 1000, 0.01):
        while state.time < limit:
            before = state.time
            state = integrator.step(batch, state, limit)
            assert before < state.time <= limit
        assert state.time == limit
        assert all(type(number) is float for number in (state.time, *state.memory.values()))
    # A step that was cut short does not make the next ones short.
    assert state.memory["step_size"] > 1e-5


def test_a_gradient_is_worked_out_no_more_often_than_counted() -> None:
    objective = quartic(_SMOOTH)
    (state,) = follow(RungeKutta(), objective, start_of(6, 3), [2.0])
    assert objective.calls == state.memory["evaluations"]
    # One for the start, one for the first step size.
    assert objective.calls == 2 + 6 * (state.step + state.memory["rejected"])


# ---------------------------------------------------------- gradient descent


def test_descent_is_the_plain_loop() -> None:
    objective, weights = sgns(5), start_of(5, 2)
    schedule = GradientDescent([(3, 0.2), (4, 0.2, 0.1), (math.inf, 0.05)])
    rates = [0.2, 0.2, 0.2, 0.1875, 0.1625, 0.1375, 0.1125, 0.05, 0.05]
    state = State(weights)
    for rate in rates:
        state = schedule.step(objective, state, 1e-9)
        weights = weights - rate * objective.gradient(weights, 0)
    assert state.weights.numpy() == pytest.approx(weights.numpy(), rel=1e-14)
    assert state.step == 9
    assert state.time == pytest.approx(0.7 * sum(rates), rel=1e-14)


stretch = st.one_of(
    st.tuples(st.floats(0.3, 9), st.floats(0.1, 2)),
    st.tuples(st.floats(0.3, 9), st.floats(0, 2), st.floats(0.1, 2)),
)


@given(st.lists(stretch, min_size=1, max_size=5))
def test_rates_add_up_to_the_clock(schedule: list[tuple[float, ...]]) -> None:
    descent, clock = GradientDescent(schedule), Clock(1.0, schedule)
    total = 0.0
    for step in range(math.ceil(clock.total_steps)):
        total += descent.rate_of(step)
        assert total == pytest.approx(float(clock.time(step + 1)), rel=1e-12)
    with pytest.raises(InputError, match="the schedule of learning rates ends after"):
        descent.rate_of(math.ceil(clock.total_steps))


def test_descent_comes_to_the_flow_at_first_order() -> None:
    start = start_of(6, 3, scale=0.5)
    exact = integrate_tied(_SMOOTH, start.numpy(), [1.0])[0]
    errors = []
    for steps in (200, 400):
        (state,) = follow(GradientDescent(1 / steps), quartic(_SMOOTH), start, [1 - 1e-9])
        assert state.step == steps
        errors.append(np.abs(state.weights.numpy() - exact).max())
    assert errors[0] / errors[1] == pytest.approx(2, abs=0.1)


def test_settings_survive_json() -> None:
    one = GradientDescent(((100, 0.1), (5, 0.1, 0.01)))
    assert GradientDescent(json.loads(json.dumps(one.learning_rate))) == one
    assert RungeKutta(**json.loads(json.dumps(vars(RungeKutta(1e-7))))) == RungeKutta(1e-7)
    assert one.stochastic
    assert not RungeKutta().stochastic


# ----------------------------------------------------------------- stability


def hessian_top(terms: PairTerms, loss: Any, weights: Any) -> float:
    plus, minus = (torch.tensor(part) for part in terms.dense())

    def total(w: Any) -> Any:
        x = w @ w.T if w.ndim == 2 else w[0] @ w[1].T
        one, other = loss.values(x)
        return (plus * one + minus * other).sum()

    full = torch.autograd.functional.hessian(total, weights)
    return float(torch.linalg.eigvalsh(full.reshape(weights.numel(), -1))[-1])


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("low", [-1.0, -20.0])
def test_the_bound_is_that_of_the_hessian(*, tied: bool, low: float) -> None:
    values = np.array([5.0, 3, 2, 0.5, -1, low])
    matrix, vectors = made(list(values))
    terms, minimum = terms_of(matrix), torch.tensor(vectors[:, :3] * np.sqrt(values[:3]))
    if not tied:
        # |lambda| leads, and both halves have the same Gram matrix.
        kept = np.argsort(-np.abs(values))[:3]
        half = vectors[:, kept] * np.sqrt(np.abs(values[kept]))
        minimum = torch.tensor(np.stack([half, half * np.sign(values[kept])]))
    bound = check_learning_rate(GradientDescent(1e-9), terms, Quartic(), tied=tied)
    assert bound == pytest.approx(2 / hessian_top(terms, Quartic(), minimum), rel=1e-9)
    # Below it a small disturbance dies out, above it grows.
    objective = QuarticFullBatch(terms, tied=tied, compute=Compute(threads=1))
    level, ends = objective.loss(minimum, 0), []
    for share in (0.98, 1.02):
        state = State(minimum + start_of(*minimum.shape, scale=1e-4))
        begun = objective.loss(state.weights, 0) - level
        for _ in range(150):
            state = GradientDescent(share * bound).step(objective, state, math.inf)
        ends.append((objective.loss(state.weights, 0) - level) / begun)
    assert ends[0] < 0.5
    assert ends[1] > 2


@pytest.mark.parametrize("loss", [Quartic(), Sgns()], ids=lambda loss: loss.name)
@pytest.mark.parametrize(
    "weighting", [Setting31(), Unweighted(), Word2Vec(), Word2Vec(symmetrise=False)], ids=repr
)
@pytest.mark.parametrize("size", [1, 9, 230])
def test_ends_of_the_weighted_target(size: int, weighting: Any, loss: Any) -> None:
    # 230 words go through Lanczos, fewer through the array.
    rng = np.random.default_rng(size)
    matrix = rng.poisson(1.5, (size, size)) + np.eye(size, dtype=int)
    terms = pair_terms(counts_from(matrix + matrix.T), weighting)
    plus, minus = terms.dense()
    expansion = loss.expansion
    # G o M* in units of the mean of G.
    whole = expansion.weight(plus, minus) * expansion.target(plus, minus) / terms.mean_weight
    values = np.linalg.eigvalsh((whole + whole.T) / 2)
    size_of = max(abs(values))
    ends = extreme_eigenvalues(terms, expansion, tied=True)
    assert ends == pytest.approx((values[-1], values[0]), abs=1e-6 * size_of)
    largest = np.linalg.norm(whole, 2)
    untied = extreme_eigenvalues(terms, expansion, tied=False)
    assert untied == pytest.approx((largest, -largest), rel=1e-6)


def test_float32_terms_have_the_same_ends() -> None:
    rng = np.random.default_rng(3)
    matrix = rng.poisson(1.5, (230, 230)) + np.eye(230, dtype=int)
    counts = counts_from(matrix + matrix.T)
    wide, narrow = (
        extreme_eigenvalues(pair_terms(counts, Setting31(), kind), QUARTIC, tied=True)
        for kind in (np.float64, np.float32)
    )
    assert narrow == pytest.approx(wide, rel=1e-5)


def test_a_rate_above_the_bound_is_refused_with_the_bound() -> None:
    matrix, _ = made([5.0, 3, 2, 0.5, -1, -20.0])
    terms = terms_of(matrix)
    # In flow time 4 / max(2 lambda_1, lambda_1 - lambda_min) = 4 / 25; a rate is half of it.
    bound = 4 / 25 / 2
    assert check_learning_rate(GradientDescent(0.999 * bound), terms, Quartic(), tied=True) == (
        pytest.approx(bound, rel=1e-12)
    )
    above = GradientDescent(((10, 0.01), (10, 0.01, 1.001 * bound), (math.inf, 0.02)))
    with pytest.raises(InputError, match=r"0\.08008, above 0\.08, .* force=True") as refused:
        check_learning_rate(above, terms, Quartic(), tied=True)
    assert "estimate" not in str(refused.value)
    forced = GradientDescent(above.learning_rate, force=True)
    assert check_learning_rate(forced, terms, Quartic(), tied=True) == pytest.approx(bound)
    with pytest.raises(InputError, match="an estimate from the loss near the origin"):
        check_learning_rate(GradientDescent(1e6), terms, Sgns(), tied=True)


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RungeKutta(0.0), "rtol is 0.0; pass a number between 0 and 1"),
        (lambda: Chebyshev(1.0), "rtol is 1.0; pass"),
        (lambda: Exponential(_SOME, math.nan), "rtol is nan; pass"),
        (lambda: RungeKutta(first_step=-1.0), "first_step is -1.0; pass a positive flow time"),
        (lambda: Chebyshev(max_stages=1), "max_stages is 1; pass a whole number of at least 2"),
        (lambda: Chebyshev(max_stages=2.5), "max_stages is 2.5; pass"),  # type: ignore[arg-type]
        (lambda: GradientDescent(-1.0), "learning_rate is -1.0; pass"),
        (lambda: GradientDescent([]), "the schedule is empty"),
        (lambda: _step(RungeKutta(1e-9), dtype=torch.float32), "rtol is 1e-09, below the rounding"),
        (lambda: _step(RungeKutta(), limit=0.0), "limit is 0.0, but time is 0.0; pass a later"),
        (lambda: _step(Chebyshev(), limit=math.nan), "limit is nan, but time is 0.0"),
        (lambda: _step(RungeKutta(), stochastic=True), "the objective draws its gradients"),
        (lambda: _step(Chebyshev(), stochastic=True), "the objective draws its gradients"),
        (lambda: _step(Exponential(_SOME)), "Setting 3.1 with tied weights.*not for this Dense"),
        (
            lambda: Exponential(_SOME).step(
                QuarticFullBatch(terms_of(_SMOOTH), tied=False, compute=Compute()),
                State(start_of(2, 6, 3)),
                1.0,
            ),
            "tied weights",
        ),
        (
            lambda: Exponential(_SOME).step(
                quartic_batch(made([1.0, 2, 3])[0]), State(start_of(3, 2)), 1.0
            ),
            "the spectrum is over 6 words and the weights over 3",
        ),
    ],
)
def test_bad_arguments(make: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


def _step(
    integrator: Integrator,
    *,
    limit: float = 1.0,
    stochastic: bool = False,
    dtype: Any = torch.float64,
) -> State:
    objective = linear(_SMOOTH)
    objective.stochastic = stochastic
    return integrator.step(objective, State(start_of(6, 3).to(dtype)), limit)


@pytest.mark.parametrize("integrator", [RungeKutta(), Chebyshev()], ids=repr)
def test_divergence_is_named_and_does_not_hang(integrator: Integrator) -> None:
    start = start_of(4, 2)
    poisoned = Dense(lambda w: (w * math.nan).sum())
    with pytest.raises(DivergenceError, match=r"after step 7.*the gradient hold"):
        integrator.step(poisoned, State(start, 7, 0.5), 1.0)
    with pytest.raises(DivergenceError, match="the weights hold a number that is not finite"):
        integrator.step(quartic(made([1.0, 2, 3, 4])[0]), State(start * math.inf), 1.0)

    # Finite where it stands, nowhere else.
    def cliff(w: Any) -> Any:
        return (w * (1.0 if torch.equal(w, start) else math.nan)).sum()

    with pytest.raises(DivergenceError, match="the step size fell to") as found:
        integrator.step(Dense(cliff), State(start, 3, 0.0), 1.0)
    assert found.value.step == 3
    assert found.value.time == 0
    assert found.value.loss == pytest.approx(float(start.sum()))


def test_a_flow_that_ends_in_finite_time_is_stopped_there() -> None:
    # dw/dt = w^3 from 1 is infinite at time 1/2.
    objective = Dense(lambda w: -(w**4).sum() / 4)
    state = State(torch.ones(1, 1, dtype=torch.float64))
    states = [state]

    def go_on() -> None:
        while states[-1].time < 1:
            states.append(RungeKutta().step(objective, states[-1], 1.0))

    with pytest.raises(DivergenceError, match="step size fell") as found:
        go_on()
    assert found.value.time == pytest.approx(0.5, rel=1e-6)
    assert torch.isfinite(states[-1].weights).all()
    assert states[-1].step == found.value.step


def test_combination_is_a_new_tensor() -> None:
    one, two = start_of(3, 2), start_of(3, 2, seed=2)
    kept = one.clone()
    total = combination((1, one), (0.0, two), (-2.0, two))
    assert torch.equal(total, kept + -2.0 * two)
    assert torch.equal(one, kept)
