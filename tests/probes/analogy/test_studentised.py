"""Studentised intervals of means over questions: coverage for few pairs, and what they are of."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from probes.analogy.pair_bootstrap import PairOutcomes
from probes.analogy.studentised import studentised_interval

TRIALS = 200
Real = NDArray[np.float64]


def family(size: int) -> PairOutcomes:
    asked = 1 - np.eye(size, dtype=np.int64)
    return PairOutcomes("f", tuple((f"a{k}", f"b{k}") for k in range(size)), asked, asked)


def drawn(kind: str, rng: np.random.Generator, trials: int, size: int) -> Real:
    """Numbers of questions, in which both pairs have a part."""
    x, y = rng.normal(size=(2, trials, size))
    own = rng.normal(size=(trials, size, size))
    score = 0.4 * x[:, :, None] + y[:, None, :] + 0.6 * own
    if kind == "cosine":
        return np.asarray(np.tanh(0.6 + 0.4 * score))
    if kind == "reciprocal rank":
        return np.asarray(1 / np.maximum(1, np.round(np.exp(1.2 * (1.2 - score)))))
    return np.asarray(0.8 + 0.2 * score + 0.3 * rng.standard_t(3, size=(trials, 1, size)))


@pytest.mark.parametrize("size", [6, 12])
@pytest.mark.parametrize("kind", ["cosine", "reciprocal rank", "heavy tails"])
def test_intervals_hold_the_true_mean_of_few_pairs(kind: str, size: int) -> None:
    apart = ~np.eye(60, dtype=bool)
    truth = drawn(kind, np.random.default_rng(99), 400, 60)[:, apart].mean()
    asked = 1.0 - np.eye(size)
    hits = 0
    for number, one in enumerate(drawn(kind, np.random.default_rng([size, 3]), TRIALS, size)):
        found = studentised_interval(
            family(size), one * asked, asked, seed=number, level=0.95, resamples=300
        )
        hits += found.low <= truth <= found.high
    # A coverage of 95 % has fewer hits in one case of a thousand.
    assert hits >= stats.binom.ppf(0.001, TRIALS, 0.95)


def test_numbers_that_are_all_alike_have_no_width_and_ends_are_kept() -> None:
    asked = 1.0 - np.eye(5)
    alike = studentised_interval(family(5), 0.5 * asked, asked, seed=0, level=0.9, resamples=100)
    assert alike.width == pytest.approx(0, abs=1e-9)
    one = np.zeros((5, 5))
    one[0, 1] = 1.0
    within = studentised_interval(
        family(5), one, asked, seed=0, level=0.9, resamples=100, ends=(0.0, 1.0)
    )
    assert within.low == 0.0
    assert within.value == 0.05
    assert within.high <= 1.0


def test_a_mean_of_few_of_the_questions_is_a_ratio() -> None:
    rng = np.random.default_rng(2)
    known = (rng.random((9, 9)) < 0.5) * (1.0 - np.eye(9))
    sums = known * rng.normal(size=(9, 9))
    found = studentised_interval(family(9), sums, known, seed=0, level=0.9, resamples=200)
    assert found.value == pytest.approx(sums.sum() / known.sum())
    shifted = studentised_interval(
        family(9), sums + 3 * known, known, seed=0, level=0.9, resamples=200
    )
    assert (shifted.low, shifted.high) == pytest.approx((found.low + 3, found.high + 3))
