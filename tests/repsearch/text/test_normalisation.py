"""One word is one string, whatever its case and its form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsearch.errors import InputError
from repsearch.text.normalisation import fold, normalise


@pytest.mark.parametrize(
    ("spellings", "folded"),
    [
        (["Straße", "STRASSE", "STRAẞE", "strasse"], "strasse"),
        (["ΟΔΟΣ", "οδος", "Οδοσ"], "οδοσ"),
        (["İstanbul", "istanbul", "ISTANBUL", "I\u0307stanbul"], "istanbul"),
        (["e\u0301te", "ÉTE", "éte", "é\u00adte", "\ufeffÉte"], "éte"),
    ],
)
def test_spellings_of_one_word_are_equal(spellings, folded):
    assert {fold(spelling) for spelling in spellings} == {folded}


def test_turkish_keeps_its_two_letters_apart():
    assert fold("IŞIK", language="tr") == fold("ışık", language="tr") == "ışık"
    assert fold("İZMİR", language="az") == "izmir"
    assert fold("ırmak", language="tr") != fold("irmak", language="tr")


def test_an_unknown_language_is_refused():
    with pytest.raises(InputError, match="'de' has no case folding of its own"):
        fold("a", language="de")


@given(st.text(), st.sampled_from([None, "tr", "az"]))
def test_folding_is_idempotent_and_in_nfc(text, language):
    once = fold(text, language=language)
    assert fold(once, language=language) == once
    assert unicodedata.is_normalized("NFC", once)
    assert fold(unicodedata.normalize("NFD", text), language=language) == once
    assert normalise(normalise(text)) == normalise(text)
