"""Matching of modes: planted permutations, clusters in any basis, and pairs by chance."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import strategies  # noqa: F401  (the profile without deadlines)
from figure_data import spectrum_of
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from probes.modes import Basis, ModeMatching, clusters, match_modes
from probes.modes.matching import chance_of
from repsearch.errors import InputError

Real = NDArray[np.float64]
EPS = np.finfo(float).eps
seeds = st.integers(0, 10**6)


def orthonormal(seed: int, rows: int, columns: int) -> Real:
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((rows, columns)))
    return q * np.sign(np.diag(r))


def partners(found: ModeMatching) -> dict[tuple[int, ...], tuple[int, ...]]:
    return {pair.one: pair.other for pair in found.pairs}


@st.composite
def degenerate_values(draw: st.DrawFn) -> tuple[Real, list[list[int]]]:
    """Decreasing eigenvalues in clusters of equal ones, and those clusters."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    values = np.repeat(10.0 - np.arange(len(sizes)), sizes)
    ends = np.cumsum([0, *sizes])
    return values, [list(range(a, b)) for a, b in itertools.pairwise(ends.tolist())]


# -------------------------------------------------- what must be recovered


@given(seeds, st.integers(1, 9), st.integers(0, 6), st.floats(0, 0.02))
def test_a_planted_permutation_is_recovered(seed: int, d: int, extra: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    a = orthonormal(seed, d + extra, d)
    order, signs = rng.permutation(d), rng.choice([-1.0, 1.0], d)
    b = np.linalg.qr(a + noise * rng.standard_normal(a.shape))[0][:, order] * signs
    found = match_modes(a, b)
    assert partners(found) == {(int(order[k]),): (k,) for k in range(d)}
    assert found.unmatched_one == found.unmatched_other == ()
    assert found.n_words == d + extra
    for pair in found.pairs:
        direct = float(a[:, pair.one[0]] @ b[:, pair.other[0]]) ** 2
        assert pair.overlap == pytest.approx(direct, abs=20 * (d + extra) * EPS)


@given(seeds, st.integers(1, 5), st.integers(1, 5))
def test_no_other_assignment_has_a_larger_sum(seed: int, m: int, n: int) -> None:
    """Against all assignments, one by one."""
    squares = (orthonormal(seed, 6, m).T @ orthonormal(seed + 1, 6, n)) ** 2
    found = match_modes(orthonormal(seed, 6, m), orthonormal(seed + 1, 6, n))
    wide = squares if m <= n else squares.T
    best = max(
        sum(wide[row, column] for row, column in enumerate(chosen))
        for chosen in itertools.permutations(range(max(m, n)), min(m, n))
    )
    assert sum(pair.overlap for pair in found.pairs) == pytest.approx(best, abs=50 * EPS)
    assert len(found.pairs) == min(m, n)
    for pair in found.pairs:
        row, column = pair.one[0], pair.other[0]
        rivals = [*np.delete(squares[row], column), *np.delete(squares[:, column], row), 0.0]
        assert pair.margin == pytest.approx(pair.overlap - max(rivals), abs=50 * EPS)
    left = set(range(m)) - {pair.one[0] for pair in found.pairs}
    right = set(range(n)) - {pair.other[0] for pair in found.pairs}
    assert (set(found.unmatched_one), set(found.unmatched_other)) == (left, right)


@given(seeds, degenerate_values(), st.integers(1, 5))
def test_rotation_inside_a_cluster_changes_nothing(
    seed: int, planted: tuple[Real, list[list[int]]], extra: int
) -> None:
    """Overlaps, margins and partners of clusters are those of their spans."""
    values, groups = planted
    d = len(values)
    a, b = orthonormal(seed, d + extra, d), orthonormal(seed, d + extra, d)
    b = np.linalg.qr(b + 0.03 * np.random.default_rng(seed).standard_normal(b.shape))[0]
    plain = match_modes(Basis(a, values), Basis(b, values))
    turned = []
    for start, vectors in ((1, a), (2, b)):
        other = vectors.copy()
        for number, group in enumerate(groups):
            other[:, group] = vectors[:, group] @ orthonormal(
                seed + start + 7 * number, len(group), len(group)
            )
        turned.append(Basis(other, values))
    found = match_modes(*turned)
    assert partners(plain) == {tuple(group): tuple(group) for group in groups}
    assert partners(found) == partners(plain)
    for one, other in zip(plain.pairs, found.pairs, strict=True):
        assert one.overlap == pytest.approx(other.overlap, abs=100 * (d + extra) * EPS)
        assert one.margin == pytest.approx(other.margin, abs=100 * (d + extra) * EPS)
        assert one.p_value == pytest.approx(other.p_value, rel=1e-6, abs=1e-9)


def test_single_modes_of_a_cluster_would_not_have_been_matched() -> None:
    """The adversary: the same spans mode by mode look like strangers."""
    a = orthonormal(0, 20, 4)
    mixed = a.copy()
    mixed[:, :2] = a[:, :2] @ np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
    assert match_modes(a, mixed).pairs[0].overlap == pytest.approx(0.5)
    assert match_modes(a, mixed).pairs[0].margin == pytest.approx(0)
    values = np.array([3.0, 3.0, 2.0, 1.0])
    pair = match_modes(Basis(a, values), Basis(mixed, values)).pairs[0]
    assert (pair.one, pair.other) == ((0, 1), (0, 1))
    assert pair.overlap == pytest.approx(1)
    assert pair.margin == pytest.approx(1)


def test_a_cluster_resolved_on_one_side_meets_its_span() -> None:
    a = orthonormal(0, 30, 5)
    one = Basis(a, np.array([5.0, 3.0, 3.0, 2.0, 1.0]))
    for values, tolerances in (
        ([5.0, 3.1, 2.9, 2.0, 1.0], 0.0),
        ([5.0, 3.1, 2.9, 2.0, 1.0], (0.0, 0.5)),
    ):
        found = match_modes(one, Basis(a, np.array(values)), tolerance=tolerances)
        assert partners(found) == {(0,): (0,), (1, 2): (1, 2), (3,): (3,), (4,): (4,)}
    # Clusters that overlap like tiles are united until spans can be equal.
    tiled = Basis(a, np.array([4.0, 4.0, 3.0, 2.0, 1.0]))
    assert partners(match_modes(one, tiled)) == {(0, 1, 2): (0, 1, 2), (3,): (3,), (4,): (4,)}


def test_half_a_cluster_that_is_new_unites_nothing_else() -> None:
    """One mode of a cluster has gone elsewhere: the other basis' junk is no part of it."""
    a = orthonormal(0, 50, 4)
    one = Basis(a[:, :3], np.array([3.0, 3.0, 1.0]))
    other = Basis(a[:, [0, 3, 2]], np.array([4.0, 3.0, 1.0]))
    found = match_modes(one, other)
    assert partners(found) == {(0, 1): (0,), (2,): (2,)}
    assert found.pairs[0].overlap == pytest.approx(0.5)
    assert found.unmatched_other == (1,)


# -------------------------------------------------- certainty and chance


def test_the_p_value_of_a_pair_is_that_of_its_law() -> None:
    """Under random bases it is uniform: Kolmogorov-Smirnov on 700 draws for each size."""
    for m, n, v in ((1, 1, 9), (1, 3, 9), (4, 1, 12)):
        p_values = []
        for s in range(700):
            a, b = orthonormal(2 * s, v, m), orthonormal(2 * s + 1, v, n)
            share = float(np.sum((a.T @ b) ** 2)) / max(m, n)
            p_values.append(chance_of(share, (m, n), n_words=v))
        assert stats.kstest(p_values, "uniform").pvalue > 0.01


def test_the_p_value_of_two_clusters_is_nearly_that_of_its_law() -> None:
    """A Beta law of the same two moments, so at the usual levels only: 3 standard errors."""
    m, n, v, drawn = 3, 2, 20, 1500
    p_values = np.array(
        [
            chance_of(
                float(np.sum((orthonormal(2 * s, v, m).T @ orthonormal(2 * s + 1, v, n)) ** 2)) / m,
                (m, n),
                n_words=v,
            )
            for s in range(drawn)
        ]
    )
    for level in (0.05, 0.2, 0.5):
        off = abs(np.mean(p_values < level) - level)
        assert off < 3 * np.sqrt(level * (1 - level) / drawn) + 0.1 * level


def test_the_best_pair_of_random_bases_is_called_chance() -> None:
    """At a level of 5 % the best of 9 passes in at most 5 % of draws, up to 3 standard errors."""
    drawn = 300
    passed = sum(
        any(
            not pair.could_be_chance(0.05)
            for pair in match_modes(orthonormal(2 * s, 12, 3), orthonormal(2 * s + 1, 12, 3)).pairs
        )
        for s in range(drawn)
    )
    assert passed / drawn <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / drawn)
    # And it is not that nothing ever passes.
    assert passed > 0


def test_true_partners_are_no_chance() -> None:
    spectrum = spectrum_of(np.array([9.0, 4.0, 1.0]))
    found = match_modes(spectrum, spectrum.embeddings(), k=2)
    assert all(not pair.could_be_chance() and pair.p_value < 1e-9 for pair in found.pairs)
    assert [row["one"] for row in found.table()] == ["0", "1"]
    assert "overlap 1.000, margin +1.000" in repr(found)
    assert "could be chance" not in repr(found)
    assert found.coverage == (1.0, 1.0)


def test_a_span_of_everything_overlaps_by_necessity() -> None:
    assert chance_of(1.0, (3, 3), n_words=3) == 1
    assert chance_of(1.0, (1, 1), n_words=1) == 1
    whole = Basis(np.eye(3), np.ones(3))
    pair = match_modes(whole, Basis(orthonormal(0, 3, 3), np.ones(3))).pairs[0]
    assert pair.overlap == pytest.approx(1)
    assert pair.could_be_chance()


def test_tolerances_come_from_the_gaps_of_each_basis() -> None:
    values = np.array([5.0, 4.9, 1.0])
    a = Basis(orthonormal(0, 12, 3), values)
    assert clusters(values, 0.2) == ((0, 1), (2,))
    assert [pair.one for pair in match_modes(a, a, tolerance=0.2).pairs] == [(0, 1), (2,)]
    assert [pair.one for pair in match_modes(a, a).pairs] == [(0,), (1,), (2,)]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: match_modes(np.eye(3), np.eye(3), tolerance=0.1), "tolerance is 0.1, but a basis"),
        (
            lambda: match_modes(Basis(np.eye(2), np.ones(2)), np.eye(2), tolerance=(0.0, 0.1)),
            "tolerance is 0.1, but a basis",
        ),
        (lambda: match_modes(Basis(np.eye(2), np.ones(2)), np.eye(2), tolerance=-1.0), "is -1.0"),
        (lambda: match_modes(np.eye(3), np.eye(3), k=5), "k is 5"),
        (lambda: match_modes(np.eye(3), np.eye(4)), "3 and 4 rows"),
    ],
)
def test_bad_arguments_are_named(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        call()
