"""Isotropy: against sums over all pairs, on vectors of known law, and its intervals' coverage."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.geometry import isotropy
from repsearch import Embeddings, InputError


def named(vectors: np.ndarray) -> Embeddings:
    return Embeddings([f"w{k}" for k in range(len(vectors))], vectors)


@given(st.integers(0, 2**32 - 1), st.integers(10, 40), st.integers(1, 6))
def test_it_is_the_mean_over_all_pairs_of_different_words(seed: int, n: int, d: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(n, d)) + 1
    found = isotropy(named(vectors), resamples=100)
    units = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    cosines = (units @ units.T)[~np.eye(n, dtype=bool)]
    assert found.mean_cosine.value == pytest.approx(cosines.mean(), abs=1e-12)
    assert 1 / found.directions.value == pytest.approx((cosines**2).mean(), abs=1e-12)


@pytest.mark.parametrize("d", [2, 8, 50])
def test_vectors_of_all_directions_take_them_all(d: int) -> None:
    found = isotropy(named(np.random.default_rng(d).normal(size=(1500, d))))
    assert 0 in found.mean_cosine
    assert found.directions.value == pytest.approx(d, rel=0.02)
    assert found.summary().startswith("Two words have a mean cosine of")
    assert "no direction is shown to be preferred" in found.summary()


def test_a_common_part_is_seen_and_goes_with_the_mean() -> None:
    vectors = np.random.default_rng(0).normal(size=(1500, 8))
    found = isotropy(named(vectors + 3 * np.eye(8)[0]))
    assert found.mean_cosine.low > 0.3
    assert found.directions.high < 4
    assert found.centred_directions.value == pytest.approx(8, rel=0.05)
    assert "lean towards a common direction" in found.summary()


def test_collinear_vectors_take_one_direction() -> None:
    found = isotropy(named(np.outer(np.arange(1.0, 31.0), [1.0, 2.0, 2.0])))
    assert found.mean_cosine.value == pytest.approx(1)
    assert found.directions.value == pytest.approx(1)


@pytest.mark.parametrize(("lean", "most"), [(1.5, 0.985), (0.5, 1.0), (0.0, 1.0)])
def test_intervals_cover_the_truth_as_often_as_they_say(lean: float, most: float) -> None:
    # Near isotropy the pairs' means hardly differ between words, and intervals are too wide.
    rng = np.random.default_rng(0)
    mean = lean * np.eye(5)[0]
    many = rng.normal(size=(400_000, 5)) + mean
    units = many / np.linalg.norm(many, axis=1)[:, None]
    cosine = float((units.mean(axis=0) ** 2).sum())
    directions = 1 / float(((units.T @ units / len(units)) ** 2).sum())
    held = np.zeros(2)
    for _ in range(200):
        found = isotropy(named(rng.normal(size=(80, 5)) + mean), resamples=100)
        held += [cosine in found.mean_cosine, directions in found.directions]
    assert (held / 200 > 0.915).all(), held
    assert (held / 200 <= most).all(), held


def test_words_without_a_vector_are_not_looked_at() -> None:
    vectors = np.random.default_rng(0).normal(size=(30, 4))
    vectors[::3] = 0
    assert isotropy(named(vectors)).settings["words"] == 20


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"words": 9}, "words is 9"),
        ({"words": 10.5}, "words is 10.5"),
        ({"resamples": 0}, "resamples"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_cannot_be_asked_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        isotropy(named(np.ones((20, 2))), **options)


def test_too_few_words_are_refused() -> None:
    with pytest.raises(InputError, match="9 words have vectors that are not zero"):
        isotropy(named(np.ones((9, 2))))
