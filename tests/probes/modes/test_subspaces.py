"""Bases of modes: angles, overlaps, clusters, and what chance and perturbations make of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
import strategies  # noqa: F401  (the profile without deadlines)
from figure_data import spectrum_of
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from probes.modes import (
    Basis,
    basis,
    clusters,
    distinguishable_gap,
    overlap,
    principal_angles,
    share_words,
    sine_bounds,
    subspace_distance,
    subspace_overlap,
    uncut,
    weighted_distance,
)
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError

Real = NDArray[np.float64]
EPS = np.finfo(float).eps
seeds = st.integers(0, 10**6)


def orthonormal(seed: int, rows: int, columns: int) -> Real:
    """Uniformly random, by the QR decomposition of a Gaussian matrix with signs of R taken out."""
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((rows, columns)))
    return q * np.sign(np.diag(r))


def rotated(seed: int, vectors: Real, groups: Any) -> Real:
    """Another basis of the span of each group of columns."""
    found = vectors.copy()
    for number, group in enumerate(groups):
        columns = list(group)
        found[:, columns] = vectors[:, columns] @ orthonormal(seed + number, len(group), len(group))
    return found


# ---------------------------------------------------- angles


@given(seeds, st.lists(st.floats(-16, 0.19), min_size=1, max_size=4), st.integers(0, 6))
def test_planted_angles_are_found_however_small(seed: int, powers: list[float], extra: int) -> None:
    """B = A cos + A' sin with orthonormal [A A']: the angles are those put in."""
    planted = np.minimum(np.sort(10.0 ** np.array(powers)), np.pi / 2)
    k = len(planted)
    both = orthonormal(seed, 2 * k + extra, 2 * k)
    a, b = both[:, :k], both[:, :k] * np.cos(planted) + both[:, k:] * np.sin(planted)
    found = principal_angles(a @ orthonormal(seed + 1, k, k), b @ orthonormal(seed + 2, k, k))
    # Each entry of b and of the rotations is off by eps; k terms are summed.
    np.testing.assert_allclose(found, planted, rtol=0, atol=20 * (2 * k + extra) * EPS)


def test_angles_of_1e_12_keep_their_digits() -> None:
    """Against 50 digits; the arc cosine alone would give 0 or 1e-8."""
    mpmath.mp.dps = 50
    tiny = mpmath.mpf("1e-12")
    a = np.eye(5)[:, :2]
    b = a * float(mpmath.cos(tiny)) + np.eye(5)[:, 2:4] * float(mpmath.sin(tiny))
    np.testing.assert_allclose(principal_angles(a, b), [1e-12, 1e-12], rtol=8 * EPS)
    assert subspace_distance(a, b) == pytest.approx(1e-12, rel=8 * EPS)
    assert np.arccos(min(1.0, float(a[:, 0] @ b[:, 0]))) == 0


@given(seeds, st.integers(2, 8), st.data())
def test_spans_alone_count(seed: int, rows: int, data: st.DataObject) -> None:
    """Rotation within either span changes no angle and no distance."""
    m, n = (data.draw(st.integers(1, rows)) for _ in range(2))
    a, b = orthonormal(seed, rows, m), orthonormal(seed + 1, rows, n)
    turned = rotated(seed + 2, a, [range(m)]), rotated(seed + 3, b, [range(n)])
    cosines = np.cos(principal_angles(a, b))
    np.testing.assert_allclose(np.cos(principal_angles(*turned)), cosines, atol=50 * rows * EPS)
    one, other = subspace_overlap(a, b), subspace_overlap(*turned)
    assert one.value == pytest.approx(other.value, abs=50 * rows * EPS)
    assert one.value == pytest.approx(np.mean(cosines**2), abs=50 * rows * EPS)
    assert subspace_overlap(b, a).value == pytest.approx(one.value, abs=50 * rows * EPS)
    if m == n:
        assert subspace_distance(a, b) ** 2 == pytest.approx(1 - one.value, abs=50 * rows * EPS)
    if m + n > rows:
        # Two spans that do not fit side by side share m + n - V directions.
        assert one.value >= (m + n - rows) / min(m, n) - 50 * rows * EPS


@given(seeds, st.integers(1, 6), st.integers(0, 5))
def test_overlap_does_not_see_signs_and_follows_permutations(seed: int, k: int, extra: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = orthonormal(seed, k + extra, k), orthonormal(seed + 1, k + extra, k)
    order, signs = rng.permutation(k), rng.choice([-1.0, 1.0], k)
    plain = overlap(a, b)
    np.testing.assert_array_equal(overlap(a * signs, b), plain)
    # The order of a product's columns may change how a library sums.
    np.testing.assert_allclose(overlap(a, b[:, order]), plain[:, order], atol=8 * EPS)
    direct = [[sum(x * y for x, y in zip(v, u, strict=True)) ** 2 for u in b.T] for v in a.T]
    np.testing.assert_allclose(plain, direct, atol=8 * (k + extra) * EPS)
    np.testing.assert_allclose(overlap(a, a), np.eye(k), atol=8 * (k + extra) * EPS)


# ------------------------------------------- what chance makes of them


@pytest.mark.parametrize(("v", "m", "n"), [(12, 1, 1), (12, 3, 5), (9, 2, 8), (5, 4, 4)])
def test_random_spans_have_the_stated_mean_and_spread(v: int, m: int, n: int) -> None:
    """Over 1,000 draws, within 4 standard errors (1 in 16,000 by chance, the seed is fixed)."""
    drawn = 1000
    found = [
        subspace_overlap(orthonormal(2 * s, v, m), orthonormal(2 * s + 1, v, n))
        for s in range(drawn)
    ]
    values = np.array([one.value for one in found])
    expected, spread = found[0].expected, found[0].spread
    assert expected == pytest.approx(max(m, n) / v)
    assert abs(values.mean() - expected) < 4 * spread / np.sqrt(drawn)
    kurtosis = np.mean((values - values.mean()) ** 4) / values.var() ** 2
    assert abs(values.var() / spread**2 - 1) < 4 * np.sqrt((kurtosis - 1) / drawn)


@given(st.integers(2, 60), st.data())
def test_the_spread_is_that_of_the_beta_law_where_one_span_is_a_line(
    v: int, data: st.DataObject
) -> None:
    """||B^T a||^2 of a random unit vector is Beta(n/2, (V - n)/2); the complement has the rest."""
    n = data.draw(st.integers(1, v - 1))
    law = stats.beta(n / 2, (v - n) / 2)
    for span in (n, v - n):
        found = subspace_overlap(np.eye(v)[:, :1], np.eye(v)[:, :span])
        assert found.spread == pytest.approx(law.std(), rel=1e-10)
    assert subspace_overlap(np.eye(v)[:, :1], np.eye(v)[:, :n]).expected == pytest.approx(
        law.mean()
    )


def test_single_modes_follow_the_beta_law() -> None:
    """(v . u)^2 of random unit vectors, the null of `match_modes`."""
    v = 7
    squares = [
        float(overlap(orthonormal(2 * s, v, 1), orthonormal(2 * s + 1, v, 1))[0, 0])
        for s in range(2000)
    ]
    assert stats.kstest(squares, stats.beta(0.5, (v - 1) / 2).cdf).pvalue > 0.01
    # A wrong law of nearly the same mean is told apart.
    assert stats.kstest(squares, stats.beta(0.5, v / 2).cdf).pvalue < 0.01


# ---------------------------------------------------- weighted distance


@given(seeds, st.integers(2, 7), st.data())
def test_the_weighted_distance_is_that_of_the_matrices(
    seed: int, rows: int, data: st.DataObject
) -> None:
    m, n = (data.draw(st.integers(1, rows)) for _ in range(2))
    rng = np.random.default_rng(seed)
    one = Basis(orthonormal(seed, rows, m), -np.sort(-rng.standard_normal(m)))
    other = Basis(orthonormal(seed + 1, rows, n), -np.sort(-rng.standard_normal(n)))
    assert one.values is not None
    assert other.values is not None
    x, y = ((b.vectors * b.values) @ b.vectors.T for b in (one, other))
    norm = np.sqrt(np.sum(x**2) + np.sum(y**2))
    truth = np.linalg.norm(x - y) / norm
    assert weighted_distance(one, other) == pytest.approx(truth, abs=50 * rows * EPS)
    assert weighted_distance(one, one) < 50 * rows * EPS


def test_a_cluster_at_the_cut_moves_spans_but_no_weighted_distance() -> None:
    """Two perturbed matrices whose modes 2 and 3 have nearly equal eigenvalues."""
    lam = np.array([5.0, 2.0, 2.0, 0.5])
    v = orthonormal(0, 6, 4)
    noise = np.random.default_rng(1).standard_normal((2, 6, 6)) * 1e-6
    bases = []
    for e in noise:
        values, vectors = np.linalg.eigh((v * lam) @ v.T + e + e.T)
        bases.append(Basis(vectors[:, ::-1][:, :4], values[::-1][:4]))
    assert subspace_distance(*bases, k=2) > 0.01
    groups = clusters(bases[0].values, distinguishable_gap(np.linalg.norm(2 * noise[0], 2)))
    assert groups == ((0,), (1, 2), (3,))
    assert uncut(groups, 2) == 3
    assert subspace_distance(*bases, k=uncut(groups, 2)) < 1e-5
    assert weighted_distance(*bases) < 1e-5


# ---------------------------------------------------- clusters and stability


@given(
    st.lists(st.floats(-50, 50), min_size=1, max_size=12).map(lambda x: sorted(x, reverse=True)),
    st.floats(0, 10),
)
def test_clusters_part_at_gaps_above_the_tolerance(values: list[float], tolerance: float) -> None:
    found = clusters(values, tolerance)
    assert [mode for group in found for mode in group] == list(range(len(values)))
    gaps = {high: values[high - 1] - values[high] for high in range(1, len(values))}
    starts = {group[0] for group in found} - {0}
    assert starts == {high for high, gap in gaps.items() if gap > tolerance}
    for k in range(1, len(values) + 1):
        assert uncut(found, k) == min(end for g in found if (end := g[-1] + 1) >= k)


@given(seeds, st.integers(2, 7), st.floats(-6, 0), st.booleans())
def test_no_perturbation_turns_a_mode_beyond_the_bound(
    seed: int, n: int, power: float, grouped: Any
) -> None:
    rng = np.random.default_rng(seed)
    lam = -np.sort(-rng.standard_normal(n) * 3)
    v, e = orthonormal(seed, n, n), rng.standard_normal((n, n))
    e = (e + e.T) / np.linalg.norm(e + e.T, 2) * 10**power
    turned = np.linalg.eigh((v * lam) @ v.T + e)[1][:, ::-1]
    groups = clusters(lam, 1.0) if grouped else tuple((k,) for k in range(n))
    bounds = sine_bounds(lam, 10**power, groups=groups, next_eigenvalue=-np.inf)
    for group, bound in zip(groups, bounds, strict=True):
        angles = principal_angles(v[:, list(group)], turned[:, list(group)])
        # eigh itself perturbs by some n eps of the norm, which counts as much as E does.
        rounding = 20 * n * EPS * (np.abs(lam).max() + 1) / 10**power
        assert np.sin(angles[-1]) <= bound * (1 + rounding) + 50 * n * EPS
    assert np.all((bounds >= 0) & (bounds <= 1))


def test_the_bound_is_nearly_reached() -> None:
    """In two dimensions an off-diagonal e turns the modes by atan(2 e) / 2."""
    for e in (1e-1, 1e-3, 1e-6):
        turned = np.linalg.eigh(np.array([[1, e], [e, 0]]))[1][:, ::-1]
        sine = np.sin(principal_angles(np.eye(2)[:, :1], turned[:, :1])[0])
        bound = sine_bounds([1.0, 0.0], e, next_eigenvalue=-np.inf)[0]
        assert sine == pytest.approx(np.sin(np.arctan(2 * e) / 2), rel=1e-9)
        assert 1 <= bound / sine <= 1 + 3 * e + 1e-9


def test_a_gap_of_the_stated_size_keeps_the_sine() -> None:
    gap = distinguishable_gap(0.3, sine=0.25)
    bounds = sine_bounds([gap, 0.0], 0.3, next_eigenvalue=-np.inf)
    np.testing.assert_allclose(bounds, 0.25)
    # Without the next eigenvalue nothing is known of the last mode.
    assert sine_bounds([gap, 0.0], 0.3)[1] == 1
    assert sine_bounds([3.0, 3.0], 0.0)[0] == 1
    np.testing.assert_array_equal(sine_bounds([3.0, 1.0], 0.0, next_eigenvalue=0.0), [0, 0])


# ---------------------------------------------------- where bases come from


def test_a_spectrum_its_embeddings_and_its_array_have_the_same_modes() -> None:
    spectrum = spectrum_of(np.array([9.0, 4.0, 1.0]))
    embeddings = spectrum.embeddings()
    for source in (spectrum, embeddings, spectrum.eigenvectors):
        np.testing.assert_allclose(overlap(source, spectrum), np.eye(3), atol=1e-13)
    np.testing.assert_allclose(basis(embeddings).values, [3.0, 2.0, 1.0])
    single = Embeddings(embeddings.words, embeddings.vectors.astype(np.float32))
    np.testing.assert_allclose(overlap(single, spectrum), np.eye(3), atol=1e-5)
    assert basis(spectrum_of(np.array([1.0]))).leading(None).dimension == 1


def test_embeddings_lose_the_modes_that_are_rounding() -> None:
    one = orthonormal(0, 6, 2) @ orthonormal(1, 4, 2).T
    assert basis(Embeddings(tuple("abcdef"), one)).dimension == 2


def test_a_basis_of_a_solver_in_float32_is_mended() -> None:
    """By the nearest orthonormal one, so that a mode stays what it is."""
    exact = orthonormal(0, 30, 4)
    off = exact + 1e-5 * np.random.default_rng(0).standard_normal(exact.shape)
    found = basis(off).vectors
    np.testing.assert_allclose(found.T @ found, np.eye(4), atol=1e-14)
    lam, u = np.linalg.eigh(off.T @ off)
    np.testing.assert_allclose(found, off @ (u / np.sqrt(lam)) @ u.T, atol=1e-13)
    assert np.array_equal(basis(exact).vectors, exact)


def test_rows_are_matched_by_word() -> None:
    vectors = orthonormal(0, 6, 2)
    one = Basis(vectors, words=tuple("abcdef"))
    order = np.array([3, 1, 5, 0, 2, 4])
    other = Basis(vectors[order], words=tuple("abcdef"[place] for place in order))
    np.testing.assert_allclose(overlap(one, other), np.eye(2), atol=1e-15)
    shared = share_words(one, other)
    assert shared.coverage == (1.0, 1.0)
    assert shared.kept == (1.0, 1.0)
    assert shared.one.words == shared.other.words == tuple("abcdef")


def test_lost_words_are_said_and_modes_keep_their_numbers() -> None:
    vectors = orthonormal(0, 40, 3)
    words = tuple(f"w{n}" for n in range(40))
    larger = Basis(
        np.vstack([vectors, np.zeros((10, 3))]), words=(*words, *(f"x{n}" for n in range(10)))
    )
    fewer = Embeddings(words[5:], vectors[5:] * [3.0, 2.0, 1.0])
    shared = share_words(larger, fewer)
    assert shared.n_words == 35
    assert shared.coverage == (35 / 50, 1.0)
    lengths = np.linalg.svd(vectors[5:], compute_uv=False)
    assert shared.kept == (pytest.approx(lengths[-1]), 1.0)
    a = shared.one.vectors
    np.testing.assert_allclose(a.T @ a, np.eye(3), atol=1e-14)
    # The nearest orthonormal basis: A (A^T A)^(-1/2), by eigenvectors here.
    lam, u = np.linalg.eigh(vectors[5:].T @ vectors[5:])
    np.testing.assert_allclose(a, vectors[5:] @ (u / np.sqrt(lam)) @ u.T, atol=1e-13)
    assert subspace_overlap(larger, fewer).coverage == shared.coverage
    assert subspace_overlap(larger, fewer).value == pytest.approx(1)


# ---------------------------------------------------- what is refused

NAMED = Basis(np.eye(3)[:, :2], words=("a", "b", "c"))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: basis(np.ones((3, 2))), "off orthonormal by 3"),
        (lambda: basis(np.eye(3)[:2]), "shape \\(2, 3\\)"),
        (lambda: basis(np.ones(3)), "shape \\(3,\\)"),
        (lambda: basis(np.full((3, 1), np.nan)), "NaN"),
        (lambda: Basis(np.eye(2), np.array([1.0, 2.0])), "increase"),
        (lambda: Basis(np.eye(2), np.array([1.0])), "2 modes and values of shape \\(1,\\)"),
        (lambda: Basis(np.eye(2), np.array([np.inf, 1.0])), "infinity"),
        (lambda: Basis(np.eye(2), words=("a", "a")), "1 different words for 2 rows"),
        (lambda: basis(Embeddings(("a",), np.zeros((1, 2)))), "all vectors"),
        (lambda: overlap(np.eye(3), np.eye(4)), "3 and 4 rows"),
        (lambda: overlap(NAMED, np.eye(4)), "3 and 4 rows"),
        (lambda: overlap(NAMED, Basis(np.eye(2), words=("x", "y"))), "none of the 3 words"),
        (lambda: overlap(NAMED, Basis(np.eye(2), words=("a", "y"))), "1 shared words do not tell"),
        (lambda: overlap(np.eye(3), np.eye(3), k=4), "k is 4"),
        (lambda: overlap(np.eye(3), np.eye(3), k=0), "k is 0"),
        (lambda: subspace_distance(np.eye(3), np.eye(3)[:, :2]), "dimensions 3 and 2"),
        (lambda: weighted_distance(np.eye(3), np.eye(3)), "no values"),
        (lambda: clusters([1.0, 2.0], 0.0), "eigenvalue 1 is 2, above"),
        (lambda: clusters([2.0, 1.0], -1.0), "tolerance is -1.0"),
        (lambda: clusters([], 0.0), "shape \\(0,\\)"),
        (lambda: clusters([np.nan], 0.0), "not finite"),
        (lambda: uncut(((0, 1),), 3), "k is 3"),
        (lambda: uncut(((0, 1),), 0), "k is 0"),
        (lambda: distinguishable_gap(-1.0), "perturbation is -1.0"),
        (lambda: distinguishable_gap(1.0, sine=0.0), "sine is 0.0"),
        (lambda: sine_bounds([2.0, 1.0], np.nan), "perturbation is nan"),
        (lambda: sine_bounds([2.0, 1.0], 0.1, next_eigenvalue=1.5), "next_eigenvalue is 1.5"),
        (lambda: sine_bounds([3.0, 2.0, 1.0], 0.1, groups=[(0, 2)]), "group \\(0, 2\\)"),
        (lambda: sine_bounds([3.0], 0.1, groups=[()]), "group \\(\\)"),
        (lambda: sine_bounds([3.0], 0.1, groups=[(1,)]), "group \\(1,\\)"),
    ],
)
def test_bad_arguments_are_named(call: Callable[[], object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        call()
