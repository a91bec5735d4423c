"""M*, PMI and PPMI against their definitions, and operators against dense twins."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from strategies import corpora, count_matrices, counts_from, windows

from repsearch.corpus.encoding import encode
from repsearch.counts import counts as counts_module
from repsearch.counts.counting import count
from repsearch.counts.counts import Counts
from repsearch.counts.window import Window
from repsearch.errors import InputError
from repsearch.target import target as target_module
from repsearch.target.mstar import mstar
from repsearch.target.mutual_information import pmi, shifted_ppmi
from repsearch.target.scaled import scaled
from repsearch.target.target import Target, sparse_part
from repsearch.target.weighting import Setting31, Unweighted, Weighting, Word2Vec
from repsearch.target.word2vec_program import Word2VecC

EPS = float(np.finfo(float).eps)
Matrix = NDArray[np.float64]

WEIGHTINGS: list[Weighting] = [
    Setting31(),
    Setting31(5.0),
    Unweighted(),
    Unweighted(0.3),
    Word2Vec(),
    Word2Vec(subsample=0.05, negatives=2, exponent=0.5),
    Word2Vec(symmetrise=False),
    Word2Vec(subsample=None, exponent=1, symmetrise=False, negatives=1),
]
weightings = st.sampled_from(WEIGHTINGS)


@st.composite
def random_counts(draw: st.DrawFn, *, zeros: bool = True, smallest: int = 1) -> Counts:
    """Counts whose word counts have nothing to do with their row sums."""
    matrix = draw(count_matrices(smallest, zeros=zeros))
    occurrences = draw(st.lists(st.integers(1, 10**4), min_size=len(matrix), max_size=len(matrix)))
    return counts_from(matrix, word_counts=occurrences)


def distribution(counts: Counts) -> tuple[Matrix, Matrix]:
    """P and the outer product of its row sums, with the limit of rows that are zero left open."""
    matrix = counts.matrix().toarray().astype(object)
    total = int(matrix.sum())
    p = (matrix / total).astype(float)
    marginals = (matrix.sum(axis=1) / total).astype(float)
    return p, np.outer(marginals, marginals)


def shares_of(counts: Counts, weighting: Weighting) -> tuple[Matrix, Matrix]:
    """Psi+ P and Psi- PP, from the definitions of theory.md, sections 1.5 and 1.11."""
    p, independent = distribution(counts)
    if isinstance(weighting, Setting31):
        k = weighting.negatives
        sums = p + k * independent
        # The weights add up to 1, all of it on Psi- where nothing was seen.
        return (
            np.divide(p, sums, out=np.zeros_like(p), where=p > 0),
            np.divide(k * independent, sums, out=np.ones_like(p), where=p > 0),
        )
    if isinstance(weighting, Unweighted):
        return p, weighting.negatives * independent
    assert isinstance(weighting, Word2Vec)
    frequency = counts.word_counts / counts.word_counts.sum()
    t = weighting.subsample
    # word2vec.c:  (sqrt(f / t) + 1) * t / f  (theory.md section 6, item 44)
    kept = np.array([1 if t is None else min(1, (math.sqrt(f / t) + 1) * t / f) for f in frequency])
    noise = frequency**weighting.exponent / (frequency**weighting.exponent).sum()
    negative = weighting.negatives * np.outer(kept * p.sum(axis=1), noise)
    if weighting.symmetrise:
        negative = (negative + negative.T) / 2
    return p * np.outer(kept, kept), negative


def defined(counts: Counts, weighting: Weighting) -> Matrix:
    """M* entry by entry, eq. (5); -2 where it is 0 / 0."""
    positive, negative = shares_of(counts, weighting)
    sums = (positive + negative) / 2
    return np.divide(positive - negative, sums, out=np.full_like(sums, -2.0), where=sums > 0)


# ----------------------------------------------------------- definitions


@pytest.mark.theory(4, "|M*| <= 2, and M* is its formula", tolerance="exact; 32 eps")
@given(random_counts(), weightings)
def test_mstar_is_the_formula(counts: Counts, weighting: Weighting) -> None:
    found = mstar(counts, weighting).dense()
    assert np.abs(found - defined(counts, weighting)).max() <= 32 * EPS
    assert np.abs(found).max() <= 2


@pytest.mark.theory(1, "M* = 2 tanh(PMI/2)", tolerance="64 eps")
@pytest.mark.theory(2, "k negatives: M* = 2 tanh((PMI - log k)/2)", tolerance="64 eps")
@given(random_counts(zeros=False), st.sampled_from([1.0, 0.2, 15.0]))
def test_mstar_is_a_hyperbolic_tangent_of_pmi(counts: Counts, k: float) -> None:
    # 1 and 2
    p, independent = distribution(counts)
    pmi_matrix = np.log(p / independent)
    for weighting in (Setting31(k), Unweighted(k)):
        found = mstar(counts, weighting).dense()
        assert np.abs(found - 2 * np.tanh((pmi_matrix - math.log(k)) / 2)).max() <= 64 * EPS


@pytest.mark.theory(
    3,
    "any Psi: M* = 2 tanh((PMI + log(Psi+/Psi-))/2); scaling both leaves M* as it is",
    tolerance="128 eps; 16 eps",
)
@given(random_counts(zeros=False), weightings)
def test_mstar_depends_on_the_ratio_of_the_weights_only(
    counts: Counts, weighting: Weighting
) -> None:
    # 3
    positive, negative = shares_of(counts, weighting)
    p, independent = distribution(counts)
    shifted = np.log(p / independent) + np.log((positive / p) / (negative / independent))
    assert np.abs(mstar(counts, weighting).dense() - 2 * np.tanh(shifted / 2)).max() <= 128 * EPS

    class Scaled:
        symmetric = weighting.symmetric

        def of(self, counts: Counts) -> Any:
            pairs = weighting.of(counts)

            class Pairs:
                def positive(self, *a: Any) -> Any:
                    return 3.7 * pairs.positive(*a)

                def negative(self, *a: Any) -> Any:
                    return 3.7 * pairs.negative(*a)

            return Pairs()

    difference = mstar(counts, Scaled()).dense() - mstar(counts, weighting).dense()
    assert np.abs(difference).max() <= 16 * EPS


@pytest.mark.theory(4, "M* is symmetric for symmetric Psi", tolerance="exact")
@given(random_counts(), weightings, st.sampled_from(["exact", "smooth", "neutral"]))
def test_symmetry_is_exact(counts: Counts, weighting: Weighting, zeros: Any) -> None:
    # 4
    target = mstar(counts, weighting, zeros=zeros)
    assert target.symmetric == weighting.symmetric
    if weighting.symmetric:
        assert np.array_equal(target.dense(), target.dense().T)


@pytest.mark.theory(5, "P_ij = 0: M*_ij = -2", tolerance="exact")
@given(random_counts(), weightings)
def test_unseen_pairs_are_exactly_minus_two(counts: Counts, weighting: Weighting) -> None:
    # 5
    unseen = counts.matrix().toarray() == 0
    for dtype in (np.float32, np.float64):
        assert (mstar(counts, weighting, dtype=dtype).dense()[unseen] == -2).all()


@pytest.mark.theory(5, "P = p p^T: M* = 0", tolerance="8 eps")
@given(st.lists(st.integers(1, 1000), min_size=1, max_size=6), st.sampled_from(["exact", "smooth"]))
def test_independent_words_have_a_target_of_zero(shares: list[int], zeros: Any) -> None:
    # 5; the smooth policy must not move them
    counts = counts_from(np.outer(shares, shares))
    for smoothing in (0.01, 0.4):
        found = mstar(counts, zeros=zeros, smoothing=smoothing).dense()
        assert np.abs(found).max() <= 8 * EPS


@pytest.mark.theory(
    6, "|PMI - (x + x^3/12 + x^5/80)| <= 1.05 |x|^7 / 448 for |x| <= .3", tolerance="32 eps"
)
@given(random_counts(zeros=False))
def test_pmi_is_the_series_of_mstar(counts: Counts) -> None:
    # 6: PMI = x + x^3/12 + x^5/80 + x^7/448 + ... for small x = M*
    x = mstar(counts).dense()
    p, independent = distribution(counts)
    small = np.abs(x) <= 0.3
    series = x + x**3 / 12 + x**5 / 80
    left = np.abs(np.log(p / independent) - series)[small]
    assert (left <= 1.05 * np.abs(x[small]) ** 7 / 448 + 32 * EPS).all()


@pytest.mark.theory(20, "renaming words permutes M* for every weighting", tolerance="16 eps")
@given(random_counts(smallest=2), weightings, st.data())
def test_renaming_the_words_permutes_the_target(
    counts: Counts, weighting: Weighting, data: st.DataObject
) -> None:
    # 20
    order = data.draw(st.permutations(range(len(counts.words))))
    permuted = counts_from(
        counts.matrix().toarray()[np.ix_(order, order)], word_counts=counts.word_counts[order]
    )
    one, other = (mstar(c, weighting) for c in (counts, permuted))
    assert np.abs(one.dense()[np.ix_(order, order)] - other.dense()).max() <= 16 * EPS
    assert math.isclose(one.squared_norm, other.squared_norm, rel_tol=1e-13)


@given(random_counts())
def test_pmi_and_ppmi_are_their_formulas(counts: Counts) -> None:
    p, independent = distribution(counts)
    ratio = np.divide(p, independent, out=np.zeros_like(p), where=p > 0)
    for zero_ratio in (1e-25, 1e-2):
        expected = np.log(ratio + zero_ratio)
        tolerance = 8 * EPS * abs(math.log(zero_ratio))
        assert np.abs(pmi(counts, zero_ratio=zero_ratio).dense() - expected).max() <= tolerance
    for k in (0.5, 1.0, 5.0):
        shifted = np.log(ratio, out=np.full_like(ratio, -np.inf), where=ratio > 0) - math.log(k)
        found = shifted_ppmi(counts, negatives=k).dense()
        assert np.abs(found - np.maximum(shifted, 0)).max() <= 32 * EPS
        assert (found >= 0).all()


def test_the_papers_pmi_of_an_unseen_pair() -> None:
    counts = counts_from(np.array([[0, 1], [1, 0]]))
    assert pmi(counts).dense()[0, 0] == pytest.approx(-57.56, abs=0.01)
    assert pmi(counts, zero_ratio=1e-2).dense()[0, 0] == pytest.approx(-4.605, abs=1e-3)


# --------------------------------------------------------- zeros policies


@given(random_counts(), weightings, st.sampled_from([0.01, 0.3]))
def test_what_the_policies_make_of_zeros(
    counts: Counts, weighting: Weighting, smoothing: float
) -> None:
    seen = counts.matrix().toarray() > 0
    exact, smooth, neutral = (
        mstar(counts, weighting, zeros=zeros, smoothing=smoothing).dense()  # type: ignore[arg-type]
        for zeros in ("exact", "smooth", "neutral")
    )
    assert (neutral[~seen] == 0).all()
    assert np.abs(neutral - exact)[seen].max() <= 8 * EPS
    assert np.abs(smooth[~seen] + 2 * (1 - smoothing) / (1 + smoothing)).max(initial=0) <= 4 * EPS
    # Psi+ P mixed with Psi- PP, and then the formula.
    positive, negative = shares_of(counts, weighting)
    mixed = (1 - smoothing) * positive + smoothing * negative
    expected = 2 * (mixed - negative)[seen] / (mixed + negative)[seen]
    assert np.abs(smooth[seen] - expected).max() <= 32 * EPS
    # It moves every entry towards 0, and none beyond.
    assert (smooth * exact >= -32 * EPS).all()
    assert (np.abs(smooth) <= np.abs(exact) + 32 * EPS).all()


@pytest.mark.parametrize(
    ("texts", "settings"),
    [
        (["ab ab ab", "owl"], {"vocabulary_size": None}),
        (["ab ab ab", "owl x", "y owl"], {"vocabulary_size": 2}),
        (
            ["ab ab ab x owl y owl z ab"],
            {"vocabulary_size": 2, "out_of_vocabulary": "keep-place"},
        ),
    ],
)
def test_a_word_that_cooccurs_with_nothing_was_never_seen_with_anything(
    texts: list[str], settings: dict[str, Any]
) -> None:
    # Its P_i is 0 and eq. (5) is 0 / 0; the limit of P_i -> 0 with P_ij = 0 is -2.
    counts = count(
        encode(texts, tokenizer=lambda text: text.split(), **settings), Window(1), threads=1
    )
    assert counts.words == ("ab", "owl")
    assert counts.row_sums[1] == 0
    for weighting in WEIGHTINGS:
        target = mstar(counts, weighting)
        assert target.dense()[1].tolist() == target.dense()[:, 1].tolist() == [-2, -2]
        assert math.isfinite(target.squared_norm)
        weights = target.weights(np.arange(2))
        assert (weights >= 0).all()
        if isinstance(weighting, Setting31):
            assert np.abs(weights - 1).max() <= 4 * EPS
        if isinstance(weighting, Unweighted):
            assert (weights[1] == 0).all()  # the loss does not care
    assert mstar(counts, zeros="neutral").dense()[1].tolist() == [0, 0]
    assert shifted_ppmi(counts).dense()[1].tolist() == [0, 0]


@given(corpora(), windows(3), weightings)
def test_any_corpus_has_a_finite_target_or_a_reason(
    corpus: Any, window: Window, weighting: Weighting
) -> None:
    counts = count(corpus, window, threads=1)
    if counts.total == 0:
        with pytest.raises(InputError, match="no pair of words"):
            mstar(counts, weighting)
        return
    target = mstar(counts, weighting)
    assert np.isfinite(target.dense()).all()
    assert np.abs(target.dense() - defined(counts, weighting)).max() <= 64 * EPS
    assert np.isfinite(target.weights(np.arange(len(corpus.words)))).all()


# ------------------------------------------------- weights and the loss


@given(random_counts(), weightings, st.data())
def test_weights_are_rows_of_g(counts: Counts, weighting: Weighting, data: st.DataObject) -> None:
    size = len(counts.words)
    rows = data.draw(st.lists(st.integers(0, size - 1), max_size=4))
    positive, negative = shares_of(counts, weighting)
    found = mstar(counts, weighting).weights(np.array(rows, int))
    assert found.shape == (len(rows), size)
    expected = (positive + negative)[rows]
    assert np.abs(found - expected).max(initial=0) <= 16 * EPS * expected.max(initial=1)
    if isinstance(weighting, Setting31):
        assert np.abs(found - 1).max(initial=0) <= 4 * EPS


@given(random_counts(), weightings, st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_the_quartic_loss_is_a_weighted_factorisation(
    counts: Counts, weighting: Weighting, d: int, seed: int
) -> None:
    # 8, 9 (theory.md 1.3 and 1.7), unseen words included, whose weights are limits
    w = np.random.default_rng(seed).standard_normal((len(counts.words), d))
    gram = w @ w.T
    positive, negative = shares_of(counts, weighting)
    loss = (positive * (gram**2 / 4 - gram)).sum() + (negative * (gram**2 / 4 + gram)).sum()
    target = mstar(counts, weighting)
    g = target.weights(np.arange(len(counts.words)))
    m = target.dense()
    factorised = (g * (gram - m) ** 2).sum() / 4 - (g * m**2).sum() / 4
    scale = (g * (gram**2 + 4)).sum()
    assert abs(loss - factorised) <= 64 * EPS * scale
    if isinstance(weighting, Setting31):
        unweighted = (((gram - m) ** 2).sum() - target.squared_norm) / 4
        assert abs(loss - unweighted) <= 64 * EPS * scale


# ------------------------------------------- one suite for every operator


def targets() -> st.SearchStrategy[Target]:
    kinds = st.sampled_from(["pmi", "ppmi", *WEIGHTINGS])
    zeros = st.sampled_from(["exact", "smooth", "neutral"])
    dtypes = st.sampled_from([np.float32, np.float64])

    def made(counts: Counts, kind: Any, zeros: Any, dtype: Any) -> Target:
        if kind == "pmi":
            return pmi(counts, zero_ratio=1e-3, dtype=dtype)
        if kind == "ppmi":
            return shifted_ppmi(counts, dtype=dtype)
        return mstar(counts, kind, zeros=zeros, dtype=dtype)

    return st.builds(made, random_counts(), kinds, zeros, dtypes)


@settings(max_examples=150)
@given(targets(), st.sampled_from([np.float32, np.float64]), st.integers(0, 2**32 - 1))
def test_an_operator_is_its_dense_twin(target: Target, dtype: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = len(target.words)
    dense = target.dense()
    operator = target.operator(dtype)
    assert operator.shape == dense.shape
    assert operator.dtype == dtype
    rounding = 16 * (size + 2) * float(np.finfo(dtype).eps) * max(np.abs(dense).max(), 2)

    def agree(found: NDArray[Any], expected: NDArray[Any]) -> None:
        assert found.dtype == dtype
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() <= rounding * 4 * size

    x = rng.uniform(-1, 1, size).astype(dtype)
    block = rng.uniform(-1, 1, (size, 3)).astype(dtype)
    agree(operator.matvec(x), dense @ x)
    agree(operator.matvec(x[:, None]), dense @ x[:, None])
    agree(operator.rmatvec(x), dense.T @ x)
    agree(operator.matmat(block), dense @ block)
    agree(operator.matmat(np.asfortranarray(block)), dense @ block)
    agree(operator.rmatmat(block), dense.T @ block)
    agree(operator.T.matvec(x), dense.T @ x)
    agree(operator.H.matmat(block), dense.T @ block)
    agree(operator @ x[::-1], dense @ x[::-1])
    for other in (x, block):
        whole = target @ other
        assert whole.dtype == np.float64
        assert np.abs(whole - dense @ other).max() <= 64 * EPS * size * max(np.abs(dense).max(), 2)
    # The adjoint: <Ax, y> = <x, A'y>
    y = block[:, 0]
    assert abs(operator.matvec(x) @ y - x @ operator.rmatvec(y)) <= rounding * 4 * size


@given(targets())
def test_all_ways_to_look_at_a_target_agree(target: Target) -> None:
    dense = target.dense()
    size = len(target.words)
    i, j = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    assert np.array_equal(target.entries(i, j), dense)
    assert np.array_equal(target.entries(np.arange(size), np.array(0)), dense[:, 0])
    assert target.entries(np.empty(0, int), np.empty(0, int)).shape == (0,)
    assert float(target.entries(np.array(size - 1), np.array(0))) == dense[-1, 0]
    part = sparse_part(target)
    assert np.array_equal(part.toarray().astype(float) + target.constant, dense)
    assert math.isclose(target.squared_norm, (dense**2).sum(), rel_tol=1e-12, abs_tol=1e-12)
    assert target.dense(np.float32).dtype == np.float32
    error = np.abs(target.dense(np.float32) - dense).max()
    assert error <= 4 * np.finfo(np.float32).eps * max(np.abs(dense).max(), 2)


@given(targets(), st.integers(0, 2**32 - 1))
def test_a_scaled_target_is_the_product_with_its_weights(target: Target, seed: int) -> None:
    g = np.random.default_rng(seed).uniform(0.1, 3.0, len(target.words))
    found = scaled(target, g)
    root = np.sqrt(g)
    dense = root[:, None] * target.dense() * root
    assert found.dense() == pytest.approx(dense, rel=1e-14, abs=1e-14)
    assert found.symmetric == target.symmetric
    # Where almost every pair was seen, what unseen ones would add is taken away again.
    rounding = 1e-15 * (target.constant * g.sum()) ** 2
    assert math.isclose(found.squared_norm, (dense**2).sum(), rel_tol=1e-12, abs_tol=rounding)


@given(targets(), st.sampled_from([1, 2, 3]))
def test_work_in_small_pieces_makes_the_same_target(target: Target, chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts_module, "_CHUNK", chunk)
        patch.setattr(target_module, "_CHUNK", chunk)
        pieces = mstar(target.counts, target.weighting)
        norm = target.squared_norm
        sums = replace(target.counts).row_sums
    assert np.array_equal(pieces.dense(), mstar(target.counts, target.weighting).dense())
    assert math.isclose(norm, target.squared_norm, rel_tol=1e-12, abs_tol=1e-12)
    assert np.array_equal(sums, target.counts.row_sums)


def sparse_counts(size: int, seed: int) -> Counts:
    rng = np.random.default_rng(seed)
    scale = np.outer(1 / np.arange(1, size + 1), 1 / np.arange(1, size + 1))
    half = np.tril(rng.poisson(3000 * scale))
    return counts_from(half + np.tril(half, -1).T)


@pytest.mark.smoke
@pytest.mark.parametrize("weighting", [Setting31(), Word2Vec(symmetrise=False)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_products_are_the_same_bits_on_any_number_of_threads(
    weighting: Weighting, dtype: Any
) -> None:
    target = mstar(sparse_counts(400, 1), weighting)
    x = np.random.default_rng(2).standard_normal((400, 5)).astype(dtype)
    alone = target.operator(dtype)
    expected = (alone @ x).tobytes(), alone.rmatmat(x).tobytes()
    for threads in (1, 2, 4):
        with ThreadPoolExecutor(threads) as pool:
            shared = target.operator(dtype, pool)
            for _ in range(3):
                assert ((shared @ x).tobytes(), shared.rmatmat(x).tobytes()) == expected


def test_float32_targets_are_rounded_float64_targets() -> None:
    counts = sparse_counts(100, 3)
    narrow, wide = (mstar(counts, dtype=dtype) for dtype in (np.float32, np.float64))
    assert narrow.below.dtype == np.float32
    assert np.array_equal(narrow.below, wide.below.astype(np.float32))


def test_huge_counts_keep_their_digits() -> None:
    # 2^62 is no float, but the shares are what counts.
    counts = counts_from(
        np.array([[2**61, 2**60 + 1], [2**60 + 1, 3]], dtype=object).astype(np.int64)
    )
    assert np.abs(mstar(counts).dense() - defined(counts, Setting31())).max() <= 32 * EPS


def test_it_prints_as_one_line() -> None:
    counts = counts_from(np.array([[0, 1], [1, 0]]))
    assert repr(mstar(counts)) == "Target(M*, 2 words, constant -2)"
    assert repr(pmi(counts, zero_ratio=0.01)) == "Target(PMI, 2 words, constant -4.60517)"


# ------------------------------------------------------------ bad arguments

PAIR = counts_from(np.array([[0, 1], [1, 0]]))
NO_PAIR = counts_from(np.zeros((2, 2), np.int64))
NO_PAIRS = "the counts hold no pair of words; count a longer text or a wider window"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: mstar(NO_PAIR), NO_PAIRS),
        (lambda: pmi(NO_PAIR), NO_PAIRS),
        (lambda: shifted_ppmi(NO_PAIR), NO_PAIRS),
        (
            lambda: mstar(PAIR, zeros="laplace"),
            "zeros is 'laplace'; choose 'exact', 'smooth' or 'neutral'",
        ),
        (lambda: mstar(PAIR, smoothing=0), "smoothing is 0; pass a number between 0 and 1"),
        (lambda: mstar(PAIR, smoothing=1.0), "smoothing is 1.0; pass a number between 0 and 1"),
        (
            lambda: mstar(PAIR, smoothing=math.nan),
            "smoothing is nan; pass a number between 0 and 1",
        ),
        (
            lambda: mstar(PAIR, dtype="float16"),
            "dtype is 'float16'; choose 'float32' or 'float64'",
        ),
        (
            lambda: mstar(PAIR, dtype="single precision"),
            "dtype is 'single precision'; choose 'float32' or 'float64'",
        ),
        (lambda: pmi(PAIR, dtype=int), "dtype is <class 'int'>; choose 'float32' or 'float64'"),
        (
            lambda: mstar(PAIR).dense("int8"),
            "dtype is 'int8'; choose 'float32' or 'float64'",
        ),
        (
            lambda: mstar(PAIR).operator("int8"),
            "dtype is 'int8'; choose 'float32' or 'float64'",
        ),
        (lambda: pmi(PAIR, zero_ratio=0), "zero_ratio is 0; pass a small positive number"),
        (
            lambda: pmi(PAIR, zero_ratio=math.inf),
            "zero_ratio is inf; pass a small positive number",
        ),
        (lambda: shifted_ppmi(PAIR, negatives=0), "negatives is 0; pass a positive number"),
        (lambda: Setting31(-1), "negatives is -1; pass a positive number"),
        (lambda: Unweighted(math.nan), "negatives is nan; pass a positive number"),
        (lambda: Word2Vec(negatives=math.inf), "negatives is inf; pass a positive number"),
        (lambda: Word2Vec(exponent=-0.1), "exponent is -0.1; pass a number from 0 to 1"),
        (lambda: Word2Vec(exponent=75), "exponent is 75; pass a number from 0 to 1"),
        (
            lambda: Word2Vec(subsample=0),
            "subsample is 0; pass a positive threshold such as 1e-5, or None",
        ),
        (
            lambda: mstar(PAIR).entries(np.array([0, 2]), np.array(1)),
            "there is no word number 2; they run from 0 to 1",
        ),
        (
            lambda: mstar(PAIR).entries(np.array(0), np.array(-1)),
            "there is no word number -1; they run from 0 to 1",
        ),
        (
            lambda: mstar(PAIR).entries(np.array([0.5]), np.array(1)),
            "words are given by whole numbers here, not float64",
        ),
        (
            lambda: mstar(PAIR).weights(np.array([7])),
            "there is no word number 7; they run from 0 to 1",
        ),
        (
            lambda: mstar(PAIR).weights(np.array(["the"])),
            "words are given by whole numbers here, not <U3",
        ),
    ],
)
def test_bad_arguments(make: Any, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        make()
    assert str(caught.value) == sentence


def test_a_dense_array_of_gigabytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_module, "DENSE_LIMIT", 2)
    assert mstar(PAIR).dense().shape == (2, 2)
    monkeypatch.setattr(target_module, "DENSE_LIMIT", 1)
    with pytest.raises(InputError) as caught:
        mstar(PAIR).dense()
    assert str(caught.value) == ("a dense array over 2 words would take 0 GiB; use the operator")


@pytest.mark.parametrize(
    ("weighting", "words"),
    [
        (Setting31(), "Setting 3.1 (1 negative)"),
        (Unweighted(5), "all pairs as often as they occur (5 negatives)"),
        (
            Word2Vec(5, subsample=None),
            "word2vec of appendix A.3 (5 negatives, exponent 0.75, no subsampling)",
        ),
        (Word2VecC(), "word2vec.c (5 negatives, exponent 0.75, subsampling 0.001)"),
    ],
)
def test_weightings_are_said_in_words(weighting: Weighting, words: str) -> None:
    assert str(weighting) == words


@given(random_counts(), st.floats(0, 1, exclude_max=True), st.sampled_from([1.0, 3.0]))
def test_smoothed_contexts_are_the_formula(counts: Counts, exponent: float, k: float) -> None:
    if counts.total == 0:
        return
    p, marginals = counts.matrix().toarray() / counts.total, counts.marginals
    contexts = np.where(marginals > 0, marginals**exponent, 0)
    contexts /= contexts.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = p / np.outer(marginals, contexts)
        expected = np.log(ratio)
    seen = p > 0
    ppmi = shifted_ppmi(counts, negatives=k, exponent=exponent)
    assert not ppmi.symmetric
    wanted = np.where(seen, np.maximum(expected - np.log(k), 0), 0)
    assert ppmi.dense() == pytest.approx(wanted, rel=1e-12, abs=1e-12)
    found = pmi(counts, zero_ratio=1e-9, exponent=exponent).dense()
    assert found[seen] == pytest.approx(np.log(ratio[seen] + 1e-9), rel=1e-12, abs=1e-12)
    assert found[~seen] == pytest.approx(np.log(1e-9))


def test_the_exponent_1_changes_nothing() -> None:
    counts = counts_from(np.array([[2, 1, 0], [1, 0, 3], [0, 3, 4]]))
    assert np.array_equal(shifted_ppmi(counts, exponent=1).dense(), shifted_ppmi(counts).dense())
    assert shifted_ppmi(counts, exponent=1).symmetric


@pytest.mark.parametrize("exponent", [-0.1, 1.5, math.nan])
def test_bad_exponents(exponent: float) -> None:
    counts = counts_from(np.array([[2, 1], [1, 0]]))
    for made in (pmi, shifted_ppmi):
        with pytest.raises(InputError, match="pass a number from 0 to 1"):
            made(counts, exponent=exponent)
