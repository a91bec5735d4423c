"""Fits of difference vectors: calibration, matrices made to mislead, degenerate families."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import strategies  # noqa: F401  the profile without deadlines
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, ks_2samp

from probes.figures.relations.bulk import plot_spiked_covariance
from probes.random_matrix import PowerNoise, effective_dimension, fit_spiked_covariance
from probes.random_matrix.goodness_of_fit import goodness_of_fit
from probes.random_matrix.gram import centred, contrasts, gram
from probes.random_matrix.laws.tracy_widom import johnstone_scaling, tracy_widom_quantile
from probes.random_matrix.noise.effective_dimension import dimension_from_traces
from probes.random_matrix.noise.noise_fit import fit_noise
from probes.random_matrix.noise.power_noise import draw_noise
from probes.random_matrix.spikes.mean_shift import sign_test, simulated_outlier, strength
from probes.random_matrix.spikes.spike_count import METHODS, count_spikes
from repsearch.errors import InputError


def eigenvalues_of(columns, exponent):
    return np.arange(1.0, columns + 1) ** -exponent


def noise(rng, rows, columns, exponent=0.0):
    return rng.standard_normal((rows, columns)) * np.sqrt(eigenvalues_of(columns, exponent))


def likely(hits, trials, low, high):
    """Whether a count is likely for some probability in [low, high] (0.1 % in each tail)."""
    return binom.cdf(hits, trials, low) > 1e-3 and binom.sf(hits - 1, trials, high) > 1e-3


# ------------------------------------------------------- noise that is drawn


@pytest.mark.parametrize(("rows", "columns"), [(6, 10), (12, 300)])
@pytest.mark.parametrize("exponent", [0.0, 0.6, 1.2])
def test_drawn_noise_is_noise(rows, columns, exponent):
    """Against Gaussian rows: the largest eigenvalue and Tr G² have the same law."""
    drawn = draw_noise(rows, PowerNoise(columns), resamples=500, seed=0).grams(exponent, rows=rows)
    values = eigenvalues_of(columns, exponent)
    rng = np.random.default_rng(3)
    direct = rng.standard_normal((500, rows, columns)) * np.sqrt(values / values.mean())
    direct = direct @ direct.transpose(0, 2, 1) / columns
    for statistic in (lambda g: np.linalg.eigvalsh(g)[:, -1], lambda g: (g**2).sum((1, 2))):
        assert ks_2samp(statistic(drawn), statistic(direct)).pvalue > 1e-3


@given(st.integers(2, 3000), st.floats(0.0, 3.5))
def test_exponent_and_effective_dimension_are_inverse(columns, exponent):
    family = PowerNoise(columns)
    dimension = float(family.effective_dimension(exponent))
    assert float(family.effective_dimension(family.exponent(dimension))) == pytest.approx(
        dimension, rel=0.01
    )
    values = eigenvalues_of(columns, exponent)
    assert dimension == pytest.approx(values.sum() ** 2 / (values**2).sum(), rel=0.03)
    assert family.eigenvalues(exponent) @ family.sizes == pytest.approx(columns)


def test_contrasts_are_orthonormal_and_centre():
    turn = contrasts(7)
    assert np.allclose(turn @ turn.T, np.eye(6), atol=1e-15)
    assert np.allclose(turn @ np.ones(7), 0, atol=1e-15)
    rows = np.random.default_rng(0).standard_normal((7, 5))
    about_mean = rows - rows.mean(0)
    assert np.allclose(centred(rows @ rows.T), about_mean @ about_mean.T)


# ------------------------------------------------------- calibration in the small


@pytest.mark.parametrize(("rows", "columns", "exponent"), [(6, 64, 0.0), (12, 128, 0.6)])
def test_intervals_cover(rows, columns, exponent):
    """120 families: 90 % intervals of ν, σ² and θ cover as intervals of 85 to 95 % would."""
    rng = np.random.default_rng(21)
    values = eigenvalues_of(columns, exponent)
    mean = rng.standard_normal(columns) * np.sqrt(values)
    mean *= math.sqrt(values.sum() / rows) / np.linalg.norm(mean)
    drawn = draw_noise(rows, PowerNoise(columns), resamples=1000, seed=1)
    hits = np.zeros(3, int)
    for _ in range(120):
        matrix = gram(noise(rng, rows, columns, exponent) + mean)
        fit = fit_noise(matrix, drawn, level=0.9)
        hits += [
            values.sum() ** 2 / (values**2).sum() in fit.effective_dimension,
            values.mean() in fit.variance,
            1.0 in strength(matrix, fit, level=0.9),
        ]
    assert all(likely(hit, 120, 0.85, 0.95) for hit in hits), hits


@pytest.mark.parametrize("exponent", [0.0, 0.6])
def test_false_positives(exponent):
    """100 families of noise: each method within a factor 1.5 of 5 %, and so is the test of fit."""
    rng = np.random.default_rng(5)
    found = dict.fromkeys(METHODS, 0)
    misfits = 0
    for number in range(100):
        rows = noise(rng, 12, 128, exponent)
        matrix = gram(rows)
        drawn = draw_noise(12, PowerNoise(128), resamples=200, seed=number // 10)
        for method in METHODS:
            found[method] += count_spikes(rows, method=method, drawn=drawn, seed=number).count > 0
        fit = fit_noise(matrix, drawn, level=0.9)
        misfits += goodness_of_fit(rows, fit, drawn).p_value <= 0.05
    assert all(likely(hits, 100, 0.05 / 1.5, 0.05 * 1.5) for hits in found.values()), found
    assert likely(misfits, 100, 0.05 / 1.5, 0.05 * 1.5)


def test_textbook_threshold_takes_noise_for_a_spike():
    """The adversary: leading directions of k^-0.6 noise pass Johnstone's threshold."""
    rng = np.random.default_rng(5)
    threshold = float(tracy_widom_quantile(0.95))
    passed = 0
    for _ in range(30):
        matrix = gram(noise(rng, 40, 256, 0.6))
        about_mean = centred(matrix)
        dimension = dimension_from_traces(np.trace(about_mean), np.sum(about_mean**2), 39)
        place, width = johnstone_scaling(40, dimension)
        scaled = np.linalg.eigvalsh(matrix)[-1] / (np.trace(about_mean) / 39) * dimension
        passed += scaled > place + threshold * width
    assert passed > 25


@pytest.mark.parametrize("method", METHODS)
def test_two_strong_spikes_are_two(method):
    """A mean, and two groups of pairs on either side of it."""
    rng = np.random.default_rng(9)
    drawn = draw_noise(18, PowerNoise(200), resamples=200, seed=0)
    counts = []
    for _ in range(10):
        split = np.outer(np.repeat([1.0, -1.0], 9), rng.standard_normal(200))
        rows = noise(rng, 18, 200) + 2 * rng.standard_normal(200) + split
        found = count_spikes(rows, method=method, drawn=drawn)
        assert list(found.p_values[:2]) == [p for p in found.p_values[:2] if p <= 0.05]
        counts.append(found.count)
    assert np.median(counts) == 2


def test_prediction_at_own_size_is_met():
    """Outlier and overlap at 8 rows, where the limit is off by a tenth and more."""
    rng = np.random.default_rng(1)
    seen = []
    for _ in range(600):
        mean = rng.standard_normal(100)
        mean *= math.sqrt(0.45 * 100 / 8) / np.linalg.norm(mean)
        values, vectors = np.linalg.eigh(gram(noise(rng, 8, 100) + mean))
        seen.append((values[-1], vectors[:, -1].sum() ** 2 / 8))
    drawn = draw_noise(8, PowerNoise(100), resamples=1000, seed=2)
    fit = fit_noise(gram(noise(rng, 8, 100)), drawn, level=0.9)
    fit = replace(fit, exponent=0.0)
    place, overlap = simulated_outlier(0.45, fit, drawn)
    for value, column in ((place / fit.variance.value, 0), (overlap, 1)):
        one = np.array(seen)[:, column]
        # 600 families, and 100 draws in the prediction.
        error = one.std() * math.sqrt(1 / 600 + 1 / 100)
        assert abs(one.mean() - value) < 4 * error


# ------------------------------------------------------- exact statements


def test_sign_test_against_enumeration():
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((6, 3)) + 0.4
    energies = [
        np.sum((np.array(signs) @ rows) ** 2) for signs in itertools.product([1, -1], repeat=6)
    ]
    observed = np.sum(rows.sum(0) ** 2)
    exact = np.mean(np.array(energies) >= observed - 1e-9)
    assert sign_test(rows @ rows.T, permutations=10, seed=0) == exact


def test_sign_test_is_exact_for_heavy_tails():
    rng = np.random.default_rng(6)
    p = [sign_test(gram(rng.standard_cauchy((7, 5))), permutations=100, seed=0) for _ in range(300)]
    assert likely(int(np.sum(np.array(p) <= 0.125)), 300, 0.125, 0.125)


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.floats(1e-6, 1e6))
def test_fit_does_not_depend_on_scale_rotation_or_order(seed, factor):
    rng = np.random.default_rng(seed)
    rows = noise(rng, 7, 9, 0.5) + 0.5
    one = fit_spiked_covariance(rows, resamples=100)
    scaled = fit_spiked_covariance(factor * rows[::-1], resamples=100)
    turned = fit_spiked_covariance(
        rows @ np.linalg.qr(rng.standard_normal((9, 9)))[0], resamples=100
    )
    assert scaled.variance.value == pytest.approx(factor**2 * one.variance.value)
    for other in (scaled, turned):
        for name in ("effective_dimension", "strength", "direction", "aspect_ratio"):
            ours, theirs = getattr(one, name), getattr(other, name)
            assert (theirs.value, theirs.low, theirs.high) == pytest.approx(
                (ours.value, ours.low, ours.high), rel=1e-6, abs=1e-9
            )
        assert other.mean_share == pytest.approx(one.mean_share)
        assert other.mean_p_value == one.mean_p_value


def test_equal_seeds_give_equal_fits():
    rows = noise(np.random.default_rng(2), 9, 40, 0.4)
    one, other = (fit_spiked_covariance(rows, seed=3).table() for _ in range(2))
    assert one == other


def test_mean_share_is_one_for_a_family_of_one_direction():
    """Rows that differ in length alone along a direction, and hardly else."""
    rng = np.random.default_rng(0)
    fit = fit_spiked_covariance(np.ones(30) + 1e-4 * rng.standard_normal((8, 30)))
    assert fit.mean_share == pytest.approx(1, abs=1e-6)
    assert fit.direction.low > 0.999
    assert fit.mean_p_value == 2**-7
    assert all(found.count >= 1 for found in fit.counts)
    assert "share a direction" in fit.summary()


# ------------------------------------------------------- adversaries of the model


@pytest.mark.parametrize("kind", ["heavy tails", "shared words"])
def test_misfit_is_seen(kind):
    rng = np.random.default_rng(12)
    rejected = []
    for _ in range(12):
        rows = noise(rng, 16, 200, 0.3)
        if kind == "heavy tails":
            rows *= np.sqrt(3 / rng.chisquare(3, (16, 1)))
            aspect = "row lengths"
        else:
            rows[1::4] = (rows[::4] + 0.3 * rows[1::4]) / 1.05
            aspect = "row pairs"
        fit = fit_spiked_covariance(rows, resamples=100)
        rejected.append(fit.fit.p_value <= 0.05)
        assert ("does NOT fit" in fit.summary()) == rejected[-1]
    assert np.mean(rejected) >= 0.75, aspect


# ------------------------------------------------------- degenerate families


@pytest.mark.parametrize(
    "rows",
    [
        np.random.default_rng(0).standard_normal((3, 50)),
        np.random.default_rng(0).standard_normal((3, 2)),
        np.random.default_rng(0).standard_normal((20, 3)),
        np.repeat(np.random.default_rng(0).standard_normal((4, 10)), 3, axis=0),
        np.outer(np.arange(1.0, 7), np.ones(5)),
        np.eye(8),
        np.hstack([np.random.default_rng(0).standard_normal((6, 4)), np.zeros((6, 30))]),
        np.random.default_rng(0).standard_cauchy((10, 40)),
        1e-30 * np.random.default_rng(0).standard_normal((6, 12)),
        np.random.default_rng(0).standard_normal((6, 12)).astype(np.float32),
    ],
    ids=["three rows", "3 x 2", "more rows than columns", "repeated rows", "one direction",
         "equal distances", "empty columns", "Cauchy", "tiny", "float32"],
)  # fmt: skip
def test_degenerate_families_have_an_answer(rows):
    fit = fit_spiked_covariance(rows, resamples=100)
    for row in fit.table():
        assert row["value"] is not None
        assert math.isfinite(row["value"])
    assert fit.effective_dimension.value >= 1
    assert 0 <= fit.overlap.value <= 1
    assert 0 < fit.fit.p_value <= 1
    assert fit.summary()
    plot_spiked_covariance(fit)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (np.ones((5, 4)), "all rows are equal"),
        (np.full((5, 4), 0.1), "all rows are equal"),
        (np.zeros((5, 4)), "all rows are equal"),
        (np.ones((2, 4)), "2 rows"),
        (np.random.default_rng(0).standard_normal((5, 1)), "1 columns"),
        (np.arange(4.0), "shape (4,)"),
        (np.array([[1.0, 2.0], [math.nan, 0.0], [1.0, 1.0]]), "row 1"),
        (np.array([[1.0, 2.0], [math.inf, 0.0], [1.0, 1.0]]), "inf in column 0"),
        (1e200 * np.eye(4), "rescale"),
    ],
)
def test_unusable_rows(rows, said):
    for probe in (fit_spiked_covariance, effective_dimension):
        with pytest.raises(InputError) as error:
            probe(rows)
        assert said in str(error.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"level": 1.0}, "1.0"),
        ({"resamples": 10}, "10"),
        ({"seed": -1}, "-1"),
        ({"false_positives": 0.0}, "0.0"),
        ({"false_positives": 0.001, "resamples": 100}, "0.001"),
    ],
)
def test_bad_options(options, said):
    with pytest.raises(InputError) as error:
        fit_spiked_covariance(np.random.default_rng(0).standard_normal((6, 12)), **options)
    assert said in str(error.value)


# ------------------------------------------------------- the picture


@pytest.mark.parametrize(("columns", "scale"), [(400, "linear"), (30, "log")])
def test_the_law_stands_above_the_eigenvalues_themselves(columns, scale):
    """N − 1 of N under the law, and every eigenvalue a dot: nothing is rescaled or binned."""
    rows = 3.0 * noise(np.random.default_rng(4), 20, columns)
    fit = fit_spiked_covariance(rows, resamples=100)
    ax = plot_spiked_covariance(fit)
    assert ax.get_xscale() == scale
    unit = np.log if scale == "log" else np.asarray
    drawn = {line.get_label(): line.get_data() for line in ax.lines}
    x, density = next(data for label, data in drawn.items() if label.startswith("noise"))
    dots = [*drawn["first eigenvalue"][0], *drawn["other eigenvalues (19)"][0]]
    assert dots == fit.eigenvalues.tolist()
    # They lie below the law, and within the axes.
    for name in ("first eigenvalue", "other eigenvalues (19)"):
        assert np.all(drawn[name][1] < 0)
        assert np.all(drawn[name][1] > ax.get_ylim()[0])
    assert np.trapezoid(density, unit(x)) == pytest.approx(19 / 20, rel=0.02)


@pytest.mark.parametrize("turned", [False, True])
def test_the_picture_says_that_a_fit_is_refused(turned):
    rng = np.random.default_rng(3)
    turn = np.linalg.qr(rng.standard_normal((64, 64)))[0]
    rows = noise(rng, 16, 64, 0.8)
    fit = fit_spiked_covariance(rows @ turn if turned else rows, resamples=100)
    assert (fit.fit.p_value <= 0.05) == turned
    labels = [line.get_label() for line in plot_spiked_covariance(fit).lines]
    assert any("refused" in label for label in labels) == turned


@pytest.mark.parametrize("columns", [2, 7, 40])
@pytest.mark.parametrize("rows", [3, 12, 30])
def test_a_flat_spectrum_is_isotropic_noise(rows, columns):
    noise = np.random.default_rng(rows).normal(size=(rows, columns))
    found = fit_spiked_covariance(noise, spectrum=np.full(columns, 3.0), resamples=100)
    assert all(math.isfinite(value) for value in (found.strength.value, found.noise.variance.value))
    same = fit_spiked_covariance(noise, spectrum=np.ones(columns), resamples=100)
    assert same.summary() == found.summary()


# ------------------------------------------------------- spikes that are not the mean


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize(("size", "columns"), [(40, 200), (60, 24)])
def test_strong_spikes_beside_the_mean_are_no_noise(size, columns, flat):
    """Three subgroups in isotropic noise of variance 1: they are no part of it."""
    rng = np.random.default_rng(size)
    rows = rng.standard_normal((size, columns))
    spectrum = np.ones(columns) if flat else None
    alone = fit_spiked_covariance(rows, spectrum=spectrum, resamples=100)
    assert alone.others == 0
    for k in range(3):
        side = rng.choice([-1.0, 1.0], size)
        side -= side.mean()
        side /= np.linalg.norm(side)
        rows[:, k] += 2 * (math.sqrt(size) + math.sqrt(columns)) * side
    fit = fit_spiked_covariance(rows, spectrum=spectrum, resamples=100)
    assert fit.others == 3
    assert [found.count for found in fit.counts[:2]] == [3, 3]
    assert fit.variance.value == pytest.approx(alone.variance.value, rel=0.06)
    assert alone.variance.value in fit.variance
    assert fit.effective_dimension.value == pytest.approx(columns, rel=0.15)
    assert columns in fit.effective_dimension
    # Without care they are: most of what is left about the mean is theirs.
    assert np.trace(centred(gram(rows))) / (size - 1) > 1.4
    assert fit.mean_p_value > 0.05
    assert fit.refused
    assert "Spikes beside the mean, left out of it: 3." in fit.summary()


def test_a_mean_is_not_taken_out_as_another_spike():
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((20, 100)) + 0.6
    fit = fit_spiked_covariance(rows, resamples=100)
    assert fit.others == 0
    assert 20 * 0.36 in fit.strength


# ------------------------------------------------------- flat and nearly flat shapes


def test_a_flat_shape_is_the_limit_of_nearly_flat_ones():
    rows = np.random.default_rng(0).standard_normal((30, 20))
    shape = np.random.default_rng(1).random(20)
    fits = [
        fit_spiked_covariance(rows, spectrum=1 + eps * shape, resamples=100)
        for eps in (0.0, 1e-12, 1e-6, 1e-2)
    ]
    for fit in fits:
        assert fit.variance.value == pytest.approx(fits[0].variance.value, rel=1e-9)
        assert fit.effective_dimension.value == pytest.approx(
            fits[0].effective_dimension.value, rel=0.01
        )
        assert 20 in fit.effective_dimension
        assert not fit.refused
    assert fits[0].noise.family.effective_dimension(2.0) == 20


@pytest.mark.parametrize("size", [3, 5, 12, 60])
@pytest.mark.parametrize("columns", [2, 5, 40])
@pytest.mark.parametrize("kind", ["normal", "flat", "Cauchy", "equal pairs", "one column"])
def test_every_size_and_kind_has_an_answer(size, columns, kind):
    rng = np.random.default_rng([size, columns])
    rows = rng.standard_cauchy((size, columns)) if kind == "Cauchy" else None
    rows = rng.standard_normal((size, columns)) if rows is None else rows
    if kind == "equal pairs":
        rows[1] = rows[0]
    if kind == "one column":
        rows[:, 1:] = 0
    spectrum = np.ones(columns) if kind == "flat" else None
    fit = fit_spiked_covariance(rows, spectrum=spectrum, resamples=100)
    for row in fit.table():
        assert math.isfinite(row["value"]), row
        if row["low"] is not None:
            assert row["low"] <= row["value"] <= row["high"], row
    assert fit.variance.value > 0
    assert all(found.count <= min(rows.shape) for found in fit.counts)
    assert fit.summary()
    assert fit.text()


# ------------------------------------------------------- what rests on a refused model


def test_what_rests_on_a_refused_model_says_so():
    rng = np.random.default_rng(12)
    rows = noise(rng, 16, 200, 0.3) * np.sqrt(2 / rng.chisquare(2, (16, 1)))
    fit = fit_spiked_covariance(rows, resamples=100)
    assert fit.refused
    marked = {row["quantity"] for row in fit.table() if row["model"] == "refused"}
    assert marked >= {"strength", "overlap", "effective dimension", "threshold", "direction"}
    assert not marked & {"overlap seen", "p value of the mean", "pairs", "p value of the fit"}
    for quantity in ("strength", "overlap"):
        line = next(line for line in fit.text().splitlines() if line.startswith(f"{quantity} "))
        assert line.endswith("refused")
    assert "does NOT fit" in fit.text()
    assert fit.summary().count("(model refused)") == 3
    fine = fit_spiked_covariance(noise(rng, 16, 200, 0.3), resamples=100)
    assert not fine.refused
    assert "refused" not in fine.text() + fine.summary()
    assert {row["model"] for row in fine.table()} == {"fits", ""}
