"""Properties 17 and 36: what minibatches are in expectation, and descent as the step goes to 0."""

from __future__ import annotations

import numpy as np
import pytest
import strategies  # noqa: F401  (the profile without deadlines)
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from repsearch.dynamics.clock.batches import SampledPairs
from repsearch.dynamics.clock.flow_time import clock

Real = NDArray[np.float64]
EPS = np.finfo(float).eps


def distribution(seed: int, n_words: int) -> tuple[Real, Real]:
    """A random symmetric P, and the product of its marginals."""
    raw = np.random.default_rng(seed).lognormal(size=(n_words, n_words))
    p = (raw + raw.T) / (raw + raw.T).sum()
    return p, np.outer(p.sum(0), p.sum(0))


@pytest.mark.theory(
    17,
    "weights mean(G)/G make the expected loss of a minibatch (mean G / 4) "
    "(||WW^T - M*||^2 - ||M*||^2), mean G = (1 + k) / V^2",
    tolerance="50 eps times the sum of the terms' magnitudes",
)
@given(
    st.integers(0, 10**6), st.integers(2, 6), st.integers(1, 4), st.floats(0.1, 10), st.floats(0, 2)
)
def test_evened_minibatches_factorise_without_weights(
    seed: int, n_words: int, d: int, k: float, size: float
) -> None:
    p, independent = distribution(seed, n_words)
    w = size * np.random.default_rng(seed + 1).standard_normal((n_words, d))
    weights = p + k * independent
    even = weights.mean() / weights
    # The expectation by enumeration: a positive pair is (i, j) with probability
    # p, a negative one with P_i P_j, and it counts k times.
    terms = []
    for i in range(n_words):
        for j in range(n_words):
            x = float(w[i] @ w[j])
            terms.append(p[i, j] * even[i, j] * (x**2 / 4 - x))
            terms.append(k * independent[i, j] * even[i, j] * (x**2 / 4 + x))
    target = 2 * (p - k * independent) / weights
    gram = w @ w.T
    g = (1 + k) / n_words**2
    assert weights.mean() == pytest.approx(g, rel=50 * EPS)
    stated = g / 4 * (np.sum((gram - target) ** 2) - np.sum(target**2))
    magnitude = np.abs(terms).sum() + g / 4 * (np.sum(gram**2) + 2 * np.sum(target**2))
    assert abs(sum(terms) - stated) <= 50 * EPS * magnitude
    # Without the weights it is another loss, unless G is constant.
    bare = sum(
        p[i, j] * (gram[i, j] ** 2 / 4 - gram[i, j])
        + k * independent[i, j] * (gram[i, j] ** 2 / 4 + gram[i, j])
        for i in range(n_words)
        for j in range(n_words)
    )
    expected = np.sum(weights * ((gram - target) ** 2 - target**2)) / 4
    assert abs(bare - expected) <= 50 * EPS * max(magnitude, np.abs(weights * gram**2).sum())


def test_bare_minibatches_are_weighted() -> None:
    """The adversary of property 17: leave out mean(G)/G and the factorisation has weights."""
    p, independent = distribution(1, 4)
    w = np.random.default_rng(2).standard_normal((4, 2))
    weights = p + independent
    gram, target = w @ w.T, 2 * (p - independent) / weights
    bare = np.sum(p * (gram**2 / 4 - gram) + independent * (gram**2 / 4 + gram))
    stated = weights.mean() / 4 * (np.sum((gram - target) ** 2) - np.sum(target**2))
    assert abs(bare / stated - 1) > 0.01


def descended(start: Real, target: Real, g: float, learning_rate: float, steps: int) -> Real:
    """Gradient descent on the sum over pairs of eq. (3), gradient g (WW^T - M*) W."""
    w = start.copy()
    for _ in range(steps):
        w = w - learning_rate * g * (w @ w.T - target) @ w
    return w


@pytest.mark.theory(
    36,
    "gradient descent goes to the flow at first order in the step: the error halves with it",
    tolerance="what is left of the error after halving falls 4 times with the step, within 12 %",
)
@given(st.integers(0, 10**6), st.integers(2, 6), st.floats(0.5, 3), st.floats(1e-3, 1e3))
@example(61080, 2, 2.5, 1.0)
def test_descent_goes_to_the_flow_at_first_order(
    seed: int, n_words: int, time: float, g: float
) -> None:
    p, independent = distribution(seed, n_words)
    target = 2 * (p - independent) / (p + independent)
    d = 1 + seed % n_words
    start = np.random.default_rng(seed + 1).standard_normal((n_words, d)) / n_words
    truth = (
        solve_ivp(
            lambda _, y: (
                ((target - y.reshape(start.shape) @ y.reshape(start.shape).T) / 2)
                .dot(y.reshape(start.shape))
                .ravel()
            ),
            (0, time),
            start.ravel(),
            "DOP853",
            rtol=1e-12,
            atol=1e-14,
        )
        .y[:, -1]
        .reshape(start.shape)
    )
    speed = clock(1.0, weight=g).rate
    errors = [
        (descended(start, target, g, time / (speed * steps), steps) - truth) / np.linalg.norm(truth)
        for steps in (400, 800, 1600)
    ]
    assert np.linalg.norm(errors[0]) < 0.02
    # e(h) = a h + b h² + ..., whatever a is (near a critical point it all but vanishes): e(h) less
    # twice e(h / 2) is of second order. A clock that is wrong leaves a part that does not fall.
    left = [np.linalg.norm(errors[k] - 2 * errors[k + 1]) for k in (0, 1)]
    if left[0] > 1e-10:
        assert left[0] / left[1] == pytest.approx(4, rel=0.12)


@pytest.mark.theory(
    36,
    "the expected minibatch step is the full-batch step of the stated share",
    tolerance="20 eps of the summed magnitudes",
)
@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(1, 4))
def test_the_expected_minibatch_gradient_is_that_of_the_clock(
    seed: int, n_words: int, k: int
) -> None:
    """One positive and k negatives, enumerated; its flow time is lr times `Clock.rate`."""
    p, independent = distribution(seed, n_words)
    w = np.random.default_rng(seed + 1).standard_normal((n_words, 2))
    gradient, magnitude = np.zeros_like(w), 0.0
    for share, slope, times in ((p, -1.0, 1), (independent, 1.0, k)):
        for i in range(n_words):
            for j in range(n_words):
                push = times * share[i, j] * (w[i] @ w[j] / 2 + slope) / (1 + k)
                push /= p[i, j] + k * independent[i, j]
                gradient[i] += push * w[j]
                gradient[j] += push * w[i]
                magnitude += 2 * abs(push) * np.abs(w).max()
    target = 2 * (p - k * independent) / (p + k * independent)
    field = (target - w @ w.T) @ w / 2
    rate = clock(1.0, batch=SampledPairs(1, negatives=k, reduction="mean")).rate
    assert np.abs(-gradient - rate * field).max() <= 20 * EPS * magnitude
