"""The noise of columns: exponents by likelihood, shapes of one's own, columns that are turned."""

import numpy as np
import pytest
import strategies  # noqa: F401  the profile without deadlines
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import ks_2samp

from probes.random_matrix import PowerNoise, effective_dimension, fit_spiked_covariance
from probes.random_matrix.noise import column_alignment
from probes.random_matrix.noise.column_variances import (
    exponent_error,
    fitted_exponents,
    run_variances,
)
from probes.random_matrix.noise.power_noise import draw_noise
from repsearch.errors import InputError


def shape(columns):
    """Falling, with a plateau: no power of the rank."""
    ranks = np.arange(1.0, columns + 1)
    return 1 / (1 + (ranks / 20) ** 1.5)


def test_the_spread_of_eigenvalues_is_their_relative_variance():
    values = np.array([4.0, 1.0, 1.0])
    found = column_alignment._spread(values.sum(), np.sum(values**2), 3)
    assert found == pytest.approx(np.log(values.var() / values.mean() ** 2))
    assert column_alignment._spread(3.0, 3.0, 3) < -30  # equal ones


def test_variances_of_runs_are_mean_squares():
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((7, 100))
    noise = PowerNoise(100)
    found = run_variances(rows - rows.mean(0), noise, freedom=6)
    ends = np.cumsum(noise.sizes)
    by_hand = [
        rows[:, end - size : end].var(axis=0, ddof=1).mean()
        for end, size in zip(ends, noise.sizes, strict=True)
    ]
    assert np.allclose(found, by_hand, rtol=1e-12)
    assert ends[-1] == 100


@given(st.integers(0, 2**31), st.integers(2, 400), st.floats(-1, 2))
def test_fitted_exponent_has_the_greatest_likelihood(seed, columns, exponent):
    noise = PowerNoise(columns)
    rng = np.random.default_rng(seed)
    variances = noise.eigenvalues(exponent) * rng.chisquare(5 * noise.sizes) / (5 * noise.sizes)
    logs = np.add.reduceat(-np.log(np.arange(1.0, columns + 1)), noise.starts) / noise.sizes

    def misfit(alpha):
        scale = noise.sizes @ (variances * np.exp(-alpha * logs)) / columns
        values = scale * np.exp(alpha * logs)
        return float(noise.sizes @ (np.log(values) + variances / values))

    best = minimize_scalar(misfit, bounds=(-4, 4), method="bounded", options={"xatol": 1e-9})
    found = float(fitted_exponents(variances, noise))
    # The misfit is flat at its least: its own rounding over the curvature.
    assert misfit(found) <= best.fun + 1e-10 * abs(best.fun) + 1e-12


@pytest.mark.parametrize(("rows", "columns"), [(6, 16), (20, 500)])
def test_standard_error_is_that_of_repeated_fits(rows, columns):
    noise = PowerNoise(columns)
    rng = np.random.default_rng(4)
    exact = rng.standard_normal((400, rows, columns)) * np.arange(1.0, columns + 1) ** -0.25
    fitted = [
        float(fitted_exponents(run_variances(x - x.mean(0), noise, freedom=rows - 1), noise))
        for x in exact
    ]
    error = exponent_error(noise, freedom=rows - 1)
    # 400 fits know their spread to 4 %; runs of ranks lose a little.
    assert np.std(fitted) == pytest.approx(error, rel=0.2)
    assert np.mean(fitted) == pytest.approx(0.5, abs=5 * error / 20)


def test_drawn_variances_have_the_law_of_rows():
    noise = PowerNoise(40)
    drawn = draw_noise(9, noise, resamples=600, seed=1).column_variances(0.7, rows=9)
    values = np.arange(1.0, 41) ** -0.7
    rng = np.random.default_rng(2)
    rows = rng.standard_normal((600, 9, 40)) * np.sqrt(values / values.mean())
    rows -= rows.mean(1, keepdims=True)
    direct = np.stack([run_variances(x, noise, freedom=8) for x in rows])
    for run in (0, 5, -1):
        assert ks_2samp(drawn[:, run], direct[:, run]).pvalue > 1e-3


@given(st.floats(0, 2), st.integers(10, 500))
def test_shape_of_ones_own(exponent, columns):
    u = shape(columns)
    noise = PowerNoise(columns, 3.7 * u)
    values = u**exponent
    dimension = values.sum() ** 2 / (values**2).sum()
    assert float(noise.effective_dimension(exponent)) == pytest.approx(dimension, rel=0.03)
    assert noise.eigenvalues(exponent) @ noise.sizes == pytest.approx(columns)


@pytest.mark.parametrize(
    ("spectrum", "said"),
    [
        (np.ones(3), "shape (3,)"),
        (np.ones((4, 1)), "shape (4, 1)"),
        (np.array([1.0, 1.0, 0.0, 1.0]), "positive"),
        (np.array([1.0, 1.0, -1.0, 1.0]), "positive"),
        (np.array([1.0, np.nan, 1.0, 1.0]), "positive"),
        (np.array([np.inf, 1.0, 1.0, 1.0]), "positive"),
    ],
)
def test_bad_shapes(spectrum, said):
    rows = np.random.default_rng(0).standard_normal((6, 4))
    for probe in (fit_spiked_covariance, effective_dimension):
        with pytest.raises(InputError) as error:
            probe(rows, spectrum=spectrum)
        assert said in str(error.value)


def test_the_right_shape_fits_and_the_wrong_one_does_not():
    rng = np.random.default_rng(8)
    u = shape(300)
    right, wrong = 0, 0
    for seed in range(20):
        rows = rng.standard_normal((20, 300)) * np.sqrt(u)
        right += (
            fit_spiked_covariance(rows, spectrum=u, resamples=100, seed=seed).fit.p_value > 0.05
        )
        other = fit_spiked_covariance(rows, resamples=100, seed=seed).fit
        wrong += dict(other.aspects)["columns"] <= 0.05
    assert right >= 15  # 5 % are refused; 6 of 20 with probability 0.0003
    assert wrong >= 15


def test_columns_off_the_axes_of_the_noise_are_seen():
    """The adversary of all counts of spikes: the same noise, turned."""
    rng = np.random.default_rng(3)
    turn = np.linalg.qr(rng.standard_normal((256, 256)))[0]
    seen, spikes = 0, 0
    for seed in range(10):
        rows = rng.standard_normal((16, 256)) * np.arange(1.0, 257) ** -0.3
        fit = fit_spiked_covariance(rows @ turn, resamples=100, seed=seed)
        seen += dict(fit.fit.aspects)["columns"] <= 0.05
        spikes += any(found.count for found in fit.counts)
    assert spikes >= 5, "without the test of fit these would be findings"
    assert seen == 10
