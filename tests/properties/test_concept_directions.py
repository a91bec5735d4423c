"""Properties 51 to 53, 58, 59 and 75: difference vectors and concept directions."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from strategies import settings  # noqa: F401  (sets the profile)

from probes.analogy.search import TIE, closest_words
from probes.concepts import (
    CausalInnerProduct,
    Differences,
    concept_angles,
    inverse_participation_ratio,
    null_share_quantile,
    published_snr,
    signal,
    snr_curve,
    whitened,
)
from probes.relations.relations import Relations
from probes.shared.resampling import components
from repsearch.embeddings import Embeddings
from repsearch.synthetic import BinaryAttributes, spectrum_of
from repsearch.testing.strategies.concepts import SpikedData, spiked_data

EPS = float(np.finfo(float).eps)
Real = NDArray[np.float64]


def differences(rows: Real, shared: int = 0) -> Differences:
    """Rows as differences of pairs, the first `shared` + 1 of which have a word in common."""
    n = len(rows)
    pairs = tuple((f"a{k}", "b0" if k <= shared else f"b{k}") for k in range(n))
    return Differences(np.asarray(rows, float), pairs, "f")


def rotation(d: int, seed: int) -> Real:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]


# ---------------------------------------------------------------- 51 to 53


@pytest.mark.theory(51, "1 <= SNR <= rank", "16 N eps, of the rank")
@given(spiked_data(min_rows=1))
def test_published_snr_lies_between_one_and_the_rank(data: SpikedData) -> None:
    found = published_snr(differences(data.rows))
    squares = np.linalg.svd(data.rows, compute_uv=False) ** 2
    rank = int(np.linalg.matrix_rank(data.rows @ data.rows.T))
    room = 16 * len(data.rows) * EPS * rank
    assert found.rank == rank
    assert found.value == pytest.approx(squares[0] / squares.sum() * rank, rel=16 * 8 * EPS)
    assert 1 - room <= found.value <= rank + room
    assert found.corrected >= found.value - room


@pytest.mark.theory(
    51, "SNR is invariant under scale and right rotation", "64 d eps, the rounding of a rotation"
)
@given(spiked_data(), st.floats(1e-6, 1e6), st.integers(0, 100))
def test_published_snr_is_invariant(data: SpikedData, scale: float, seed: int) -> None:
    before = published_snr(differences(data.rows))
    after = published_snr(differences(scale * data.rows @ rotation(data.rows.shape[1], seed)))
    assert after.rank == before.rank
    assert after.value == pytest.approx(before.value, rel=64 * data.rows.shape[1] * EPS)
    assert after.mean_share == pytest.approx(
        before.mean_share, abs=64 * data.rows.shape[1] * EPS * len(data.rows)
    )


@pytest.mark.theory(
    52, "identical differences: published SNR 1, its minimum (flag)", "exact rank; 8 N eps"
)
@pytest.mark.theory(52, "identical differences: corrected SNR min(N, d), share 1", "8 N eps")
@given(st.integers(2, 30), st.integers(1, 40), st.integers(0, 1000))
def test_perfect_analogies(n: int, d: int, seed: int) -> None:
    row = np.random.default_rng(seed).normal(size=d)
    perfect = differences(np.tile(row, (n, 1)))
    found = published_snr(perfect)
    assert found.value == pytest.approx(1, rel=8 * n * EPS)
    assert found.degenerate == (min(n, d) > 1)
    assert found.corrected == pytest.approx(min(n, d), rel=8 * n * EPS)
    ours = signal(perfect, permutations=100)
    assert ours.share.value == pytest.approx(1, rel=8 * n * EPS)
    assert ours.snr > 1 / (16 * n * EPS)


@pytest.mark.theory(
    52, "a perturbation of 1e-4 takes the published SNR from 1 to N", "1e-3: |noise|^2 N"
)
def test_published_snr_jumps() -> None:
    rng = np.random.default_rng(0)
    rows = np.tile(rng.normal(size=64), (27, 1))
    assert published_snr(differences(rows)).value == pytest.approx(1, rel=1e-12)
    nudged = differences(rows + 1e-4 * rng.normal(size=rows.shape))
    assert published_snr(nudged).value == pytest.approx(27, rel=1e-3)
    # The share does not jump.
    assert signal(nudged).share.value == pytest.approx(1, abs=1e-7)


@pytest.mark.theory(53, "0 <= 1^T G 1 / (N lambda_max) <= 1", "16 N eps")
@given(spiked_data())
def test_mean_share_of_the_spike(data: SpikedData) -> None:
    found = published_snr(differences(data.rows)).mean_share
    expected = len(data.rows) * np.sum(data.rows.mean(axis=0) ** 2) / np.linalg.norm(data.rows, 2)
    expected /= np.linalg.norm(data.rows, 2)
    room = 16 * len(data.rows) * EPS
    assert -room <= found <= 1
    assert found == pytest.approx(expected, abs=16 * room)


@pytest.mark.theory(53, "= 1 for identical rows", "8 N eps")
@given(st.integers(1, 30), st.integers(1, 40), st.integers(0, 1000))
def test_mean_share_of_identical_rows(n: int, d: int, seed: int) -> None:
    row = np.random.default_rng(seed).normal(size=d)
    found = published_snr(differences(np.tile(row, (n, 1)))).mean_share
    assert found == pytest.approx(1, abs=8 * n * EPS)


# ---------------------------------------------------------------- 58 and 59


@pytest.mark.theory(58, "1/d <= IPR <= 1", "4 d eps")
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40).filter(any))
def test_inverse_participation_ratio(entries: list[float]) -> None:
    x = np.array(entries)
    found = inverse_participation_ratio(x)
    assert 1 / len(x) - 4 * EPS <= found <= 1 + 4 * len(x) * EPS
    p = (x / np.abs(x).max()) ** 2
    assert found == pytest.approx(np.sum(p**2) / np.sum(p) ** 2, rel=8 * len(x) * EPS)


@pytest.mark.theory(58, "1 for a one-hot, 1/d for equal entries", "exact; 4 d eps")
@given(st.integers(1, 50), st.floats(1e-200, 1e200), st.data())
def test_ends_of_the_participation_ratio(d: int, size: float, data: st.DataObject) -> None:
    one_hot = np.zeros(d)
    one_hot[data.draw(st.integers(0, d - 1))] = size
    assert inverse_participation_ratio(one_hot) == 1
    assert inverse_participation_ratio(np.full(d, -size)) == pytest.approx(1 / d, rel=4 * d * EPS)


@pytest.mark.theory(58, "3/(d + 2) in the mean for a random direction", "4 standard errors")
@pytest.mark.parametrize("d", [2, 10, 100])
def test_participation_ratio_of_random_directions(d: int) -> None:
    rng = np.random.default_rng(d)
    found = [inverse_participation_ratio(row) for row in rng.normal(size=(2000, d))]
    assert abs(np.mean(found) - 3 / (d + 2)) <= 4 * np.std(found) / np.sqrt(2000)


@pytest.mark.theory(
    59, "argmax of the cosine = argmin of the parallelogram's gap, unit candidates", "ties to 1e-9"
)
@given(st.integers(4, 12), st.integers(1, 6), st.integers(0, 1000))
def test_cosine_argmax_closes_the_parallelogram(n: int, d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, d))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    a, b, other = rng.permutation(n)[:3]
    found = closest_words(vectors, np.array([[a, b, other]]))[0]
    gaps = np.sum(((unit[b] - unit[a]) - (unit - unit[other])) ** 2, axis=1)
    gaps[[a, b, other]] = np.inf
    # A squared gap is a constant less twice the score.
    assert gaps[found] <= gaps.min() + 4 * TIE * max(1.0, float(np.abs(gaps[found])))


# ---------------------------------------------------------------- 75


@pytest.mark.theory(75, "whitening makes the causal inner product Euclidean", "16 d eps cond(Cov)")
@given(st.integers(2, 6), st.integers(0, 1000))
def test_causal_inner_product(d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    words = rng.normal(size=(40, d)) @ rng.normal(size=(d, d)) + rng.normal(size=d)
    covariance = np.cov(words.T, bias=True).reshape(d, d)
    room = 16 * d * EPS * float(np.linalg.cond(covariance))
    x, y = words[1] - words[0], words[3] - words[2]
    sizes = np.sqrt([v @ np.linalg.solve(covariance, v) for v in (x, y)])
    expected = x @ np.linalg.solve(covariance, y)
    product_ = CausalInnerProduct().fit(words)
    assert abs(product_.inner(x, y) - expected) <= room * sizes.prod()
    white = whitened(Embeddings(tuple(f"w{k}" for k in range(40)), words)).vectors
    euclidean = (white[1] - white[0]) @ (white[3] - white[2])
    assert abs(euclidean - expected) <= room * sizes.prod()


# ------------------------------------------------- the comparable signal, of our own making


@given(spiked_data(min_rows=3), st.integers(0, 1))
def test_share_is_the_mean_product_over_the_mean_square(data: SpikedData, shared: int) -> None:
    """Against a double loop over the pairs that share no word."""
    given_ = differences(data.rows, shared)
    found = signal(given_, permutations=100)
    apart = [
        (data.rows[i], data.rows[j])
        for i, j in combinations(range(len(data.rows)), 2)
        if not set(given_.pairs[i]) & set(given_.pairs[j])
    ]
    product_ = np.mean([r @ s for r, s in apart])
    square = np.mean([(r @ r + s @ s) / 2 for r, s in apart])
    room = 64 * len(data.rows) ** 2 * EPS * float(np.max(data.rows**2) / square)
    assert found.share.value == pytest.approx(product_ / square, abs=room)
    assert found.squared_mean + found.noise == pytest.approx(square, rel=room)
    assert found.share.value <= 1
    if not shared:
        assert square == pytest.approx(np.mean(np.sum(data.rows**2, axis=1)))
        assert found.share.value >= -1 / (len(data.rows) - 1) - room


@given(spiked_data(min_rows=3), st.floats(1e-3, 1e3), st.integers(0, 100))
def test_share_is_invariant(data: SpikedData, scale: float, seed: int) -> None:
    before = signal(differences(data.rows), permutations=100)
    order = np.random.default_rng(seed).permutation(len(data.rows))
    turned = -scale * data.rows[order] @ rotation(data.rows.shape[1], seed)
    after = signal(differences(turned), permutations=100)
    room = 256 * len(data.rows) ** 2 * EPS
    for end in ("value", "low", "high"):
        # Ends go with the root of a sum of squares, which may be all rounding.
        assert getattr(after.share, end) == pytest.approx(
            getattr(before.share, end), abs=np.sqrt(room) if end != "value" else room
        )
    if 2 ** (len(data.rows) - 1) <= 100:
        assert after.p_value == before.p_value


@given(spiked_data(7, min_rows=3))
def test_exact_null_takes_every_flip(data: SpikedData) -> None:
    n = len(data.rows)
    gram = data.rows @ data.rows.T
    every = np.array([signs @ gram @ np.array(signs) for signs in product([1.0, -1.0], repeat=n)])
    room = 1e-9 * np.abs(gram).sum()
    # Those that tie with the observed one but for rounding may count or not.
    low, high = np.mean(every >= gram.sum() + room), np.mean(every >= gram.sum() - room)
    assert low - 1e-12 <= signal(differences(data.rows), permutations=100).p_value <= high + 1e-12


@pytest.mark.parametrize("n", [4, 16])
@pytest.mark.parametrize("d", [3, 200])
def test_null_by_theory_is_fishers_f(n: int, d: int) -> None:
    """Exact for isotropic noise: Kolmogorov-Smirnov on 400 draws does not tell them apart."""
    rng = np.random.default_rng(n * d)
    shares = []
    for _ in range(400):
        rows = rng.normal(size=(n, d))
        gram = rows @ rows.T
        off = (gram.sum() - np.trace(gram)) / (n * (n - 1))
        shares.append(off / (np.trace(gram) / n))
    f = (1 + (n - 1) * np.array(shares)) / (1 - np.array(shares))
    assert stats.kstest(f, stats.f(d, d * (n - 1)).cdf).pvalue > 1e-3
    high = null_share_quantile(0.95, pairs=n, effective_dimension=d)
    assert stats.binomtest(int(np.sum(np.array(shares) > high)), 400, 0.05).pvalue > 1e-3
    # The flips of a single sample say the same, to the spread of their own quantile.
    drawn = [
        signal(differences(rng.normal(size=(n, d))), permutations=512).null_95 for _ in range(20)
    ]
    if n == 16:
        assert np.mean(drawn) == pytest.approx(high, rel=0.15)


def test_null_for_other_noise_goes_by_the_effective_dimension() -> None:
    rng = np.random.default_rng(3)
    spectrum = np.arange(1, 257) ** -0.6
    effective = spectrum.sum() ** 2 / np.sum(spectrum**2)
    found = [
        signal(
            differences(rng.normal(size=(12, 256)) * np.sqrt(spectrum)), permutations=100
        ).share.value
        for _ in range(400)
    ]
    high = null_share_quantile(0.9, pairs=12, effective_dimension=float(effective))
    assert stats.binomtest(int(np.sum(np.array(found) > high)), 400, 0.1).pvalue > 1e-3
    # Taking all columns for effective ones would promise far fewer.
    wrong = null_share_quantile(0.9, pairs=12, effective_dimension=1024.0)
    assert np.mean(np.array(found) > wrong) > 0.15


@pytest.mark.parametrize(("n", "d", "snr"), [(6, 64, 0.5), (16, 256, 0.1), (38, 16, 1.0)])
def test_signal_is_unbiased_and_its_interval_covers(n: int, d: int, snr: float) -> None:
    rng = np.random.default_rng(n)
    spectrum = np.arange(1, d + 1) ** -0.6
    spectrum /= spectrum.sum()
    mean = rng.normal(size=d) * np.sqrt(spectrum)
    mean *= np.sqrt(snr) / np.linalg.norm(mean)
    found = [
        signal(differences(mean + rng.normal(size=(n, d)) * np.sqrt(spectrum)), permutations=100)
        for _ in range(300)
    ]
    for values, expected in (
        ([one.squared_mean for one in found], snr),
        ([one.noise for one in found], 1.0),
    ):
        assert abs(np.mean(values) - expected) <= 4 * np.std(values) / np.sqrt(300)
    covered = np.mean([expected_share(snr) in one.share for one in found])
    # Nominal 0.95; four standard errors of 300 trials are 0.05.
    assert covered >= 0.90
    # It is no interval that covers because it is wide: half of all must have one this narrow.
    oracle = np.std([one.share.value for one in found])
    assert np.median([one.share.width for one in found]) <= 2 * 1.6 * stats.t.ppf(0.975, n - 1) * (
        oracle
    )


def expected_share(snr: float) -> float:
    return snr / (1 + snr)


def test_signal_does_not_depend_on_the_number_of_pairs_and_the_published_one_does() -> None:
    rng = np.random.default_rng(5)
    published = {}
    for n in (6, 36):
        draws = [differences(0.1 + rng.normal(size=(n, 256))) for _ in range(100)]
        shares = [signal(one, permutations=100).share.value for one in draws]
        # |m|^2 = 2.56 in noise of 256; the ratio's own bias is below 1 % of it.
        room = 4 * np.std(shares) / np.sqrt(100) + 0.01 * 2.56 / 256
        assert abs(np.mean(shares) - expected_share(0.01)) <= room
        published[n] = np.mean([published_snr(one).value for one in draws])
    assert published[36] > 1.3 * published[6]


def test_null_keeps_its_level() -> None:
    """All 32 flips of six pairs: p-values are uniform on multiples of 1/32."""
    rng = np.random.default_rng(8)
    found = np.array(
        [
            signal(differences(rng.normal(size=(6, 20))), permutations=100).p_value
            for _ in range(500)
        ]
    )
    for level in (1 / 32, 4 / 32, 16 / 32):
        assert stats.binomtest(int(np.sum(found <= level + 1e-9)), 500, level).pvalue > 1e-3


def test_overlap_with_the_true_direction_is_covered() -> None:
    rng = np.random.default_rng(9)
    mean = np.zeros(200)
    mean[0] = 5.0
    covered, errors = 0, []
    for _ in range(200):
        rows = mean + rng.normal(size=(12, 200))
        found = signal(differences(rows), permutations=100).overlap
        true = rows.mean(axis=0)[0] / np.linalg.norm(rows.mean(axis=0))
        covered += true in found
        errors.append(found.value - true)
    assert covered >= 180
    assert abs(np.mean(errors)) < 0.01


# ---------------------------------------------------------------- perfect worlds


@pytest.mark.parametrize("seed", range(3))
def test_binary_attributes_give_the_values_of_theory(seed: int) -> None:
    """Exact parallelograms: shares of 1, attributes orthogonal, corrected SNR min(N, d)."""
    rng = np.random.default_rng(seed)
    world = BinaryAttributes(list(rng.uniform(0.3, 0.7, 5)))
    embeddings = spectrum_of(world.words, world.pmi()).embeddings(5)
    relations = Relations(world.relations)
    for name, pairs in relations.families.items():
        first = embeddings.rows([a for a, _ in pairs])
        second = embeddings.rows([b for _, b in pairs])
        family = Differences(np.asarray(second - first, float), pairs, name)
        assert signal(family).share.value == pytest.approx(1, abs=1e-9)
        found = published_snr(family)
        assert found.corrected == pytest.approx(5, rel=1e-9)
        assert found.mean_share == pytest.approx(1, abs=1e-9)
    angles = concept_angles(embeddings, relations)
    assert np.abs(angles.matrix - np.eye(5)).max() < 1e-9
    assert {one.verdict for one in angles.angles} == {"orthogonal"}


def test_attributes_appear_one_after_another_with_dimension() -> None:
    """A mode is an attribute: a family's share is 0 before its mode and 1 from it on."""
    world = BinaryAttributes([0.7, 0.6, 0.5, 0.4, 0.3])
    embeddings = spectrum_of(world.words, world.pmi()).embeddings(5)
    for place, pairs in enumerate(world.relations.values()):
        rows = embeddings.rows([b for _, b in pairs]) - embeddings.rows([a for a, _ in pairs])
        family = Differences(np.asarray(rows, float), tuple(pairs))
        # Before its mode the two words of a pair coincide but for rounding.
        assert np.abs(rows[:, :place]).max(initial=0.0) < 1e-9
        curve = snr_curve(family, range(place + 1, 6))
        assert [found.share.value for found in curve.signals] == pytest.approx([1.0] * (5 - place))


@given(st.integers(2, 12), st.integers(0, 200))
def test_components_are_those_of_a_union_find(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = [tuple(f"w{k}" for k in rng.permutation(9)[:2]) for _ in range(n)]
    parent = {word: word for pair in pairs for word in pair}

    def root(word: str) -> str:
        while parent[word] != word:
            word = parent[word]
        return word

    for a, b in pairs:
        parent[root(a)] = root(b)
    found = components(pairs)  # type: ignore[arg-type]
    for i, j in combinations(range(n), 2):
        assert (found[i] == found[j]) == (root(pairs[i][0]) == root(pairs[j][0]))
