"""Property 75: causal whitening, RAND-WALK and the quadratic expansion of InfoNCE."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy.special import logsumexp
from strategies import settings  # noqa: F401  (sets the profile)

from repsearch.errors import InputError
from repsearch.synthetic import RandomWalk
from repsearch.testing.checks.worlds import whitened_is_causal, whitening

EPS = float(np.finfo(float).eps)
Real = NDArray[np.float64]


@st.composite
def unembeddings(draw: st.DrawFn) -> Real:
    d = draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scales = np.array(draw(st.lists(st.floats(0.01, 10), min_size=d, max_size=d)))
    rotation, _ = np.linalg.qr(rng.standard_normal((d, d)))
    return rng.standard_normal((draw(st.integers(4 * d, 40)), d)) * scales @ rotation


@pytest.mark.theory(75, "whitening makes the causal inner product Euclidean", "8 d eps cond(Cov)")
@given(unembeddings())
def test_whitening_is_causal(vectors: Real) -> None:
    assert whitened_is_causal(vectors)


@pytest.mark.theory(75, "only Cov^(-1/2) up to a rotation does", "adversary")
def test_other_maps_are_not_causal() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((50, 3)) @ rng.standard_normal((3, 3))
    rotation, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    assert whitened_is_causal(vectors, whiten=lambda x: rotation @ whitening(x))
    assert not whitened_is_causal(vectors, whiten=lambda x: np.eye(3))
    assert not whitened_is_causal(vectors, whiten=lambda x: whitening(x) @ whitening(x))
    # Moments about 0 in place of the covariance: wrong as soon as the mean is not 0.
    assert not whitened_is_causal(vectors + 1, whiten=lambda x: whitening(np.concatenate([x, -x])))


def test_whitening_needs_a_full_covariance() -> None:
    with pytest.raises(InputError, match=r"3 vectors in 4 dimensions.*pass more vectors"):
        whitening(np.random.default_rng(0).standard_normal((3, 4)))


@pytest.mark.theory(75, "RAND-WALK: PMI ~ <v, v'> / d", "correlation above 0.95")
@pytest.mark.parametrize("seed", range(3))
def test_random_walk_pmi(seed: int) -> None:
    world = RandomWalk(size=300, dimension=10, seed=seed)
    apart = ~np.eye(world.size, dtype=bool)
    predicted = (world.vectors @ world.vectors.T / world.dimension)[apart]
    found = world.pmi()[apart]
    assert np.corrcoef(predicted, found)[0, 1] > 0.95


@pytest.mark.theory(
    75, "RAND-WALK: the slope is 1 only for short vectors and many dimensions", "toward 1"
)
def test_random_walk_slope() -> None:
    slopes = []
    for scale, dimension in ((1.0, 5), (1.0, 20), (0.3, 20)):
        world = RandomWalk(dimension=dimension, scale=scale, contexts=20_000)
        apart = ~np.eye(world.size, dtype=bool)
        predicted = (world.vectors @ world.vectors.T / dimension)[apart]
        slopes.append(np.polyfit(predicted, world.pmi()[apart], 1)[0])
    assert np.all(np.diff(slopes) > 0)
    assert slopes[0] < 0.85
    assert 0.93 < slopes[2] < 1.02


@pytest.mark.theory(
    75,
    "InfoNCE: -S_ii + log N + mean_j S_ij + Var_j S_ij / 2 to second order",
    "third cumulant: range^3 / (36 sqrt 3)",
)
@given(
    hnp.arrays(
        np.float64,
        st.integers(1, 8).map(lambda n: (n, n)),
        elements=st.floats(-1, 1, allow_subnormal=False),
    ),
    st.floats(1e-3, 1.0),
)
def test_infonce_expansion(scores: Real, size: float) -> None:
    scores = size * scores
    exact = logsumexp(scores, axis=1) - np.diag(scores)
    mean, variance = scores.mean(axis=1), scores.var(axis=1)
    expansion = -np.diag(scores) + np.log(len(scores)) + mean + variance / 2
    # The remainder is a third cumulant over 6, and p (1 - p) (1 - 2 p) <= 1 / (6 sqrt 3).
    allowed = np.ptp(scores, axis=1) ** 3 / (36 * np.sqrt(3)) + 16 * EPS
    assert np.all(np.abs(exact - expansion) <= allowed)
