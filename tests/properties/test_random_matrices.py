"""Properties 54 to 57 of the theory: laws of noise, spikes and the effective dimension."""

import itertools
import math

import numpy as np
import pytest
import strategies  # noqa: F401  the profile without deadlines
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from probes.random_matrix import MarchenkoPastur, Spike, isotropic
from probes.random_matrix.noise.effective_dimension import dimension_from_traces


@pytest.mark.theory(
    54,
    "the Marchenko-Pastur density integrates to 1, with mean σ² and variance γ σ⁴",
    tolerance="1e-8 of quadrature, for γ up to 1 (beyond it, with the atom at 0)",
)
@settings(max_examples=30)
@given(st.floats(0.02, 4.0), st.floats(0.1, 10.0))
@example(0.99999, 1.0)
@example(1.0, 1.0)
@example(1.0 + 1e-9, 2.0)
def test_moments_of_the_density(ratio, variance):
    law = MarchenkoPastur(ratio, variance)
    low, high = law.support
    # Near ratio 1 the integrand has a dip at 0 of this width, which quadrature steps over
    # unless it is told.
    width = (low / (high - low)) ** 0.5
    scales = [width * 10.0**k for k in range(-1, 12)]
    breaks = [0.0, *(t for t in scales if 0 < t < 1), 1.0]

    def moment(order):
        def inner(t):
            x = low + (high - low) * t * t
            return float(law.density(x)) * x**order * 2 * (high - low) * t

        return sum(
            quad(inner, a, b, epsabs=1e-12, limit=200)[0] for a, b in itertools.pairwise(breaks)
        )

    assert law.atom + moment(0) == pytest.approx(1, abs=1e-8)
    assert moment(1) == pytest.approx(variance, rel=1e-8)
    assert moment(2) - moment(1) ** 2 == pytest.approx(ratio * variance**2, rel=1e-7)


@pytest.mark.theory(
    54,
    "the spectrum of noise follows the Marchenko-Pastur law",
    tolerance="Kolmogorov distance 5 / N: the eigenvalues are rigid",
)
@pytest.mark.parametrize("shape", [(200, 600), (300, 300), (300, 150)])
def test_spectrum_of_noise(shape):
    rows, columns = shape
    noise = np.random.default_rng(1).standard_normal(shape) * 1.3
    seen = np.sort(np.linalg.eigvalsh(noise @ noise.T / columns))
    seen[seen < 1e-9] = 0
    law = MarchenkoPastur(rows / columns, 1.3**2)
    above = np.searchsorted(seen, seen, side="right") / rows
    assert np.max(np.abs(above - law.cdf(seen))) < 5 / rows


def _largest(rows, columns, variance, *, additive=0.0, shift=0.0, draws):
    """Largest eigenvalue and squared overlap with 1/√N, drawn `draws` times."""
    rng = np.random.default_rng(11)
    found = []
    for _ in range(draws):
        noise = math.sqrt(variance) * rng.standard_normal((rows, columns))
        mean = rng.standard_normal(columns)
        mean *= math.sqrt(shift * columns / rows) / np.linalg.norm(mean)
        gram = (noise + mean) @ (noise + mean).T / columns + additive / rows
        values, vectors = np.linalg.eigh(gram)
        found.append((values[-1], vectors[:, -1].sum() ** 2 / rows))
    return np.array(found)


def _near(seen, limit, *, relative):
    error = seen.std() / math.sqrt(len(seen))
    return abs(seen.mean() - limit) < 4 * error + relative * limit


@pytest.mark.theory(
    55,
    "an additive spike μ leaves its outlier at μ + σ² μ / (μ − γ σ²), above μ_c = σ² √γ (1 + √γ)",
    tolerance="4 standard errors and 1 %, N = 200",
)
@pytest.mark.parametrize("times", [1.5, 3.0])
@pytest.mark.parametrize("columns", [100, 800])
def test_additive_spike(times, columns):
    rows, variance = 200, 1.4
    gamma = rows / columns
    threshold = variance * math.sqrt(gamma) * (1 + math.sqrt(gamma))
    mu = times * threshold
    outlier = mu + variance * mu / (mu - gamma * variance)
    overlap = 1 - gamma * variance**2 / (mu - gamma * variance) ** 2
    spike = Spike(isotropic(rows, columns, variance), "additive")
    assert spike.threshold == pytest.approx(threshold, rel=1e-12)
    assert spike.outlier(mu) == pytest.approx(outlier, rel=1e-12)
    assert spike.overlap(mu) == pytest.approx(overlap, rel=1e-11)
    seen = _largest(rows, columns, variance, additive=mu, draws=30)
    assert _near(seen[:, 0], outlier, relative=0.01)
    assert _near(seen[:, 1], overlap, relative=0.01)


@pytest.mark.theory(
    56,
    "a mean shift θ leaves its outlier at σ² (1 + θ)(γ + θ) / θ, with squared overlap "
    "1 − γ (1 + θ) / (θ (θ + γ)), above θ = √γ",
    tolerance="4 standard errors and 1 % (place) or 3 % (overlap), N = 200",
)
@pytest.mark.parametrize("times", [1.5, 3.0])
@pytest.mark.parametrize("columns", [100, 800])
def test_mean_shift(times, columns):
    rows, variance = 200, 0.6
    gamma = rows / columns
    theta = times * math.sqrt(gamma)
    outlier = variance * (1 + theta) * (gamma + theta) / theta
    overlap = 1 - gamma * (1 + theta) / (theta * (theta + gamma))
    spike = Spike(isotropic(rows, columns, variance))
    assert spike.threshold == pytest.approx(variance * math.sqrt(gamma), rel=1e-12)
    assert spike.outlier(theta * variance) == pytest.approx(outlier, rel=1e-12)
    assert spike.overlap(theta * variance) == pytest.approx(overlap, rel=1e-11)
    seen = _largest(rows, columns, variance, shift=theta * variance, draws=30)
    assert _near(seen[:, 0], outlier, relative=0.01)
    assert _near(seen[:, 1], overlap, relative=0.03)


@pytest.mark.theory(
    57,
    "the two-moment effective dimension is the participation ratio of the covariance",
    tolerance="10 % in the median of 200, N = 27",
)
@pytest.mark.parametrize(("columns", "exponent"), [(256, 0.0), (256, 0.6), (1024, 0.6)])
def test_effective_dimension(columns, exponent):
    eigenvalues = np.arange(1.0, columns + 1) ** -exponent
    true = eigenvalues.sum() ** 2 / (eigenvalues**2).sum()
    rng = np.random.default_rng(4)
    found = []
    for _ in range(200):
        rows = rng.standard_normal((27, columns)) * np.sqrt(eigenvalues) + 3.0
        rows -= rows.mean(axis=0)
        gram = rows @ rows.T
        found.append(dimension_from_traces(np.trace(gram), np.sum(gram**2), 26))
    assert np.median(found) == pytest.approx(true, rel=0.1)


@pytest.mark.theory(
    57,
    "both moments the estimate is solved from are exact",
    tolerance="4 standard errors of 4,000 draws",
)
@pytest.mark.parametrize("exponent", [0.0, 0.6, 1.5])
def test_moments_of_the_centred_gram(exponent):
    eigenvalues = np.arange(1.0, 13) ** -exponent
    rng = np.random.default_rng(8)
    rows = rng.standard_normal((4000, 7, 12)) * np.sqrt(eigenvalues)
    rows -= rows.mean(axis=1, keepdims=True)
    grams = rows @ rows.transpose(0, 2, 1)
    first = np.trace(grams, axis1=1, axis2=2)
    second = (grams**2).sum((1, 2))
    trace, squares, k = eigenvalues.sum(), (eigenvalues**2).sum(), 6
    for seen, exact in (
        (second, k * trace**2 + k * (k + 1) * squares),
        (first**2, k**2 * trace**2 + 2 * k * squares),
    ):
        assert abs(seen.mean() - exact) < 4 * seen.std() / math.sqrt(len(seen))
