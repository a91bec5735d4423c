"""Power and random families: what is said to be found is, by the very test."""

import numpy as np
import pytest

from probes.concepts.differences import Differences, difference_vectors
from probes.concepts.directions.estimators import MeanDifference
from probes.concepts.directions.held_out import held_out, held_out_cosines
from probes.concepts.directions.power import power_of_share, smallest_share_found
from probes.concepts.matched_pairs import matched_pairs
from probes.shared.several_tests import holm
from repsearch import Embeddings

PAIRS = tuple((f"a{k}", f"b{k}") for k in range(9))


def test_the_smallest_share_is_found_eight_times_of_ten_by_the_test_itself() -> None:
    asked = {"groups": 9, "effective_dimension": 40.0, "threshold": 0.02, "permutations": 400}
    share = smallest_share_found(**asked, seed=0)  # type: ignore[arg-type]
    assert share is not None
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(200):
        rows = rng.normal(size=(9, 40))
        rows[:, 3] += np.sqrt(40 * share / (1 - share))
        hits += held_out(Differences(rows, PAIRS), permutations=400).p_value <= 0.02
    assert 0.7 <= hits / 200 <= 0.9


def test_power_is_the_level_without_a_share_and_grows_with_it() -> None:
    asked = {"groups": 12, "effective_dimension": 30.0, "threshold": 0.05, "permutations": 400}
    powers = [power_of_share(share, **asked, seed=1) for share in (0.0, 0.05, 0.2)]  # type: ignore[arg-type]
    assert powers[0] <= 0.1
    assert powers[0] < powers[1] < powers[2]


@pytest.mark.parametrize(("groups", "threshold"), [(5, 0.05), (9, 0.05 / 14)])
def test_no_share_is_found_where_the_flips_are_too_few(groups: int, threshold: float) -> None:
    found = smallest_share_found(
        groups=groups, effective_dimension=50, threshold=threshold, permutations=999, seed=0
    )
    assert found is None


def test_random_families_are_ordered_at_once_as_one_by_one() -> None:
    rng = np.random.default_rng(2)
    emb = Embeddings([f"w{k}" for k in range(200)], rng.normal(size=(200, 12)))
    pairs = [("w3", "w50"), ("w7", "w50"), ("w9", "w80"), ("w20", "w21"), ("w30", "w90")]
    differences = difference_vectors(emb, pairs)
    found = held_out(differences, embeddings=emb, controls=40, seed=4)
    expected = [
        np.mean(held_out_cosines(difference_vectors(emb, family), MeanDifference()) > 0)
        for family in matched_pairs(emb, differences.pairs, families=40, seed=4)
    ]
    assert list(found.control) == expected
    better = sum(one >= found.accuracy.value for one in expected)
    assert found.control_p_value == (1 + better) / 41


def test_holm_adjusts_in_steps() -> None:
    assert holm([0.2, 0.01, 0.03]) == [0.2, 0.03, 0.06]
    assert holm([]) == []
    assert holm([0.6, 0.7]) == [1.0, 1.0]
