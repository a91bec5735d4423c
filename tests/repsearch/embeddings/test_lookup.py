"""Words looked up in a vocabulary: as given, in other spellings, and not at all."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import settings  # noqa: F401 (it sets the profile)

from repsearch.embeddings import Embeddings, look_up
from repsearch.embeddings.spellings import folded_rows
from repsearch.text.normalisation import fold


def vocabulary(*words: str, zero: tuple[str, ...] = ()) -> Embeddings:
    vectors = np.random.default_rng(len(words)).normal(size=(len(words), 4))
    vectors[[words.index(word) for word in zero]] = 0
    return Embeddings(words, vectors)


def test_a_word_is_taken_as_given_first() -> None:
    emb = vocabulary("athens", "Athens", "ATHENS")
    found = look_up(emb, ["Athens", "athens", "ATHENS"])
    assert [emb.words[row] for row in found.rows.values()] == ["Athens", "athens", "ATHENS"]
    assert (found.as_given, found.spelt, found.collisions) == (3, {}, ())
    assert str(found) == "Of 3 words, 3 are found as given."


@pytest.mark.parametrize(
    ("words", "asked", "taken", "way"),
    [
        (["athens"], "Athens", "athens", "lower_case"),
        (["Athens"], "athens", "Athens", "other_spelling"),
        (["caf\u00e9"], "cafe\u0301", "caf\u00e9", "other_spelling"),
        (["cafe\u0301"], "caf\u00e9", "cafe\u0301", "other_spelling"),
        (["caf\u00e9"], "CAFE\u0301", "caf\u00e9", "lower_case"),
        (["strasse"], "Stra\u00dfe", "strasse", "other_spelling"),
        (["istanbul"], "\u0130stanbul", "istanbul", "other_spelling"),
        (["\u03b4\u03c2"], "\u0394\u03a3", "\u03b4\u03c2", "lower_case"),
        (["co\u00adop"], "coop", "co\u00adop", "other_spelling"),
    ],
)
def test_other_spellings_are_found_where_only_they_are_there(
    words: list[str], asked: str, taken: str, way: str
) -> None:
    found = look_up(vocabulary("other", *words), [asked])
    assert found.spelling(asked) == taken
    assert getattr(found, way) == (asked,)


def test_of_several_spellings_the_lower_case_one_is_taken_or_the_first_and_said() -> None:
    found = look_up(vocabulary("Apple", "apple", "ROME", "Rome"), ["APPLE", "rome"])
    assert found.spelt == {"APPLE": "apple", "rome": "ROME"}
    # The lower case of APPLE is there; of rome there are two, and neither is in lower case.
    assert found.choices == {"rome": ("ROME", "Rome")}
    assert "rome (ROME, Rome)" in str(found)


def test_two_words_on_one_vector_are_said() -> None:
    found = look_up(vocabulary("polish", "china"), ["Polish", "polish", "China"])
    assert found.rows == {"Polish": 0, "polish": 0, "China": 1}
    assert found.collisions == (("Polish", "polish"),)
    assert "One vector stands for several words: Polish and polish." in str(found)


def test_zero_vectors_are_not_covered() -> None:
    found = look_up(vocabulary("Oslo", "oslo", "void", zero=("Oslo", "void")), ["Oslo", "Void"])
    assert found.rows == {"Oslo": 1}
    assert (found.zero, found.missing) == (("Void",), ())
    assert str(found).endswith("1 is not covered, its vector being zero.")


def test_a_capital_of_turkish_finds_the_dotless_letter() -> None:
    emb = vocabulary("ışık", "ısparta", "kız", "it", "ıt")
    found = look_up(emb, ["Işık", "IŞIK", "ISPARTA", "KIZ", "IT", "Isik"])
    assert [found.spelling(w) for w in found.rows] == ["ışık", "ışık", "ısparta", "kız", "it"]
    assert found.other_spelling == ("Işık", "IŞIK", "ISPARTA", "KIZ")
    assert found.missing == ("Isik",)
    assert look_up(emb, ["Işık"], keep_case=True).missing == ("Işık",)
    # Where both letters make a word of the vocabulary, the one of all other languages is taken.
    assert look_up(vocabulary("ışık", "işık"), ["Işık"]).spelt == {"Işık": "işık"}
    assert look_up(vocabulary("ışık", "işIk"), ["IŞIK"]).spelt == {"IŞIK": "işIk"}
    zero = look_up(vocabulary("ışık", "x", zero=("ışık",)), ["Işık"])
    assert (zero.zero, zero.missing) == (("Işık",), ())


def test_capitals_are_kept_when_asked_for() -> None:
    emb = vocabulary("athens", "caf\u00e9", "NA\u00cfVE")
    found = look_up(emb, ["Athens", "cafe\u0301", "na\u00efve", "NAI\u0308VE"], keep_case=True)
    assert list(found.rows) == ["cafe\u0301", "NAI\u0308VE"]
    assert found.missing == ("Athens", "na\u00efve")


WORDS = st.text(alphabet="aAbB\u00e9\u0301e\u00df\u0130\n ", min_size=1, max_size=4)


@given(words=st.lists(WORDS, min_size=1, max_size=12, unique=True), asked=st.lists(WORDS))
def test_the_laws_of_lookup(words: list[str], asked: list[str]) -> None:
    emb = vocabulary(*words)
    found = look_up(emb, asked)
    distinct = set(asked)
    assert set(found.rows) | set(found.missing) == distinct
    for word in distinct:
        if word in words:
            assert words[found.rows[word]] == word
        elif word in found.rows:
            assert fold(words[found.rows[word]]) == fold(word)
        else:
            assert fold(word) not in map(fold, words)
    # What was found is found again, as given.
    assert not look_up(emb, map(found.spelling, found.rows)).spelt


@given(words=st.lists(WORDS, max_size=12, unique=True))
def test_the_index_of_folded_words_is_that_of_each_word(words: list[str]) -> None:
    expected: dict[str, list[int]] = {}
    for row, word in enumerate(words):
        expected.setdefault(fold(word), []).append(row)
    changed = {fold(word) for word in words if fold(word) != word}
    assert folded_rows(words) == {key: rows for key, rows in expected.items() if key in changed}


def test_the_vocabulary_is_folded_only_when_a_word_is_missing() -> None:
    emb = vocabulary("athens", "rome")
    look_up(emb, ["athens", "Rome"])
    assert "folded" not in emb.__dict__
    look_up(emb, ["oslo"])
    assert "folded" in emb.__dict__


def test_nfd_and_nfc_find_the_same_rows() -> None:
    words = ["p\u00e8re", "m\u00e8re", "fr\u00e8re", "s\u0153ur", "gar\u00e7on", "fille"]
    emb = vocabulary(*words)
    nfd = [unicodedata.normalize("NFD", word) for word in words]
    assert list(look_up(emb, nfd).rows.values()) == list(look_up(emb, words).rows.values())
