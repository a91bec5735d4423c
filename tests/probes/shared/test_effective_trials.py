"""Intervals of shares: the variance is unbiased, and what few pairs can tell is covered."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from probes.shared.effective_trials import Stratum, groups, pairs_of_pairs, share_interval
from probes.shared.intervals import jeffreys_interval
from probes.shared.resampling import bootstrap_interval
from repsearch.errors import InputError


def all_of(size: int) -> NDArray[np.int64]:
    return 1 - np.eye(size, dtype=np.int64)


def interval(stratum: Stratum, level: float = 0.95) -> tuple[float, float]:
    found = share_interval([stratum], [1.0], level=level, over="pairs")
    return found.low, found.high


@given(st.integers(4, 7), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_the_variance_is_that_of_all_questions_without_a_common_pair(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    asked = rng.integers(3, size=(size, size))  # some pairs of a pair with itself as well
    asked[0, 1] = asked[2, 3] = 1
    right = rng.integers(asked + 1)
    cells = list(product(range(size), repeat=2))
    apart = [(p, q) for p in cells for q in cells if not set(p) & set(q)]
    number = sum(asked[p] * asked[q] for p, q in apart)
    correct = sum(right[p] * right[q] for p, q in apart)
    found = pairs_of_pairs(asked, right)
    assert found.share == right.sum() / asked.sum()
    assert found.variance == pytest.approx(found.share**2 - correct / number)


@pytest.mark.parametrize("deciding", ["both", "target", "neither"])
def test_the_variance_is_unbiased_whatever_decides(deciding: str) -> None:
    rng = np.random.default_rng(3)
    shares, variances = [], []
    for _ in range(4000):
        good = rng.random(6) < 0.7
        table = {
            "both": good[:, None] & good,
            "target": np.broadcast_to(good, (6, 6)),
            "neither": rng.random((6, 6)) < 0.7,
        }[deciding]
        found = pairs_of_pairs(all_of(6), table * all_of(6))
        shares.append(found.share)
        variances.append(found.variance)
    error = np.std(variances) / np.sqrt(len(variances))
    assert np.mean(variances) == pytest.approx(
        np.var(shares), abs=4 * error + 0.03 * np.var(shares)
    )


def test_pairs_that_decide_are_worth_less_than_questions_that_do_not() -> None:
    rng = np.random.default_rng(0)
    known = np.arange(20) < 14
    whole = pairs_of_pairs(all_of(20), np.broadcast_to(known, (20, 20)) * all_of(20))
    scattered = pairs_of_pairs(all_of(20), (rng.random((20, 20)) < whole.share) * all_of(20))
    narrow, wide = interval(scattered), interval(whole)
    assert wide[1] - wide[0] > 1.5 * (narrow[1] - narrow[0])
    # Were the questions independent there would be 380 of them; the pairs allow for fewer.
    assert whole.effect == pytest.approx(1.0, abs=0.1)


@given(st.integers(3, 14), st.floats(0.0, 1.0), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_an_interval_holds_its_share_and_turns_with_right_and_wrong(
    size: int, chance: float, seed: int
) -> None:
    right = (np.random.default_rng(seed).random((size, size)) < chance) * all_of(size)
    low, high = interval(pairs_of_pairs(all_of(size), right))
    stratum = pairs_of_pairs(all_of(size), all_of(size) - right)
    assert 0 <= low <= 1 - stratum.share <= high <= 1
    assert low < high
    assert interval(stratum) == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_each_pair_asked_once_is_jeffreys() -> None:
    # 40 questions of 80 pairs, none shared: independent, and known to be.
    asked = np.zeros((80, 80), dtype=np.int64)
    asked[np.arange(40), np.arange(40, 80)] = 1
    right = asked.copy()
    right[np.arange(12), np.arange(40, 52)] = 0
    found = pairs_of_pairs(asked, right)
    assert (found.trials, found.fewest, found.most) == (40.0, 40.0, 40.0)
    exact = jeffreys_interval(0.7, 40, level=0.95, method="")
    assert interval(found) == pytest.approx((exact.low, exact.high))


def test_a_total_of_one_family_is_the_family_and_of_several_is_narrower() -> None:
    rng = np.random.default_rng(1)
    strata = [
        pairs_of_pairs(all_of(9), (rng.random(9)[:, None] < 0.6) * all_of(9)) for _ in range(8)
    ]
    total = share_interval(strata, np.full(8, 1 / 8), level=0.95, over="pairs")
    widths = [high - low for low, high in map(interval, strata)]
    assert total.width < 0.6 * np.mean(widths)
    assert share_interval(strata[:1], [1.0], level=0.95, over="pairs").width == widths[0]


def test_a_family_without_a_mistake_adds_some_width_to_a_total() -> None:
    perfect, mixed = (pairs_of_pairs(all_of(5), all_of(5) - k * np.eye(5, k=1)) for k in (0, 1))
    both = share_interval([perfect, mixed], [0.5, 0.5], level=0.95, over="pairs")
    certain = Stratum(1.0, 1e9, 1e9, 1e9, 0.0, 5)
    assert both.low < share_interval([certain, mixed], [0.5, 0.5], level=0.95, over="pairs").low
    assert both.high < 1.0


def test_groups_that_all_have_one_share_do_not_make_it_certain() -> None:
    low, high = interval(groups(np.full(6, 1), np.full(6, 2)))
    assert high - low > 0.3
    found = bootstrap_interval(0.5, np.full(200, 0.5), trials=[6], level=0.95, over="6 groups")
    expected = jeffreys_interval(0.5, 6, level=0.95, method="")
    assert (found.low, found.high) == (expected.low, expected.high)
    assert "no spread among 6 groups" in found.method


def test_groups_of_one_are_jeffreys_and_larger_ones_are_worth_as_much_at_least() -> None:
    right = np.array([1, 1, 1, 0, 1, 0, 1, 1])
    exact = jeffreys_interval(0.75, 8, level=0.95, method="")
    assert interval(groups(right, np.ones(8))) == pytest.approx((exact.low, exact.high))
    whole = groups(3 * right, np.full(8, 3))  # each all right or all wrong
    assert whole.effect == pytest.approx(1.0)
    low, high = interval(whole)
    assert low < exact.low < exact.high < high  # the effect is estimated, and not known


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_bad_levels_are_refused(level: float) -> None:
    with pytest.raises(InputError, match="confidence level"):
        share_interval([groups([1, 0], [1, 1])], [1.0], level=level, over="groups")
