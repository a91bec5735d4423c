"""The graph of words and topics: its filter, its communities, its null, its picture."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import strategies  # noqa: F401  (the profile without deadlines)
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from probes.drawing.save import rendered
from probes.figures import plot_topic_graph
from probes.topics import TopicGraph, topic_graph, topic_labels
from probes.topics.coherence import CoherenceTable, TopicCoherence
from probes.topics.degree_null import rewired
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError

seeds = st.integers(0, 10**6)


def random_embeddings(seed: int, n: int = 200, d: int = 12) -> Embeddings:
    vectors = np.random.default_rng(seed).standard_normal((n, d))
    return Embeddings(tuple(f"w{k}" for k in range(n)), vectors)


def planted(seed: int = 0, groups: int = 3, n: int = 60) -> Embeddings:
    """Words that lie on two modes of one group of two; a few on modes of two groups."""
    rng = np.random.default_rng(seed)
    d = 2 * groups
    vectors = 0.05 * rng.standard_normal((groups * n + 4, d + 14))
    for group in range(groups):
        rows = slice(group * n, (group + 1) * n)
        vectors[rows, 2 * group : 2 * group + 2] += rng.uniform(0.8, 1.2, size=(n, 2))
    vectors[groups * n :, [0, 2]] += 1.0
    names = [f"g{k // n}x{k % n}" for k in range(groups * n)] + ["bridge", "link", "span", "tie"]
    return Embeddings(tuple(names), vectors)


def edges_of(found: TopicGraph) -> dict[tuple[str, str], float]:
    return {(row["word"], row["topic"]): row["share"] for row in found.table()}  # type: ignore[misc]


# ------------------------------------------------------------------ the filter


@given(seeds, st.integers(2, 6))
@settings(max_examples=15)
def test_edges_are_shares_of_words_with_their_signs(seed: int, d: int) -> None:
    source = random_embeddings(seed, n=40, d=d)
    found = topic_graph(source, level=0.5, permutations=1)
    squares = source.vectors**2
    for (word, topic), share in edges_of(found).items():
        row, mode = int(word[1:]), int(topic[:-1]) - 1
        assert share == pytest.approx(squares[row, mode] / squares[row].sum(), rel=1e-12)
        assert (source.vectors[row, mode] > 0) == (topic[-1] == "+")
    assert nx.is_bipartite(found.graph)


@pytest.mark.parametrize("level", [0.05, 0.01])
@pytest.mark.parametrize("d", [3, 20, 100])
def test_random_directions_keep_edges_at_the_level(level: float, d: int) -> None:
    n = 4000
    source = random_embeddings(d, n=n, d=d)
    found = topic_graph(source, modes=range(1, 4), level=level, permutations=1)
    kept = found.graph.number_of_edges()
    # A word's shares depend on each other little, and words not at all.
    expected = 3 * n * level
    assert abs(kept - expected) < 5 * np.sqrt(expected)


def test_even_splits_would_keep_several_times_more() -> None:
    # What the docstring says of the disparity filter's own null.
    rng = np.random.default_rng(0)
    squares = rng.standard_normal((20_000, 100)) ** 2
    shares = squares[:, 0] / squares.sum(axis=1)
    assert 2.5 < np.mean((1 - shares) ** 99 < 0.01) / 0.01 < 5


def test_a_lower_level_keeps_a_part_of_the_edges() -> None:
    source = planted()
    few, more = (edges_of(topic_graph(source, level=one, permutations=1)) for one in (0.001, 0.05))
    assert few.items() <= more.items()
    assert min(few.values()) > min(more.values())


# ------------------------------------------------------------------ the null


@given(seeds)
@settings(max_examples=15)
def test_rewiring_keeps_degrees_and_weights_of_words(seed: int) -> None:
    graph = topic_graph(random_embeddings(seed, n=80, d=6), level=0.2, permutations=1).graph
    made = rewired(graph, np.random.default_rng(seed))
    assert dict(made.degree()) == dict(graph.degree())
    assert list(made) == list(graph)
    assert nx.is_bipartite(made)
    for node, kind in graph.nodes(data="kind"):
        if kind == "word":
            before, after = (
                sorted(edge["weight"] for edge in one[node].values()) for one in (graph, made)
            )
            assert before == after
    assert set(map(frozenset, made.edges())) != set(map(frozenset, graph.edges()))


@pytest.mark.parametrize("seed", range(3))
def test_planted_groups_are_communities_above_the_null(seed: int) -> None:
    found = topic_graph(planted(seed), modes=range(1, 7), level=0.01, permutations=20, seed=seed)
    groups = {frozenset(topic[:-1] for topic in group) for group in found.topic_groups}
    assert {frozenset("12"), frozenset("34"), frozenset("56")} <= groups
    assert found.p_value == 1 / 21
    assert found.modularity is not None
    assert found.modularity > max(found.null_modularity) + 0.1
    said = found.summary()
    assert "p = 0.048" in said
    assert "Topics that share words:" in said
    assert "could be chance" not in said
    chance = topic_graph(random_embeddings(0, n=150), level=0.1, permutations=9)
    assert "could be chance" in chance.summary()


def test_random_graphs_are_at_the_null() -> None:
    values = [
        topic_graph(random_embeddings(seed, n=150), level=0.1, permutations=9, seed=seed).p_value
        for seed in range(20)
    ]
    # Each is 1/10 with a chance of 1/10: six or more of twenty have one of 0.011.
    assert np.count_nonzero(np.array(values) <= 0.1) <= 5


@given(seeds)
@settings(max_examples=15)
def test_communities_divide_all_nodes(seed: int) -> None:
    found = topic_graph(random_embeddings(seed, n=60, d=6), level=0.1, permutations=1)
    nodes = [node for group in found.communities for node in group]
    assert sorted(nodes) == sorted(found.graph)
    home = {node: k for k, group in enumerate(found.communities) for node in group}
    for node, kind in found.graph.nodes(data="kind"):
        if kind == "word" and found.graph.degree(node) == 1:
            assert home[node] == home[next(iter(found.graph[node]))]


def test_words_of_one_topic_have_no_part_in_the_modularity() -> None:
    source = planted()
    lone = np.zeros((200, source.vectors.shape[1]))
    lone[:, 0] = 1.0
    more = Embeddings(
        (*source.words, *(f"lone{k}" for k in range(200))), np.vstack([source.vectors, lone])
    )
    one, other = (
        topic_graph(given_, modes=range(1, 7), permutations=2) for given_ in (source, more)
    )
    assert other.modularity == pytest.approx(one.modularity, abs=1e-12)
    assert len(other.graph) == len(one.graph) + 200


# ------------------------------------------------------------------ central words


def test_bridges_are_central_and_participation_is_as_by_hand() -> None:
    found = topic_graph(planted(), modes=range(1, 7), level=0.01, permutations=1)
    central = found.central_words(4)
    assert {one.word for one in central} == {"bridge", "link", "span", "tie"}
    home = {node: k for k, group in enumerate(found.communities) for node in group}
    for one in central:
        assert {topic[:-1] for topic in one.topics} == {"1", "3"}
        edges = found.graph[one.word]
        by_group: dict[int, float] = {}
        for topic in edges:
            by_group[home[topic]] = by_group.get(home[topic], 0) + edges[topic]["weight"]
        total = sum(by_group.values())
        # The chance that two edges drawn by weight go to different communities.
        apart = sum(a * b for a, b in combinations(by_group.values(), 2)) * 2 / total**2
        assert one.participation == pytest.approx(apart, rel=1e-12)
    assert "bridge (" in found.summary()


def test_where_no_word_is_shared_that_is_said() -> None:
    vectors = np.repeat(np.eye(20), 3, axis=0)
    found = topic_graph(
        Embeddings(tuple(f"w{k}" for k in range(60)), vectors), modes=[1, 2], permutations=3
    )
    assert (found.modularity, found.null_modularity, found.p_value) == (None, (), 1.0)
    assert found.summary().endswith("No word belongs to two topics.")
    assert found.central_words() == ()
    assert found.topic_groups == (("1+",), ("2+",))


def test_a_word_named_like_a_topic_is_a_word() -> None:
    vectors = np.repeat(np.eye(20), 2, axis=0)
    names = ("1+", *(f"w{k}" for k in range(39)))
    found = topic_graph(Embeddings(names, vectors), modes=[1], permutations=1)
    assert found.graph.nodes["1+"]["kind"] == "word"
    assert edges_of(found)["1+", "1+"] == 1.0


# ------------------------------------------------------------------ bits and errors


def test_equal_runs_give_equal_graphs_whatever_the_hash_seed() -> None:
    program = (
        "from test_graph import planted; from probes.topics import topic_graph; "
        "found = topic_graph(planted(), permutations=3); "
        "print(found.communities, found.modularity, found.null_modularity)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **os.environ,
            "PYTHONHASHSEED": "7",
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = topic_graph(planted(), permutations=3)
    here = f"{found.communities} {found.modularity} {found.null_modularity}"
    assert printed.strip() == here


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": 0.0}, "level"),
        ({"level": 1.0}, "level"),
        ({"permutations": 0}, "permutations is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"modes": [13]}, "no mode 13"),
        ({"frequent": 0}, "frequent"),
        ({"level": 1e-30}, "no word lies on a mode more than chance"),
    ],
)
def test_bad_arguments(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        topic_graph(random_embeddings(0), **options)  # type: ignore[arg-type]


def test_one_mode_makes_no_graph() -> None:
    with pytest.raises(InputError, match="two modes or more, and there is 1"):
        topic_graph(random_embeddings(0, d=1))


# ------------------------------------------------------------------ the picture


def root(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def test_the_picture_shows_topics_words_and_their_edges() -> None:
    source = planted()
    found = topic_graph(source, modes=range(1, 7), permutations=1)
    labels = topic_labels(source, modes=range(1, 7))
    ax = plot_topic_graph(found, labels=labels, words=4)
    said = [text.get_text() for text in ax.texts]
    topics = [node.strip() for node, kind in found.graph.nodes(data="kind") if kind == "topic"]
    for topic in topics:
        (line,) = [text for text in said if text.endswith(f"   {topic}")]
        assert line.startswith(labels[topic].words[0])
    words = said[:-len(topics)]  # fmt: skip
    assert len(words) == len(set(words)) <= 4 * len(topics)
    # Of each word its heaviest edge and those of at least half its share, no more.
    (lines,) = ax.collections[:1]
    shown = 0
    for word in words:
        shares = [edge["weight"] for edge in found.graph[word].values()]
        shown += sum(share >= 0.5 * max(shares) for share in shares)
    assert len(lines.get_segments()) == shown  # type: ignore[attr-defined]
    assert "half that share" in ax.get_title()
    # The most frequent tenth is no topic's own.
    most_frequent = set(source.words[: int(found.settings["frequent"] or 0) // 10])
    assert not most_frequent & set(words)
    assert rendered(root(ax), "png") == rendered(
        root(plot_topic_graph(found, labels=labels, words=4)), "png"
    )


def test_the_picture_of_twenty_topics_fits_a_page() -> None:
    source = random_embeddings(0, n=400, d=14)
    found = topic_graph(source, modes=range(1, 11), level=0.02, permutations=1)
    figure = root(plot_topic_graph(found, labels=topic_labels(source, modes=range(1, 11))))
    assert figure.get_figheight() <= 9.6


@pytest.mark.parametrize("seed", range(3))
def test_no_label_lies_on_another(seed: int) -> None:
    source = random_embeddings(seed, n=400, d=14)
    found = topic_graph(source, modes=range(1, 11), level=0.02, permutations=1)
    figure = root(plot_topic_graph(found, labels=topic_labels(source, modes=range(1, 11))))
    FigureCanvasAgg(figure).draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    page = figure.bbox
    for box in boxes:
        assert page.x0 <= box.x0
        assert box.x1 <= page.x1
        assert page.y0 <= box.y0
        assert box.y1 <= page.y1
    for one, other in combinations(boxes, 2):
        # A pixel of the line height is between letters.
        assert not (
            min(one.x1, other.x1) - max(one.x0, other.x0) > 1
            and min(one.y1, other.y1) - max(one.y0, other.y0) > 1
        )


def test_doubtful_labels_are_grey_and_words_are_taken_as_they_are() -> None:
    source = planted()
    names = (*source.words[:-1], "$x_1$")
    source = Embeddings(names, source.vectors)
    judged = CoherenceTable(
        tuple(TopicCoherence(f"{k}{e}", ("a", "b"), 0, 0, 0.9 if k == 1 else 0.001)
              for k in range(1, 7) for e in "+-"),
        "npmi", "co-occurrence", 1.0,
    )  # fmt: skip
    labels = topic_labels(source, modes=range(1, 7), coherence=judged)
    found = topic_graph(source, modes=range(1, 7), permutations=1)
    ax = plot_topic_graph(found, labels=labels, words=80)
    colours = {
        text.get_text()[-2:]: text.get_color() for text in ax.texts if "   " in text.get_text()
    }
    assert colours["1+"] != colours["3+"]
    assert colours["3+"] == colours["5+"]
    assert "$x_1$" in {text.get_text() for text in ax.texts}
    assert rendered(root(ax), "png")
    bare = plot_topic_graph(found)
    assert {"1+", "6+"} <= {text.get_text() for text in bare.texts}


def test_the_picture_wants_two_words_and_labels_of_all_topics() -> None:
    source = planted()
    found = topic_graph(source, modes=range(1, 7), permutations=1)
    with pytest.raises(InputError, match="words is 1"):
        plot_topic_graph(found, words=1)
    with pytest.raises(InputError, match="there is no topic"):
        plot_topic_graph(found, labels=topic_labels(source, modes=[1]))
