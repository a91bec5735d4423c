"""Power and random families: what is said to be found is, by the very test."""

import numpy as np
import pytest

from probes.concepts.differences import Differences, difference_vectors
from probes.concepts.directions.estimators import MeanDifference
from probes.concepts.directions.held_out import held_out, held_out_cosines
from probes.concepts.directions.power import power_of_share, smallest_share_found
from probes.concepts.matched_pairs import matched_pairs
from probes.concepts.profiling import profiles
from probes.relations import Relations
from probes.shared.several_tests import draws_needed, holm, is_finding, too_few_draws
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


def many_relations(count: int, *, shift: float) -> tuple[Embeddings, Relations]:
    """Relations of twelve pairs each, every one along a direction of its own."""
    rng = np.random.default_rng(8)
    vectors = rng.normal(size=(3 * 24 * count, 40))
    families = {}
    for number in range(count):
        rows = np.arange(number, 24 * count, count)
        # The halves are as frequent as each other.
        first, second = rows[::2], rows[1::2]
        vectors[second] += shift * rng.normal(size=40) / np.sqrt(40)
        families[f"r{number:02}"] = [(f"w{a}", f"w{b}") for a, b in zip(first, second, strict=True)]
    return Embeddings([f"w{k}" for k in range(len(vectors))], vectors), Relations(families)


def test_sixteen_clear_relations_are_directions_at_the_defaults() -> None:
    """At 300 random families none of sixteen could be told from frequency, however clear."""
    emb, relations = many_relations(16, shift=15.0)
    found = profiles(emb, relations)
    assert {one.verdict for one in found.profiles} == {"direction"}
    assert (found.controls, found.permutations) == (321, 999)
    assert "frequency" not in found.summary()


def test_too_few_random_families_say_so() -> None:
    """What was asked for is obeyed, and no relation is said to be one of frequency for it."""
    emb, relations = many_relations(16, shift=15.0)
    found = profiles(emb, relations, controls=300)
    assert {one.verdict for one in found.profiles} == {"controls?"}
    assert "300 random families are too few" in found.summary()
    assert "takes 321 or more" in found.summary()
    assert "may be" not in found.summary()
    assert "300 random families are too few" in found.profiles[0].summary()


def test_what_random_pairs_have_as_well_is_one_of_frequency_with_few_families_too() -> None:
    """The frequent words of every pair lie on one side: random pairs are ordered as well."""
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(600, 40))
    vectors[:, 0] += np.linspace(60, 0, 600)
    families = {
        f"r{k:02}": [(f"w{k + 16 * n}", f"w{k + 16 * n + 320}") for n in range(12)]
        for k in range(16)
    }
    emb = Embeddings([f"w{k}" for k in range(600)], vectors)
    found = profiles(emb, Relations(families), controls=50, permutations=999)
    assert {one.verdict for one in found.profiles} == {"frequency?"}


@pytest.mark.parametrize("tests", [1, 14, 15, 16, 50, 400])
def test_draws_are_enough_for_every_relation(tests: int) -> None:
    draws = draws_needed(tests, least=20)
    assert not too_few_draws(tests, draws)
    assert is_finding(max(holm([1 / (draws + 1)] * tests)))
    assert too_few_draws(tests, 20 * tests - 1)
    assert not is_finding(max(holm([1 / (20 * tests)] * tests)))


def test_what_no_permutations_could_find_is_not_said_to_be_found_eight_times_of_ten() -> None:
    """50 relations and 999 permutations: the least adjusted p-value is 0.05 itself."""
    asked = {"groups": 20, "effective_dimension": 40.0, "permutations": 999, "seed": 0}
    assert smallest_share_found(**asked, threshold=0.05 / 50) is None  # type: ignore[arg-type]
    assert smallest_share_found(**asked, threshold=0.05 / 49) is not None  # type: ignore[arg-type]
