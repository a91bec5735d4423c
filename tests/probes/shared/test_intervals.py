"""Intervals: the bootstrap over pairs covers, the exact bounds are exact."""

import zlib

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from probes.analogy.pair_bootstrap import (
    PairOutcomes,
    resampled_sums,
    share_interval,
    total_interval,
)
from probes.shared.intervals import (
    Interval,
    check_resampling,
    largest_unseen_share,
    multiplicities,
    percentile_interval,
)
from repsearch.errors import InputError


def outcomes(right: NDArray[np.integer], asked: NDArray[np.integer] | None = None) -> PairOutcomes:
    size = len(right)
    if asked is None:
        asked = 1 - np.eye(size, dtype=np.int64)
    pairs = tuple((f"a{n}", f"b{n}") for n in range(size))
    return PairOutcomes("toy", pairs, asked, (right * asked).astype(np.int64))


def interval_of(family: PairOutcomes) -> Interval:
    return share_interval(family, level=0.95)


def test_an_interval_holds_its_value_and_prints() -> None:
    interval = Interval(0.5, 0.25, 0.75, 0.9, "toy")
    assert 0.3 in interval
    assert 0.8 not in interval
    assert interval.width == 0.5
    assert str(interval) == "0.500 [0.250, 0.750]"


@pytest.mark.parametrize(
    ("value", "low", "high", "level"),
    [
        (0.5, 0.6, 0.7, 0.95),
        (0.5, 0.4, 0.45, 0.95),
        (float("nan"), 0.0, 1.0, 0.95),
        (0.5, 0.0, float("inf"), 0.95),
        (0.5, 0.0, 1.0, 1.0),
        (0.5, 0.0, 1.0, 95),
    ],
)
def test_an_interval_refuses(value: float, low: float, high: float, level: float) -> None:
    with pytest.raises(InputError):
        Interval(value, low, high, level)


@pytest.mark.parametrize(
    ("seed", "resamples"), [(-1, 1000), (0.5, 1000), (True, 1000), (0, 99), (0, 1e3)]
)
def test_bad_resampling_is_refused(seed: int, resamples: int) -> None:
    with pytest.raises(InputError, match=r"got (-1|0\.5|True|99|1000\.0)"):
        check_resampling(seed=seed, resamples=resamples)


def test_the_percentile_interval_is_widened_to_its_value() -> None:
    interval = percentile_interval(2.0, np.linspace(0, 1, 101), level=0.9, method="toy")
    assert (interval.low, interval.high) == (pytest.approx(0.05), 2.0)


def test_multiplicities_are_draws_with_replacement() -> None:
    drawn = multiplicities(7, 4000, np.random.default_rng(0))
    assert drawn.shape == (4000, 7)
    assert (drawn.sum(axis=1) == 7).all()
    assert drawn.mean(axis=0) == pytest.approx(np.ones(7), abs=0.06)
    assert drawn.var() == pytest.approx(6 / 7, abs=0.03)


@pytest.mark.parametrize("n", [1, 3, 17, 100])
def test_the_unseen_share_is_clopper_and_pearsons_for_one_group(n: int) -> None:
    exact = binomtest(0, n).proportion_ci(method="exact").high
    assert largest_unseen_share([1.0], [n], level=0.95) == pytest.approx(exact, abs=1e-12)


def test_the_unseen_share_of_two_groups_is_the_largest() -> None:
    weights, trials = np.array([0.7, 0.3]), np.array([4.0, 9.0])
    first = np.linspace(0, 1 - 0.025 ** (1 / 4), 20_001)
    second = 1 - (0.025 / (1 - first) ** 4) ** (1 / 9)
    best = (weights[0] * first + weights[1] * np.maximum(second, 0)).max()
    assert largest_unseen_share(weights, trials, level=0.95) == pytest.approx(best, abs=1e-6)
    # A group that carries little weight for its trials is left alone.
    assert largest_unseen_share([0.99, 0.01], [1, 50], level=0.95) == pytest.approx(0.99 * 0.975)


def test_resampled_sums_are_those_of_repeated_pairs() -> None:
    rng = np.random.default_rng(5)
    family = outcomes(rng.integers(2, size=(6, 6)))
    right, asked = resampled_sums(family, [family.right, family.asked], seed=3, resamples=100)
    # The first draw of the family's own generator, question by question.
    m = multiplicities(6, 100, np.random.default_rng([3, zlib.crc32(b"toy")]))[0]
    drawn = np.repeat(np.arange(6), m.astype(int))
    questions = [(i, j) for i in drawn for j in drawn if i != j]
    assert asked[0] == len(questions)
    assert right[0] == sum(family.right[i, j] for i, j in questions)


def test_the_interval_covers_and_wilson_of_the_questions_does_not() -> None:
    # A question is right when its two pairs are easy enough together.
    rng = np.random.default_rng(0)
    trials, size, truth = 150, 24, 0.5
    covered = naive = 0
    for _ in range(trials):
        easy = rng.normal(size=size)
        family = outcomes(easy[:, None] + easy + rng.normal(size=(size, size)) > 0)
        covered += truth in interval_of(family)
        count = size * (size - 1)
        wilson = binomtest(int(family.right.sum()), count).proportion_ci(method="wilson")
        naive += wilson.low <= truth <= wilson.high
    assert 0.88 <= covered / trials <= 0.99
    assert naive / trials < 0.5


def test_the_total_of_families_covers() -> None:
    rng = np.random.default_rng(1)
    trials, sizes, level = 120, (8, 14, 20), 0.95
    truth, covered = 0.5, 0
    for _ in range(trials):
        families = []
        for number, size in enumerate(sizes):
            easy = rng.normal(size=size)
            made = outcomes(easy[:, None] + easy + rng.normal(size=(size, size)) > 0)
            families.append(PairOutcomes(f"f{number}", made.pairs, made.asked, made.right))
        weights = np.array([f.asked.sum() for f in families]) / sum(f.asked.sum() for f in families)
        covered += truth in total_interval(families, weights, level=level)
    assert 0.89 <= covered / trials <= 0.99


@pytest.mark.parametrize("answer", [0, 1])
def test_unanimous_answers_do_not_give_an_interval_of_no_width(answer: int) -> None:
    family = outcomes(np.full((12, 12), answer))
    interval = interval_of(family)
    assert interval.value == answer
    assert interval.width == pytest.approx(1 - 0.025 ** (1 / 6))
    assert "exact" in interval.method


def test_two_pairs_that_disagree_tell_nothing() -> None:
    family = outcomes(np.array([[0, 1], [0, 0]]))
    interval = interval_of(family)
    assert (interval.value, interval.low, interval.high) == (0.5, 0.0, 1.0)


def test_pairs_that_are_never_asked_do_not_count() -> None:
    asked = np.zeros((9, 9), dtype=np.int64)
    asked[0, 1] = asked[1, 2] = asked[2, 0] = 1
    right = np.zeros_like(asked)
    right[0, 1] = 1
    family = outcomes(right, asked)
    assert family.pairs_asked == 3
    assert family.independent_questions == 1.5
    assert np.isfinite(interval_of(family).width)


def test_draws_depend_on_the_family_and_the_seed_only() -> None:
    rng = np.random.default_rng(2)
    family = outcomes(rng.integers(2, size=(9, 9)))

    def drawn(seed: int) -> list[float]:
        return resampled_sums(family, [family.right], seed=seed, resamples=100)[0].tolist()

    assert drawn(0) == drawn(0)
    assert drawn(1) != drawn(0)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((0.0112, 0.0111, 0.0113), "0.0112 [0.0111, 0.0113]"),
        ((0.5, 0.25, 0.75), "0.500 [0.250, 0.750]"),
        ((0.5, 0.4999, 0.5004), "0.5000 [0.4999, 0.5004]"),
        ((0.5, 0.5, 0.5), "0.500 [0.500, 0.500]"),
    ],
)
def test_a_narrow_interval_shows_its_width(ends: tuple[float, float, float], said: str) -> None:
    assert str(Interval(*ends, 0.95, "")) == said
