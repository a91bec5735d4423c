"""Expressions of words: taken apart as they are meant, or refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.studies.expression import nearest_to, terms_of
from repsearch import Embeddings
from repsearch.embeddings import UnknownWordError
from repsearch.errors import InputError

WORDS = ("man", "woman", "king", "queen", "x-ray", "new york", "los_angeles", "-", "+1", "Rome")
EMB = Embeddings(WORDS, np.random.default_rng(0).normal(size=(len(WORDS), 6)), "test")


@pytest.mark.parametrize(
    ("expression", "terms"),
    [
        ("king", [(1, "king")]),
        ("king - man + woman", [(1, "king"), (-1, "man"), (1, "woman")]),
        ("king-man+woman", [(1, "king"), (-1, "man"), (1, "woman")]),
        ("king -man +woman", [(1, "king"), (-1, "man"), (1, "woman")]),
        ("-man + king", [(-1, "man"), (1, "king")]),
        ("- man + king", [(-1, "man"), (1, "king")]),
        ("king \N{MINUS SIGN} man", [(1, "king"), (-1, "man")]),
        ("x-ray - man", [(1, "x-ray"), (-1, "man")]),
        ("x-ray-man", [(1, "x-ray-man")]),  # named whole in the message
        ("new york - man", [(1, "new york"), (-1, "man")]),
        ("los angeles", [(1, "los_angeles")]),
        ("king + +1", [(1, "king"), (1, "+1")]),
        ("  king\t+  king ", [(1, "king"), (1, "king")]),
        ("tech-no", [(1, "tech-no")]),
    ],
)
def test_taken_apart(expression: str, terms: list[tuple[int, str]]) -> None:
    assert terms_of(expression, WORDS.__contains__) == terms


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("", "holds no word"),
        ("   ", "holds no word"),
        ("+", "ends with a sign"),
        ("king -", "ends with a sign"),
        ("king - + man", "'-' and '+' without a word"),
        ("king queen", "between 'king' and 'queen' stands no + or -"),
    ],
)
def test_refused(expression: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        nearest_to(EMB, expression)
    assert said in str(caught.value)


def test_the_same_as_most_similar_in_the_spelling_of_the_vocabulary() -> None:
    found = nearest_to(EMB, "King - man + ROME", topn=4)
    assert found.words == EMB.most_similar(["king", "Rome"], ["man"], topn=4)
    assert found.spelt == {"King": "king", "ROME": "Rome"}
    assert (found.added, found.subtracted) == (("king", "Rome"), ("man",))
    assert [row["rank"] for row in found.rows()] == [1, 2, 3, 4]


def test_a_word_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownWordError, match="'quen' in test; did you mean 'queen'"):
        nearest_to(EMB, "king - quen")


def test_what_cancels_is_refused() -> None:
    with pytest.raises(InputError, match="adds up to zero"):
        nearest_to(EMB, "king - king")


@given(
    st.lists(
        st.tuples(st.sampled_from([1, -1]), st.sampled_from([w for w in WORDS if w != "-"])),
        min_size=1,
    )
)
def test_written_out_and_read_back(terms: list[tuple[int, str]]) -> None:
    written = " ".join(f"{'+' if sign > 0 else '-'} {word}" for sign, word in terms)
    assert terms_of(written, WORDS.__contains__) == terms
