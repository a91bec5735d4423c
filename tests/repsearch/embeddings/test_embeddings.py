"""Embeddings as a value: what the constructor refuses, and what can be asked."""

from __future__ import annotations

import copy
import pickle
import time

import numpy as np
import pytest
from gensim.models import KeyedVectors

from repsearch.embeddings import Embeddings, UnknownWordError
from repsearch.errors import InputError

WORDS = ("the", "king", "queen", "Kings", "man", "woman", "猫", "nothing")


@pytest.fixture
def embeddings() -> Embeddings:
    vectors = np.random.default_rng(0).normal(size=(len(WORDS), 5)).astype(np.float32)
    vectors[-1] = 0
    return Embeddings(WORDS, vectors, "M*")


def test_is_a_mapping_from_words_to_rows(embeddings: Embeddings) -> None:
    assert tuple(embeddings) == WORDS
    assert len(embeddings) == 8
    assert embeddings.dimension == 5
    assert dict(embeddings.index) == {word: row for row, word in enumerate(WORDS)}
    assert "猫" in embeddings
    assert "dog" not in embeddings
    assert embeddings.get("dog") is None
    np.testing.assert_array_equal(embeddings["queen"], embeddings.vectors[2])
    np.testing.assert_array_equal(embeddings.rows(["man", "the"]), embeddings.vectors[[4, 0]])
    assert embeddings.rows([]).shape == (0, 5)


def test_is_equal_to_itself_only_and_shows_no_numbers(embeddings: Embeddings) -> None:
    assert embeddings == embeddings
    assert embeddings != copy.copy(embeddings)
    assert len({embeddings, embeddings}) == 1
    assert repr(embeddings) == "<Embeddings 'M*', 8 words, 5 dimensions, float32>"


def test_cannot_be_changed(embeddings: Embeddings) -> None:
    with pytest.raises(ValueError, match="read-only"):
        embeddings.vectors[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        embeddings["king"][0] = 1
    with pytest.raises(ValueError, match="read-only"):
        embeddings.unit()[0, 0] = 1
    with pytest.raises(TypeError):
        embeddings.index["dog"] = 3  # type: ignore[index]
    with pytest.raises(AttributeError):
        embeddings.name = "other"  # type: ignore[misc]


def test_leaves_the_array_it_was_given_as_it_was() -> None:
    given = np.eye(3)
    made = Embeddings(("a", "b", "c"), given)
    assert given.flags.writeable
    assert np.shares_memory(given, made.vectors)


def test_can_go_to_another_process(embeddings: Embeddings) -> None:
    assert embeddings.index
    for again in (pickle.loads(pickle.dumps(embeddings)), copy.deepcopy(embeddings)):
        assert (again.words, again.name) == (embeddings.words, "M*")
        assert not again.vectors.flags.writeable
        np.testing.assert_array_equal(again.vectors, embeddings.vectors)


@pytest.mark.parametrize("dtype", [">f4", ">f8", "<f4", "<f8"])
def test_takes_any_byte_order_and_layout(dtype: str) -> None:
    given = np.arange(6.0).reshape(3, 2).T.astype(dtype, order="F")
    made = Embeddings(["a", "b"], given)  # type: ignore[arg-type]
    assert made.words == ("a", "b")
    assert made.vectors.dtype.isnative
    assert made.vectors.flags.c_contiguous
    np.testing.assert_array_equal(made.vectors, given)


@pytest.mark.parametrize(
    ("words", "vectors", "message"),
    [
        (("a",), np.zeros((2, 3)), r"differ in number \(1 and 2\)"),
        (("a",), np.zeros(3), r"shape \(3,\)"),
        (("a",), np.zeros((1, 3, 1)), r"shape \(1, 3, 1\)"),
        (("a",), np.zeros((1, 0)), r"shape \(1, 0\)"),
        ((), np.zeros((0, 3)), r"shape \(0, 3\)"),
        (("a",), np.zeros((1, 3), dtype=int), "are int64; convert"),
        (("a",), np.zeros((1, 3), dtype=np.float16), "are float16; convert"),
        (("a",), np.zeros((1, 3), dtype=complex), "are complex128; convert"),
        (("a",), np.array([[None]]), "are object; convert"),
        (("a", "b"), [[1.0], [1.0, 2.0]], "differ in length"),
        (("a", "b", "c", "b"), np.zeros((4, 3)), "word 2, 'b', comes again as word 4"),
        (("a", ""), np.zeros((2, 3)), "word 2 is ''"),
        (("a", 7), np.zeros((2, 3)), "word 2 is 7"),
        ("ab", np.zeros((2, 3)), "single string, 'ab'"),
        (("a", "b"), np.array([[0.0], [np.nan]]), "vector of 'b' has a NaN or an infinity"),
        (("a", "b"), np.array([[-np.inf], [0.0]]), "vector of 'a' has a NaN or an infinity"),
    ],
)
def test_refuses(words: tuple[str, ...], vectors: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Embeddings(words, vectors)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("kinq", "no vector of 'kinq' in M\\*; did you mean 'king' or 'Kings'"),
        ("THE", "no vector of 'THE' in M\\*; did you mean 'the'"),
        ("zzz", "no vector of 'zzz' in M\\*; check its spelling and case"),
        ("", "no vector of ''"),
    ],
)
def test_an_unknown_word_is_named_with_suggestions(
    embeddings: Embeddings, word: str, message: str
) -> None:
    for ask in (
        lambda: embeddings[word],
        lambda: embeddings.rows(["the", word]),
        lambda: embeddings.similarity("the", word),
        lambda: embeddings.most_similar(word),
    ):
        with pytest.raises(UnknownWordError, match=message):
            ask()
    with pytest.raises(KeyError):
        embeddings[word]
    with pytest.raises(InputError):
        embeddings[word]


def test_suggestions_are_cheap_and_only_made_when_read() -> None:
    many = Embeddings([f"word{i}" for i in range(200_000)], np.ones((200_000, 1)))  # type: ignore[arg-type]
    assert "x" not in many
    start = time.perf_counter()
    for _ in range(1000):
        assert many.get("wordx") is None
    assert time.perf_counter() - start < 0.5
    with pytest.raises(UnknownWordError) as caught:
        many["wordx"]
    assert "did you mean" in str(caught.value)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_unit_rows_have_length_one_whatever_their_size(dtype: type) -> None:
    limits = np.finfo(dtype)
    vectors = np.array(
        [[limits.max, limits.max], [0, limits.smallest_subnormal], [0, 0], [-3, 4]], dtype=dtype
    )
    unit = Embeddings(("big", "small", "zero", "plain"), vectors).unit()
    expected = [[0.5**0.5, 0.5**0.5], [0, 1], [0, 0], [-0.6, 0.8]]
    assert unit.dtype == dtype
    np.testing.assert_allclose(unit, expected, rtol=3 * limits.eps)


@pytest.mark.parametrize(
    ("positive", "negative"),
    [
        (["king", "woman"], ["man"]),
        (["king"], []),
        ([], ["猫"]),
        (["the", "the", "queen"], ["man", "Kings"]),
    ],
)
def test_most_similar_agrees_with_gensim(
    embeddings: Embeddings, positive: list[str], negative: list[str]
) -> None:
    # gensim divides by the length of a vector, so the zero one is left out.
    ours = embeddings.restrict(WORDS[:-1])
    theirs = KeyedVectors(vector_size=5)
    theirs.add_vectors(list(ours), ours.vectors)
    expected = theirs.most_similar(positive=positive, negative=negative, topn=4)
    found = ours.most_similar(positive, negative, topn=4)
    assert [word for word, _ in found] == [word for word, _ in expected]
    np.testing.assert_allclose(
        [cosine for _, cosine in found], [cosine for _, cosine in expected], atol=1e-6
    )
    for one in ours:
        assert ours.similarity(one, "king") == pytest.approx(
            theirs.similarity(one, "king"), abs=1e-6
        )


def test_most_similar_takes_a_word_a_vector_or_both(embeddings: Embeddings) -> None:
    king = embeddings["king"]
    assert embeddings.most_similar("king") == embeddings.most_similar(["king"])
    assert embeddings.most_similar(king)[0] == ("king", pytest.approx(1))
    words = [word for word, _ in embeddings.most_similar([king])]
    assert [word for word, _ in embeddings.most_similar(3 * king)] == words
    both = embeddings.most_similar([king, "queen"], embeddings["man"], topn=3)
    assert "queen" not in [word for word, _ in both]
    pair = np.stack([king, embeddings["queen"]])
    assert embeddings.most_similar(pair) == embeddings.most_similar([*pair])


def test_most_similar_gives_all_other_words_at_most(embeddings: Embeddings) -> None:
    # One of the other seven has a vector of zeros.
    found = embeddings.most_similar("king", topn=100)
    assert len(found) == 6
    assert "nothing" not in dict(found)
    assert embeddings.most_similar([word for word in WORDS if word != "nothing"]) == []
    assert len(embeddings.most_similar("king", topn=2)) == 2


def test_among_equals_the_more_frequent_word_is_first() -> None:
    same = Embeddings(tuple("abcdefgh"), np.tile([[1.0, 2.0]], (8, 1)))
    assert [word for word, _ in same.most_similar("c", topn=4)] == ["a", "b", "d", "e"]


@pytest.mark.parametrize(
    ("positive", "topn", "message"),
    [
        ([], 10, "query is empty"),
        ("king", 0, "topn is 0"),
        (np.zeros(4), 10, r"shape \(4,\); give words, or arrays of shape \(5,\)"),
        ([1.0, 2.0], 10, r"1.0 of shape \(\)"),
        (np.full(5, np.nan), 10, "NaN"),
        (np.zeros(5), 10, "is zero and has no direction"),
        ("nothing", 10, "the vector of 'nothing' is zero"),
    ],
)
def test_most_similar_refuses(
    embeddings: Embeddings, positive: list[str], topn: int, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        embeddings.most_similar(positive, topn=topn)


def test_a_zero_vector_is_like_no_word(embeddings: Embeddings) -> None:
    with pytest.raises(InputError, match="the vector of 'nothing' is zero"):
        embeddings.similarity("king", "nothing")
    with pytest.raises(InputError, match="adds up to zero"):
        embeddings.most_similar("king", "king")
    assert embeddings.has_direction.tolist() == [word != "nothing" for word in WORDS]
    assert embeddings.similarity("king", "king") == pytest.approx(1)


def test_restrict_keeps_the_order_and_ignores_others(embeddings: Embeddings) -> None:
    kept = embeddings.restrict(["queen", "the", "dog", "queen"])
    assert kept.words == ("the", "queen")
    assert kept.name == "M*"
    np.testing.assert_array_equal(kept.vectors, embeddings.vectors[[0, 2]])
    with pytest.raises(InputError, match="none of the words"):
        embeddings.restrict(["dog"])


def test_truncate_keeps_the_first_columns(embeddings: Embeddings) -> None:
    short = embeddings.truncate(2)
    assert (short.words, short.name, short.dimension) == (WORDS, "M*", 2)
    np.testing.assert_array_equal(short.vectors, embeddings.vectors[:, :2])
    for d in (0, 6, -1):
        with pytest.raises(InputError, match=f"cannot keep {d} columns; choose from 1 to 5"):
            embeddings.truncate(d)
