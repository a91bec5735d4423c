"""word2vec.c's own weights, against its sampling drawn by brute force."""

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from strategies import count_matrices, counts_from

from repsearch import (
    Corpus,
    Counts,
    InputError,
    Window,
    Word2Vec,
    Word2VecC,
    count,
    encode,
    mstar,
    subsample,
)
from repsearch.target.by_name import WeightsName, weighting_called

Matrix = NDArray[np.float64]
K, ALPHA, T, L = 3, 0.75, 0.05, 4


@st.composite
def random_counts(draw: st.DrawFn) -> Counts:
    """Counts whose word counts have nothing to do with their row sums."""
    matrix = draw(count_matrices(1, zeros=True).filter(lambda matrix: matrix.sum() > 0))
    occurrences = draw(st.lists(st.integers(1, 10**4), min_size=len(matrix), max_size=len(matrix)))
    return counts_from(matrix, word_counts=occurrences)


def chain(documents: int = 20, length: int = 60, words: int = 8) -> Corpus:
    """Words that follow each other with their own habits, over unequal shares."""
    rng = np.random.default_rng(0)
    follow = rng.gamma(0.5, size=(words, words)) / np.arange(1, words + 1)
    follow /= follow.sum(1, keepdims=True)
    texts = []
    for _ in range(documents):
        word, text = 0, []
        for _ in range(length):
            word = int(rng.choice(words, p=follow[word]))
            text.append("abcdefghij"[word])
        texts.append(" ".join(text))
    return encode(texts, vocabulary_size=None)


def one_pass(
    corpus: Corpus, rng: np.random.Generator, t: float | None
) -> tuple[Matrix, Matrix, Matrix]:
    """As word2vec.c walks over a text: positive pairs, negatives kept, negatives skipped."""
    size = len(corpus.words)
    f = corpus.word_counts / corpus.word_counts.sum()
    kept = np.ones(size) if t is None else (np.sqrt(f / t) + 1) * t / f
    q = f**ALPHA / (f**ALPHA).sum()
    pairs = []
    for begin, end in pairwise(corpus.offsets.tolist()):
        sentence = [w for w in corpus.tokens[begin:end].tolist() if rng.random() < kept[w]]
        for here, centre in enumerate(sentence):
            reach = int(rng.integers(1, L + 1))
            low, high = max(0, here - reach), min(len(sentence), here + reach + 1)
            pairs += [(sentence[there], centre) for there in range(low, high) if there != here]
    neighbours, centres = np.array(pairs).T
    drawn = rng.choice(size, (len(pairs), K), p=q)
    positive, negative, skipped = np.zeros((3, size, size))
    np.add.at(positive, (neighbours, centres), 1)
    np.add.at(negative, (neighbours[:, None], drawn), 1)
    np.add.at(skipped, (neighbours[:, None], drawn), drawn != centres[:, None])
    return positive, negative, skipped


def passes(corpus: Corpus, t: float | None, number: int) -> list[Matrix]:
    rng = np.random.default_rng(1)
    found = zip(*(one_pass(corpus, rng, t) for _ in range(number)), strict=True)
    return [np.array(one) for one in found]


def weights_of(counts: Counts, weighting: Any) -> tuple[Matrix, Matrix]:
    """Psi+P and Psi-PP of all pairs."""
    size = len(counts.words)
    i, j = (index.ravel() for index in np.indices((size, size)))
    p = (counts.matrix().toarray() / counts.total).ravel()
    independent = np.outer(counts.marginals, counts.marginals).ravel()
    weights = weighting.of(counts)
    positive = weights.positive(i, j, p, independent).reshape(size, size)
    return positive, weights.negative(i, j, p, independent).reshape(size, size)


def surprise(drawn: Matrix, expected: Matrix) -> float:
    """Largest distance of a mean over passes from what is expected, in standard errors."""
    errors = drawn.std(0, ddof=1) / math.sqrt(len(drawn))
    return float((np.abs(drawn.mean(0) - expected) / np.where(errors > 0, errors, 1)).max())


def thinned_counts(corpus: Corpus, t: float, number: int) -> Counts:
    """Counts of a text that is subsampled anew for each of its copies."""
    parts = [subsample(corpus, t, seed=100 + seed) for seed in range(number)]
    tokens = np.concatenate([part.tokens for part in parts])
    lengths = np.concatenate([np.diff(part.offsets) for part in parts])
    joined = replace(corpus, tokens=tokens, offsets=np.concatenate([[0], np.cumsum(lengths)]))
    return count(joined, Window(L))


def test_the_weights_are_what_word2vec_draws() -> None:
    corpus = chain()
    drawn, negative, skipped = passes(corpus, None, 30)
    counts = count(corpus, Window(L))
    total = counts.total / L  # linear weights are L times expected counts
    d, drawn_against = weights_of(counts, Word2VecC(K, ALPHA, None, symmetrise=False))
    assert surprise(drawn, total * d) < 4.5
    assert surprise(negative, total * drawn_against) < 4.5
    # A negative that is the word to be told apart is skipped by the program: k q_j (D_i - D_ij).
    fewer = drawn_against * (1 - d / d.sum(1, keepdims=True))
    assert surprise(skipped, total * fewer) < 4.5
    assert surprise(skipped, total * drawn_against) > 10


def test_counts_of_the_subsampled_text_have_the_windows_of_word2vec() -> None:
    corpus = chain()
    copies = 2000
    counts = thinned_counts(corpus, T, copies)
    drawn, negative, _ = passes(corpus, T, 60)
    total = counts.total / L / copies
    exact = weights_of(counts, Word2VecC(K, ALPHA, None, symmetrise=False))
    assert surprise(drawn, total * exact[0]) < 4.5
    assert surprise(negative, total * exact[1]) < 4.5
    # Off the whole text windows do not reach farther, which is left out, but negatives are
    # drawn for pairs that are left; the paper's formula draws them for the others as well.
    whole = count(corpus, Window(L))
    right = np.log(exact[0] / exact[1])
    ours, paper = (
        np.abs(np.log(np.divide(*weights_of(whole, of(K, ALPHA, T, symmetrise=False)))) - right)
        for of in (Word2VecC, Word2Vec)
    )
    assert ours.mean() < 0.15 < 3 * ours.mean() < paper.mean()


@given(
    random_counts(),
    st.sampled_from([None, 1e-3, 0.1]),
    st.sampled_from([0.0, 0.75, 1.0]),
    st.sampled_from([1.0, 5.0]),
    st.booleans(),
)
def test_they_are_their_formula(
    counts: Counts,
    t: float | None,
    exponent: float,
    k: float,
    symmetrise: bool,  # noqa: FBT001
) -> None:
    weighting = Word2VecC(k, exponent, t, symmetrise)
    f = counts.word_counts / counts.word_counts.sum()
    a = np.ones(len(f))
    if t is not None:
        a = np.minimum(1, (np.sqrt(f / t) + 1) * t / np.maximum(f, 1e-300))
        a[f == 0] = 1
    d = counts.matrix().toarray() / counts.total * np.outer(a, a)
    d /= d.sum()
    negative = k * np.outer(d.sum(1), f**exponent / (f**exponent).sum())
    if symmetrise:
        negative = (negative + negative.T) / 2
    found = weights_of(counts, weighting)
    assert np.allclose(found[0], d, rtol=1e-12, atol=0)
    assert np.allclose(found[1], negative, rtol=1e-12, atol=0)
    left, right = weighting.of(counts).negative_factors()
    assert np.allclose(left.T @ right, negative, rtol=1e-12, atol=0)
    assert found[0].sum() == pytest.approx(1, rel=1e-12)
    assert found[1].sum() == pytest.approx(k, rel=1e-12)
    assert weighting.symmetric == mstar(counts, weighting).symmetric == symmetrise


@given(random_counts(), st.sampled_from([0.2, 5.0]))
def test_without_subsampling_it_is_the_papers_formula(counts: Counts, k: float) -> None:
    ours, paper = (mstar(counts, of(k, subsample=None)).dense() for of in (Word2VecC, Word2Vec))
    assert np.abs(ours - paper).max() < 1e-12


def test_a_subsampled_text_lends_its_negatives_to_the_whole() -> None:
    # The recipe of the docstring: without it, negatives come from what is left of the text.
    corpus = chain()
    counts = count(subsample(corpus, T, seed=0), Window(L))
    right = replace(counts, word_counts=corpus.word_counts)
    q = Word2Vec(subsample=None).drawn(right)
    assert np.allclose(q, corpus.word_counts**0.75 / (corpus.word_counts**0.75).sum())
    assert np.abs(q - Word2Vec(subsample=None).drawn(counts)).max() > 0.05


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"negatives": 0}, "negatives is 0; pass a positive number"),
        ({"exponent": 2}, "exponent is 2; pass a number from 0 to 1"),
        ({"subsample": 0}, "subsample is 0; pass a positive threshold such as 1e-5, or None"),
        ({"subsample": math.nan}, "subsample is nan"),
    ],
)
def test_what_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Word2VecC(**wrong)


@pytest.mark.parametrize(
    ("name", "given_", "made"),
    [
        ("word2vec", {}, Word2Vec(1.0)),
        ("word2vec", {"subsample": 1e-4}, Word2Vec(1.0, subsample=1e-4)),
        ("word2vec.c", {}, Word2VecC(1.0)),
        ("word2vec.c", {"subsample": 1e-4, "negatives": 5.0}, Word2VecC(5.0, subsample=1e-4)),
    ],
)
def test_by_name(name: WeightsName, given_: dict[str, Any], made: Any) -> None:
    assert weighting_called(name, **given_) == made


@pytest.mark.parametrize("name", ["setting31", "unweighted"])
def test_a_threshold_that_would_do_nothing_is_refused(name: WeightsName) -> None:
    with pytest.raises(InputError, match="have no subsampling"):
        weighting_called(name, subsample=1e-3)
