"""Adaptive steps on products whose factors are rounded: steps are not cut short for rounding.

TF32 and bfloat16 are emulated: factors of both products of a gradient are rounded to 11 and 8
significant bits and multiplied in float32, as tensor cores do.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from strategies import counts_from

torch = pytest.importorskip("torch", reason="training needs the extra repsearch[torch]")

from repsearch import Setting31, Word2Vec, dynamics  # noqa: E402
from repsearch.data import carried_counts  # noqa: E402
from repsearch.training.integrators.chebyshev import Chebyshev  # noqa: E402
from repsearch.training.integrators.rounding import rotation, turned  # noqa: E402
from repsearch.training.integrators.runge_kutta import RungeKutta  # noqa: E402
from repsearch.training.state import State  # noqa: E402
from repsearch.training.terms.pair_terms import pair_terms  # noqa: E402

BITS = {"full": 24, "tf32": 11, "bfloat16": 8}


class Rounded:
    """SGNS by dense products in float32, their factors rounded; what is not said is full."""

    stochastic, tied = False, True

    def __init__(self, terms: Any, products: str, *, said: bool = True) -> None:
        positive, negative = terms.dense()
        self._positive = torch.tensor(positive, dtype=torch.float32)
        self._negative = torch.tensor((negative + negative.T) / 2, dtype=torch.float32)
        self._far = 2.0 ** (24 - BITS[products]) + 1
        self.eps = 2.0 ** (1 - BITS[products]) if said else 0.0
        self.calls = 0
        self.rate = dynamics.clock(
            1.0, loss=dynamics.SGNS, tied=True, weight=terms.mean_weight
        ).rate

    def _rounded(self, tensor: Any) -> Any:
        far = tensor * self._far
        return far - (far - tensor) if self._far > 2 else tensor

    def gradient(self, weights: Any, step: int = 0) -> Any:
        self.calls += 1
        factor = self._rounded(weights)
        x = factor @ factor.T
        slopes = self._negative * torch.sigmoid(x) - self._positive * torch.sigmoid(-x)
        return 2 * (self._rounded(slopes) @ factor)

    def loss(self, weights: Any, step: int = 0) -> float:
        raise NotImplementedError


@pytest.fixture(scope="module")
def counts() -> Any:
    return counts_from(carried_counts().matrix().toarray()[:100, :100])


def follow(integrator: Any, objective: Any, until: float, *, by_json: bool = False) -> State:
    drawn = np.random.default_rng(0).standard_normal((100, 10)) * 1e-3
    state = State(torch.tensor(drawn.astype(np.float32)))
    while state.time < until and state.step < 400:
        state = integrator.step(objective, state, until)
        if by_json:
            memory = json.loads(json.dumps(dict(state.memory)))
            state = State(state.weights.clone(), state.step, state.time, memory)
    return state


def values_of(state: State) -> Any:
    return torch.linalg.svdvals(state.weights.double())


@pytest.mark.parametrize(
    ("integrator", "weighting", "until", "products", "most", "least"),
    [
        (RungeKutta(1e-4), Setting31(), 1.0, "tf32", 1.4, 1.4),
        (RungeKutta(1e-4), Setting31(), 1.0, "bfloat16", 2.5, 5.0),
        (Chebyshev(1e-3), Word2Vec(5.0, 0.75, None), 3.0, "tf32", 3.0, 4.0),
    ],
    ids=["Dormand-Prince, tf32", "Dormand-Prince, bfloat16", "Chebyshev, tf32"],
)
def test_steps_are_not_cut_short_for_rounding(
    counts: Any,
    integrator: Any,
    weighting: Any,
    until: float,
    products: str,
    most: float,
    least: float,
) -> None:
    terms = pair_terms(counts, weighting, np.float32)
    full, told = Rounded(terms, "full"), Rounded(terms, products)
    exact, found = (follow(integrator, one, until) for one in (full, told))
    assert "rounding" not in exact.memory
    assert found.memory["hidden"] > 0
    # Gradients, those of steps that were rejected and of measurements among them.
    assert told.calls <= most * full.calls
    assert float((values_of(found) / values_of(exact) - 1).abs().max()) < 8 * told.eps
    # Of an objective that does not say that it rounds, the error of steps is taken for theirs.
    untold = Rounded(terms, products, said=False)
    follow(integrator, untold, until)
    assert untold.calls >= least * full.calls


def test_a_resumed_run_measures_at_the_same_steps(counts: Any) -> None:
    terms = pair_terms(counts, Setting31(), np.float32)
    one, other = (
        follow(RungeKutta(1e-4), Rounded(terms, "tf32"), 0.5, by_json=by_json)
        for by_json in (False, True)
    )
    assert torch.equal(one.weights, other.weights)
    assert dict(one.memory) == dict(other.memory)


@pytest.mark.parametrize("shape", [(9, 4), (2, 9, 4)])
def test_weights_are_turned_and_turned_back(shape: tuple[int, ...]) -> None:
    weights = torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    turn = rotation(weights)
    there = turned(weights, turn)
    assert torch.allclose(there @ there.mT, weights @ weights.mT, rtol=1e-12, atol=1e-12)
    assert not torch.allclose(there, weights, atol=0.1)
    assert torch.allclose(turned(there, turn.T), weights, rtol=1e-12, atol=1e-12)
