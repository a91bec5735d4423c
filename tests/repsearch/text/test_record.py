"""A corpus says what was read, and how many letters the tokeniser dropped."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from repsearch.corpus.corpus import Corpus
from repsearch.corpus.encoding import encode
from repsearch.kernels.word_table import WordTable
from repsearch.text import chunks
from repsearch.text.record import TextRecord

# Letters of two, three and four bytes, marks, and what is no letter.
LETTERS = "aZéßİıσςЖ中ไहि\u0301\u0338𝐀𐐀\U000e0100\u212a😀→1 .'\n\xad\u200b"


def dropped(text: str) -> int:
    """Letters and marks that are in no word, by the definition."""
    kept = {*"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ\u0130\u212a"}
    return sum(unicodedata.category(c)[0] in "LM" and c not in kept for c in text)


@given(st.text(st.sampled_from(LETTERS)), st.integers(1, 20))
@example("l'été à Köln", 3)
@settings(deadline=None)
def test_letters_are_counted_exactly(text, block_bytes):
    table = WordTable()
    table.numbers(text.encode(), newline_ends_document=True)
    assert table.letters_dropped == dropped(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "BLOCK_BYTES", block_bytes)
        corpus = encode(["abc " + text], vocabulary_size=None)
    assert corpus.record.letters_dropped == dropped(text)
    assert corpus.record.letters == 3 + dropped(text) + sum(
        (c.isascii() and c.isalpha()) or c in "\u0130\u212a" for c in text
    )


def test_every_assigned_character():
    for code in range(0x80, 0x110000):
        category = unicodedata.category(chr(code))
        # Those that this Python does not know yet may be letters of a later Unicode.
        if category not in ("Cn", "Cs") and code not in (0x130, 0x212A):
            table = _TABLE
            before = table.letters_dropped
            table.numbers(chr(code).encode(), newline_ends_document=False)
            assert table.letters_dropped - before == (category[0] in "LM"), hex(code)


_TABLE = WordTable()


@given(st.binary())
@settings(deadline=None)
def test_no_bytes_lead_the_count_astray(data):
    table = WordTable()
    table.numbers(data, newline_ends_document=False)
    assert 0 <= table.letters_dropped <= len(data)


# ------------------------------------------------------------------- warnings


def notes(text: str, tokenizer: str) -> str:
    return " ".join(encode([text], vocabulary_size=None, tokenizer=tokenizer).notes)


def test_a_warning_names_the_way_out():
    corpus = encode(["L'été, la forêt brûle près du château"], vocabulary_size=None)
    assert corpus.record.share_dropped == 6 / 29
    assert corpus.notes == [
        "tokeniser 'latin' dropped 20.7% of the letters and cut words where they stood; for text "
        "with other letters than a to z choose --tokenizer unicode"
    ]
    assert "20.7% of the letters dropped" in repr(corpus)


@pytest.mark.parametrize(("accents", "warned"), [(2, False), (3, True)])
def test_it_is_said_above_two_per_cent(accents, warned):
    corpus = encode(["é" * accents + " " + "a" * (100 - accents)], vocabulary_size=None)
    assert bool(corpus.notes) == warned
    assert ("dropped" in repr(corpus)) == warned


def test_the_unicode_tokeniser_drops_none():
    assert notes("l'été à Köln", "unicode") == ""


PHRASES = "put spaces between its words first"


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("私は学生です。今日はいい天気ですね", True),
        ("私 は 学生 です 今日 は いい 天気", False),
        ("我们来测试这个句子的长度，看看它是否太长", True),
        ("我们 来 测试 这个 句子 的 长度", False),
        ("ภาษาไทยเป็นภาษาที่มีระดับเสียงของคำแน่นอน", True),
        ("ภาษา ไทย เป็น ภาษา ที่ มี ระดับ เสียง", False),
        ("Salt and 猫 are words " * 40, False),
        ("한국어는 띄어쓰기를 합니다", False),
        ("Donaudampfschifffahrtsgesellschaft", False),
    ],
)
@pytest.mark.parametrize("tokenizer", ["unicode", "turkish"])
def test_phrases_of_scripts_without_spaces(text, warned, tokenizer):
    assert (PHRASES in notes(text, tokenizer)) == warned


# ------------------------------------------------------------------ on disk


def test_the_record_is_kept_with_the_corpus(tmp_path):
    (tmp_path / "a.txt").write_text("l'été à Köln\n" * 9, encoding="utf-8")
    made = encode(tmp_path / "a.txt", tmp_path / "corpus", vocabulary_size=None)
    assert Corpus.open(tmp_path / "corpus").record == made.record
    assert made.record.letters_dropped == 36
    assert made.record.summary(documents=9, words=45).startswith("1 file (plain text), 9 documents")


@pytest.mark.parametrize(
    "damage",
    [None, 3, [], {}, {"letters": "x"}, {"letters": -1}, {"files": {"a": "b"}}, {"phrases": 9.0}],
)
def test_a_record_that_makes_no_sense_is_none(damage):
    assert TextRecord.from_json(damage) == TextRecord()


def test_a_record_survives_json():
    record = TextRecord({"plain text": 2}, {"a.zip": "a .zip file"}, 3, 1, 0, 0, 100, 7, 0.25)
    assert TextRecord.from_json(json.loads(json.dumps(record.to_json()))) == record


def test_a_corpus_of_a_version_without_a_record_is_made_anew(tmp_path):
    (tmp_path / "a.txt").write_text("the cat")
    encode(tmp_path / "a.txt", tmp_path / "corpus", vocabulary_size=None)
    manifest = tmp_path / "corpus" / "corpus.json"
    fields = json.loads(manifest.read_text())
    for name in ("record", "reading", "sha256", "files", "token_sum"):
        del fields[name]
    manifest.write_text(json.dumps(fields | {"version": 1}))
    assert Corpus.open(tmp_path / "corpus").record == TextRecord()
    assert encode(tmp_path / "a.txt", tmp_path / "corpus", vocabulary_size=None).record.letters == 6
