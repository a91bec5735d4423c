"""Families that share pairs are named, and optima at an end of what was looked at."""

import numpy as np

from probes import Relations
from probes.concepts import concept_angles, difference_vectors
from probes.concepts.shared_pairs import shared_pairs
from probes.concepts.signal_to_noise.snr_curve import snr_curve
from repsearch import Embeddings


def planted(number: int = 12) -> tuple[Embeddings, list[tuple[str, str]]]:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(4 * number, 10))
    vectors[1 : 2 * number : 2, 0] += 6.0
    words = [f"w{k}" for k in range(4 * number)]
    return Embeddings(words, vectors), [(f"w{2 * k}", f"w{2 * k + 1}") for k in range(number)]


def test_a_family_inside_another_is_named_with_its_number_of_pairs() -> None:
    emb, pairs = planted()
    others = [(f"w{24 + 2 * k}", f"w{25 + 2 * k}") for k in range(6)]
    found = concept_angles(emb, Relations({"common": pairs[:6], "world": pairs, "other": others}))
    assert "common and world (all of 6)" in found.summary()
    assert [row["shared_pairs"] for row in found.table()] == [6, 0, 0]
    apart = concept_angles(emb, Relations({"one": pairs[:6], "two": pairs[6:]}))
    assert apart.shared == ()
    assert "share pairs" not in apart.summary()


def test_pairs_are_shared_in_either_order() -> None:
    (one,) = shared_pairs({"f": [("a", "b"), ("c", "d")], "g": [("b", "a"), ("a", "d")]})
    assert (one.number, one.of_smaller, str(one)) == (1, 2, "f and g (1 of 2)")


def test_a_peak_at_the_first_number_of_columns_is_flagged_and_one_within_is_not() -> None:
    emb, pairs = planted()
    differences = difference_vectors(emb, pairs)
    at_first = snr_curve(differences, dims=[4, 6, 10])
    assert at_first.at_edge == "first"
    assert "the first number of columns looked at" in at_first.summary()
    # Below one column there is nothing, and beyond all columns neither.
    assert snr_curve(differences, dims=[1, 4, 10]).at_edge is None
    turned = difference_vectors(Embeddings(emb.words, emb.vectors[:, ::-1]), pairs)
    assert snr_curve(turned, dims=[4, 6, 10]).at_edge is None
