"""Ranks, distances and means of words against gensim's, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import repsearch as rs
from repsearch.embeddings import UnknownWordError
from repsearch.errors import InputError

WORDS = tuple(f"w{n}" for n in range(30))


def made(seed: int, dtype: type = np.float64) -> rs.Embeddings:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(30, 5)) * rng.lognormal(size=(30, 1))
    return rs.Embeddings(WORDS, vectors.astype(dtype))


SEEDS = st.integers(0, 10**6)
PICKED = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5)
TYPES = st.sampled_from([np.float32, np.float64])


@settings(max_examples=60, deadline=None)
@given(SEEDS, TYPES, st.sampled_from(WORDS), st.sampled_from(WORDS))
def test_ranks_are_gensims(seed: int, dtype: type, one: str, other: str) -> None:
    pytest.importorskip("gensim")
    emb = made(seed, dtype)
    theirs = emb.to_keyedvectors()
    if dtype is np.float32:
        theirs = rs.Embeddings(WORDS, emb.vectors.astype(float)).to_keyedvectors()
    assert emb.closer_than(one, other) == theirs.closer_than(one, other)
    assert emb.rank(one, other) == theirs.rank(one, other)


@settings(max_examples=60, deadline=None)
@given(SEEDS, TYPES, st.sampled_from(WORDS), st.lists(st.sampled_from(WORDS), max_size=4))
def test_distances_are_gensims(seed: int, dtype: type, word: str, others: list[str]) -> None:
    pytest.importorskip("gensim")
    emb = made(seed, dtype)
    close = {"atol": 1e-6 if dtype is np.float32 else 1e-12, "rtol": 0}
    theirs = emb.to_keyedvectors()
    for asked in (word, emb[word] * 3):
        expected = theirs.distances(asked, others)
        np.testing.assert_allclose(emb.distances(asked, others), expected, **close)
    assert len(emb.distances(word)) == 30


@settings(max_examples=60, deadline=None)
@given(
    SEEDS,
    PICKED,
    st.fixed_dictionaries({"pre_normalize": st.booleans(), "post_normalize": st.booleans()}),
    st.data(),
)
def test_means_are_gensims(
    seed: int, words: list[str], options: dict[str, bool], data: st.DataObject
) -> None:
    pytest.importorskip("gensim")
    emb = made(seed)
    weights = None
    if data.draw(st.booleans()):
        of_one = st.floats(-2, 2).filter(lambda x: abs(x) > 0.1)
        weights = data.draw(st.lists(of_one, min_size=len(words), max_size=len(words)))
    given_keys: list = [*words]
    if data.draw(st.booleans()):
        given_keys[0] = np.array(emb[words[0]])
    expected = emb.to_keyedvectors().get_mean_vector(given_keys, weights, **options)
    if (
        options["post_normalize"] and np.linalg.norm(expected) < 0.5
    ):  # a sum that is zero to rounding
        return
    found = emb.get_mean_vector(given_keys, weights, **options)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(SEEDS, PICKED, PICKED)
def test_likeness_of_groups_is_gensims(seed: int, one: list[str], other: list[str]) -> None:
    pytest.importorskip("gensim")
    emb = made(seed)
    expected = emb.to_keyedvectors().n_similarity(one, other)
    assert emb.n_similarity(one, other) == pytest.approx(float(expected), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.sampled_from(WORDS))
def test_ranks_count_the_neighbours_in_their_order(seed: int, word: str) -> None:
    emb = made(seed)
    near = [other for other, _ in emb.most_similar(word, topn=29)]
    assert [emb.rank(word, other) for other in near] == list(range(1, 30))
    assert emb.rank(word, word) == 1


def test_equal_vectors_have_one_rank_however_long_they_are() -> None:
    rng = np.random.default_rng(0)
    one = rng.normal(size=7)
    scales = [1.0, 3.0, 0.1, 1e-8, 1e8]
    vectors = np.vstack([rng.normal(size=(1, 7)), np.outer(scales, one), rng.normal(size=(4, 7))])
    emb = rs.Embeddings(tuple("abcdefghij"), vectors)
    assert len({emb.rank("a", word) for word in "bcdef"}) == 1
    assert not set(emb.closer_than("a", "b")) & set("bcdef")


def test_many_words_are_compared_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    emb = made(3)
    whole = emb.distances("w0")
    monkeypatch.setattr("repsearch.embeddings.nearness._ROWS", 7)
    np.testing.assert_array_equal(emb.distances("w0"), whole)


def test_zero_vectors_are_no_neighbours_and_no_questions() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    emb = rs.Embeddings(("one", "zero", "two", "minus"), vectors)
    assert np.isnan(emb.distances("one")).tolist() == [False, True, False, False]
    assert np.isnan(emb.distances("one", ["zero"])).all()
    assert emb.closer_than("one", "minus") == ["two"]
    asked = [
        lambda: emb.rank("one", "zero"),
        lambda: emb.rank("zero", "one"),
        lambda: emb.distances("zero"),
        lambda: emb.distances(np.zeros(2)),
        lambda: emb.n_similarity(["zero"], ["one"]),
        lambda: emb.n_similarity(["one"], ["one", "minus"]),
        lambda: emb.get_mean_vector(["one", "minus"], post_normalize=True),
    ]
    for ask in asked:
        with pytest.raises(InputError, match="no direction"):
            ask()
    assert emb.get_mean_vector(["one", "zero"]).tolist() == [0.5, 0.0]


@pytest.mark.parametrize(
    "ask",
    [
        lambda emb: emb.rank("w1", "W2"),
        lambda emb: emb.rank("W2", "w1"),
        lambda emb: emb.closer_than("w1", "W2"),
        lambda emb: emb.distances("W2"),
        lambda emb: emb.distances("w1", ["w3", "W2"]),
        lambda emb: emb.get_mean_vector(["w1", "W2"]),
        lambda emb: emb.get_mean_vector("W2"),
        lambda emb: emb.n_similarity(["w1"], ["W2"]),
    ],
)
def test_an_unknown_word_is_named_with_what_was_meant(ask) -> None:
    with pytest.raises(UnknownWordError, match="no vector of 'W2'; did you mean 'w2'"):
        ask(made(0))


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda emb: emb.get_mean_vector([]), "no word or vector to take the mean of"),
        (lambda emb: emb.get_mean_vector(["w1"], [1, 2]), r"1 words and vectors, .* shape \(2,\)"),
        (lambda emb: emb.get_mean_vector(["w1", "w2"], 1.0), r"shape \(\)"),
        (lambda emb: emb.get_mean_vector(["w1"], [0]), "not all of them zero"),
        (lambda emb: emb.get_mean_vector(["w1"], [np.nan]), "finite numbers"),
        (lambda emb: emb.get_mean_vector(["w1"], ["much"]), "weights are numbers"),
        (lambda emb: emb.get_mean_vector([np.ones(4)]), r"arrays of shape \(5,\)"),
        (lambda emb: emb.get_mean_vector([np.full(5, np.inf)]), "NaN or an infinity"),
        (lambda emb: emb.n_similarity([], ["w1"]), "no word or vector to take the mean of"),
        (lambda emb: emb.n_similarity("w1", ["w1"]), "one string, 'w1'; give a list"),
        (lambda emb: emb.distances("w1", "w2"), "one string, 'w2'; give a list"),
        (lambda emb: emb.distances(np.ones(4)), r"arrays of shape \(5,\)"),
        (lambda emb: emb.distances(3), r"arrays of shape \(5,\)"),
    ],
)
def test_refused(ask, said: str) -> None:
    with pytest.raises(InputError, match=said):
        ask(made(0))
