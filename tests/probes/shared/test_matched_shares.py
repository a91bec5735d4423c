"""Intervals of differences of matched shares: coverage, symmetry, and what they rest on."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from probes.shared.matched_shares import (
    difference_interval,
    matched_groups,
    matched_pairs_of_pairs,
)

TRIALS = 300


def answers(
    rng: np.random.Generator, trials: int, size: int, common: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores of two methods: what pairs are like for both, for each alone, and for a question."""
    both = rng.normal(size=(2, trials, size))
    found = []
    for _ in range(2):
        own = rng.normal(size=(2, trials, size))
        x, y = common * both + (1 - common) * own
        alone = rng.normal(size=(trials, size, size))
        found.append(0.4 * x[:, :, None] + y[:, None, :] + 0.6 * alone)
    return found[0], found[1]


@pytest.mark.parametrize("size", [4, 8, 20])
@pytest.mark.parametrize(("first", "second"), [(0.6, 0.5), (0.95, 0.85)])
@pytest.mark.parametrize("common", [0.8, 0.3])
def test_intervals_hold_the_true_difference(
    size: int, first: float, second: float, common: float
) -> None:
    known = answers(np.random.default_rng(99), 200, 60, common)
    apart = ~np.eye(60, dtype=bool)
    thresholds = [
        np.quantile(one[:, apart], 1 - share)
        for one, share in zip(known, (first, second), strict=True)
    ]
    drawn = answers(np.random.default_rng([size, 5]), TRIALS, size, common)
    asked = 1 - np.eye(size, dtype=int)
    hits = 0
    for one, other in zip(drawn[0] > thresholds[0], drawn[1] > thresholds[1], strict=True):
        gained = asked * (one.astype(int) - other.astype(int))
        found = difference_interval(
            [matched_pairs_of_pairs(asked, gained)], [1.0], level=0.95, over="pairs"
        )
        hits += found.low <= first - second <= found.high
    # A coverage of 95 % has fewer hits in one case of a thousand.
    assert hits >= stats.binom.ppf(0.001, TRIALS, 0.95)


def test_the_other_way_round_is_the_negative() -> None:
    rng = np.random.default_rng(0)
    asked = 1 - np.eye(9, dtype=int)
    gained = asked * rng.integers(-1, 2, size=(9, 9))
    one, other = (
        difference_interval(
            [matched_pairs_of_pairs(asked, sign * gained)], [1.0], level=0.9, over="pairs"
        )
        for sign in (1, -1)
    )
    assert (other.low, other.value, other.high) == pytest.approx((-one.high, -one.value, -one.low))


def test_pairs_and_not_questions_are_the_sample() -> None:
    asked = 1 - np.eye(12, dtype=int)
    rng = np.random.default_rng(1)
    spread = asked * rng.permutation(np.repeat([1, 0], 72)).reshape(12, 12)
    of_pairs = np.zeros((12, 12), dtype=int)
    of_pairs[:, :6] = asked[:, :6]
    wide, narrow = (
        difference_interval([matched_pairs_of_pairs(asked, one)], [1.0], level=0.95, over="pairs")
        for one in (of_pairs, spread)
    )
    assert wide.width > 1.3 * narrow.width


def test_where_no_question_of_one_family_differs_the_interval_has_width() -> None:
    asked = 1 - np.eye(5, dtype=int)
    gained = np.zeros((5, 5), dtype=int)
    gained[0, 1] = 1
    families = [matched_pairs_of_pairs(asked, one) for one in (gained, 0 * gained)]
    found = difference_interval(families, [0.5, 0.5], level=0.95, over="pairs")
    assert -0.5 < found.low < 0 < found.high < 0.5


@pytest.mark.parametrize("sizes", [(1,) * 6, (1,) * 24, (3,) * 8, (1, 1, 1, 1, 6, 2, 2, 3)])
@pytest.mark.parametrize(("first", "second"), [(0.9, 0.6), (0.75, 0.75), (0.98, 0.5)])
def test_intervals_of_grouped_answers_hold_the_true_difference(
    sizes: tuple[int, ...], first: float, second: float
) -> None:
    """Answers of a group are alike, and so are the two answers of a pair; some are half right."""
    rng = np.random.default_rng([len(sizes), sum(sizes), 7])
    groups = np.repeat(np.arange(len(sizes)), sizes)
    of_group = rng.normal(size=(TRIALS, 1, len(sizes)))[:, :, groups]
    of_pair = rng.normal(size=(TRIALS, 1, len(groups)))
    seen = 0.6 * of_group + 0.5 * of_pair + rng.normal(size=(TRIALS, 2, len(groups)))
    rank = stats.norm.cdf(seen, scale=np.sqrt(0.6**2 + 0.5**2 + 1))
    half = rng.random((TRIALS, len(groups))) < 0.3
    gained = (rank[:, 0] < first) - np.where(half, 0.5, rank[:, 1] < second)
    true = first - (0.7 * second + 0.15)
    hits = 0
    for one in gained:
        found = difference_interval(
            [matched_groups(one, groups)], [1.0], level=0.95, over="groups of pairs"
        )
        hits += found.low <= true <= found.high
    assert hits >= stats.binom.ppf(0.001, TRIALS, 0.95)


def test_groups_of_one_are_the_agresti_min_interval_but_for_student() -> None:
    """Ten of forty independent answers differ, all one way: their interval by its formula."""
    gained = np.r_[np.ones(10), np.zeros(30)]
    found = difference_interval(
        [matched_groups(gained, np.arange(40))], [1.0], level=0.95, over="pairs"
    )
    n, value = 42.0, 10 / 42
    reach = 1.96 * np.sqrt((11 / n - value**2) / n)
    assert found.value == 0.25
    assert found.low == pytest.approx(value - reach, abs=0.02)
    assert found.high == pytest.approx(value + reach, abs=0.02)
