"""Intervals of differences of matched shares: coverage, symmetry, and what they rest on."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from probes.shared.matched_shares import difference_interval, matched_pairs_of_pairs

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
