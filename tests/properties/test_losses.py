"""Properties 7 to 15, 19, 20 and 35: losses, their minima and targets."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
import strategies as _profile  # noqa: F401 (loads the settings of the tests)
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from repsearch.counts.counts import Counts
from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.target.mstar import mstar
from repsearch.target.mutual_information import pmi, shifted_ppmi
from repsearch.target.weighting import Setting31, Unweighted, Weighting, Word2Vec
from repsearch.testing.checks import curvature, losses, minima, targets
from repsearch.testing.counts_from import counts_from
from repsearch.testing.strategies import (
    Operator,
    counts,
    distributions,
    initialisations,
    rotations,
    symmetric_operators,
)
from repsearch.testing.weighted_pairs import WeightedPairs

Real = NDArray[np.float64]

NEGATIVES = st.sampled_from([1.0, 5.0, 0.3])
WEIGHTINGS: list[Weighting] = [Setting31(), Setting31(5), Unweighted(2), Word2Vec(subsample=0.05)]


@st.composite
def pairs_of(draw: st.DrawFn, *, zeros: bool = True) -> WeightedPairs:
    """Any symmetric weights: of a distribution, or unrelated to one."""
    p = draw(distributions(5, min_size=1, zeros=zeros))
    kind = draw(st.sampled_from(["setting 3.1", "unweighted", "any"]))
    if kind == "setting 3.1":
        return WeightedPairs.setting31(p, negatives=draw(NEGATIVES))
    if kind == "unweighted":
        return WeightedPairs.unweighted(p, negatives=draw(NEGATIVES))
    other = draw(distributions(len(p), min_size=len(p), zeros=zeros))
    return WeightedPairs(p, other)


def embeddings(size: int) -> st.SearchStrategy[Real]:
    return st.integers(1, size).flatmap(lambda d: initialisations(size, d))


@st.composite
def problems(draw: st.DrawFn, *, zeros: bool = True) -> tuple[WeightedPairs, Real]:
    pairs = draw(pairs_of(zeros=zeros))
    return pairs, draw(embeddings(len(pairs.positive)))


def logistic_terms(pairs: WeightedPairs, w: Real) -> float:
    return losses.term_size(pairs, w) + np.log(2) * float(pairs.weights.sum())


# ------------------------------------------------------------------ losses


@pytest.mark.theory(
    7, "|log(1+e^-x) - (ln 2 - x/2 + x^2/8)| <= x^4/192", tolerance="8 eps of the terms"
)
@given(hnp.arrays(float, st.integers(1, 20), elements=st.floats(-50, 50)))
def test_logistic_loss_is_half_the_quartic_near_the_origin(x: Real) -> None:
    assert losses.logistic_expansion(x)


@pytest.mark.theory(
    7,
    "SGNS = ln 2 sum G + L/2, up to sum G x^4/192",
    tolerance="64 eps of the terms",
)
@given(problems())
def test_logistic_loss_of_embeddings_is_half_the_quartic(
    problem: tuple[WeightedPairs, Real],
) -> None:
    pairs, w = problem
    remainder = (
        losses.logistic_loss(pairs, w)
        - np.log(2) * pairs.weights.sum()
        - losses.quartic_loss(pairs, w) / 2
    )
    bound = float((pairs.weights * (w @ w.T) ** 4).sum()) / 192
    rounding = 64 * losses.EPS * logistic_terms(pairs, w)
    # log cosh(x/2) lies below x^2/8, so the remainder has a sign too.
    assert -bound - rounding <= remainder <= rounding


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: np.logaddexp(0, x),
        lambda x: np.log(2) - x / 2,
        lambda x: np.logaddexp(0, -x) + 1e-12,
    ],
    ids=["sign", "no square", "shifted"],
)
def test_wrong_logistic_curves_are_caught(wrong: Any) -> None:
    found = losses.logistic_expansion(np.linspace(-1, 1, 9), curve=wrong)
    assert not found
    assert "x = " in repr(found)


@pytest.mark.theory(
    8,
    "Setting 3.1: L = (g/4)(||W W^T - M*||^2 - ||M*||^2)",
    tolerance="(16 + d) eps of the terms",
)
@given(distributions(5, zeros=True, min_size=1), NEGATIVES, st.data())
def test_quartic_loss_is_plain_factorisation(p: Real, k: float, data: st.DataObject) -> None:
    pairs = WeightedPairs.setting31(p, negatives=k)
    w = data.draw(embeddings(len(p)))
    assert losses.quartic_is_factorisation(pairs, w, weights=np.ones_like(p))


@pytest.mark.theory(
    9,
    "any symmetric Psi: L = (1/4) sum G (W W^T - M*)^2 - (1/4) sum G M*^2, L(0) = 0",
    tolerance="(16 + d) eps of the terms",
)
@given(problems())
def test_quartic_loss_is_weighted_factorisation(problem: tuple[WeightedPairs, Real]) -> None:
    pairs, w = problem
    assert losses.quartic_is_factorisation(pairs, w)
    assert losses.quartic_loss(pairs, 0 * w) == 0


@pytest.mark.theory(
    9,
    "the target and weights of counts give the loss of their Psi+ and Psi-",
    tolerance="(16 + d) eps of the terms",
)
@given(counts(5), st.sampled_from(WEIGHTINGS), st.data())
def test_target_and_weights_of_counts_give_their_loss(
    found: Counts, weighting: Weighting, data: st.DataObject
) -> None:
    every = np.arange(len(found.words))
    i, j = every[:, None], every[None, :]
    share = found.marginals
    seen = weighting.of(found)
    p = found.matrix().toarray() / found.total
    independent = np.outer(share, share)
    pairs = WeightedPairs(seen.positive(i, j, p, independent), seen.negative(i, j, p, independent))
    target = mstar(found, weighting)
    w = data.draw(embeddings(len(every)))
    assert losses.quartic_is_factorisation(
        pairs, w, target=np.asarray(target.dense(), float), weights=target.weights(every)
    )


def test_a_wrong_target_or_weight_is_caught() -> None:
    p = np.array([[0.4, 0.1], [0.1, 0.4]])
    pairs, w = WeightedPairs.unweighted(p), np.array([[1.0], [2.0]])
    assert losses.quartic_is_factorisation(pairs, w)
    logarithm = np.log(pairs.positive / pairs.negative)
    assert not losses.quartic_is_factorisation(pairs, w, target=logarithm)
    assert not losses.quartic_is_factorisation(pairs, w, weights=np.ones((2, 2)))
    assert not losses.quartic_is_factorisation(
        pairs, w, loss=lambda v: losses.quartic_loss(pairs, v) / 2
    )


@pytest.mark.theory(
    10, "gradient = (G o (W W^T - M*)) W", tolerance="16 eps of the terms / step of differences"
)
@given(problems())
@example((WeightedPairs(np.array([[1 / 6]]), np.array([[5 / 6]])), np.zeros((1, 1))))
def test_gradient_of_the_quartic_loss(problem: tuple[WeightedPairs, Real]) -> None:
    pairs, w = problem

    def gradient(v: Real) -> Real:
        return np.asarray((pairs.weights * (v @ v.T - pairs.target)) @ v)

    loss = partial(losses.quartic_loss, pairs)
    # Where differences are taken, terms may be there that are 0 at W itself; two steps away, and a
    # step is measured by 1 where W is 0.
    scale = losses.term_size(pairs, np.abs(w) + (np.abs(w).max() or 1.0) / 512)
    assert losses.gradient_matches(loss, gradient, w, scale=scale)
    if np.abs(gradient(w)).max() > 1e-6 * np.abs(w).max():
        assert not losses.gradient_matches(loss, lambda v: 1.001 * gradient(v), w, scale=scale)


@pytest.mark.theory(
    13, "L(W U) = L(W) for orthogonal U, for both losses", tolerance="16 d eps of the terms"
)
@pytest.mark.parametrize("loss", [losses.quartic_loss, losses.logistic_loss])
@given(problem=problems(), data=st.data())
def test_losses_do_not_see_rotations(
    loss: Any, problem: tuple[WeightedPairs, Real], data: st.DataObject
) -> None:
    pairs, w = problem
    u = data.draw(rotations(w.shape[1]))
    of = partial(loss, pairs)
    terms = losses.term_size if loss is losses.quartic_loss else logistic_terms
    assert losses.rotation_invariant(of, w, u, scale=terms(pairs, w))


def test_a_loss_that_sees_rotations_is_caught() -> None:
    swap = np.array([[0.0, 1.0], [1.0, 0.0]])
    found = losses.rotation_invariant(lambda v: float(v[0, 0]), np.eye(2), swap)
    assert not found
    assert found.error == 1


@pytest.mark.theory(
    19,
    "SGNS is stationary entry by entry at PMI + log(Psi+/Psi-)",
    tolerance="(8 + 2 |x|) eps of a pair's weight",
)
@given(pairs_of(zeros=False))
def test_logistic_loss_is_stationary_at_shifted_pmi(pairs: WeightedPairs) -> None:
    assert losses.logistic_is_stationary(pairs)


@pytest.mark.theory(
    19, "SGNS with k negatives is stationary at PMI - log k", tolerance="(8 + 2 |x|) eps"
)
@given(counts(5, zeros=False), NEGATIVES)
def test_pmi_of_counts_is_the_stationary_point(found: Counts, k: float) -> None:
    # The target's marginals are those of the counts, so are the pairs' here.
    p = found.matrix().toarray() / found.total
    pairs = WeightedPairs(p, k * np.outer(found.marginals, found.marginals))
    scores = np.asarray(pmi(found).dense(), float) - np.log(k)
    assert losses.logistic_is_stationary(pairs, scores=scores)
    assert not losses.logistic_is_stationary(pairs, scores=scores + 1e-6)
    if np.abs(scores).max() > 0.1:
        # M* is the first order of its own, and only of a logistic loss replaced by a quartic.
        assert not losses.logistic_is_stationary(pairs, scores=pairs.target)


# ------------------------------------------------------------------ minima


@st.composite
def with_dimension(draw: st.DrawFn, operators: st.SearchStrategy[Operator]) -> tuple[Operator, int]:
    operator = draw(operators)
    return operator, draw(st.integers(1, len(operator.eigenvalues)))


@pytest.mark.theory(
    11,
    "L_min = -(g/4) sum over k <= d of max(lambda_k, 0)^2",
    tolerance="64 V eps of (g/4) ||M||^2",
)
@pytest.mark.theory(
    14,
    "with fewer than d positive eigenvalues they are clipped at 0",
    tolerance="64 V eps of (g/4) ||M||^2",
)
@given(with_dimension(symmetric_operators(6)), st.sampled_from([1.0, 0.01]))
def test_closed_form_has_the_least_loss(given_: tuple[Operator, int], g: float) -> None:
    operator, d = given_
    assert minima.minimum(operator.matrix, d, weight=g)
    # The check's own least loss, from the spectrum as it was made.
    known = -g / 4 * (np.maximum(operator.eigenvalues[:d], 0) ** 2).sum()
    norm = (operator.eigenvalues**2).sum()
    assert abs(minima.least_loss(operator.matrix, d, weight=g) - known) <= 64 * 6 * minima.EPS * (
        g / 4 * norm
    )


@pytest.mark.theory(
    11, "the embeddings of a spectrum have the least loss", tolerance="64 V eps of ||M||^2 / 4"
)
@settings(max_examples=40)
@given(counts(6, min_size=2), st.data())
def test_embeddings_of_a_spectrum_have_the_least_loss(found: Counts, data: st.DataObject) -> None:
    target = mstar(found)
    spectrum = eigenpairs(target, len(found.words), dtype="float64")
    assume(spectrum.n_positive > 0)
    d = data.draw(st.integers(1, spectrum.n_positive))
    dense = np.asarray(target.dense(), float)
    assert minima.minimum(dense, d, solver=lambda *_: np.asarray(spectrum.embeddings(d).vectors))


@pytest.mark.theory(
    11, "no embeddings have less loss than L_min", tolerance="64 V eps of the terms"
)
@given(with_dimension(symmetric_operators(6)), st.data())
def test_no_embeddings_have_less_loss(given_: tuple[Operator, int], data: st.DataObject) -> None:
    operator, d = given_
    w = data.draw(initialisations(len(operator.eigenvalues), d))
    terms = (np.abs(w) @ np.abs(w.T)) ** 2 + operator.matrix**2
    slack = 64 * len(w) * minima.EPS * float(terms.sum())
    matrix = operator.matrix
    assert minima.factorisation_loss(matrix, w) >= minima.least_loss(matrix, d) - slack


def test_wrong_minimisers_are_caught() -> None:
    m = np.diag([2.0, 1.0, -3.0])
    assert minima.minimum(m, 2)

    def by_magnitude(matrix: Real, d: int) -> Real:
        values, vectors = np.linalg.eigh(matrix)
        top = np.argsort(-np.abs(values))[:d]
        return np.asarray(vectors[:, top] * np.sqrt(np.abs(values[top])))

    def without_root(matrix: Real, d: int) -> Real:
        w = minima.closed_form(matrix, d)
        return np.asarray(w * np.linalg.norm(w, axis=0))

    assert not minima.minimum(m, 2, solver=by_magnitude)
    assert not minima.minimum(m, 2, solver=without_root)


@pytest.mark.theory(
    12,
    "L-BFGS from random starts reaches L_min, with the Gram matrix M_d",
    tolerance="4 sqrt(lambda_1) |gradient| / least curvature + 64 V eps of ||M||^2 / it",
)
@settings(max_examples=40)
@given(with_dimension(symmetric_operators(5, gap=1.0)), st.integers(0, 2**32 - 1))
def test_descent_reaches_the_minimum(given_: tuple[Operator, int], seed: int) -> None:
    operator, d = given_
    assume(operator.eigenvalues[d - 1] > 0)
    start = np.random.default_rng(seed).standard_normal((len(operator.eigenvalues), d))
    assert minima.descent_reaches_minimum(operator.matrix, start)


def test_descent_from_a_deficient_start_ends_on_a_saddle() -> None:
    m = np.diag([2.0, 1.0])
    start = np.array([[1.0, 0.0], [1.0, 0.0]])  # its second column has no gradient
    assert not minima.descent_reaches_minimum(m, start)


@pytest.mark.theory(
    15,
    "W = V_S Lambda_S^(1/2) is critical, with curvature g (lambda_j - lambda_i)",
    tolerance="256 V eps of g ||M||",
)
@given(symmetric_operators(5), st.sampled_from([1.0, 0.01]), st.data())
def test_chosen_eigenpairs_are_critical(operator: Operator, g: float, data: st.DataObject) -> None:
    allowed = [k for k, value in enumerate(operator.eigenvalues.tolist()) if value >= 0]
    assume(allowed)
    chosen = data.draw(st.lists(st.sampled_from(allowed), min_size=1, unique=True))
    assert curvature.critical_points(operator.matrix, chosen, weight=g)


def test_what_is_not_critical_is_caught() -> None:
    m = np.diag([2.0, 1.0])
    assert curvature.critical_points(m, [1])

    def twice(w: Real) -> float:
        return 2 * minima.factorisation_loss(m, w)

    def tilted(w: Real) -> float:
        return minima.factorisation_loss(m, w) + 1e-6 * float(w[0, 0])

    assert not curvature.critical_points(m, [1], loss=twice)
    assert not curvature.critical_points(m, [1], loss=tilted)


@pytest.mark.theory(
    35,
    "the Hessian at the optimum has the largest eigenvalue g max(2 lambda_1, lambda_1 - lambda_min)"
    " if lambda_1 > 0 (or -g lambda_min), and r(r-1)/2 + r(d-r) zero modes of rotations, r of the"
    " top d eigenvalues being positive: d(d-1)/2 if all are",
    tolerance="64 V d eps of g ||M||",
)
@example((Operator(np.array([2.0, 1.0]), np.eye(2)), 2), 1.0)
@example((Operator(np.array([-1.0, -3.0]), np.eye(2)), 1), 1.0)  # not lambda_1 - lambda_min = 2
@example((Operator(np.array([2.0, -1.0, -3.0]), np.eye(3)), 3), 1.0)  # 2 zero modes, not 3
@given(with_dimension(symmetric_operators(5, gap=0.5)), st.sampled_from([1.0, 0.01]))
def test_hessian_at_the_optimum(given_: tuple[Operator, int], g: float) -> None:
    operator, d = given_
    found = curvature.hessian_at_minimum(operator.matrix, d, weight=g)
    assert found
    values = operator.eigenvalues
    r = int(np.count_nonzero(values[:d] > 0))
    curvatures = found.witness["found"]
    top, low = values[0], values[-1]
    largest = max(2 * top, top - low) if top > 0 else -low
    assert abs(curvatures.max() - g * largest) <= found.tolerance
    zero_modes = r * (r - 1) // 2 + r * (d - r)
    if not (values == 0).any():  # an eigenvalue 0 is flat in its own right
        assert np.count_nonzero(np.abs(curvatures) <= found.tolerance) == zero_modes
    if r == d:
        assert zero_modes == d * (d - 1) // 2


# ----------------------------------------------------------------- targets


@pytest.mark.theory(2, "M* = 2 tanh((PMI - log k)/2), -2 where P_ij = 0", tolerance="16 eps")
@given(counts(), NEGATIVES)
def test_mstar_is_a_hyperbolic_tangent(found: Counts, k: float) -> None:
    assert targets.mstar_is_tanh(found, negatives=k)
    assert not targets.mstar_is_tanh(
        found, negatives=k, target=lambda c: 1.000001 * mstar(c, Setting31(k)).dense() + 1e-9
    )


TARGETS = {
    **{f"M*, {w}": partial(mstar, weighting=w) for w in WEIGHTINGS},
    "M*, smooth": partial(mstar, zeros="smooth"),
    "PMI": pmi,
    "PPMI": shifted_ppmi,
}


@pytest.mark.theory(20, "renumbering the vocabulary renumbers M*, PMI and PPMI", tolerance="16 eps")
@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=50)
@given(found=counts(), data=st.data())
def test_targets_do_not_depend_on_numbers(name: str, found: Counts, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(found.words))))
    of = TARGETS[name]
    assert targets.permutation_equivariant(found, order, target=lambda c: of(c).dense())


def test_a_target_that_depends_on_numbers_is_caught() -> None:
    def lower(found: Counts) -> Real:
        return np.tril(mstar(found).dense())

    found = counts_from(np.array([[0, 3], [3, 1]]))
    assert not targets.permutation_equivariant(found, [1, 0], target=lower)


@pytest.mark.theory(
    60,
    "the eigenpairs found are the top d by signed value, so W W^T = M*_d",
    tolerance="64 V eps of ||M||",
)
@pytest.mark.parametrize("method", ["dense", "krylov"])
@settings(max_examples=40)
@given(found=counts(6, min_size=2), data=st.data())
def test_eigenpairs_of_counts_are_the_top_by_signed_value(
    method: Any, found: Counts, data: st.DataObject
) -> None:
    target = mstar(found)
    matrix = np.asarray(target.dense(), float)
    # Lanczos refuses a matrix of zeros, for which any vectors are right.
    assume(np.abs(matrix).max() > 1e-9)

    def solver(_: Real, d: int) -> tuple[Any, Any]:
        spectrum = eigenpairs(target, d, method=method, dtype="float64", tolerance=1e-15)
        return spectrum.eigenvalues, spectrum.eigenvectors

    d = data.draw(st.integers(1, len(matrix) - 1))
    assert targets.top_by_signed_value(matrix, d, solver=solver)
