"""Lineages of modes through time, two trajectories compared, and their figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import strategies  # noqa: F401  (the profile without deadlines)
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from probes.figures.modes.overlap import plot_lineage, plot_overlap
from probes.modes import (
    Crossing,
    births,
    compare_trajectories,
    crossings,
    deaths,
    lineage,
    mode_path,
    overlap,
    subspace_distance,
)
from repsearch.errors import InputError

Real = NDArray[np.float64]
EPS = np.finfo(float).eps


def orthonormal(seed: int, rows: int, columns: int) -> Real:
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((rows, columns)))
    return q * np.sign(np.diag(r))


@dataclass
class Planted:
    """Fixed directions whose strengths are given functions of time, sorted as a trajectory is."""

    vectors: Real
    strengths: Callable[[float], Any]
    times: tuple[float, ...] = (0.0, 1.0, 2.0, 3.0)
    words: tuple[str, ...] | None = None
    gauge: int | None = None

    def order(self, t: float) -> NDArray[np.intp]:
        return np.argsort(-np.asarray(self.strengths(t)), kind="stable")

    def modes(self, t: float) -> tuple[Real, Real]:
        order = self.order(t)
        values = np.asarray(self.strengths(t), float)[order]
        vectors = self.vectors[:, order].copy()
        rng = np.random.default_rng(None if self.gauge is None else self.gauge + int(97 * t))
        if self.gauge is not None:
            for value in np.unique(values):
                group = np.flatnonzero(values == value)
                vectors[:, group] @= orthonormal(int(rng.integers(10**6)), len(group), len(group))
        return vectors, values


def growing(t: float) -> list[float]:
    """Two that change places after t = 1, one born after 1, one that dies after 2."""
    return [3.0, 2.0 + t, 0.0 if t < 2 else 1.0, 1.5 if t < 3 else 0.01]


# ---------------------------------------------------------- lineage


def test_modes_are_followed_through_births_deaths_and_crossings() -> None:
    followed = lineage(Planted(orthonormal(0, 12, 4), growing), threshold=0.1)
    graph = followed.graph
    # At t = 0: modes 3, 2, 1.5; at 1: 3, 3 (equal); at 2: 4, 3, 1.5, 1; at 3: 5, 3, 1.
    assert sorted(graph) == [
        *((0, k) for k in range(3)),
        *((1, k) for k in range(3)),
        *((2, k) for k in range(4)),
        *((3, k) for k in range(3)),
    ]
    assert births(followed) == [(0, 0), (0, 1), (0, 2), (2, 3)]
    assert deaths(followed) == [(2, 2)]
    assert mode_path(followed, (2, 1)) == [(0, 0), (1, 0), (2, 1), (3, 1)]
    assert mode_path(followed, (0, 1)) == [(0, 1), (1, 1), (2, 0), (3, 0)]
    assert mode_path(followed, (3, 2)) == [(2, 3), (3, 2)]
    assert crossings(followed) == [Crossing(1, (0, 1), (1, 0))]
    assert graph.nodes[2, 0] == {"time": 2.0, "value": 4.0}
    edge = graph.edges[(2, 0), (3, 0)]
    assert edge["overlap"] == pytest.approx(1)
    assert edge["margin"] == pytest.approx(1)
    # (1, 0) and (1, 1) are equal and form a cluster: they leave it as a whole.
    assert graph.edges[(1, 0), (2, 1)]["cluster_overlap"] == pytest.approx(1)
    assert followed.times == (0.0, 1.0, 2.0, 3.0)


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(2, 5), st.integers(0, 3))
def test_planted_orders_are_recovered(seed: int, d: int, n_times: int, extra: int) -> None:
    """Random strengths at each time: every path is one planted direction."""
    strengths = np.random.default_rng(seed).permuted(
        np.tile(np.arange(d) + 1.0, (n_times, 1)), axis=1
    )
    planted = Planted(
        orthonormal(seed, d + extra, d), lambda t: strengths[int(t)], tuple(range(n_times))
    )
    followed = lineage(planted, threshold=0.5)
    ranks = [np.argsort(planted.order(t)) for t in range(n_times)]
    for direction in range(d):
        path = [(t, int(ranks[t][direction])) for t in range(n_times)]
        assert mode_path(followed, path[-1]) == path
    swaps = sum(
        (ranks[t][a] < ranks[t][b]) != (ranks[t + 1][a] < ranks[t + 1][b])
        for t in range(n_times - 1)
        for a in range(d)
        for b in range(a)
    )
    assert len(crossings(followed)) == swaps
    assert len(births(followed)) == d
    assert deaths(followed) == []


@given(st.integers(0, 10**6))
def test_equal_strengths_in_any_basis_keep_their_lineage(seed: int) -> None:
    """Three equal modes in a random basis of their span at each time are never lost."""
    planted = Planted(orthonormal(seed, 9, 5), lambda _: [3.0, 2.0, 2.0, 2.0, 1.0], gauge=seed)
    followed = lineage(planted, threshold=0.5)
    assert births(followed) == [(0, k) for k in range(5)]
    assert deaths(followed) == []
    assert mode_path(followed, (0, 0)) == [(t, 0) for t in range(4)]
    assert mode_path(followed, (0, 4)) == [(t, 4) for t in range(4)]
    edges = followed.graph.edges
    inside = [edges[edge]["cluster_overlap"] for edge in edges if edge[0][1] in (1, 2, 3)]
    np.testing.assert_allclose(inside, 1, atol=100 * EPS)


def test_without_clusters_a_rotated_pair_would_die() -> None:
    """The adversary: nearly equal strengths, no tolerance, and a basis turned by 45 degrees."""
    a = orthonormal(0, 8, 3)
    turned = a.copy()
    turned[:, :2] = a[:, :2] @ np.array([[0.8, -0.6], [0.6, 0.8]]) @ np.array([[1, -1], [1, 1]])
    turned[:, :2] /= np.sqrt(2)

    @dataclass
    class Turning:
        times: tuple[float, ...] = (0.0, 1.0)

        def modes(self, t: float) -> tuple[Real, Real]:
            return (turned if t else a), np.array([2.0, 2.0 - 1e-9, 1.0])

    alone = lineage(Turning(), threshold=0.1, least_overlap=0.985)
    assert deaths(alone) == [(0, 0), (0, 1)]
    together = lineage(Turning(), threshold=0.1, tolerance=1e-8, least_overlap=0.985)
    assert deaths(together) == []


def test_times_may_be_chosen_and_nothing_may_be_born() -> None:
    planted = Planted(orthonormal(0, 12, 4), growing)
    assert {node[0] for node in lineage(planted, [0.5, 2.5], threshold=0.1).graph} == {0, 1}
    empty = lineage(planted, threshold=100.0)
    assert births(empty) == deaths(empty) == crossings(empty) == []
    gone = Planted(orthonormal(0, 5, 1), lambda t: [1.0 if t < 2 else 0.0])
    assert deaths(lineage(gone, threshold=0.1)) == [(1, 0)]


# ---------------------------------------------------------- two trajectories


def test_a_trajectory_agrees_with_itself_in_any_basis() -> None:
    vectors = orthonormal(0, 12, 4)
    one = Planted(vectors, lambda _: [3.0, 2.0, 2.0, 1.0], gauge=1)
    other = Planted(vectors, lambda _: [3.0, 2.0, 2.0, 1.0], gauge=2)
    found = compare_trajectories(one, other, [0.0, 1.0], k=3)
    np.testing.assert_allclose(found.subspace_overlaps, 1, atol=50 * EPS)
    assert found.distances.max() < 50 * EPS
    assert found.weighted_distances.max() < 50 * EPS
    assert found.expected_overlap == pytest.approx(3 / 12)
    assert found.overlaps.shape == (2, 3, 3)
    assert "2 times, 3 modes, overlap 1.0000 to 1.0000, by chance 0.25" in repr(found)


def test_a_planted_difference_is_measured_at_each_time() -> None:
    vectors = orthonormal(0, 12, 4)
    moved = vectors.copy()
    angle = 1e-9
    moved[:, 1] = np.cos(angle) * vectors[:, 1] + np.sin(angle) * vectors[:, 3]
    one = Planted(vectors[:, :3], lambda t: [3.0 + t, 2.0, 1.0])
    other = Planted(moved[:, :3], lambda t: [3.0, 2.0, 1.0])
    found = compare_trajectories(one, other, [0.0, 1.0], k=2)
    np.testing.assert_allclose(found.largest_angles, angle, rtol=1e-5)
    np.testing.assert_allclose(found.distances, angle / np.sqrt(2), rtol=1e-5)
    np.testing.assert_allclose(found.overlaps, np.tile(np.eye(2), (2, 1, 1)), atol=1e-14)
    # At t = 1 the first strength is off by 1: 1 / sqrt(16 + 4 + 1 + 9 + 4 + 1).
    np.testing.assert_allclose(found.weighted_distances[1], 1 / np.sqrt(35), rtol=1e-8)
    assert found.weighted_distances[0] < 2e-9
    row = found.table()[1]
    assert row["time"] == 1.0
    assert row["distance"] == subspace_distance(*(p.modes(1.0)[0][:, :2] for p in (one, other)))


def test_trajectories_over_other_vocabularies_are_matched_by_word() -> None:
    vectors, words = orthonormal(0, 12, 2), tuple("abcdefghijkl")
    one = Planted(vectors, lambda _: [2.0, 1.0], words=words)
    order = np.random.default_rng(0).permutation(12)
    other = Planted(
        np.vstack([vectors[order], np.zeros((3, 2))]),
        lambda _: [2.0, 1.0],
        words=(*(words[place] for place in order), "x", "y", "z"),
    )
    found = compare_trajectories(one, other, [1.0], k=2)
    assert found.distances[0] < 1e-14
    assert found.coverage == (1.0, 12 / 15)


# ---------------------------------------------------------- figures


def root(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def test_the_heat_map_shows_the_overlaps() -> None:
    squares = overlap(orthonormal(0, 9, 4), orthonormal(1, 9, 6))
    ax = plot_overlap(squares, one="word2vec", other="M* $x$")
    (image,) = ax.get_images()
    np.testing.assert_array_equal(np.asarray(image.get_array()), squares)
    assert image.get_clim() == (0, 1)
    assert ax.get_ylabel() == "mode of word2vec"
    assert ax.get_xlabel() == "mode of M* $x$"
    assert not ax.xaxis.label.get_parse_math()
    # The first mode is at the top left, and modes count from 1.
    assert ax.get_xlim() == (0.5, 6.5)
    assert ax.get_ylim() == (4.5, 0.5)
    root(ax).canvas.draw()
    given_ax = Figure().add_subplot()
    assert plot_overlap(squares, ax=given_ax) is given_ax


def test_the_lineage_shows_every_mode() -> None:
    followed = lineage(Planted(orthonormal(0, 12, 4), growing), threshold=0.1)
    graph = followed.graph
    ax = plot_lineage(followed)
    drawn = {
        (float(x), float(y))
        for line in ax.get_lines()
        if line.get_label() not in ("birth", "death")
        for x, y in zip(*line.get_data(), strict=True)
    }
    assert drawn == {(seen["time"], seen["value"]) for _, seen in graph.nodes.items()}
    segments = [s for lines in ax.collections for s in lines.get_segments()]  # type: ignore[attr-defined]
    assert len(segments) == graph.number_of_edges()
    labelled: Any = {
        line.get_label(): line.get_data()
        for line in ax.get_lines()
        if line.get_label() in ("birth", "death")
    }
    np.testing.assert_array_equal(labelled["birth"], [[2.0], [1.0]])
    np.testing.assert_array_equal(labelled["death"], [[2.0], [1.5]])
    root(ax).canvas.draw()
    given_ax = Figure().add_subplot()
    assert plot_lineage(followed, ax=given_ax) is given_ax


# ---------------------------------------------------------- what is refused

PLANTED = Planted(orthonormal(0, 12, 4), growing)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: lineage(PLANTED, [], threshold=0.1), "no times"),
        (lambda: lineage(PLANTED, [1.0, 1.0], threshold=0.1), "time 1 follows 1"),
        (lambda: lineage(PLANTED, [0.0, np.nan], threshold=0.1), "time nan follows 0"),
        (lambda: lineage(PLANTED, threshold=-1.0), "threshold is -1.0"),
        (lambda: lineage(PLANTED, threshold=0.1, least_overlap=2.0), "least_overlap is 2.0"),
        (lambda: lineage(PLANTED, threshold=0.1, tolerance=-1.0), "tolerance is -1.0"),
        (lambda: mode_path(lineage(PLANTED, threshold=0.1), (9, 9)), "no mode \\(9, 9\\)"),
        (lambda: compare_trajectories(PLANTED, PLANTED, [], k=1), "no times"),
        (lambda: compare_trajectories(PLANTED, PLANTED, [0.0], k=4), "3 and 3 modes"),
        (lambda: compare_trajectories(PLANTED, PLANTED, [0.0], k=0), "k is 0"),
        (lambda: plot_overlap(np.ones(3)), "shape \\(3,\\)"),
        (lambda: plot_overlap(np.full((2, 2), 1.5)), "not between 0 and 1"),
        (lambda: plot_overlap(np.full((2, 2), np.nan)), "not between 0 and 1"),
        (lambda: plot_lineage(lineage(PLANTED, threshold=100.0)), "no mode appears"),
    ],
)
def test_bad_arguments_are_named(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        call()
