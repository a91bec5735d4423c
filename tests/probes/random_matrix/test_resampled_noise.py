"""Noise drawn from rows that were seen: heavy tails and a finite vocabulary pass it."""

from functools import cache

import numpy as np
import pytest
from scipy.stats import binom

from probes.random_matrix import PowerNoise, fit_spiked_covariance, resampled_noise
from probes.random_matrix.goodness_of_fit import goodness_of_fit
from probes.random_matrix.gram import centred, gram
from probes.random_matrix.noise.noise_fit import fit_noise
from probes.random_matrix.noise.power_noise import draw_noise
from probes.random_matrix.spikes.spike_count import count_spikes
from repsearch.errors import InputError

N, D, WORDS, FAMILIES = 10, 80, 200, 120
SHAPE = np.arange(1.0, D + 1) ** -0.8


@cache
def words():
    """Columns orthogonal over the words, words of unequal length."""
    rng = np.random.default_rng(0)
    entries = rng.standard_t(5, (WORDS, D)) * np.exp(0.4 * rng.standard_normal((WORDS, 1)))
    return np.linalg.qr(entries)[0] * np.sqrt(WORDS * SHAPE)


def family(rng):
    chosen = rng.permutation(WORDS)
    return words()[chosen[:N]] - words()[chosen[N : 2 * N]]


def nulls():
    rng = np.random.default_rng(1)
    noise = PowerNoise(D, SHAPE)
    real = resampled_noise((family(rng) for _ in range(199)), noise, seed=0)
    return real, draw_noise(N, noise, resamples=199, seed=0)


@cache
def found():
    """Hits of misfit, spikes and coverage of ν, under random pairs and under normal noise."""
    rng = np.random.default_rng(2)
    truth = SHAPE.sum() ** 2 / (SHAPE**2).sum()
    hits = np.zeros((2, 3), int)
    for number in range(FAMILIES):
        rows = family(rng)
        matrix = gram(rows)
        for which, drawn in enumerate(nulls_once()):
            fit = fit_noise(matrix, drawn, level=0.9)
            hits[which] += [
                goodness_of_fit(rows, fit, drawn).p_value <= 0.05,
                count_spikes(rows, method="Tracy-Widom sequence", drawn=drawn, seed=number).count
                > 0,
                truth in fit.effective_dimension,
            ]
    return hits


nulls_once = cache(nulls)


def within(hits, share):
    low, high = binom.ppf([0.0005, 0.9995], FAMILIES, share)
    return low <= hits <= high


def test_random_pairs_pass_at_their_level():
    misfits, spikes, covered = found()[0]
    assert within(misfits, 0.05), misfits
    assert within(spikes, 0.05), spikes
    assert within(covered, 0.9), covered


def test_under_normal_noise_they_do_not():
    misfits, _, covered = found()[1]
    assert misfits > 4 * 0.05 * FAMILIES, misfits
    assert not within(covered, 0.9), covered


def test_a_relation_does_not_pass_as_random_pairs():
    """A common mean and two subgroups in the same words: spikes are found."""
    rng = np.random.default_rng(3)
    real, _ = nulls_once()
    counts = []
    for _ in range(20):
        direction = rng.standard_normal(D) * np.sqrt(SHAPE)
        rows = family(rng) + 2.5 * direction
        fit = fit_spiked_covariance(rows, drawn=real)
        counts.append(fit.counts[0].count)
    assert np.mean(np.array(counts) > 0) > 0.8


def test_rows_about_their_mean_come_first():
    rng = np.random.default_rng(5)
    families = [family(rng) for _ in range(100)]
    drawn = resampled_noise(families, PowerNoise(D, SHAPE), seed=0)
    grams = drawn.grams(1.0, rows=N)
    scale = np.mean([np.trace(gram(rows)) for rows in families]) / np.trace(grams.mean(0))
    # Signs are drawn anew, which leaves lengths of rows, and with them the trace, as they are.
    for rows, made in zip(families, grams, strict=True):
        assert np.trace(made) * scale == pytest.approx(np.trace(gram(rows)), rel=1e-4)
    traces = drawn.traces(1.0)[0][:, 0]
    assert traces == pytest.approx(np.trace(grams[:, : N - 1, : N - 1], axis1=1, axis2=2), rel=1e-5)
    assert centred(grams[0]).shape == (N, N)
    assert not drawn.wishart.flags.writeable


@pytest.mark.parametrize(
    ("families", "said"),
    [
        ([np.ones((4, D))] * 99, "99 families of noise are too few"),
        ([], "0 families"),
        ([np.ones((4, D - 1))] * 100, "pass at least 3 rows of 80 columns"),
        ([np.ones((2, D))] * 100, "at least 3 rows"),
        ([np.ones((4, D)), np.ones((5, D))], "4 rows and 5"),
        ([np.zeros((4, D))] * 100, "all zeros"),
    ],
)
def test_unusable_families(families, said):
    with pytest.raises(InputError) as error:
        resampled_noise(families, PowerNoise(D, SHAPE), seed=0)
    assert said in str(error.value)


@pytest.mark.parametrize("rows", [np.ones((N + 1, D)), np.ones((N, D - 1))])
def test_noise_of_another_shape_is_refused(rows):
    with pytest.raises(InputError, match="draw noise of their shape"):
        fit_spiked_covariance(rows + np.eye(*rows.shape), drawn=nulls_once()[0])
