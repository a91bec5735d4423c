"""The parts of the minimiser: L-BFGS, line search, scaling, gauge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import strategies as _profile  # noqa: F401  (the profile without deadlines)
from hypothesis import given
from hypothesis import strategies as st
from strategies import counts_from

torch = pytest.importorskip("torch", reason="the minimum needs the extra repsearch[torch]")

import repsearch as rs  # noqa: E402
from repsearch.minimum.gauge import principal_axes  # noqa: E402
from repsearch.minimum.lbfgs import Memory, inner  # noqa: E402
from repsearch.minimum.line_search import Place, search  # noqa: E402
from repsearch.minimum.scaling import scaling_at, word_weights  # noqa: E402
from repsearch.training import Compute, Quartic, Sgns, pair_terms  # noqa: E402
from repsearch.training.arithmetic.matrix_products import Workers  # noqa: E402
from repsearch.training.terms.pair_terms import PairTerms  # noqa: E402

WORKERS = Workers(Compute(threads=1))


def by_two_loops(steps: list[Any], changes: list[Any], gradient: Any) -> Any:
    """Nocedal and Wright (2006), algorithm 7.4, on arrays."""
    q, kept = gradient.copy(), []
    for s, y in reversed(list(zip(steps, changes, strict=True))):
        alpha = (s @ q) / (s @ y)
        q = q - alpha * y
        kept.append(alpha)
    q = q * (steps[-1] @ changes[-1]) / (changes[-1] @ changes[-1])
    for s, y, alpha in zip(steps, changes, reversed(kept), strict=True):
        q = q + s * (alpha - (y @ q) / (s @ y))
    return -q


@given(st.integers(0, 10_000), st.integers(1, 9))
def test_directions_are_those_of_the_two_loops(seed: int, number: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(7, 7))
    hessian = root @ root.T + np.eye(7)
    memory = Memory(4, WORKERS)
    steps = [rng.normal(size=7) for _ in range(number)]
    changes = [hessian @ step for step in steps]
    for step, change in zip(steps, changes, strict=True):
        assert memory.add(torch.from_numpy(step), torch.from_numpy(change))
    gradient = rng.normal(size=7)
    expected = by_two_loops(steps[-4:], changes[-4:], gradient)
    assert len(memory) == min(number, 4)
    found = memory.direction(torch.from_numpy(gradient)).numpy()
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_a_step_over_which_the_loss_is_not_convex_is_not_kept() -> None:
    memory = Memory(3, WORKERS)
    step = torch.ones(2, dtype=torch.float64)
    assert not memory.add(step, -step)
    assert not memory.add(step, torch.zeros(2, dtype=torch.float64))
    assert len(memory) == 0


def test_inner_products_of_long_vectors() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 3, 200_001)).astype(np.float32)
    first, second = torch.from_numpy(a), torch.from_numpy(b)
    found = inner([first], [second, first], WORKERS)
    exact = [[(a.astype(float) * b).sum(), (a.astype(float) ** 2).sum()]]
    assert found == pytest.approx(np.array(exact), rel=1e-12)
    on_three = inner([first], [second, first], Workers(Compute(threads=3)))
    assert found.tobytes() == on_three.tobytes()


def test_directions_from_long_vectors_have_the_same_bits_on_any_number_of_threads() -> None:
    rng = np.random.default_rng(1)
    steps = torch.from_numpy(rng.normal(size=(5, 3, 50_001)).astype(np.float32))
    found = []
    for threads in (1, 3):
        memory = Memory(4, Workers(Compute(threads=threads)))
        for step in steps[:4]:
            memory.add(step, step * 2 + steps[4])
        found.append(memory.direction(steps[4]))
    assert torch.equal(*found)


class OneNumber:
    """A loss of one number, in place of a `ScaledObjective`."""

    def __init__(self, loss: Any, slope: Any) -> None:
        self.loss, self.slope, self.evaluations = loss, slope, 0
        self.workers = WORKERS

    def at(self, z: Any) -> tuple[float, Any]:
        self.evaluations += 1
        x = float(z)
        return self.loss(x), torch.tensor([self.slope(x)], dtype=torch.float64)


@pytest.mark.parametrize("length", [1e-3, 0.1, 1.0, 30.0, 1e4])
def test_search_ends_lower_whatever_the_length_of_the_direction(length: float) -> None:
    line: Any = OneNumber(lambda x: (x - 1) ** 2 / 2, lambda x: x - 1)
    z = torch.zeros(1, dtype=torch.float64)
    begin = Place(z, *line.at(z))
    end = search(line, begin, torch.tensor([length], dtype=torch.float64), rounding=1e-15)
    assert end is not None
    assert end.loss < begin.loss
    assert line.evaluations <= 13


def test_search_does_not_go_uphill_nor_to_where_the_loss_is_no_number() -> None:
    line: Any = OneNumber(lambda x: x if x < 0.5 else np.inf, lambda x: 1.0)
    z = torch.zeros(1, dtype=torch.float64)
    begin = Place(z, *line.at(z))
    assert search(line, begin, torch.ones(1, dtype=torch.float64), rounding=1e-15) is None
    wall: Any = OneNumber(lambda x: -x if x < 0.5 else np.inf, lambda x: -1.0)
    end = search(wall, Place(z, *wall.at(z)), torch.ones(1, dtype=torch.float64), rounding=1e-15)
    assert end is not None
    assert -0.5 < end.loss < 0


@pytest.mark.parametrize("shape", [(6, 3), (2, 6, 3)], ids=["tied", "untied"])
def test_scaling_and_its_inverse(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    weights = torch.from_numpy(rng.normal(size=shape))
    h, other = rng.uniform(0.1, 3, size=(2, 6))
    scaling = scaling_at(weights, h, other)
    z = scaling.scaled(weights)
    assert torch.allclose(scaling.weights(z), weights)
    # <gradient, change of weights> is the same in both.
    change = torch.from_numpy(rng.normal(size=shape))
    gradient = torch.from_numpy(rng.normal(size=shape))
    moved = scaling.weights(change)
    assert float((gradient * moved).sum()) == pytest.approx(
        float((scaling.gradient(gradient) * change).sum())
    )


def test_weights_of_words_are_exact_where_pairs_have_their_product() -> None:
    rng = np.random.default_rng(2)
    left, right = rng.uniform(0.1, 2, size=(2, 1, 5))
    nothing = np.zeros(0)
    terms = PairTerms(
        np.zeros(6, np.int64), nothing.astype(np.int32), nothing, left, right, 0.0, 1.0
    )
    words, contexts = word_weights(terms, Sgns().expansion)
    assert np.outer(words, contexts) == pytest.approx(left.T @ right / 4)


@pytest.mark.parametrize("weighting", [rs.Setting31(), rs.Unweighted(2), rs.Word2VecC(3)], ids=str)
def test_weights_of_words_have_the_sums_of_those_of_pairs(weighting: Any) -> None:
    half = np.tril(np.random.default_rng(3).poisson(1.0, (9, 9)))
    terms = pair_terms(counts_from(half + np.tril(half, -1).T), weighting)
    positive, negative = terms.dense()
    words, contexts = word_weights(terms, Quartic().expansion)
    curved = (positive + negative) / 2
    assert words * contexts.sum() == pytest.approx(curved.sum(1))
    assert contexts * words.sum() == pytest.approx(curved.sum(0))


@pytest.mark.parametrize("shape", [(7, 3), (2, 7, 3), (2, 3), (2, 2, 3)], ids=str)
def test_principal_axes_keep_inner_products(shape: tuple[int, ...]) -> None:
    weights = torch.from_numpy(np.random.default_rng(4).normal(size=shape))
    turned = principal_axes(weights)
    one, other = ((w, w) if len(shape) == 2 else w for w in (weights, turned))
    assert torch.allclose(one[0] @ one[1].T, other[0] @ other[1].T)
    for side in other:
        gram = side.T @ side
        assert torch.allclose(gram, torch.diag(torch.diag(gram)), atol=1e-12)
    assert torch.allclose(other[0].T @ other[0], other[1].T @ other[1], atol=1e-12)
    assert turned.shape == weights.shape
