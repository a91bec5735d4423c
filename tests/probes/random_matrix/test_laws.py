"""Laws of noise, Tracy-Widom, and spikes in the limit, each against something else."""

import math

import numpy as np
import pytest
import strategies  # noqa: F401  the profile without deadlines
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from probes.random_matrix import (
    GeneralLaw,
    MarchenkoPastur,
    Spike,
    isotropic,
    johnstone_scaling,
    tracy_widom_cdf,
    tracy_widom_quantile,
)
from repsearch.errors import InputError

RATIOS = st.one_of(st.just(1.0), st.floats(0.01, 5.0))
VARIANCES = st.floats(0.1, 10.0)


def decaying(d: int, exponent: float) -> np.ndarray:
    return np.arange(1.0, d + 1) ** -exponent


# ------------------------------------------------------- Marchenko-Pastur


@given(RATIOS, VARIANCES, st.floats(0.02, 0.98))
@example(0.99999, 1.0, 0.5)
@example(1.00001, 1.0, 0.5)
def test_cdf_is_the_integral_of_the_density(ratio, variance, share):
    law = MarchenkoPastur(ratio, variance)
    low, high = law.support
    x = low + share * (high - low)
    # x = low + (x - low) t²: the integrable root at 0 for ratio 1 goes away. Near ratio 1 the
    # integrand still turns at t² = low / (x - low), which is where the quadrature has to look.
    turn = np.sqrt(low / (x - low))
    integral = quad(
        lambda t: float(law.density(low + (x - low) * t * t)) * 2 * (x - low) * t,
        0,
        1,
        epsabs=1e-12,
        epsrel=1e-12,
        points=[place for place in (turn, 10 * turn, 100 * turn) if 0 < place < 1] or None,
        limit=200,
    )[0]
    assert float(law.cdf(x)) == pytest.approx(law.atom + integral, abs=1e-9)


@given(RATIOS, VARIANCES, st.floats(0.001, 0.999))
def test_quantile_undoes_the_cdf(ratio, variance, share):
    law = MarchenkoPastur(ratio, variance)
    x = float(law.quantile(share))
    if share <= law.atom:
        assert x == 0
    else:
        assert float(law.cdf(x)) == pytest.approx(share, abs=1e-11)


def test_atom_is_in_cdf_and_quantiles():
    law = MarchenkoPastur(4.0)
    assert law.atom == 0.75
    assert float(law.cdf(-1e-9)) == 0
    assert float(law.cdf(0)) == float(law.cdf(law.support[0])) == 0.75
    assert np.array_equal(law.quantile([0, 0.5, 0.75]), [0, 0, 0])


@pytest.mark.parametrize("ratio", [0.1, 1.0, 3.0])
def test_moments_are_those_of_the_density(ratio):
    law = MarchenkoPastur(ratio, 2.0)
    low, high = law.support
    for order in (1, 2, 3, 4):
        found = quad(
            lambda t, k=order: (
                float(law.density(low + (high - low) * t * t))
                * (low + (high - low) * t * t) ** k
                * 2 * (high - low) * t
            ), 0, 1, epsabs=1e-12,
        )[0]  # fmt: skip
        assert law.moment(order) == pytest.approx(found, rel=1e-7)


@pytest.mark.parametrize(("rows", "ratio"), [(300, 0.5), (200, 1.0), (300, 3.0)])
def test_sample_has_the_spectrum_of_a_wishart_matrix(rows, ratio):
    """Against matrices of Gaussians: the same first three moments, in the mean of 20."""
    columns = round(rows / ratio)
    law = MarchenkoPastur(ratio, 1.5)
    rng = np.random.default_rng(5)
    for order in (1, 2, 3):
        ours = [np.mean(law.sample(rows, seed=seed) ** order) for seed in range(20)]
        theirs = []
        for _ in range(20):
            noise = rng.standard_normal((rows, columns)) * math.sqrt(1.5)
            theirs.append(np.mean(np.linalg.eigvalsh(noise @ noise.T / columns) ** order))
        error = math.hypot(np.std(ours), np.std(theirs)) / math.sqrt(20)
        assert abs(np.mean(ours) - np.mean(theirs)) < 4 * error
    assert np.count_nonzero(law.sample(rows) == 0) == max(0, rows - columns)


# ------------------------------------------------------- the general law


@settings(max_examples=10)
@given(st.sampled_from([0.05, 0.5, 1.0, 2.5]), VARIANCES)
def test_general_law_of_equal_eigenvalues_is_marchenko_pastur(ratio, variance):
    known = MarchenkoPastur(ratio, variance)
    law = GeneralLaw(np.full(10, variance), rows=10 * ratio)
    low, high = known.support
    x = low + (high - low) * np.linspace(0.05, 0.95, 7)
    assert law.support[0] == pytest.approx((low, high), abs=1e-12 * high)
    assert law.density(x) == pytest.approx(known.density(x), rel=1e-9)
    assert law.cdf(x) == pytest.approx(known.cdf(x), abs=5e-5)
    assert law.atom == pytest.approx(known.atom)


def test_density_solves_silversteins_equation_from_above():
    """A slow damped fixed point at Im z > 0 is the oracle; density is its limit."""
    values = np.array([1.0, 1.0, 0.3, 0.1, 0.1, 0.1])
    law = GeneralLaw(values, rows=2)
    for x in (0.2, 0.4, 0.6):
        z, g = complex(x, 1e-5), -1j
        for _ in range(200_000):
            step = 1 / (z - np.mean(values / (1 - law.ratio * g * values)))
            g = 0.5 * (g + step)
            if abs(step - g) < 1e-14:
                break
        assert float(law.density(x)) == pytest.approx(-g.imag / math.pi, abs=1e-4)


@pytest.mark.parametrize(
    ("values", "rows"),
    [([1.0] * 50 + [20.0] * 50, 5), ([1.0] * 30 + [9.0] * 10, 60), ([0.0] * 20 + [1.0] * 20, 10)],
)
def test_general_law_against_simulation(values, rows):
    """Mass in each interval of the support, gaps and the atom, at ten times the size."""
    values = np.array(values)
    law = GeneralLaw(values, rows)
    rng = np.random.default_rng(0)
    large = np.repeat(values, 10)
    noise = rng.standard_normal((10 * rows, len(large))) * np.sqrt(large)
    seen = np.linalg.eigvalsh(noise @ noise.T / len(large))
    seen[seen < 1e-9] = 0
    x = np.quantile(seen, [0.1, 0.3, 0.5, 0.7, 0.9])
    steps = np.searchsorted(np.sort(seen), x, side="right") / len(seen)
    # A few eigenvalues of noise at most: their fluctuations are O(log N / N).
    assert law.cdf(x) == pytest.approx(steps, abs=4 * math.log(len(seen)) / len(seen))
    assert law.cdf(law.support[-1][1] * 1.001) == pytest.approx(1, abs=1e-4)
    outside = [end for interval in law.support for end in interval]
    within = np.zeros(len(seen), bool)
    for low, high in law.support:
        within |= (seen > 0.93 * low) & (seen < 1.07 * high)
    assert np.mean(within | (seen < 1e-9)) == 1, outside


def test_two_far_eigenvalues_leave_a_gap_of_known_mass():
    law = GeneralLaw(np.array([1.0] * 50 + [20.0] * 5), rows=20)
    assert len(law.support) == 2
    gap = (law.support[0][1] + law.support[1][0]) / 2
    assert float(law.cdf(gap)) == pytest.approx(1 - 5 / 20, abs=1e-4)
    assert float(law.density(gap)) == 0


def test_multiplicity_is_the_same_as_repetition():
    repeated = GeneralLaw(np.repeat([2.0, 0.5], [3, 9]), rows=4)
    grouped = GeneralLaw(np.array([2.0, 0.5]), 4, np.array([3.0, 9.0]))
    x = np.linspace(0.1, 1.5, 9)
    assert grouped.density(x) == pytest.approx(repeated.density(x), abs=1e-12)
    assert np.allclose(grouped.support, repeated.support, rtol=1e-12)


# ------------------------------------------------------- Tracy-Widom


def test_tracy_widom_against_published_values():
    """Quantiles of Johnstone 2001 and others; mean and variance of Bornemann 2010, table 10."""
    assert tracy_widom_quantile([0.9, 0.95, 0.99]) == pytest.approx(
        [0.4501, 0.9793, 2.0234], abs=1e-4
    )
    s = np.linspace(-11, 10, 161)
    survival = 1 - tracy_widom_cdf(s)
    # The trapezoidal rule with the correction of Euler and Maclaurin: 1 − F is flat at both
    # ends, and 2 s (1 − F) has slope 2 at the left one.
    step = s[1] - s[0]
    mean = s[0] + step * (survival.sum() - 0.5)
    second = s[0] ** 2 + step * ((2 * s * survival).sum() - s[0]) + step**2 / 6
    assert mean == pytest.approx(-1.2065335745820, abs=1e-9)
    assert second - mean**2 == pytest.approx(1.607781034581, abs=1e-8)


@settings(max_examples=4)
@given(st.floats(0.001, 0.999))
def test_tracy_widom_quantile_undoes_the_cdf(share):
    assert float(tracy_widom_cdf(tracy_widom_quantile(share))) == pytest.approx(share, abs=1e-10)


def test_largest_eigenvalue_of_isotropic_noise_is_tracy_widom():
    rng = np.random.default_rng(2)
    rows, columns, draws = 40, 160, 1500
    place, width = johnstone_scaling(rows, columns)
    noise = rng.standard_normal((draws, rows, columns))
    largest = np.linalg.eigvalsh(noise @ noise.transpose(0, 2, 1))[:, -1]
    grid = np.linspace(-8, 8, 161)
    shares = np.interp((largest - place) / width, grid, tracy_widom_cdf(grid))
    distance = np.max(np.abs(np.sort(shares) - (np.arange(draws) + 0.5) / draws))
    # Kolmogorov's 99.9 % point, and the error of the limit at N = 40 (Ma 2012).
    assert distance < 1.95 / math.sqrt(draws) + 0.01


# ------------------------------------------------------- spikes


@given(
    st.floats(0.02, 3.0), VARIANCES, st.floats(1.05, 20.0), st.sampled_from(["mean", "additive"])
)
def test_strength_undoes_the_outlier(ratio, variance, times, kind):
    spike = Spike(isotropic(20, 20 / ratio, variance), kind)
    strength = times * spike.threshold
    # dλ/dstrength falls to 0 at the threshold, which costs digits of the inverse.
    assert spike.strength(spike.outlier(strength)) == pytest.approx(strength, rel=1e-8)
    assert 0 < spike.overlap(strength) <= 1


@pytest.mark.parametrize("kind", ["mean", "additive"])
def test_below_threshold_there_is_no_outlier(kind):
    noise = GeneralLaw(decaying(64, 0.6), rows=16)
    spike = Spike(noise, kind)
    edge = noise.support[-1][1]
    assert spike.outlier(0.9 * spike.threshold) == pytest.approx(edge, rel=1e-12)
    assert spike.overlap(0.9 * spike.threshold) == 0
    assert spike.strength(edge) == spike.strength(0.5 * edge) == 0
    assert spike.overlap(1.001 * spike.threshold) < 0.05


@pytest.mark.parametrize("along", ["any", "noise"])
def test_mean_shift_over_general_noise_against_simulation(along):
    """At N = 300 within 4 standard errors and 1 %, also for a mean that lies in the noise."""
    eigenvalues = np.repeat([4.0, 1.0, 0.2], [60, 240, 300])
    profile = None if along == "any" else eigenvalues / eigenvalues.sum()
    spike = Spike(GeneralLaw(eigenvalues, 300), profile=profile)
    strength = 2 * spike.threshold
    weights = np.full(600, 1 / 600) if profile is None else profile
    rng = np.random.default_rng(7)
    places, overlaps = [], []
    for _ in range(20):
        mean = np.sqrt(weights * strength * 600 / 300) * rng.choice([-1, 1], 600)
        rows = rng.standard_normal((300, 600)) * np.sqrt(eigenvalues) + mean
        values, vectors = np.linalg.eigh(rows @ rows.T / 600)
        places.append(values[-1])
        overlaps.append(vectors[:, -1].sum() ** 2 / 300)
    for seen, limit in ((places, spike.outlier(strength)), (overlaps, spike.overlap(strength))):
        error = np.std(seen) / math.sqrt(len(seen))
        assert abs(np.mean(seen) - limit) < 4 * error + 0.01 * limit


@given(st.floats(0.05, 0.9), st.floats(1.1, 5.0))
def test_shrinkage_is_gavish_and_donohos(ratio, times):
    spike = Spike(isotropic(30, 30 / ratio, 1.0))
    y2 = spike.outlier(times * spike.threshold)
    expected = math.sqrt(max((y2 - ratio - 1) ** 2 - 4 * ratio, 0) / y2)
    assert spike.shrunk(y2) == pytest.approx(expected, rel=1e-6)
    assert spike.shrunk(spike.noise.support[-1][1]) == 0


def test_shrinkage_beats_other_factors():
    """The adversary: any other factor on the same singular vectors has a larger error."""
    rng = np.random.default_rng(3)
    rows, columns = 150, 400
    spike = Spike(isotropic(rows, columns))
    strength = 2 * spike.threshold
    errors = np.zeros(5)
    for _ in range(20):
        mean = rng.standard_normal(columns)
        mean *= math.sqrt(strength * columns / rows) / np.linalg.norm(mean)
        signal = np.tile(mean, (rows, 1)) / math.sqrt(columns)
        noisy = signal + rng.standard_normal((rows, columns)) / math.sqrt(columns)
        u, s, vt = np.linalg.svd(noisy, full_matrices=False)
        best = spike.shrunk(float(s[0] ** 2))
        for k, factor in enumerate((1.0, 0.85, 1.15, s[0] / best, 0.0)):
            errors[k] += np.sum((factor * best * np.outer(u[:, 0], vt[0]) - signal) ** 2)
    assert (errors[1:] > errors[0]).all(), errors


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: MarchenkoPastur(0), "ratio is 0"),
        (lambda: MarchenkoPastur(1, math.nan), "variance is nan"),
        (lambda: MarchenkoPastur(1).quantile([0.5, 1.2]), "1.2"),
        (lambda: MarchenkoPastur(1).moment(-1), "-1"),
        (lambda: MarchenkoPastur(1).sample(0), "rows is 0"),
        (lambda: MarchenkoPastur(10).sample(2), "0.2 columns"),
        (lambda: GeneralLaw(np.array([1.0, -1.0]), 3), "at least 0"),
        (lambda: GeneralLaw(np.zeros(3), 3), "no noise"),
        (lambda: GeneralLaw(np.ones(3), 0), "rows is 0"),
        (lambda: GeneralLaw(np.ones(3), 2, np.ones(2)), "shape (2,)"),
        (lambda: GeneralLaw(np.ones(3), 2).quantile(-0.1), "-0.1"),
        (lambda: tracy_widom_quantile(1.0), "1.0"),
        (lambda: johnstone_scaling(0.5, 3), "rows is 0.5"),
        (lambda: Spike(isotropic(3, 9), "both"), "'both'"),
        (lambda: Spike(isotropic(3, 9), "additive", np.ones(1)), "no profile"),
        (lambda: Spike(isotropic(3, 9), "mean", np.ones(2)), "shape (2,)"),
        (lambda: Spike(isotropic(3, 9), "mean", np.array([0.5])), "sums to 0.5"),
        (lambda: Spike(isotropic(3, 9)).outlier(-1), "-1"),
        (lambda: Spike(isotropic(3, 9)).strength(math.inf), "inf"),
        (lambda: Spike(isotropic(3, 9), "additive").shrunk(3.0), "mean shift"),
    ],
)
def test_bad_arguments(made, said):
    with pytest.raises(InputError) as error:
        made()
    assert said in str(error.value)


def test_a_moment_beyond_all_numbers_is_refused_and_not_infinite():
    # Of γ = 1 they are Catalan's numbers.
    assert MarchenkoPastur(1.0).moment(400) == pytest.approx(
        math.exp(math.lgamma(801) - 2 * math.lgamma(401) - math.log(401)), rel=1e-9
    )
    for ratio, order in ((5.0, 400), (0.5, 1200), (1.0, 5000)):
        with pytest.raises(InputError, match="exceeds what a float holds; pass a smaller order"):
            MarchenkoPastur(ratio).moment(order)


def test_of_no_number_there_is_no_probability():
    found = tracy_widom_cdf([math.nan, math.inf, -math.inf])
    np.testing.assert_array_equal(found, [math.nan, 1, 0])
