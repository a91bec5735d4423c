"""What training asks of a device: how often numbers cross over, and that results stay the same.

There is no device here. The code for one is run on the processor, told that tensors lie elsewhere,
and every call that would read a number back or send one is counted.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
import strategies as _profile  # noqa: F401  (the profile without deadlines)
from hypothesis import given
from hypothesis import strategies as st
from strategies import counts_from

torch = pytest.importorskip("torch", reason="training needs the extra repsearch[torch]")

from torch.overrides import TorchFunctionMode  # noqa: E402
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

from repsearch import Setting31, Word2Vec, eigenpairs, mstar  # noqa: E402
from repsearch.training.arithmetic import devices  # noqa: E402
from repsearch.training.arithmetic.modes_of_weights import (  # noqa: E402
    singular_values,
    singular_values_on_device,
)
from repsearch.training.arithmetic.reproducible import combination  # noqa: E402
from repsearch.training.compute import Compute  # noqa: E402
from repsearch.training.integrators.chebyshev import Chebyshev  # noqa: E402
from repsearch.training.integrators.exponential import Exponential  # noqa: E402
from repsearch.training.integrators.mode_error import ModeScale  # noqa: E402
from repsearch.training.integrators.mode_error_on_device import DeviceModeScale  # noqa: E402
from repsearch.training.integrators.runge_kutta import RungeKutta  # noqa: E402
from repsearch.training.integrators.spectral_radius import spectral_radius  # noqa: E402
from repsearch.training.objectives.losses import Sgns  # noqa: E402
from repsearch.training.objectives.quartic_full_batch import QuarticFullBatch  # noqa: E402
from repsearch.training.objectives.tiled_full_batch import TiledFullBatch  # noqa: E402
from repsearch.training.state import State  # noqa: E402
from repsearch.training.terms import pair_tiles  # noqa: E402
from repsearch.training.terms.pair_terms import pair_terms  # noqa: E402

READS = {"item", "tolist", "cpu", "numpy", "__bool__", "__float__", "__int__", "__index__"}
SENDS = {"as_tensor", "tensor", "from_numpy", "asarray"}


class Calls(TorchFunctionMode):
    """Counts calls that would cross between host and device."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def __torch_function__(self, function: Any, kinds: Any, args: Any = (), kwargs: Any = None):  # type: ignore[no-untyped-def]
        self.seen[getattr(function, "__name__", str(function))] += 1
        return function(*args, **(kwargs or {}))

    @property
    def reads(self) -> int:
        return sum(self.seen[name] for name in READS)

    @property
    def sends(self) -> int:
        return sum(self.seen[name] for name in SENDS)


class Launches(TorchDispatchMode):
    """Counts operations, each at least one launch on a device, but those that make a view."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    def __torch_dispatch__(self, function: Any, kinds: Any, args: Any = (), kwargs: Any = None):  # type: ignore[no-untyped-def]
        self.number += not any(result.alias_info for result in function._schema.returns)
        return function(*args, **(kwargs or {}))


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell the program that no tensor lies on the host."""
    monkeypatch.setattr(devices, "on_host", lambda tensor: False)


def terms_of(size: int = 60, weighting: Any = None, dtype: str = "float32") -> Any:
    rng = np.random.default_rng(size)
    half = np.tril(rng.poisson(1.5, (size, size)))
    counts = counts_from(half + np.tril(half, -1).T)
    return counts, pair_terms(counts, weighting or Setting31(), dtype)


def tiled(terms: Any, monkeypatch: pytest.MonkeyPatch, dtype: Any = "float32") -> TiledFullBatch:
    """The objective of a device: whole rows, in three tiles."""
    monkeypatch.setattr(pair_tiles, "Squares", strips_in_place_of_squares)
    monkeypatch.setattr(pair_tiles, "ENTRIES", terms.n_words * 25)
    return TiledFullBatch(terms, Sgns(), tied=True, compute=Compute(dtype=dtype, threads=1))


def strips_in_place_of_squares(
    terms: Any, left: Any, right: Any, *, tied: bool, compute: Compute
) -> pair_tiles.Strips:
    return pair_tiles.Strips(
        terms, left, right, device=torch.device("cpu"), dtype=compute.torch_dtype
    )


def start_of(terms: Any, d: int = 8, scale: float = 0.05) -> Any:
    drawn = np.random.default_rng(1).standard_normal((terms.n_words, d)) * scale
    return torch.tensor(drawn.astype(np.float32))


def test_what_is_counted_is_seen() -> None:
    one = torch.ones(2)
    with Calls() as calls:
        assert float(one.sum()) == 2
        assert bool((one > 0).all())
        assert one.tolist() == [1, 1]
        assert one.cpu().numpy().sum() == 2
        assert int(one[0]) == one[0].item() == 1
        torch.as_tensor([1.0])
    assert (calls.reads, calls.sends) == (7, 1)


# ------------------------------------------------------------------ a gradient


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("weighting", [Setting31(), Word2Vec()], ids=repr)
def test_a_gradient_reads_and_sends_nothing(
    weighting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, terms = terms_of(weighting=weighting)
    objective, weights = tiled(terms, monkeypatch), start_of(terms)
    assert sum(map(len, objective._sums.parts)) == 3
    with Calls() as calls:
        objective.gradient(weights)
    assert (calls.reads, calls.sends) == (0, 0)
    with Calls() as calls:
        objective.loss(weights)
    assert (calls.reads, calls.sends) == (1, 0)


# ---------------------------------------------------------------------- a step


@pytest.mark.usefixtures("elsewhere")
def test_a_step_reads_one_number(monkeypatch: pytest.MonkeyPatch) -> None:
    _, terms = terms_of()
    objective = tiled(terms, monkeypatch)
    integrator = RungeKutta(rtol=1e-3)
    state = integrator.step(objective, State(start_of(terms)), 1.0)
    state = integrator.step(objective, state, 1.0)
    rejected = state.memory["rejected"]
    with Calls() as calls, Launches() as launches:
        state = integrator.step(objective, state, 1.0)
    assert state.memory["rejected"] == rejected
    assert (calls.reads, calls.sends) == (1, 0)
    with Launches() as gradient:
        objective.gradient(state.weights)
    # 6 gradients, 31 terms of sums, and the error by modes.
    assert launches.number - 6 * gradient.number < 120


@pytest.mark.usefixtures("elsewhere")
def test_a_stabilised_step_reads_one_number_and_the_radius_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, terms = terms_of(weighting=Word2Vec())
    objective, integrator = tiled(terms, monkeypatch), Chebyshev(rtol=1e-2)
    with Calls() as calls:
        state = integrator.step(objective, State(start_of(terms)), 1.0)
    # Weights and velocity are finite, the first step size, the step; the radius once in 5
    # products of 50.
    assert calls.reads <= 2 + 2 + 1 + 10 + state.memory["rejected"] * 11
    rejected = state.memory["rejected"]
    with Calls() as calls:
        state = integrator.step(objective, state, 1.0)
    assert state.memory["rejected"] == rejected
    assert (calls.reads, calls.sends) == (1, 0)


@pytest.mark.usefixtures("elsewhere")
def test_an_exponential_step_sends_its_coefficients_at_once() -> None:
    counts, terms = terms_of()
    objective = QuarticFullBatch(terms, tied=True, compute=Compute(dtype="float32", threads=1))
    integrator = Exponential(eigenpairs(mstar(counts), 20, by="magnitude"), rtol=1e-3)
    state = integrator.step(objective, State(start_of(terms)), 1.0)
    rejected = state.memory["rejected"]
    with Calls() as calls:
        state = integrator.step(objective, state, 1.0)
    assert state.memory["rejected"] == rejected
    # Half the eigenvalues, and the coefficients of one attempt.
    assert (calls.reads, calls.sends) == (1, 2)


@pytest.mark.parametrize("integrator", [RungeKutta(1e-4), Chebyshev(1e-4)], ids=repr)
def test_a_device_follows_the_same_path(integrator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, terms = terms_of()
    found = []
    for host in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            if not host:
                patch.setattr(devices, "on_host", lambda tensor: False)
            objective, state = tiled(terms, monkeypatch), State(start_of(terms))
            while state.time < 0.05:
                state = integrator.step(objective, state, 0.05)
            found.append((state.weights, state.step + state.memory["rejected"]))
    (on_host, steps), (on_device, others) = found
    assert float((on_host - on_device).norm() / on_host.norm()) < 1e-3
    # The measure of a device is at most d^(1/2) times as large, and the step its fifth root.
    assert 0.8 * steps <= others <= 2 * steps + 5


# -------------------------------------------------------------- modes and norms

sizes = st.lists(st.floats(1e-9, 1e3), min_size=1, max_size=6)


@given(sizes=sizes, seed=st.integers(0, 99), untied=st.booleans(), single=st.booleans())
def test_the_measure_of_a_device_bounds_that_of_the_host(
    *, sizes: list[float], seed: int, untied: bool, single: bool
) -> None:
    d, rng = len(sizes), np.random.default_rng(seed)
    left, _ = np.linalg.qr(rng.standard_normal((20, d)))
    right, _ = np.linalg.qr(rng.standard_normal((d, d)))
    weights = torch.tensor(left * sizes @ right.T)
    change = torch.tensor(rng.standard_normal((20, d)) * 10.0 ** rng.uniform(-9, 0))
    if untied:
        weights, change = weights.reshape(2, 10, d), change.reshape(2, 10, d)
    if single:
        weights, change = weights.float(), change.float()
    rtol = 1e-4 if single else 1e-6
    on_host = ModeScale(weights, rtol).relative(change)
    on_device = DeviceModeScale(weights, rtol).relative(change)
    # Floors of both differ by a few per cent.
    assert 0.9 * on_host <= on_device <= 1.1 * np.sqrt(d) * on_host


@pytest.mark.parametrize("kind", [torch.float32, torch.float64], ids=str)
def test_the_measure_of_a_device_at_the_origin_and_beyond_numbers(kind: Any) -> None:
    zero, one = torch.zeros(4, 2, dtype=kind), torch.ones(4, 2, dtype=kind)
    assert DeviceModeScale(zero, 1e-4).relative(zero) == 0
    scale = DeviceModeScale(one, 1e-4)
    assert scale.relative(zero) == 0
    for odd in (np.inf, np.nan):
        assert not np.isfinite(scale.relative(one * odd))
    tiny, huge = (one * factor for factor in (1e-30, 1e30))
    assert DeviceModeScale(tiny, 1e-4).relative(tiny) == pytest.approx(1, rel=0.05)
    assert DeviceModeScale(huge, 1e-4).relative(huge) == pytest.approx(1, rel=0.05)


@pytest.mark.usefixtures("elsewhere")
def test_sums_with_factors_on_the_device() -> None:
    one, two = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
    factor = torch.tensor(-0.3, dtype=torch.float64)
    found = combination((2.0, one), (0.0, two), (0.5, one), (factor, two))
    assert torch.allclose(found, 2.5 * one - 0.3 * two)
    assert found.dtype == torch.float32


@given(values=st.lists(st.floats(-9, 9), min_size=2, max_size=8), seed=st.integers(0, 9))
def test_the_spectral_radius_of_a_device_is_that_of_the_host(
    values: list[float], seed: int
) -> None:
    weights = torch.tensor(np.random.default_rng(seed).standard_normal((1, len(values))))
    rates = torch.tensor([values])
    first = rates * weights
    on_host = spectral_radius(lambda w: rates * w, weights, first)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(devices, "on_host", lambda tensor: False)
        found = spectral_radius(lambda w: rates * w, weights, first)
    assert found == pytest.approx(on_host, rel=1e-6, abs=1e-6)
    # Some eigenvalue is that near; a start may happen to lack the largest, of 1.5, 2 and 1.5.
    assert any(0.9 * found - 1e-6 <= abs(value) <= found + 1e-6 for value in values)


@pytest.mark.parametrize("shape", [(9, 4), (2, 9, 4), (3, 5), (2, 3, 5)])
def test_singular_values_of_a_device(shape: tuple[int, ...]) -> None:
    weights = torch.tensor(np.random.default_rng(0).standard_normal(shape))
    found = singular_values_on_device(weights)
    assert found == pytest.approx(singular_values(weights.numpy()), rel=1e-12, abs=1e-13)
