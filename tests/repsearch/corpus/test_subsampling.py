"""Subsampling: word2vec's rule, before windows, the same whatever the threads."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import brute_force, corpora, windows

from repsearch.corpus import subsampling
from repsearch.corpus.corpus import Corpus
from repsearch.corpus.encoding import encode
from repsearch.corpus.subsampling import keep_probabilities, subsample
from repsearch.counts.counting import count
from repsearch.errors import InputError
from repsearch.target.weighting import Word2Vec

EPS = float(np.finfo(float).eps)


def zipf_corpus(tokens: int = 60_000, words: int = 200, seed: int = 0) -> Corpus:
    """Documents of random length, with words whose shares fall like 1 / rank."""
    rng = np.random.default_rng(seed)
    shares = 1 / np.arange(1, words + 1)
    drawn = rng.choice(words, tokens, p=shares / shares.sum())
    cuts = np.sort(rng.integers(0, tokens, 300))
    letters = [chr(97 + k // 26) + chr(97 + k % 26) for k in range(words)]
    return encode(
        [" ".join(letters[k] for k in part.tolist()) for part in np.split(drawn, cuts)],
        vocabulary_size=None,
    )


def splitmix64(state: int, step: int) -> int:
    """Number `step` of the generator, in Python's own whole numbers."""
    z = (state + step * 0x9E3779B97F4A7C15) % 2**64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return z ^ (z >> 31)


def expected(corpus: Corpus, threshold: float, seed: int) -> list[list[int]]:
    """What is left of every document, place by place, by the rule of word2vec.c."""
    state = int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])
    total = int(corpus.word_counts.sum())
    left: list[list[int]] = []
    for begin, end in pairwise(corpus.offsets.tolist()):
        left.append([])
        for place in range(begin, end):
            word = int(corpus.tokens[place])
            if word >= 0:
                ratio = int(corpus.word_counts[word]) / (threshold * total)
                ran = (math.sqrt(ratio) + 1) / ratio
                if ran < (splitmix64(state, place + 1) >> 11) / 2**53:
                    continue
            left[-1].append(word)
    return left


# --------------------------------------------------------------- the rule


@pytest.mark.theory(
    44, "word2vec keeps a word of share f with min(1, sqrt(t/f) + t/f)", tolerance="4 eps"
)
@pytest.mark.parametrize(
    ("share", "probability"),
    [
        (1e-4, 1.0),
        (2.618e-4, 1.0),  # 1/x + 1/sqrt(x) = 1 at the square of the golden ratio
        (4e-4, 0.25 + 0.5),
        (1e-2, 0.01 + 0.1),
        (1e-4 * 10**4, 1e-4 + 1e-2),
    ],
)
def test_the_rule_at_shares_that_can_be_done_by_hand(share: float, probability: float) -> None:
    counts = np.array([round(share * 10**9), round((1 - share) * 10**9)])
    found = keep_probabilities(counts, 1e-4)[0]
    assert found == pytest.approx(probability, abs=1e-4 if probability == 1 else 4 * EPS)


@given(
    counts=st.lists(st.integers(0, 10**9), min_size=1, max_size=20),
    threshold=st.floats(1e-8, 10),
)
def test_rarer_words_are_kept_more_often(counts: list[int], threshold: float) -> None:
    kept = keep_probabilities(counts, threshold)
    assert ((kept > 0) & (kept <= 1)).all()
    assert (np.diff(kept[np.argsort(counts)]) <= 0).all()
    assert (keep_probabilities(counts, 2 * threshold) >= kept).all()
    assert (kept[np.array(counts) == 0] == 1).all()


def test_it_is_the_rule_of_the_weighting() -> None:
    # Psi+ = a_i a_j of `Word2Vec`, worked out there from counts.
    corpus = zipf_corpus(5_000)
    counts = count(corpus)
    pairs = Word2Vec(subsample=1e-2).of(counts)
    words = np.arange(len(corpus.words))
    one = np.ones(len(words))
    kept = keep_probabilities(corpus.word_counts, 1e-2)
    assert np.allclose(pairs.positive(words, words, one, one), kept**2, rtol=8 * EPS)


# ---------------------------------------------------------- what is left


@given(
    corpus=corpora(),
    threshold=st.floats(1e-3, 2),
    seed=st.integers(0, 2**70),
    threads=st.integers(1, 3),
)
def test_each_place_is_kept_or_dropped_by_itself(
    corpus: Corpus, threshold: float, seed: int, threads: int
) -> None:
    found = subsample(corpus, threshold, seed=seed, threads=threads)
    left = expected(corpus, threshold, seed)
    assert [
        found.tokens[begin:end].tolist() for begin, end in pairwise(found.offsets.tolist())
    ] == left
    together = [word for document in left for word in document]
    assert found.word_counts.tolist() == [together.count(k) for k in range(len(corpus.words))]
    assert (found.words, found.n_documents) == (corpus.words, corpus.n_documents)
    assert found.n_words_read == corpus.n_words_read


@given(corpus=corpora(), window=windows(), seed=st.integers(0, 5))
def test_windows_reach_over_what_was_dropped(corpus: Corpus, window: Any, seed: int) -> None:
    left = expected(corpus, 0.05, seed)
    moved = subsample(corpus, 0.05, seed=seed)
    matrix = np.zeros((len(corpus.words),) * 2, object)
    for document in left:
        for here, one in enumerate(document):
            for there, other in enumerate(document):
                distance = abs(here - there)
                if 1 <= distance <= window.size and one >= 0 and other >= 0:
                    matrix[one, other] += window.weights[distance - 1]
    assert (brute_force(moved, window) == matrix).all()
    assert (count(moved, window).matrix().toarray() == matrix).all()


def test_the_digest_is_that_of_the_same_text_encoded() -> None:
    corpus = encode(["a b a a c a", "b a a d", "d c"], vocabulary_size=None)
    found = subsample(corpus, 0.1, seed=3)
    texts = [" ".join(str(word) for word in found.document(k)) for k in range(found.n_documents)]
    # Empty documents are not encoded, so this text has none.
    assert all(texts)
    again = encode(texts, vocabulary=corpus.words)
    assert again.digest == found.digest != corpus.digest
    assert subsample(corpus, 1e3).digest == corpus.digest


def test_threads_and_stretches_do_not_matter_but_the_seed_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    corpus = zipf_corpus()
    found = subsample(corpus, 1e-2, seed=1, threads=1)
    for stretch, threads in ((1, 3), (50, 2), (10**4, 4)):
        monkeypatch.setattr(subsampling, "_STRETCH", stretch)
        assert subsample(corpus, 1e-2, seed=1, threads=threads).digest == found.digest
    assert subsample(corpus, 1e-2, seed=2).digest != found.digest


def test_shares_kept_are_those_of_the_rule() -> None:
    corpus = zipf_corpus()
    kept = keep_probabilities(corpus.word_counts, 1e-3)
    tries, successes = np.zeros(len(kept)), np.zeros(len(kept))
    for seed in range(20):
        tries += corpus.word_counts
        successes += subsample(corpus, 1e-3, seed=seed).word_counts
    spread = np.sqrt(tries * kept * (1 - kept))
    random = spread > 0
    assert random.sum() > 50
    z = (successes - tries * kept)[random] / spread[random]
    assert np.abs(z).max() < 5
    # The sum of squares is chi-squared: five of its standard deviations.
    assert abs((z**2).sum() - len(z)) < 5 * math.sqrt(2 * len(z))
    assert (successes == tries)[~random].all()


def test_neighbours_and_seeds_are_independent() -> None:
    # One word a document, so that what was kept can be seen place by place.
    n = 40_000
    corpus = encode(["a"] * n, vocabulary_size=None)
    kept = [
        np.diff(subsample(corpus, 0.1, seed=seed).offsets).astype(float) for seed in (0, 1, 2, 99)
    ]
    series = [(k - k.mean()) / k.std() for k in kept]
    allowed = 5 / math.sqrt(n)
    for one in series:
        for lag in (1, 2, 3, 16, 64, 1000):
            assert abs(float((one[lag:] * one[:-lag]).mean())) < allowed
    for k, one in enumerate(series):
        for other in series[:k]:
            assert abs(float((one * other).mean())) < allowed


def test_a_larger_threshold_keeps_all_that_a_smaller_one_does() -> None:
    corpus = encode(["a b a"] * 500, vocabulary_size=None)
    lengths = [np.diff(subsample(corpus, t, seed=5).offsets) for t in (1e-3, 1e-2, 0.1, 0.5)]
    for fewer, more in pairwise(lengths):
        assert (fewer <= more).all()
        assert fewer.sum() < more.sum()


def test_an_empty_document_stays() -> None:
    corpus = encode(["a a a", "b"], vocabulary=["b"])
    assert np.diff(subsample(corpus, 10.0).offsets).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"threshold": 0.0}, "threshold is 0.0; pass a positive number such as 1e-4"),
        ({"threshold": -1e-4}, "threshold is -0.0001"),
        ({"threshold": math.nan}, "threshold is nan"),
        ({"threshold": math.inf}, "threshold is inf"),
        ({"seed": -1}, "seed is -1; pass a whole number of at least 0"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"seed": True}, "seed is True"),
        ({"threads": 0}, "threads is 0"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as raised:
        subsample(encode(["a b"], vocabulary_size=None), **arguments)
    assert sentence in str(raised.value)


@pytest.mark.parametrize("counts", [[1, -2], [math.nan, 1]])
def test_bad_counts(counts: list[float]) -> None:
    with pytest.raises(InputError, match=r"word_counts holds (-2|nan); pass occurrences"):
        keep_probabilities(counts)
