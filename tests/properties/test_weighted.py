"""The quartic loss is a weighted factorisation, and for G = g gᵀ its minimum is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from strategies import count_matrices, counts_from

from repsearch.counts.counts import Counts
from repsearch.dynamics.weighted.flow import weighted_loss
from repsearch.dynamics.weighted.majorisation import general_gradient, general_loss
from repsearch.dynamics.weighted.minimiser import weighted_minimiser
from repsearch.errors import InputError
from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.target.mstar import mstar
from repsearch.target.scaled import scaled
from repsearch.target.target import Target

Array = NDArray[np.float64]
EPS = float(np.finfo(float).eps)


@dataclass(frozen=True, eq=False)
class Psi:
    """Any Psi+ and Psi-, given as arrays over pairs of words."""

    plus: Array
    minus: Array
    symmetric = True

    def of(self, counts: Counts) -> Psi:
        return self

    def positive(self, i: Any, j: Any, p: Array, independent: Array) -> Array:
        return self.plus[i, j] * p

    def negative(self, i: Any, j: Any, p: Array, independent: Array) -> Array:
        return self.minus[i, j] * independent


@st.composite
def problems(draw: st.DrawFn) -> tuple[Array, Psi, Array, int]:
    """Counts, symmetric Psi from 1/20 to 20, vectors, and a seed."""
    matrix = draw(count_matrices(2, 6, zeros=False))
    size = len(matrix)
    seed = draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    plus, minus = np.exp(rng.uniform(-3, 3, (2, size, size)))
    scale = draw(st.sampled_from([1e-3, 1.0, 30.0]))
    vectors = scale * rng.normal(size=(size, draw(st.integers(1, size))))
    return matrix, Psi(plus + plus.T, minus + minus.T), vectors, seed


def by_definition(matrix: Array, psi: Psi, w: Array) -> tuple[float, float]:
    """Eq. (3) as it is written, pair by pair, and the sum of its terms' sizes."""
    p = matrix / matrix.sum()
    unigram = p.sum(axis=1)
    total = size = 0.0
    for i in range(len(w)):
        for j in range(len(w)):
            x = float(w[i] @ w[j])
            positive = psi.plus[i, j] * p[i, j]
            negative = psi.minus[i, j] * unigram[i] * unigram[j]
            total += positive * (x**2 / 4 - x) + negative * (x**2 / 4 + x)
            size += (positive + negative) * (x**2 / 4 + float(np.abs(w[i]) @ np.abs(w[j])))
    return total, size


# ---------------------------------------------------------------- the loss


@pytest.mark.theory(
    9,
    "for symmetric Psi the loss is 1/4 sum G (WW^T - M*)^2 - 1/4 sum G M*^2, and L(0) = 0",
    tolerance="32 eps V times the sum of the terms' sizes",
)
@given(problem=problems())
def test_the_loss_is_a_weighted_factorisation(problem: Any) -> None:
    matrix, psi, w, _ = problem
    target = mstar(counts_from(matrix), psi)
    size = len(matrix)
    m, g = target.dense(), target.weights(np.arange(size))
    wanted, terms = by_definition(matrix, psi, w)
    square = 0.25 * (g * (w @ w.T - m) ** 2).sum() - 0.25 * (g * m**2).sum()
    terms += 0.25 * float((g * m**2).sum())
    assert abs(square - wanted) <= 32 * EPS * size * terms
    assert abs(general_loss(m, g, w) - wanted) <= 32 * EPS * size * terms
    assert general_loss(m, g, 0 * w) == 0


@pytest.mark.theory(
    9,
    "for G = gg^T the same on the sparse path, without a V x V array",
    tolerance="32 eps V times the sum of the terms' sizes",
)
@given(problem=problems())
def test_the_loss_on_the_sparse_path(problem: Any) -> None:
    matrix, psi, w, seed = problem
    target = mstar(counts_from(matrix), psi)
    g = np.exp(np.random.default_rng(seed).normal(size=len(matrix)))
    pairs, m = np.outer(g, g), target.dense()
    wanted = 0.25 * (pairs * (w @ w.T - m) ** 2).sum() - 0.25 * (pairs * m**2).sum()
    lengths = np.abs(w) @ np.abs(w).T
    terms = float((pairs * (lengths**2 + m**2 + lengths * (np.abs(m) + 4))).sum())
    assert abs(weighted_loss(target, g, w) - wanted) <= 32 * EPS * len(g) * terms
    assert weighted_loss(target, g, 0 * w) == 0


# ------------------------------------------------------------- the gradient


@pytest.mark.theory(
    10,
    "the gradient is (G o (WW^T - M*)) W",
    tolerance="64 eps V times the sum of the terms' sizes: five points are exact for a quartic",
)
@given(problem=problems())
def test_the_gradient_against_differences(problem: Any) -> None:
    matrix, psi, w, seed = problem
    target = mstar(counts_from(matrix), psi)
    m, g = target.dense(), target.weights(np.arange(len(matrix)))
    # Along a line the loss is a polynomial of degree 4, whose slope the five-point
    # formula gives exactly, so that the step can be as large as W.
    direction = np.random.default_rng(seed + 1).normal(size=w.shape) * np.abs(w).max()
    at = {h: by_definition(matrix, psi, w + h * direction) for h in (-2, -1, 1, 2)}
    slope = (8 * (at[1][0] - at[-1][0]) - (at[2][0] - at[-2][0])) / 12
    terms = sum(size for _, size in at.values())
    found = float((general_gradient(m, g, w) * direction).sum())
    assert abs(found - slope) <= 64 * EPS * len(m) * terms


@pytest.mark.theory(
    10,
    "a gradient without G's symmetric twin is wrong for G that is not symmetric",
    tolerance="misses by more than 1e-3 of the slope",
)
def test_the_gradient_needs_symmetric_weights() -> None:
    rng = np.random.default_rng(0)
    m, g, w, u = rng.normal(size=(5, 5)), rng.gamma(1, size=(5, 5)), *rng.normal(size=(2, 5, 2))
    m = m + m.T
    at = {h: general_loss(m, g, w + h * u) for h in (-2, -1, 1, 2)}
    slope = (8 * (at[1] - at[-1]) - (at[2] - at[-2])) / 12
    assert abs((general_gradient(m, g, w) * u).sum() - slope) > 1e-3 * abs(slope)
    mean = (g + g.T) / 2
    assert (general_gradient(m, mean, w) * u).sum() == pytest.approx(slope, rel=1e-10)


# ------------------------------------------------------------- the minimum


def optimised(m: Array, g: Array, d: int, seed: int) -> float:
    """Where L-BFGS ends from a random start, with its own loss and gradient."""
    pairs = np.outer(g, g)

    def both(flat: Array) -> tuple[float, Array]:
        w = flat.reshape(len(m), d)
        off = pairs * (w @ w.T - m)
        return 0.25 * float((off * (w @ w.T - m)).sum()), (off @ w).reshape(-1)

    start = np.random.default_rng(seed).normal(size=len(m) * d)
    found = scipy.optimize.minimize(
        both, start, jac=True, method="L-BFGS-B", options={"maxiter": 3000, "ftol": 1e-15}
    )
    return float(found.fun - 0.25 * (pairs * m**2).sum())


def scaled_problem(matrix: Array, seed: int) -> tuple[Target, Array, Array]:
    target = mstar(counts_from(matrix))
    g = np.exp(np.random.default_rng(seed).normal(size=len(matrix)))
    return target, g, np.outer(g, g)


@pytest.mark.theory(
    16,
    "for G = gg^T the closed-form minimiser is below every random-start optimum, gradient 0",
    tolerance="64 eps V times sum G M*^2; gradient 64 eps V times its terms times cond(Gamma)",
)
@settings(max_examples=40)
@given(matrix=count_matrices(2, 7), seed=st.integers(0, 10**6), data=st.data())
def test_the_closed_form_beats_optimisation(matrix: Any, seed: int, data: st.DataObject) -> None:
    target, g, pairs = scaled_problem(matrix, seed)
    size = len(matrix)
    d = data.draw(st.integers(1, size))
    m = target.dense()
    w = weighted_minimiser(target, g, d, dtype="float64").embeddings().vectors
    scale = float((pairs * (m**2 + 4)).sum())
    closed = weighted_loss(target, g, w)
    assert closed <= optimised(m, g, d, seed) + 64 * EPS * size * scale
    gradient = (pairs * (w @ w.T - m)) @ w
    terms = (pairs * (np.abs(w) @ np.abs(w).T + np.abs(m) + 4)) @ np.abs(w)
    # Eigenvalues within their residual of 0 are taken for 0, which costs as much as rounding.
    allowed = 64 * EPS * size * float(np.linalg.norm(terms)) * float(np.sqrt(g.max() / g.min()))
    assert np.linalg.norm(gradient) <= allowed


@pytest.mark.theory(
    16,
    "optimisation reaches that minimum, so that it is not beaten by too much either",
    tolerance="1e-6 of the loss",
)
@pytest.mark.parametrize("seed", range(6))
def test_optimisation_reaches_the_closed_form(seed: int) -> None:
    rng = np.random.default_rng(seed)
    half = np.tril(rng.poisson(6 * np.exp(rng.normal(size=(9, 9)))))
    target, g, _ = scaled_problem(half + np.tril(half, -1).T, seed)
    for d in (1, 3):
        closed = weighted_minimiser(target, g, d, dtype="float64").loss
        reached = min(optimised(target.dense(), g, d, start) for start in range(3))
        assert reached == pytest.approx(closed, rel=1e-6)


@pytest.mark.theory(
    16,
    "adversary: the minimiser for equal weights, and eigenvectors of the wrong matrix, are worse",
    tolerance="above the minimum by more than 1 % of it",
)
@pytest.mark.parametrize("seed", range(4))
def test_other_factorisations_are_worse_under_these_weights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    half = np.tril(rng.poisson(6 * np.exp(rng.normal(size=(12, 12)))))
    target, g, _ = scaled_problem(half + np.tril(half, -1).T, seed)
    best = weighted_minimiser(target, g, 3, dtype="float64")
    plain = eigenpairs(target, 3, dtype="float64").embeddings().vectors
    assert weighted_loss(target, g, plain) > best.loss + 0.01 * abs(best.loss)
    # Γ on the wrong side: as if W were V Λ^(1/2) Γ.
    wrong = best.embeddings().vectors * g[:, None]
    assert weighted_loss(target, g, wrong) > best.loss + 0.01 * abs(best.loss)


@pytest.mark.theory(
    16,
    "adversary: a solver that orders by magnitude misses the minimum where M* is far below zero",
    tolerance="above the minimum by more than 10 % of it",
)
@pytest.mark.parametrize("seed", range(3))
def test_an_order_by_magnitude_is_detected(seed: int) -> None:
    # Most pairs are unseen: the eigenvalue of largest magnitude is negative.
    rng = np.random.default_rng(seed)
    half = np.tril(rng.poisson(0.1, (20, 20))) + np.eye(20, dtype=int)
    target, g, _ = scaled_problem(half + np.tril(half, -1).T, seed)
    best = weighted_minimiser(target, g, 2, dtype="float64")
    found = eigenpairs(scaled(target, g), 2, by="magnitude", dtype="float64")
    assert found.eigenvalues[-1] < -best.spectrum.eigenvalues[0]
    values = np.maximum(found.eigenvalues, 0)
    vectors = found.eigenvectors * np.sqrt(values) / np.sqrt(g)[:, None]
    assert weighted_loss(target, g, vectors) > 0.9 * best.loss


@pytest.mark.theory(
    16,
    "a weight of 0 leaves the word's vector free, so it is refused",
    tolerance="exact",
)
def test_a_weight_of_zero_leaves_a_word_free() -> None:
    matrix = np.array([[4, 2, 1], [2, 6, 3], [1, 3, 2]])
    target, g = mstar(counts_from(matrix)), np.array([1.0, 2.0, 0.0])
    m, pairs = target.dense(), np.outer(g, g)
    w = np.random.default_rng(0).normal(size=(3, 2))
    moved = w.copy()
    moved[2] += 5
    assert general_loss(m, pairs, w) == general_loss(m, pairs, moved)
    with pytest.raises(InputError, match="the weight of 'w2' is 0"):
        weighted_minimiser(target, g, 1)
