"""Properties 69 to 74: words on lattices, lines, around a year and in trees."""

from __future__ import annotations

from itertools import product

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from strategies import settings  # the profile of the tests

from repsearch.spectrum.spectrum import Spectrum
from repsearch.synthetic import (
    Exponential,
    Interval,
    Lattice,
    PeriodicExponential,
    Seasons,
    Tree,
    spectrum_of,
)

EPS = float(np.finfo(float).eps)
Real = NDArray[np.float64]

lengths = st.floats(0.05, 4.0)


def circle(size: int, length: float, *, images: int = 400) -> Real:
    """M* of the wound exponential as a plain sum, smallest terms first."""
    x = -1 + 2 * np.arange(size) / size
    lag = np.abs(x[:, None] - x)
    total = np.zeros((size, size))
    for n in range(images, 0, -1):
        total += np.exp(-np.abs(lag + 2 * n) / length) + np.exp(-np.abs(lag - 2 * n) / length)
    return total + np.exp(-lag / length)


def sines(one: Real, other: Real) -> float:
    """Sine of the largest angle between the spans of orthonormal columns."""
    return float(np.linalg.norm(other - one @ (one.T @ other), 2))


# ---------------------------------------------------------------- 69 and 70


@pytest.mark.theory(69, "eigenvalues of the periodised exponential kernel", "8 L eps lambda_1")
@given(st.integers(3, 40), lengths)
def test_periodic_eigenvalues(size: int, length: float) -> None:
    kernel = PeriodicExponential(length)
    matrix = circle(size, length)
    expected = np.linalg.eigvalsh(matrix)[::-1]
    allowed = 8 * size * EPS * expected[0]
    assert np.abs(kernel.eigenvalues(size) - expected).max() <= allowed
    world = Lattice((size,), kernel)
    assert np.abs(world.mstar() - matrix).max() <= allowed
    assert np.abs(world.spectrum().eigenvalues - expected).max() <= allowed


@pytest.mark.theory(
    69,
    "times 2/L they tend to 2 sigma / (1 + sigma^2 k^2)",
    "next order in the step h = 2/L: h^2 (1/sigma^2 + k^2) / 12, and a fifth more",
)
@given(st.integers(0, 5), lengths, st.integers(100, 4000))
def test_continuum_limit(n: int, length: float, size: int) -> None:
    k, h = np.pi * n, 2 / size
    order = h**2 * (length**-2 + k**2)
    assume(order < 0.5)
    found = PeriodicExponential(length).eigenvalues(size)[max(2 * n - 1, 0)] * h
    limit = 2 * length / (1 + (length * k) ** 2)
    # sinh(a) / (cosh(a) - cos(b)) times (a^2 + b^2) / (2 a) is 1 + (a^2 + b^2) / 12 + ...
    assert found / limit - 1 == pytest.approx(order / 12, rel=0.2, abs=1e-12 / h)


@pytest.mark.theory(
    70, "the first degenerate pair spans cos and sin(pi x)", "8 L eps lambda_1 / gap"
)
@given(st.integers(5, 60), st.floats(0.1, 2.0))
def test_first_pair_is_the_circle(size: int, length: float) -> None:
    matrix = circle(size, length)
    values, vectors = np.linalg.eigh(matrix)
    values, vectors = values[::-1], vectors[:, ::-1]
    x = -1 + 2 * np.arange(size) / size
    waves = np.column_stack([np.cos(np.pi * x), np.sin(np.pi * x)]) * np.sqrt(2 / size)
    gap = min(values[0] - values[1], values[2] - values[3])
    allowed = 8 * size * EPS * values[0] / gap
    assert abs(values[1] - values[2]) <= 8 * size * EPS * values[0]
    assert sines(waves, vectors[:, 1:3]) <= allowed
    found = Lattice((size,), PeriodicExponential(length)).spectrum()
    assert sines(waves, found.eigenvectors[:, 1:3]) <= 8 * size * EPS


@pytest.mark.theory(
    70,
    "waves diagonalise any kernel of the distance, in any dimension",
    "8 V eps (||M*|| + the kernel's steepest slope)",
)
@given(
    st.lists(st.floats(-2, 2), min_size=2, max_size=6),
    st.lists(st.integers(3, 7), min_size=1, max_size=3).filter(lambda s: np.prod(s) <= 200),
)
def test_waves_diagonalise_any_kernel(heights: list[float], shape: list[int]) -> None:
    assume(max(map(abs, heights)) > 1e-3)
    grid = np.linspace(0, np.sqrt(len(shape)), len(heights))
    world = Lattice(shape, lambda d: np.interp(d, grid, heights))
    x = world.positions
    steps = np.abs(x[:, None] - x)
    distance = np.linalg.norm(np.minimum(steps, 2 - steps), axis=2)
    matrix = np.interp(distance, grid, heights)
    found = world.spectrum()
    # A rounding of the distance moves the kernel by its steepest slope.
    slope = 2 * max(map(abs, heights)) * (len(heights) - 1)
    allowed = 8 * len(x) * EPS * (np.linalg.norm(matrix) + slope)
    assert np.linalg.norm(world.mstar() - matrix) <= allowed
    errors = matrix @ found.eigenvectors - found.eigenvectors * found.eigenvalues
    assert np.linalg.norm(errors) <= allowed
    for vector, waves in zip(found.eigenvectors.T, world.waves, strict=True):
        power = np.abs(np.fft.fftn(vector.reshape(shape))) ** 2
        held = sum(
            power[tuple(k)]
            for k in {
                tuple(np.array(signs) * waves % shape)
                for signs in product([1, -1], repeat=len(shape))
            }
        )
        assert held == pytest.approx(power.sum(), rel=8 * len(x) * EPS)
    identity = found.eigenvectors.T @ found.eigenvectors
    assert np.linalg.norm(identity - np.eye(len(x))) <= 8 * len(x) * EPS


@pytest.mark.theory(70, "centring removes the constant mode alone", "8 L eps lambda_1")
@given(st.integers(4, 40), st.floats(0.1, 2.0))
def test_centring_removes_the_constant_alone(size: int, length: float) -> None:
    matrix = circle(size, length)
    centre = np.eye(size) - 1 / size
    found = np.linalg.eigvalsh(centre @ matrix @ centre)[::-1]
    expected = PeriodicExponential(length).eigenvalues(size)
    allowed = 8 * size * EPS * expected[0]
    assert np.abs(found - np.append(expected[1:], 0.0)).max() <= allowed
    # With two ends the constant is no eigenvector, and centring moves all even modes.
    line = Interval(size, length)
    moved = np.linalg.eigvalsh(line.centred())[::-1]
    assert np.abs(moved[:-1] - line.spectrum().eigenvalues[1:]).max() > 100 * allowed


# ---------------------------------------------------------------------- 71


@pytest.mark.theory(
    71,
    "open-boundary eigenvalues, eigenfunctions and their order",
    "second order in h (1/sigma + k), h = 2/L",
)
@settings(max_examples=30)
@given(st.floats(0.2, 3.0), st.sampled_from([150, 300]))
def test_open_boundary(length: float, size: int) -> None:
    world, n = Interval(size, length), 6
    x = -1 + (2 * np.arange(size) + 1) / size
    matrix = np.exp(-np.abs(x[:, None] - x) / length)
    matrix -= matrix.mean(axis=0)
    matrix -= matrix.mean(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(matrix)
    values, vectors = values[::-1][:n], vectors[:, ::-1][:, :n]
    k = world.wavenumbers(n)
    order = (2 / size * (1 / length + k)) ** 2
    assert np.all(np.diff(k) > 0)
    assert np.all(np.abs(values * 2 / size / world.limit_eigenvalues(n) - 1) <= order / 4)
    waves = world.limit_eigenfunctions(n)
    signs = np.sign(np.sum(vectors * waves, axis=0))
    assert np.all(np.linalg.norm(vectors * signs - waves, axis=0) <= order)


@pytest.mark.theory(71, "the error falls with the square of the step", "ratio 4, within 2 %")
def test_open_boundary_converges() -> None:
    errors = []
    for size in (300, 600):
        world = Interval(size, 0.5)
        values = np.linalg.eigvalsh(world.centred())[::-1][:6]
        errors.append(values * 2 / size / world.limit_eigenvalues(6) - 1)
    np.testing.assert_allclose(errors[0] / errors[1], 4, rtol=0.02)


@pytest.mark.theory(71, "wavenumbers solve their equations", "64 eps, slopes of the equations")
@given(st.floats(0.05, 20.0), st.integers(1, 12))
def test_wavenumbers_solve_the_equations(length: float, n: int) -> None:
    k = Interval(10, length).wavenumbers(n)
    odd, even = k[::2], k[1::2]
    slope = 64 * EPS * (1 + k.max()) * (1 + length)
    # tan k = -sigma k without its poles.
    assert np.all(np.abs(np.sin(odd) + length * odd * np.cos(odd)) <= slope * (1 + odd * length))
    rest = 1 + length * (1 + length) * even**2
    assert np.all(np.abs(np.sin(even) * rest - even * np.cos(even)) <= slope * rest)


# ---------------------------------------------------------------------- 72


def probe_error(spectrum: Spectrum, coordinate: Real) -> Real:
    """Share of a coordinate's variance that the top 0, 1, 2, ... modes leave unexplained.

    The constant mode is not counted: it comes first and says nothing of a centred coordinate.
    """
    centred = coordinate - coordinate.mean()
    assert np.ptp(spectrum.eigenvectors[:, 0]) < 1e-12
    return 1 - np.cumsum((spectrum.eigenvectors.T @ centred) ** 2 / (centred @ centred))


def bound(places: int, r: NDArray[np.int64], dimension: int) -> Real:
    volume = {1: 2.0, 2: np.pi}[dimension]
    radius = (r / volume) ** (1 / dimension) - np.sqrt(dimension) / 2
    return 6 / np.pi**2 * places**2 / (places**2 - 1) / radius


@pytest.mark.theory(72, "linear-probe bound on a circle", "none: an inequality")
@given(st.integers(5, 80), st.floats(0.1, 2.0))
def test_probe_bound_on_a_circle(size: int, length: float) -> None:
    world = Lattice((size,), PeriodicExponential(length))
    r = np.arange(2, size - 1)
    found = probe_error(world.spectrum(), world.positions[:, 0])[r]
    assert np.all(found <= bound(size, r, 1))


@pytest.mark.theory(
    72, "the probe's error falls as 1/r: r eps^2 -> 12 / pi^2", "2 / r from the tail, 2 r / L"
)
def test_probe_error_falls_as_one_over_r() -> None:
    size = 1200
    world = Lattice((size,), PeriodicExponential(0.5))
    error = probe_error(world.spectrum(), world.positions[:, 0])
    for r in (4, 8, 16, 32, 64):
        # The tail sum over n > m = r / 2 of 1 / n^2 lies between 1 / (m + 1) and 1 / m.
        assert 1 - 2 / r - 2 * r / size <= r * error[r] * np.pi**2 / 12 <= 1
    slope = np.polyfit(np.log([16, 32, 64]), np.log(error[[16, 32, 64]]), 1)[0]
    assert slope == pytest.approx(-1, abs=1 / 16 + 0.01)


@pytest.mark.theory(
    72, "the bound on a torus, and its failure for a kernel that is not PSD", "none: an inequality"
)
def test_probe_bound_on_a_torus() -> None:
    r = np.arange(2, 31**2)
    allowed = bound(31, r, 2)
    for length in (0.1, 0.3):
        world = Lattice((31, 31), Exponential(length))
        assert world.spectrum().eigenvalues[-1] > 0
        assert np.all(probe_error(world.spectrum(), world.positions[:, 0])[r] <= allowed)
    # A long kernel is cut at half the way around: it is indefinite, and its modes do not come
    # in the order of their waves.
    world = Lattice((31, 31), Exponential(1.0))
    assert world.spectrum().eigenvalues[-1] < -1
    assert np.any(probe_error(world.spectrum(), world.positions[:, 0])[r] > 2 * allowed)


# ---------------------------------------------------------------------- 73


def without_block(matrix: Real, rows: NDArray[np.int64]) -> Real:
    left = matrix.copy()
    left[np.ix_(rows, rows)] = 0
    return left


@pytest.mark.theory(
    73, "months keep their circle without their own block of M*", "64 V eps lambda_1 / gap"
)
@given(st.floats(0.3, 0.9), st.integers(3, 15))
def test_months_keep_their_circle(amplitude: float, multiple: int) -> None:
    world = Seasons(size=12 * multiple, harmonics=(amplitude,))
    rows, matrix = world.month_rows, world.mstar()
    values, vectors = np.linalg.eigh(without_block(matrix, rows))
    values, vectors = values[::-1], vectors[:, ::-1]
    allowed = 64 * world.size * EPS * values[0] / (values[1] - values[2])
    points = vectors[:, :2] * np.sqrt(values[:2])
    radii = np.linalg.norm(points, axis=1)
    angles = np.unwrap(np.arctan2(points[rows, 1], points[rows, 0]))
    assert np.abs(np.abs(np.diff(angles)) - np.pi / 6).max() <= allowed
    # The circle shrinks by lambda / (lambda + mu), mu that of the block alone, as long as M*
    # has one pair of waves that the months cannot tell from the first: next come 11 waves.
    mu = np.fft.fft(matrix[0, rows]).real[1]
    next_pair = np.abs(np.fft.fft(matrix[0]).real[11])
    expected = values[0] / (values[0] + mu)
    ratio = radii[rows] / np.delete(radii, rows).mean()
    assert np.abs(ratio / expected - 1).max() <= 4 * next_pair / values[0] + allowed


@pytest.mark.theory(
    73, "a season's block is hardly missed", "Davis-Kahan; angles: the block's row sums / lambda"
)
def test_winter_keeps_its_place() -> None:
    world = Seasons(size=240)
    winter = np.arange(20)
    matrix = world.mstar()
    found = spectrum_of(world.words, without_block(matrix, winter))
    whole = world.spectrum()
    block = np.linalg.norm(matrix[:20, :20], 2)
    turned = sines(whole.eigenvectors[:, :2], found.eigenvectors[:, :2])
    assert turned <= block / (whole.eigenvalues[1] - found.eigenvalues[2])
    points = found.embeddings(2).vectors
    angles = np.unwrap(np.arctan2(points[:, 1], points[:, 0]))
    angles *= np.sign(angles[-1] - angles[0])
    # A row of (M* - block) v = lambda v: the block takes this much from a word's place at most.
    radii = np.linalg.norm(points, axis=1)
    taken = np.abs(matrix[:20, :20]).sum(axis=1).max() * radii.max()
    off = angles - 2 * np.pi * world.times
    assert np.ptp(off) <= np.arcsin(taken / (found.eigenvalues[1] * radii.min()))
    assert np.all(np.diff(angles[20:]) > 0)
    assert np.all(np.diff(angles[:20]) > 0)


@pytest.mark.theory(73, "with no other words the circle is lost", "adversary: exact")
def test_months_alone_lose_their_circle() -> None:
    world = Seasons(size=12, harmonics=(0.8,))
    assert np.all(without_block(world.mstar(), world.month_rows) == 0)


# ---------------------------------------------------------------------- 74


def tree_matrix(tree: Tree) -> Real:
    graph = nx.balanced_tree(tree.branching, tree.depth)
    edges = dict(nx.all_pairs_shortest_path_length(graph))
    size = len(graph)
    distance = np.array([[edges[i][j] for j in range(size)] for i in range(size)])
    return tree.amplitude * np.exp(-tree.decay * distance)


trees = st.builds(
    Tree,
    branching=st.integers(2, 4),
    depth=st.integers(1, 3),
    amplitude=st.floats(0.1, 2.0),
    decay=st.floats(0.05, 3.0),
)


@pytest.mark.theory(
    74, "a tree's spectrum: depth modes once, splits (b-1) b^h-fold", "8 V eps lambda_1"
)
@given(trees)
def test_tree_spectrum_and_degeneracies(tree: Tree) -> None:
    matrix = tree_matrix(tree)
    expected = np.linalg.eigvalsh(matrix)[::-1]
    allowed = 8 * len(matrix) * EPS * expected[0]
    parts = [tree.scaling_eigenvalues()]
    for h in range(tree.depth):
        copies = (tree.branching - 1) * tree.branching**h
        parts.append(np.repeat(tree.split_eigenvalues(h), copies))
    assert np.abs(np.sort(np.concatenate(parts))[::-1] - expected).max() <= allowed
    found = tree.spectrum()
    errors = matrix @ found.eigenvectors - found.eigenvectors * found.eigenvalues
    assert np.linalg.norm(errors) <= 8 * allowed
    leading = [tree.scaling_eigenvalues()[0]]
    leading += [tree.split_eigenvalues(h)[0] for h in range(tree.depth)]
    assert np.all(np.diff(leading) < 0)  # coarse to fine


@pytest.mark.theory(
    74, "the top mode depends on depth alone, the root's split comes next", "8 V eps lambda_1 / gap"
)
@given(trees)
def test_scaling_mode_and_root_split(tree: Tree) -> None:
    matrix = tree_matrix(tree)
    values, vectors = np.linalg.eigh(matrix)
    values, vectors = values[::-1], vectors[:, ::-1]
    noise = 8 * len(matrix) * EPS * values[0]
    top = vectors[:, 0] * np.sign(vectors[0, 0])
    assert np.all(top > 0)
    for depth in range(tree.depth + 1):
        level = top[tree.depths == depth]
        assert np.ptp(level) <= noise / (values[0] - values[1])
    b = tree.branching
    first, second = tree.split_eigenvalues(0)[0], tree.scaling_eigenvalues()[1]
    later = tree.split_eigenvalues(1)[0] if tree.depth > 1 else 0.0
    gap = first - max(second, later)
    assume(gap > 1e-6 * values[0])
    splits = vectors[:, 1:b]
    assert np.abs(values[1:b] - first).max() <= noise
    assert np.abs(splits[0]).max() <= noise / gap  # nothing at the root
    branch = np.array([word[1:2] for word in tree.words])
    for h in range(1, tree.depth + 1):
        sums = splits[tree.depths == h].sum(axis=0)
        assert np.abs(sums).max() <= np.sqrt(b**h) * noise / gap
        for side in "abcd"[:b]:
            level = splits[(tree.depths == h) & (branch == side)]
            assert np.ptp(level, axis=0).max() <= noise / gap


@pytest.mark.theory(74, "a kernel that grows with distance is told apart", "adversary")
def test_growing_kernel_has_no_positive_split() -> None:
    grown = np.exp(0.5 * Tree(2, 3).distances())
    # The root's split would now gather words that rarely meet.
    sides = np.array([{"": 0.0, "a": 1.0, "b": -1.0}[word[1:2]] for word in Tree(2, 3).words])
    assert sides @ Tree(2, 3).mstar() @ sides > 0 > sides @ grown @ sides
