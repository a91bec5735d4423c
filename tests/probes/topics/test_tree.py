"""Topics merged by the words they share: what is planted, where nothing is, and the null itself."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest
from scipy import stats

from probes.topics import topic_study, topic_tree
from probes.topics.words_on_modes import words_on_modes
from repsearch import Embeddings
from repsearch.errors import InputError
from repsearch.kernels.exchanges import exchange_ends


def named(vectors: np.ndarray) -> Embeddings:
    return Embeddings([f"w{k}" for k in range(len(vectors))], vectors)


def planted(seed: int = 0) -> Embeddings:
    """Six modes; words of 1+, 2+ and 3+ are often of two of these, all others of one mode."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(6):
        for sign in (1, -1):
            rows += [sign * np.eye(6)[k]] * 25
    for a, b in ((0, 1), (1, 2), (0, 2)):
        rows += [np.eye(6)[a] + np.eye(6)[b]] * 12
    vectors = np.array(rows) * rng.lognormal(sigma=1.0, size=(len(rows), 1))
    return named(np.hstack([vectors, 0.02 * rng.normal(size=(len(rows), 20))]))


def test_topics_that_share_words_are_merged_and_no_others() -> None:
    found = topic_tree(planted(), modes=range(1, 7))
    assert found.groups[0] in (("3+", "1+", "2+"), ("1+", "2+", "3+"), ("2+", "1+", "3+"))
    assert all(len(group) == 1 for group in found.groups[1:])
    assert len(found.groups) == 10
    assert found.left is not None
    assert found.left.p_value > 0.05
    assert "1+" in found.text()
    assert "├─" in found.text()


def test_shared_words_are_those_on_both() -> None:
    source = planted(3)
    graph, _ = words_on_modes(source, modes=range(1, 7), frequent=4000, level=0.01)
    of = {
        node.strip(): set(graph[node]) for node, kind in graph.nodes(data="kind") if kind == "topic"
    }
    found = topic_tree(source, modes=range(1, 7), permutations=20)
    for one in found.nearest:
        both = of[one.topic] & of[one.other]
        assert (one.words, one.shared) == (len(of[one.topic]), len(both))
        assert one.overlap == len(both) / min(len(of[one.topic]), len(of[one.other]))
    for merge in found.merges:
        first, second = (
            set().union(*(of[t] for t in side)) for side in (merge.first, merge.second)
        )
        assert merge.shared == len(first & second)
        assert merge.overlap == merge.shared / min(len(first), len(second))
        assert set(merge.words) <= first & second


def test_where_words_point_anywhere_few_worlds_have_a_merge() -> None:
    """Directions at random, of any length: 1 of 21 worlds may have a merge, over all pairs."""
    wrong = 0
    for seed in range(80):
        rng = np.random.default_rng(seed)
        vectors = rng.normal(size=(200, 8)) * rng.lognormal(sigma=1.5, size=(200, 1))
        found = topic_tree(named(vectors), modes=range(1, 7), level=0.2, permutations=20, seed=seed)
        wrong += bool(found.merges)
    assert wrong <= stats.binom.ppf(0.999, 80, 1 / 21)


def test_exchanges_reach_every_graph_with_these_degrees_alike() -> None:
    """Four words, two modes with two ends each: every allowed graph is enumerated."""
    words = np.array([0, 0, 1, 2, 3, 3])
    start = np.array([0, 2, 0, 3, 1, 2])  # topics 0 and 1 are of mode 0, 2 and 3 of mode 1
    kinds = np.array([0, 0, 1, 1])

    def allowed(topics: tuple[int, ...]) -> bool:
        pairs = list(zip(words.tolist(), kinds[list(topics)].tolist(), strict=True))
        return len(set(pairs)) == len(pairs) and sorted(topics) == sorted(start)

    def key(topics: np.ndarray) -> frozenset[tuple[int, int]]:
        return frozenset(zip(words.tolist(), topics.tolist(), strict=True))

    every = {key(np.array(one)) for one in product(range(4), repeat=6) if allowed(one)}
    assert len(every) > 5
    rng = np.random.default_rng(0)
    seen: Counter[frozenset[tuple[int, int]]] = Counter()
    topics = start.copy()
    for _ in range(200 * len(every)):
        held = np.zeros((4, 2), dtype=bool)
        held[words, kinds[topics]] = True
        exchange_ends(words, topics, kinds, held, rng.integers(6, size=(60, 2)))
        assert held.sum() == 6
        seen[key(topics)] += 1
    assert set(seen) == every
    assert stats.chisquare(list(seen.values())).pvalue > 1e-4


def test_the_study_has_it_where_it_is_asked_for() -> None:
    source = planted(1)
    found = topic_study(source, k=6, words=1, merge=True)
    assert found.tree is not None
    assert "topic-tree" in found.parts()
    assert found.tree.table() == topic_tree(source, modes=range(1, 7)).table()
    assert found.rests_on()["merge"] is True
    assert topic_study(source, k=6, words=1).tree is None


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"permutations": 19}, "at least 20; got 19"),
        ({"seed": -1}, "-1"),
        ({"level": 0.0}, "level"),
        ({"modes": [9000]}, "9000"),
        ({"frequent": 0}, "frequent"),
    ],
)
def test_bad_numbers_are_refused(more: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        topic_tree(planted(), **more)
