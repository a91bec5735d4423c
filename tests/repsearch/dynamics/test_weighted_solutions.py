"""The weighted minimiser, its flow, shrinkage, and general weights."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from strategies import count_matrices, counts_from

from repsearch.dynamics.weighted.flow import weighted_flow, weighted_loss
from repsearch.dynamics.weighted.majorisation import (
    dominating,
    general_gradient,
    general_loss,
    general_minimiser,
)
from repsearch.dynamics.weighted.minimiser import power_weights, weighted_minimiser
from repsearch.errors import InputError
from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.spectrum.shrinkage import noise_edge, shrunk
from repsearch.spectrum.spectrum import Spectrum
from repsearch.target.mstar import mstar
from repsearch.target.scaled import scaled
from repsearch.target.target import Target
from repsearch.target.weighting import Unweighted, Word2Vec

EPS = float(np.finfo(float).eps)


def made(size: int, seed: int = 0, **how: Any) -> Target:
    """M* of random counts without an empty row."""
    rng = np.random.default_rng(seed)
    latent = rng.standard_normal((size, 3))
    half = np.tril(rng.poisson(9 * np.exp(0.5 * latent @ latent.T))) + np.eye(size, dtype=int)
    return mstar(counts_from(half + np.tril(half, -1).T), **how)


def weights(size: int, seed: int = 0) -> NDArray[np.float64]:
    return np.exp(np.random.default_rng(100 + seed).normal(size=size))


# ---------------------------------------------------------- the minimiser


@given(matrix=count_matrices(2, 8, zeros=False), exponent=st.floats(-2, 2))
def test_power_weights_are_powers_with_mean_one(matrix: Any, exponent: float) -> None:
    counts = counts_from(matrix)
    g = power_weights(counts, exponent)
    shares = matrix.sum(axis=1) / matrix.sum()
    assert g.mean() == pytest.approx(1, rel=8 * len(g) * EPS)
    assert np.allclose(g / g[0], (shares / shares[0]) ** exponent, rtol=64 * EPS)


def test_power_weights_of_a_word_that_meets_none() -> None:
    counts = counts_from(np.array([[0, 3, 0], [3, 2, 0], [0, 0, 0]]))
    g = power_weights(counts)
    assert g[2] == 0
    with pytest.raises(InputError, match="the weight of 'w2' is 0"):
        weighted_minimiser(mstar(counts), g, 1)
    with pytest.raises(InputError, match="'w2' co-occurs with nothing"):
        power_weights(counts, -0.5)
    assert power_weights(counts, 0.0).tolist() == [1, 1, 1]
    with pytest.raises(InputError, match="exponent is nan"):
        power_weights(counts, math.nan)


@given(seed=st.integers(0, 50), d=st.integers(1, 12), c=st.floats(1e-6, 1e6))
def test_the_gram_matrix_is_the_truncation(seed: int, d: int, c: float) -> None:
    # W Wᵀ = Γ⁻¹ (Γ M Γ)_[d]+ Γ⁻¹, from NumPy's eigenpairs; a common factor of g cancels.
    target, g = made(12, seed), weights(12, seed)
    gamma = np.sqrt(g)
    values, vectors = np.linalg.eigh(gamma[:, None] * target.dense() * gamma)
    values, vectors = np.maximum(values[::-1][:d], 0), vectors[:, ::-1][:, :d]
    wanted = (vectors * values) @ vectors.T / gamma[:, None] / gamma
    found = weighted_minimiser(target, c * g, d, dtype="float64")
    w = found.embeddings().vectors
    # Eigenvalues near 0 may be taken for 0 or not.
    allowed = 64 * 12 * EPS * float(np.abs(values).max() + 1) * g.max() / g.min() ** 2
    assert np.abs(w @ w.T - wanted).max() <= allowed
    assert found.loss == pytest.approx(-0.25 * c**2 * (values**2).sum(), rel=1e-10)
    assert weighted_loss(target, c * g, w) == pytest.approx(found.loss, rel=1e-10)


def test_exponent_and_edge_act_on_the_eigenvalues_alone() -> None:
    target, g = made(20), weights(20)
    found = weighted_minimiser(target, g, 8, dtype="float64")
    root = np.sqrt(g)[:, None]
    values = np.maximum(found.spectrum.eigenvalues, 0)
    for exponent in (0.0, 0.35, 1.0):
        y = root * found.embeddings(5, exponent=exponent).vectors
        wanted = np.where(values[:5] > 0, values[:5] ** exponent, 0)
        assert np.allclose(np.linalg.norm(y, axis=0), wanted, rtol=1e-12)
    edge = float(values[2])
    y = root * found.embeddings(exponent=0.5, noise_edge=edge).vectors
    wanted = np.maximum(values**2 - edge**2, 0) ** 0.25
    assert np.allclose(np.linalg.norm(y, axis=0), wanted, atol=1e-6)
    assert found.embeddings().name == "Γ M* Γ"
    assert found.embeddings().words == target.words
    assert "lambda_1" in repr(found)


def test_directions_below_zero_get_nothing() -> None:
    target, g = made(6), weights(6)
    found = weighted_minimiser(target, g, 6, dtype="float64")
    negative = found.spectrum.eigenvalues < 0
    assert negative.any()
    for exponent in (0.0, 0.5):
        w = found.embeddings(exponent=exponent).vectors
        assert (w[:, negative] == 0).all()
        assert (np.linalg.norm(w[:, ~negative], axis=0) > 0).all()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"d": 0}, "d is 0; pass a whole number from 1 to 3"),
        ({"d": 4}, "d is 4"),
        ({"d": True}, "d is True"),
        ({"exponent": -0.5}, "exponent is -0.5"),
        ({"exponent": math.inf}, "exponent is inf"),
        ({"noise_edge": -1.0}, "the edge of the noise is -1.0"),
        ({"noise_edge": math.nan}, "the edge of the noise is nan"),
    ],
)
def test_embeddings_that_do_not_exist(arguments: dict[str, Any], sentence: str) -> None:
    found = weighted_minimiser(made(5), np.ones(5), 3)
    with pytest.raises(InputError) as raised:
        found.embeddings(**arguments)
    assert sentence in str(raised.value)


# --------------------------------------------------------------- the flow


def dense_flow(
    m: NDArray[np.float64], g: NDArray[np.float64], w: NDArray[np.float64], times: Any
) -> NDArray[np.float64]:
    """-½ (G o (W Wᵀ - M)) W by an implicit method of another family."""
    pairs = np.outer(g, g)

    def velocity(_: float, flat: NDArray[np.float64]) -> NDArray[np.float64]:
        at = flat.reshape(w.shape)
        return (-0.5 * (pairs * (at @ at.T - m)) @ at).reshape(-1)

    found = solve_ivp(
        velocity, (0, times[-1]), w.reshape(-1), "Radau", times, rtol=1e-10, atol=1e-12
    )
    return found.y.T.reshape(len(times), *w.shape)


@settings(max_examples=10)
@given(seed=st.integers(0, 100), d=st.integers(1, 3), scale=st.sampled_from([1e-3, 0.3, 2.0]))
def test_the_flow_is_that_of_another_integrator(seed: int, d: int, scale: float) -> None:
    target, g = made(6, seed), weights(6, seed)
    start = scale * np.random.default_rng(seed).normal(size=(6, d))
    top = float(np.linalg.eigvalsh(g[:, None] * target.dense() * g)[-1])
    times = np.array([0.0, 0.1, 1.0, 5.0]) / top
    found = weighted_flow(target, g, start, times, tolerance=1e-10)
    wanted = dense_flow(target.dense(), g, start, times)
    # Errors grow by exp(½ λ t) <= 12.2 from 1e-10 a step; about 100 steps.
    assert np.abs(found.vectors - wanted).max() <= 1e-10 * 100 * 13 * (1 + np.abs(wanted).max())
    assert (found.vectors[0] == start).all()
    g_pairs = np.outer(g, g)
    assert found.losses == pytest.approx(
        [general_loss(target.dense(), g_pairs, w) for w in found.vectors], rel=1e-10, abs=1e-10
    )
    assert (np.diff(found.losses) <= 1e-9 * (1 + np.abs(found.losses).max())).all()


def test_the_flow_ends_at_the_minimiser() -> None:
    target, g = made(5, 3), weights(5, 3)
    start = 0.5 * np.random.default_rng(0).normal(size=(5, 2))
    end = weighted_minimiser(target, g, 2, dtype="float64")
    path = weighted_flow(target, g, start, [0.0, 60.0, 120.0])
    w = end.embeddings().vectors
    assert path.losses[-1] == pytest.approx(end.loss, rel=1e-6)
    assert path.losses.min() >= end.loss * (1 + 1e-12)
    assert np.abs(path.vectors[-1] @ path.vectors[-1].T - w @ w.T).max() < 1e-3
    assert path.evaluations > 0


def test_with_equal_weights_it_is_the_logistic_of_lemma_31() -> None:
    target = made(9)
    values, vectors = np.linalg.eigh(target.dense())
    values, vectors = values[::-1][:3], vectors[:, ::-1][:, :3]
    s0 = np.array([1e-2, 2e-2, 3e-2])
    times = np.array([0.5, 1.0, 3.0])
    found = weighted_flow(target, np.ones(9), vectors * s0, times, tolerance=1e-11).vectors
    growth = np.exp(np.outer(times, values))
    squares = s0**2 * values * growth / (values + s0**2 * (growth - 1))
    assert np.allclose(found, vectors * np.sqrt(squares)[:, None, :], atol=1e-8)


def test_unequal_weights_couple_the_modes() -> None:
    # Started on two eigenvectors of Γ M Γ the flow leaves them, unlike in Lemma 3.1.
    target, g = made(9), weights(9)
    found = weighted_minimiser(target, g, 9, dtype="float64")
    basis = found.spectrum.eigenvectors
    start = 0.1 * basis[:, :2] / np.sqrt(g)[:, None]
    at = weighted_flow(target, g, start, [0.2]).vectors[0]
    outside = basis[:, 2:].T @ (np.sqrt(g)[:, None] * at)
    assert np.linalg.norm(outside) > 0.01 * np.linalg.norm(at)


def test_the_flow_does_not_depend_on_threads() -> None:
    target, g = made(40), weights(40)
    start = np.random.default_rng(1).normal(size=(40, 3))
    one, two = (weighted_flow(target, g, start, [0.01], threads=n) for n in (1, 3))
    assert np.array_equal(one.vectors, two.vectors)


def test_nothing_grows_from_nothing() -> None:
    path = weighted_flow(made(4), np.ones(4), np.zeros((4, 2)), [0.0, 1.0])
    assert (path.vectors == 0).all()
    assert (path.losses == 0).all()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"g": [1.0, 0.0, 1.0]}, "the weight of 'w1' is 0"),
        ({"start": np.ones((2, 1))}, "vectors of shape (2, 1) were passed; pass one row for each"),
        ({"start": np.ones(3)}, "vectors of shape (3,)"),
        ({"start": np.full((3, 1), np.nan)}, "not finite"),
        ({"times": []}, "times must be increasing"),
        ({"times": [1.0, 1.0]}, "times must be increasing"),
        ({"times": [-1.0, 1.0]}, "times must be increasing"),
        ({"times": [1.0, math.inf]}, "the last time is inf"),
        ({"times": [math.nan]}, "the last time is nan"),
        ({"tolerance": 0.0}, "tolerance is 0.0"),
        ({"threads": 0}, "threads is 0"),
    ],
)
def test_a_flow_that_cannot_be(arguments: dict[str, Any], sentence: str) -> None:
    how: dict[str, Any] = {"g": np.ones(3), "start": np.ones((3, 1)), "times": [1.0], **arguments}
    with pytest.raises(InputError) as raised:
        weighted_flow(made(3), how.pop("g"), how.pop("start"), how.pop("times"), **how)
    assert sentence in str(raised.value)


def test_a_target_that_is_not_symmetric_has_no_loss_of_this_form() -> None:
    target = made(5, weighting=Word2Vec(subsample=1e-2, symmetrise=False))
    with pytest.raises(InputError, match="is not symmetric; symmetrise the weighting"):
        weighted_loss(target, np.ones(5), np.ones((5, 1)))


# -------------------------------------------------------------- shrinkage


def spiked(size: int, strengths: list[float], sigma: float, seed: int) -> Any:
    """A low-rank matrix and the same with Wigner noise."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.normal(size=(size, len(strengths))))[0]
    noise = rng.normal(size=(size, size)) * sigma
    truth = (basis * np.array(strengths)) @ basis.T
    return truth, truth + (noise + noise.T) / math.sqrt(2)


def test_shrinkage_undoes_what_noise_does_to_a_spike() -> None:
    size, sigma = 500, 0.1
    strengths = [12.0, -8.0, 4.0]
    edge = 2 * sigma * math.sqrt(size)
    truth, seen = spiked(size, strengths, sigma, 0)
    values, vectors = np.linalg.eigh(seen)
    top = np.argsort(-np.abs(values))[:3]
    # sqrt(λ² - edge²) is θ times the overlap 1 - (edge/2)²/θ²; fluctuations are about sigma.
    theta = np.array(sorted(strengths, key=abs, reverse=True))
    wanted = theta * (1 - (edge / 2) ** 2 / theta**2)
    assert np.abs(shrunk(values[top], edge) - wanted).max() < 5 * 2 * sigma
    assert np.abs(np.abs(values[top]) - np.abs(theta)).min() > 0.3  # what it corrects

    def error(strength: NDArray[np.float64]) -> float:
        return float(np.linalg.norm((vectors[:, top] * strength) @ vectors[:, top].T - truth))

    best = error(shrunk(values[top], edge))
    assert best < error(values[top])
    for factor in (0.7, 0.85, 1.15, 1.3):
        assert best < error(factor * shrunk(values[top], edge))


def test_the_edge_comes_from_what_is_not_explained() -> None:
    size, sigma = 400, 0.2
    _, seen = spiked(size, [30.0, -50.0], sigma, 1)
    values, vectors = np.linalg.eigh(seen)
    spectrum = Spectrum(
        words=tuple(f"w{k}" for k in range(size)),
        eigenvalues=values[::-1][:1],
        eigenvectors=vectors[:, ::-1][:, :1],
        residuals=np.zeros(1),
        squared_norm=float((seen**2).sum()),
        target="made",
    )
    wanted = 2 * sigma * math.sqrt(size)
    assert noise_edge(spectrum, [float(values[0])]) == pytest.approx(wanted, rel=0.02)
    # A large negative eigenvalue that is not named is taken for noise.
    assert noise_edge(spectrum) > 1.15 * wanted


@given(value=st.floats(-1e200, 1e200), edge=st.floats(0, 1e200))
def test_shrinkage_shrinks_and_keeps_signs(value: float, edge: float) -> None:
    found = float(shrunk([value], edge)[0])
    assert abs(found) <= abs(value) * (1 + 4 * EPS)
    assert found * math.copysign(1, value) >= 0
    assert (found == 0) == (abs(value) <= edge)
    if edge == 0:
        assert found == pytest.approx(value, rel=4 * EPS)


# --------------------------------------------------------- general weights


def general(size: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A target and weights that have nothing to do with a product of words' weights."""
    rng = np.random.default_rng(seed)
    m, g = rng.normal(size=(size, size)), rng.gamma(0.3, size=(size, size))
    return m + m.T, g + g.T


@given(seed=st.integers(0, 10**6), size=st.integers(1, 12))
def test_dominating_weights_dominate_and_none_is_too_large(seed: int, size: int) -> None:
    _, g = general(size, seed)
    h = dominating(g)
    assert (g <= np.outer(h, h) * (1 + 4 * size * EPS)).all()
    for i in range(size):
        smaller = h.copy()
        smaller[i] *= 1 - 1e-6
        assert (g > np.outer(smaller, smaller)).any()


def test_weights_that_are_a_product_are_dominated_by_themselves() -> None:
    g = weights(9)
    assert np.allclose(dominating(np.outer(g, g)), g, rtol=1e-12)


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), d=st.integers(1, 3))
def test_majorisation_descends_to_where_the_gradient_is_zero(seed: int, d: int) -> None:
    m, g = general(6, seed)
    share = 1e-10
    found = general_minimiser(m, g, d, restarts=1, tolerance=share, most_steps=3_000, seed=seed)
    w, h = found.vectors, dominating(g)
    assert (np.diff(found.losses) < 0).all()
    assert found.loss == pytest.approx(general_loss(m, g, w), rel=1e-12)
    if found.converged:
        # The minimum of the bound lies below its value by |gradient|² / (2 curvature) at least,
        # and the last step went there. Its curvature, doubled for the way to the minimum:
        z = w @ w.T + g / np.outer(h, h) * (m - w @ w.T)
        curvature = 2 * h.max() ** 2 * (3 * np.linalg.norm(w, 2) ** 2 + np.linalg.norm(z, 2))
        rounding = 64 * EPS * float((g * (w @ w.T) ** 2 + g * np.abs(w @ w.T * m)).sum())
        fall = share * abs(found.loss) + rounding
        assert np.linalg.norm(general_gradient(m, g, w)) <= math.sqrt(2 * curvature * fall)


def test_a_product_of_weights_is_solved_in_one_step() -> None:
    target, g = made(10, 2), weights(10, 2)
    found = general_minimiser(target.dense(), np.outer(g, g), 3, restarts=2)
    wanted = weighted_minimiser(target, g, 3, dtype="float64").loss
    assert found.restarts == pytest.approx([wanted, wanted], rel=1e-9)
    assert len(found.losses) <= 4


def test_it_ends_no_higher_than_other_optimisers() -> None:
    m, g = general(5, 0)
    found = general_minimiser(m, g, 1, restarts=8, tolerance=1e-10, seed=1)
    rng = np.random.default_rng(2)
    others = [
        scipy.optimize.minimize(
            lambda x: general_loss(m, g, x.reshape(5, 1)),
            rng.normal(size=5),
            jac=lambda x: general_gradient(m, g, x.reshape(5, 1)).reshape(-1),
            method="L-BFGS-B",
            options={"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-8},
        ).fun
        for _ in range(8)
    ]
    assert found.loss == pytest.approx(min(others), rel=1e-6)
    # There is more than one local minimum, so that restarts are needed.
    assert np.ptp(found.restarts) > 0.1 * abs(found.loss)
    assert found.loss == found.restarts.min()


def test_a_start_is_improved_and_the_seed_decides() -> None:
    target = made(15, 4, weighting=Unweighted())
    m, g = target.dense(), target.weights(np.arange(15))
    start = weighted_minimiser(target, g.sum(axis=1), 3, dtype="float64").embeddings().vectors
    found = general_minimiser(m, g, 3, start=start, restarts=0)
    assert found.losses[0] == pytest.approx(general_loss(m, g, start))
    assert found.loss < found.losses[0]
    assert found.converged
    one, two, three = (general_minimiser(m, g, 3, restarts=2, seed=s) for s in (0, 0, 1))
    assert np.array_equal(one.vectors, two.vectors)
    assert not np.array_equal(one.vectors, three.vectors)


def test_a_run_cut_short_says_so() -> None:
    found = general_minimiser(*general(6, 0), 2, restarts=1, most_steps=2, tolerance=1e-12)
    assert not found.converged
    assert len(found.losses) == 3


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"target": np.ones((3, 2))}, "the matrix M* has shape (3, 2); pass a square array"),
        ({"target": np.ones((2, 2))}, "have shapes (2, 2) and (3, 3)"),
        ({"target": np.full((3, 3), np.inf)}, "the matrix M* holds a number that is not finite"),
        ({"weights": np.triu(np.ones((3, 3)))}, "the matrix of weights is not symmetric"),
        ({"weights": np.ones((3, 3)) - 2 * np.eye(3)}, "the weights hold -1; pass none below 0"),
        ({"weights": np.diag([1.0, 0.0, 1.0])}, "row 1 of the weights is 0 throughout"),
        ({"d": 0}, "d is 0; pass a whole number from 1 to 3"),
        ({"d": 4}, "d is 4"),
        ({"restarts": 0}, "there is no start"),
        ({"restarts": -1}, "restarts is -1"),
        ({"most_steps": 0}, "most_steps is 0"),
        ({"tolerance": 0.0}, "tolerance is 0.0"),
        ({"start": np.ones((3, 2))}, "the start has shape (3, 2)"),
    ],
)
def test_bad_arguments(change: dict[str, Any], sentence: str) -> None:
    how: dict[str, Any] = {"target": np.ones((3, 3)), "weights": np.ones((3, 3)), "d": 1, **change}
    with pytest.raises(InputError) as raised:
        general_minimiser(how.pop("target"), how.pop("weights"), how.pop("d"), **how)
    assert sentence in str(raised.value)


@pytest.mark.parametrize("function", [general_loss, general_gradient])
def test_shapes_that_do_not_fit(function: Any) -> None:
    for shapes in (((3, 3), (3, 3), (2, 1)), ((3, 3), (3, 1), (3, 1)), ((3, 3), (3, 3), (3,))):
        with pytest.raises(InputError, match="have shapes"):
            function(*map(np.ones, shapes))


def test_the_scaled_target_gives_the_same_pairs_as_the_minimiser() -> None:
    target, g = made(12), weights(12)
    one = weighted_minimiser(target, g, 4).spectrum
    assert np.array_equal(one.eigenvectors, eigenpairs(scaled(target, g), 4).eigenvectors)
