"""Intervals of shares by resampling groups; the exact bound where that has no width."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from probes.shared.intervals import multiplicities
from probes.shared.resampling import bootstrap_interval, exact_bound


@pytest.mark.parametrize("n", [1, 7, 60])
def test_outcomes_that_are_all_alike_have_the_bound_of_clopper_and_pearson(n: int) -> None:
    for right in (0, n):
        found = bootstrap_interval(
            right / n, np.full(100, right / n), trials=[n], level=0.9, over=f"{n} groups"
        )
        exact = binomtest(right, n).proportion_ci(0.9)
        assert (found.low, found.high) == pytest.approx((exact.low, exact.high), abs=1e-12)
        assert found.method == f"all alike: exact bound for {n} groups"


def test_outcomes_that_differ_have_the_percentiles_of_their_resamples() -> None:
    right = np.arange(10) < 7
    times = multiplicities(10, 500, np.random.default_rng(0))
    drawn = times @ right / 10
    found = bootstrap_interval(0.7, drawn, trials=[10], level=0.8, over="10 groups")
    assert (found.low, found.high) == tuple(np.quantile(drawn, [0.1, 0.9]))
    assert found.method == "bootstrap over 10 groups, 500 resamples"


def test_the_bound_of_a_difference_reaches_twice_as_far_and_stays_within_its_ends() -> None:
    better = exact_bound(1.0, trials=[9], level=0.95, over="x", ends=(-1.0, 1.0), change=2.0)
    same = exact_bound(0.0, trials=[9], level=0.95, over="x", ends=(-1.0, 1.0))
    assert (better.low, better.high) == pytest.approx((1 - 2 * (1 - 0.025 ** (1 / 9)), 1.0))
    assert (same.low, same.high) == pytest.approx((-(1 - 0.025 ** (1 / 9)), 1 - 0.025 ** (1 / 9)))
