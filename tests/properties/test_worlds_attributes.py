"""Properties 61 to 68: words made of binary attributes (arXiv 2505.18651)."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from strategies import settings  # noqa: F401  (sets the profile)

from probes import Relations, analogies
from repsearch.embeddings import Embeddings
from repsearch.synthetic import (
    BinaryAttributes,
    Pruned,
    WithoutPairs,
    spectrum_of,
    symmetric_noise,
)
from repsearch.testing.checks.worlds import parallelograms_close

EPS = float(np.finfo(float).eps)
Real = NDArray[np.float64]


@st.composite
def attributes(
    draw: st.DrawFn, *, most: int = 5, weakest: float = 0.0, even: bool = False
) -> BinaryAttributes:
    n = draw(st.integers(1, most))
    strength = st.floats(weakest, 0.99)
    ratio = st.just(1.0) if even else st.floats(0.05, 1.0)
    strengths = draw(st.lists(strength, min_size=n, max_size=n))
    return BinaryAttributes(strengths, draw(st.lists(ratio, min_size=n, max_size=n)))


def by_definition(world: BinaryAttributes) -> tuple[Real, Real]:
    """P_i and P_ij word by word, from the model's definition alone."""
    words = list(product([1, -1], repeat=len(world.strengths)))
    single, pair = np.ones(len(words)), np.ones((len(words),) * 2)
    for i, a in enumerate(words):
        for k, q in enumerate(world.asymmetry):
            single[i] *= (q if a[k] == 1 else 1.0) / (1 + q)
    for i, a in enumerate(words):
        for j, b in enumerate(words):
            pair[i, j] = single[i] * single[j]
            for k, (s, q) in enumerate(zip(world.strengths, world.asymmetry, strict=True)):
                plus = (a[k] == 1) + (b[k] == 1)
                pair[i, j] *= (1 + q**2 * s, 1 - q * s, 1 + s)[plus]
    return single, pair


def rows(world: BinaryAttributes) -> Real:
    return np.array(list(product([1.0, -1.0], repeat=len(world.strengths))))


def accuracy(embeddings: Embeddings, world: BinaryAttributes | Pruned | WithoutPairs) -> float:
    return analogies(embeddings, Relations(world.relations)).micro.value


# ---------------------------------------------------------------- 61 and 62


@pytest.mark.theory(
    61, "P/PP is a Kronecker product; its eigenvalues are products", "16 V eps ||P/PP||"
)
@given(attributes())
def test_ratio_is_a_kronecker_product(world: BinaryAttributes) -> None:
    single, pair = by_definition(world)
    ratio = pair / np.outer(single, single)
    found = world.ratio_spectrum()
    scale = len(ratio) * EPS * np.linalg.norm(ratio)
    assert np.abs(world.ratio() - ratio).max() <= 16 * scale
    assert np.abs(found.eigenvalues - np.linalg.eigvalsh(ratio)[::-1]).max() <= 16 * scale
    assert np.linalg.norm(ratio @ found.eigenvectors - found.eigenvectors * found.eigenvalues) <= (
        16 * scale
    )


@pytest.mark.theory(61, "factor eigenvalues in closed form", "8 eps, of the larger")
@given(attributes(most=1))
def test_factor_eigenvalues(world: BinaryAttributes) -> None:
    (s,), (q,) = world.strengths, world.asymmetry
    factor = np.array([[1 + s, 1 - q * s], [1 - q * s, 1 + q * q * s]])
    expected = np.linalg.eigvalsh(factor)[::-1]
    assert np.abs(world.factor_eigenvalues[0] - expected).max() <= 8 * EPS * expected[0]


@pytest.mark.theory(
    61,
    "factor eigenvalues are 2 + s(1-q)^2/2 and s(1+q)^2/2 to first order",
    "the next order: c^2 / (1 - q s), c = s(1 - q^2) / 2",
)
@given(attributes(most=1))
def test_first_order_of_factor_eigenvalues(world: BinaryAttributes) -> None:
    (s,), (q,) = world.strengths, world.asymmetry
    larger, smaller = world.factor_eigenvalues[0]
    # sqrt(c^2 + b^2) lies between b and b + c^2 / (2 b).
    bound = (s * (1 - q * q) / 2) ** 2 / (2 * (1 - q * s)) + 8 * EPS
    assert -8 * EPS <= larger - (2 + s * (1 - q) ** 2 / 2) <= bound
    assert -bound <= smaller - s * (1 + q) ** 2 / 2 <= 8 * EPS


@pytest.mark.theory(62, "sum_j P_ij = P_i, sum_ij P_ij = 1", "8 n eps, relative")
@given(attributes())
def test_row_sums_are_marginals(world: BinaryAttributes) -> None:
    single, pair = by_definition(world)
    tolerance = 8 * (len(world.strengths) + 1) * EPS
    np.testing.assert_allclose(pair.sum(axis=1), single, rtol=tolerance)
    np.testing.assert_allclose(world.P.sum(axis=1), single, rtol=tolerance)
    np.testing.assert_allclose(world.marginals, single, rtol=tolerance)
    np.testing.assert_allclose(world.P, pair, rtol=2 * tolerance)


# ---------------------------------------------------------------- 63 and 64


@pytest.mark.theory(63, "PMI is bilinear in the attributes", "32 n eps log-ratios")
@given(attributes())
def test_pmi_is_bilinear(world: BinaryAttributes) -> None:
    single, pair = by_definition(world)
    expected = np.log(pair / np.outer(single, single))
    delta, eta, gamma = world.pmi_coefficients
    a = rows(world)
    bilinear = delta + (a @ eta)[:, None] + a @ eta + (a * gamma) @ a.T
    # A rounding of the ratio moves its logarithm by eps times the factors multiplied.
    tolerance = 32 * (len(gamma) + 1) * EPS * max(1.0, np.abs(expected).max())
    assert np.abs(bilinear - expected).max() <= tolerance
    assert np.abs(world.pmi() - expected).max() <= tolerance


@pytest.mark.theory(
    63, "rank of PMI is at most n + 1; eigenvectors affine in attributes", "16 V eps ||PMI|| / gap"
)
@given(attributes(weakest=0.05))
def test_pmi_eigenvectors_are_affine(world: BinaryAttributes) -> None:
    single, pair = by_definition(world)
    pmi = np.log(pair / np.outer(single, single))
    values, vectors = np.linalg.eigh(pmi)
    n, size = len(world.strengths), len(pmi)
    order = np.argsort(-np.abs(values))
    noise = 16 * size * EPS * np.abs(values).max()
    assert np.all(np.abs(values[order[n + 1 :]]) <= noise)
    affine = np.column_stack([np.ones(size), rows(world)])
    for k in order[: n + 1]:
        fitted, *_ = np.linalg.lstsq(affine, vectors[:, k], rcond=None)
        assert np.linalg.norm(affine @ fitted - vectors[:, k]) <= noise / max(abs(values[k]), noise)
    found = world.pmi_spectrum()
    assert np.abs(found.eigenvalues - np.sort(values[order[: n + 1]])[::-1]).max() <= noise
    assert found.residuals.max() <= noise


@pytest.mark.theory(
    64, "at q = 1 the PMI spectrum is {2^n artanh s_k, 2^n delta < 0, 0}", "16 V eps ||PMI||"
)
@given(attributes(weakest=0.01, even=True))
def test_even_pmi_spectrum(world: BinaryAttributes) -> None:
    single, pair = by_definition(world)
    found = np.linalg.eigvalsh(np.log(pair / np.outer(single, single)))
    s = np.array(world.strengths)
    delta = 0.5 * np.sum(np.log1p(-(s**2)))
    assert delta < 0
    expected = np.zeros(len(found))
    expected[: len(s)] = len(found) * np.arctanh(s)
    expected[-1] = len(found) * delta
    assert np.abs(found - np.sort(expected)).max() <= 16 * len(found) * EPS * np.abs(expected).max()


# ---------------------------------------------------------------- 65 and 66


@pytest.mark.theory(
    65,
    "PMI parallelograms are exact at K = n for broad strengths",
    "8 V eps lambda_1 / gap, of the longest embedding",
)
@given(attributes(most=6, weakest=0.05, even=True))
def test_pmi_parallelograms_close(world: BinaryAttributes) -> None:
    assume(len(world.strengths) > 1)
    assert parallelograms_close(world, d=len(world.strengths))


@pytest.mark.theory(65, "PMI analogies are all right at K = n, broad strengths", "exact: 100 %")
@pytest.mark.parametrize("seed", range(4))
def test_pmi_answers_all_analogies(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for n in (2, 4, 7):
        world = BinaryAttributes(list(rng.uniform(0.02, 0.98, n)))
        assert accuracy(spectrum_of(world.words, world.pmi()).embeddings(n), world) == 1


@pytest.mark.theory(
    65, "M* parallelograms close at K = n only while attributes lead its spectrum", "exact: 100 %"
)
def test_mstar_answers_only_while_attributes_lead() -> None:
    narrow = BinaryAttributes([0.4, 0.45, 0.5, 0.55, 0.6])
    assert accuracy(narrow.spectrum().embeddings(5), narrow) == 1
    assert parallelograms_close(narrow, d=5, target=BinaryAttributes.mstar)
    broad = BinaryAttributes([0.03, 0.9, 0.92, 0.94, 0.96])
    walsh = broad.walsh.T @ broad.mstar()[0]
    order = np.array([bin(k).count("1") for k in range(32)])
    # A product of three strong attributes outranks the weak one, so K = n misses it.
    assert walsh[order == 3].max() > walsh[order == 1].min()
    assert accuracy(broad.spectrum().embeddings(5), broad) < 1
    assert not parallelograms_close(broad, d=5, target=BinaryAttributes.mstar)


@pytest.mark.theory(
    66, "every elementwise f(PMI) is diagonal in the Walsh basis at q = 1", "8 V eps ||f(PMI)||"
)
@given(attributes(even=True), st.lists(st.floats(-2, 2), min_size=1, max_size=4))
def test_functions_of_pmi_are_diagonal_in_walsh(
    world: BinaryAttributes, coefficients: list[float]
) -> None:
    a = rows(world)
    single, pair = by_definition(world)
    pmi = np.log(pair / np.outer(single, single))
    walsh = np.array(
        [
            np.prod(a[:, list(subset)], axis=1)
            for subset in (np.flatnonzero(bits) for bits in product([0, 1], repeat=a.shape[1]))
        ]
    ).T / np.sqrt(len(a))
    polynomial = sum(c * pmi**power for power, c in enumerate(coefficients))
    for matrix in (2 * np.tanh(pmi / 2), np.broadcast_to(polynomial, pmi.shape)):
        turned = walsh.T @ matrix @ walsh
        off = turned - np.diag(np.diag(turned))
        # log and powers of nearly equal entries round alike only to eps of the largest.
        scale = max(np.linalg.norm(matrix), len(a) * np.abs(pmi).max())
        assert np.linalg.norm(off) <= 8 * len(a) * EPS * max(scale, len(a))


@pytest.mark.theory(66, "with q < 1 M* is not diagonal in the Walsh basis", "adversary: 1 % off")
def test_uneven_attributes_leave_the_walsh_basis() -> None:
    world = BinaryAttributes([0.5, 0.6], asymmetry=0.5)
    walsh = world.walsh / 2
    turned = walsh.T @ world.mstar() @ walsh
    off = np.linalg.norm(turned - np.diag(np.diag(turned)))
    assert off > 0.01 * np.linalg.norm(turned)


# ---------------------------------------------------------------- 67 and 68


@pytest.mark.theory(67, "||noise|| = 2 sigma 2^(n/2)", "5 %, about 3 sd of the edge at V = 256")
@pytest.mark.parametrize("seed", range(5))
def test_norm_of_noise(seed: int) -> None:
    noise = symmetric_noise(256, 0.1, seed=seed)
    assert np.array_equal(noise, noise.T)
    assert np.linalg.norm(noise, 2) == pytest.approx(2 * 0.1 * 16, rel=0.05)


@pytest.mark.theory(67, "analogies survive sigma = 0.1 at n = 8, not sigma = 10", "exact: 100 %")
@pytest.mark.parametrize("seed", range(3))
def test_analogies_under_noise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    world = BinaryAttributes(list(rng.uniform(0.35, 0.65, 8)))
    for matrix in (world.pmi(), world.mstar()):
        seen = matrix + symmetric_noise(256, 0.1, seed=seed)
        assert accuracy(spectrum_of(world.words, seen).embeddings(8), world) == 1
    # Below the noise's edge, 2 sigma 2^(n/2) against 2^n artanh s, nothing is left.
    buried = world.pmi() + symmetric_noise(256, 10.0, seed=seed)
    assert accuracy(spectrum_of(world.words, buried).embeddings(8), world) < 0.1


@pytest.mark.theory(
    68, "deleting a relation's pairs moves M* by O(1) in norm", "2 + M* of them, and P's rescaling"
)
@pytest.mark.parametrize("name", ["attribute 1", "attribute 5"])
def test_deleted_pairs_are_not_missed(name: str) -> None:
    world = BinaryAttributes([0.35, 0.4, 0.5, 0.55, 0.6, 0.45, 0.5])
    damaged = WithoutPairs(world, name)
    change = damaged.mstar() - world.mstar()
    lost = damaged.P == 0
    assert np.all(lost.sum(axis=1) == 1)
    # One entry a row falls to -2, by the same amount in all; what is left of P grows to sum
    # to 1, which adds as much to every PMI, and M* moves by less than PMI does.
    fall = 2 + world.mstar()[lost].mean()
    rescaling = 128 * -np.log1p(-world.P[lost].sum())
    assert np.linalg.norm(change, 2) == pytest.approx(fall, abs=rescaling)
    assert np.linalg.norm(change) == pytest.approx(np.sqrt(128) * fall, abs=rescaling)
    values = world.spectrum().eigenvalues
    assert np.linalg.norm(change, 2) < (values[6] - values[7]) / 2
    assert accuracy(damaged.spectrum().embeddings(7), damaged) == 1


@pytest.mark.theory(
    68, "pruning to m words rescales the spectrum by m / 2^n", "2 sqrt(n / m) + n / m, Wishart edge"
)
@pytest.mark.parametrize("seed", range(5))
def test_pruning_rescales_the_spectrum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 8, 104
    world = BinaryAttributes(list(rng.uniform(0.4, 0.6, n)))
    pruned = Pruned(world, m, seed=seed)
    left = world.pmi()[np.ix_(pruned.rows, pruned.rows)]
    found = spectrum_of(pruned.words, left).eigenvalues[:n]
    expected = np.sort(m * np.arctanh(world.strengths))[::-1]
    # With m signs as rows, A^T A / m has eigenvalues within (1 +- sqrt(n / m))^2.
    assert np.abs(found / expected - 1).max() <= 2 * np.sqrt(n / m) + n / m
    assert np.abs(found / (256 / m * expected) - 1).min() > 0.3
    assert accuracy(pruned.spectrum().embeddings(n), pruned) == 1
