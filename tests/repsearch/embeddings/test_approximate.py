"""Neighbours by a graph: against all cosines, the same each time, and off for few words."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from probes.studies.atlas import atlas_of
from repsearch import Embeddings
from repsearch.embeddings import NeighbourIndex, Recall
from repsearch.errors import InputError

pytest.importorskip("usearch", reason="needs usearch")

SIZE = 1500


def embeddings(seed: int = 0) -> Embeddings:
    """Words in clusters, some of them equal, and one without a direction."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(40, 12))[rng.integers(40, size=SIZE)]
    vectors += 0.5 * rng.normal(size=vectors.shape)
    vectors[700:703] = vectors[10]
    vectors[44] = 0
    return Embeddings([f"w{k}" for k in range(SIZE)], vectors)


@pytest.fixture(scope="module")
def index() -> NeighbourIndex:
    return NeighbourIndex(embeddings(), fewest=SIZE)


def by_all_cosines(given: Embeddings, row: int) -> np.ndarray:
    unit = given.unit().astype(float)
    cosines = unit @ unit[row]
    cosines[[row, 44]] = -2
    return cosines


def test_recall_is_what_all_cosines_say(index: NeighbourIndex) -> None:
    assert not index.exact
    given = embeddings()
    found = index.recall(10, sample=SIZE)
    known = np.flatnonzero(given.has_direction)
    _, cosines = index.of_words(known, 10)
    hits = [
        int((cosines[k] >= np.sort(by_all_cosines(given, row))[-10] - 1e-6).sum())
        for k, row in enumerate(known)
    ]
    assert found == Recall(tuple(hits), 10)
    assert 0.95 < found.share <= 1
    part = index.recall(10, sample=200, seed=1)
    assert len(part.found) == 200
    assert abs(part.share - found.share) < 0.02


class Misled:
    """A graph that gives the farthest words in the place of the last four of each."""

    def __init__(self, graph: Any, units: np.ndarray) -> None:
        self.graph, self.units = graph, units

    def search(self, directions: np.ndarray, count: int, threads: int) -> SimpleNamespace:
        found = self.graph.search(directions, count, threads=threads)
        keys = np.array(found.keys)
        keys[:, -4:] = np.argsort(directions @ self.units.T, axis=1)[:, :4]
        return SimpleNamespace(keys=keys, counts=found.counts)


def test_an_index_that_misses_words_says_how_many() -> None:
    poor = NeighbourIndex(embeddings(), fewest=SIZE)
    assert poor.recall(10, sample=300).share > 0.95
    poor._graph = Misled(poor._graph, poor._units)
    assert poor.recall(10, sample=300).share == pytest.approx(0.6, abs=0.01)


def test_what_is_found_has_its_own_cosine_in_order_and_never_itself(index: NeighbourIndex) -> None:
    given = embeddings()
    rows = np.array([3, 10, 700, 701, 1499])
    near, cosines = index.of_words(rows, 7)
    for row, words, found in zip(rows, near, cosines, strict=True):
        np.testing.assert_allclose(found, by_all_cosines(given, row)[words], atol=1e-6)
        assert row not in words
        assert 44 not in words
        assert (np.diff(found) <= 0).all()
        assert all(a < b for (a, x), (b, y) in pairwise(zip(words, found, strict=True)) if x == y)
    assert near[1, :3].tolist() == [700, 701, 702]


def test_queries_are_those_of_the_embeddings(index: NeighbourIndex) -> None:
    given = embeddings()
    for asked in (("w3", ()), (["w3", "w5"], ["w9"]), (given["w7"].astype(float), ("w8",))):
        exact = given.most_similar(*asked, topn=5)
        found = index.most_similar(*asked, topn=5)
        assert [word for word, _ in found] == [word for word, _ in exact]
        np.testing.assert_allclose([c for _, c in found], [c for _, c in exact], atol=1e-6)
    assert len(index.most_similar("w3", topn=5000)) == SIZE - 2


def test_the_same_words_give_the_same_answers(index: NeighbourIndex) -> None:
    again = NeighbourIndex(embeddings(), fewest=SIZE)
    rows = np.arange(44)
    for one, other in zip(index.of_words(rows, 10), again.of_words(rows, 10), strict=True):
        assert one.tobytes() == other.tobytes()


def test_fewer_words_are_compared_with_all() -> None:
    given = embeddings()
    few = NeighbourIndex(given)
    assert few.exact
    assert few.recall(sample=100).share == 1
    assert few.most_similar("w3") == given.most_similar("w3")
    near, _ = few.of_words([5], 3)
    assert near[0].tolist() == np.argsort(-by_all_cosines(given, 5), kind="stable")[:3].tolist()


def test_the_atlas_takes_it_and_says_what_it_misses() -> None:
    given = embeddings()
    exact, graph = atlas_of(given, exact=True, fewest=SIZE), atlas_of(given, fewest=SIZE)
    assert not exact.notes
    assert "found by a graph" in graph.notes[0]
    assert "%" in graph.notes[0]
    same = np.mean(exact.neighbours == graph.neighbours)
    assert same > 0.95
    assert graph.neighbours[44].tolist() == exact.neighbours[44].tolist()
    assert not atlas_of(given).notes


def test_without_usearch_all_cosines_are_looked_at_and_a_note_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("probes.studies.atlas.find_spec", lambda name: None)
    found = atlas_of(embeddings(), fewest=SIZE)
    assert "pip install" in found.notes[0]
    assert found.neighbours.tolist() == atlas_of(embeddings()).neighbours.tolist()
    monkeypatch.setitem(__import__("sys").modules, "usearch.index", None)
    with pytest.raises(InputError, match="needs usearch, which is not installed"):
        NeighbourIndex(embeddings(), fewest=SIZE)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda one: one.of_words([44], 3), "zero"),
        (lambda one: one.of_words([3], 0), "topn is 0"),
        (lambda one: one.recall(sample=0), "sample is 0"),
        (lambda one: one.recall(seed=-1), "seed is -1"),
        (lambda one: one.most_similar("missing"), "missing"),
        (lambda one: one.most_similar("w44"), "zero"),
        (lambda one: one.most_similar(), "empty"),
        (lambda one: one.most_similar("w1", topn=0), "topn is 0"),
    ],
)
def test_bad_questions_are_refused(index: NeighbourIndex, ask: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ask(index)
