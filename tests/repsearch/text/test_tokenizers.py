"""The compiled byte tokeniser against the regular expression, and other tokenisers."""

from __future__ import annotations

import functools
import re
import unicodedata

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from repsearch.corpus.encoding import encode
from repsearch.errors import InputError
from repsearch.kernels.word_table import WordTable, _fill_slots
from repsearch.text import chunks
from repsearch.text.chunks import latin_boundary
from repsearch.text.documents import given_blocks
from repsearch.text.files import TextFiles
from repsearch.text.tokenizers import LATIN, UNICODE, Tokenizer, as_tokenizer

# Other work on the machine makes no test fail.
PATIENT = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
# Letters whose lower case is or holds a letter of [a-z], their neighbours in UTF-8,
# marks, line breaks, NUL, and characters of two, three and four bytes.
AWKWARD = "aZ zA\u0130\u0131\u012f\u212a\u2129\u212b\u0307\u0301éſß’'\r\n\t\0\u2028\u00a0𝐀😀🇬"
awkward_text = st.text(st.sampled_from(AWKWARD) | st.characters(exclude_categories=["Cs"]))


def oracle(document: str) -> list[str]:
    return re.findall(r"[a-z]+", document.lower())


def by_table(data: bytes, table: WordTable | None = None, **kwargs) -> list[str]:
    table = table or WordTable()
    numbers, _ = table.numbers(data, newline_ends_document=False, **kwargs)
    words = table.words()
    return [words[k] for k in numbers]


def tiny_table() -> WordTable:
    """As small as a table can be, so that it grows from the first word on."""
    return WordTable(
        slots=np.full(2, -1, np.int32),
        hashes=np.zeros(1, np.uint64),
        ends=np.zeros(2, np.int64),
        arena=np.zeros(1, np.uint8),
    )


# ---------------------------------------------------------- the compiled one


@given(awkward_text)
@PATIENT
@example("\u0130\u0130\u0130")
@example("a\u0130b\u212ac")
@example("\u212a")
@example("\u0130")
@example("x\u0130")
@example("")
def test_the_table_agrees_with_the_regular_expression(document):
    assert by_table(document.encode()) == oracle(document)


def test_every_character_of_unicode_inside_a_word():
    characters = [chr(k) for k in range(0x110000) if not 0xD800 <= k < 0xE000]
    document = " ".join(f"x{c}Y" for c in characters)
    assert by_table(document.encode()) == oracle(document)


@given(st.binary())
@PATIENT
@example(b"\xe2\x84")
@example(b"a\xe2\x84\xaa\xe2")
@example(b"\xc4")
def test_no_bytes_lead_the_table_astray(data):
    # Not a promise of the table (its text is UTF-8), but it must not read past the end.
    words = by_table(data)
    assert all(re.fullmatch("[a-z]+", word) for word in words)


@given(st.lists(awkward_text, max_size=8), st.integers(1, 40))
@PATIENT
def test_blocks_of_any_size_and_documents_of_any_length(documents, block_bytes):
    documents = ["first", *documents]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "BLOCK_BYTES", block_bytes)
        corpus = encode(documents, vocabulary_size=None)
    expected = [words for words in map(oracle, documents) if words]
    assert [corpus.document(k) for k in range(corpus.n_documents)] == expected


@given(st.lists(st.lists(awkward_text, max_size=5), max_size=5))
@PATIENT
def test_a_table_is_filled_bit_by_bit(pieces):
    table = tiny_table()
    met: list[str] = []
    for lines in pieces:
        lines = [line.replace("\n", " ") for line in lines]
        data = "".join(line + "\n" for line in lines).encode()
        numbers, ends = table.numbers(data, newline_ends_document=True)
        words = table.words()
        found = [[words[k] for k in part] for part in np.split(numbers, ends)]
        assert found == [*map(oracle, lines), []]
        met += [word for part in found for word in part]
    assert table.words() == list(dict.fromkeys(met))


def test_a_table_grows_past_a_hundred_thousand_words():
    rng = np.random.default_rng(0)
    letters = rng.integers(97, 123, (150_000, 5), dtype=np.uint8)
    lines = [bytes(row).decode() for row in letters]
    table = tiny_table()
    found: list[str] = []
    numbers = []
    for begin in range(0, len(lines), 9_999):
        data = " ".join(lines[begin : begin + 9_999]).encode()
        numbers.append(table.numbers(data, newline_ends_document=False)[0])
    words = table.words()
    found = [words[k] for k in np.concatenate(numbers)]
    assert found == lines
    assert words == list(dict.fromkeys(lines))
    assert len(words) > 100_000


def test_words_that_share_a_hash_stay_apart():
    table = WordTable()
    by_table(b"one two six twos", table)
    # As if all had the hash of "two", whose search now meets "one" first.
    table.hashes[:4] = table.hashes[1]
    table.slots[:] = -1
    _fill_slots(table.slots, table.hashes, table.size)
    assert by_table(b"two two", table) == ["two", "two"]
    assert table.size == 4


@pytest.mark.parametrize("length", [1, 255, 65_536, 3_000_000])
def test_very_long_words(length):
    word = "ab" * length
    document = f"{word} c {word}d {word}"
    assert by_table(document.encode(), tiny_table()) == [word, "c", word + "d", word]
    corpus = encode([document], vocabulary_size=None)
    assert corpus.document(0) == [word, "c", word + "d", word]


@pytest.mark.parametrize("place", range(1, 12))
def test_characters_of_many_bytes_at_the_end_of_a_block(tmp_path, monkeypatch, place):
    document = "é" * place + "\u212a\u0130x" * 5 + "😀" + " y" + "ü" * 30 + "\u212az"
    path = tmp_path / "a.txt"
    path.write_text(document, encoding="utf-8")
    for size in range(1, 12):
        monkeypatch.setattr(chunks, "BLOCK_BYTES", size)
        for unit in ("line", "file"):
            corpus = encode(TextFiles((path,), unit), vocabulary_size=None)
            assert corpus.document(0) == oracle(document)


def test_lone_surrogates_are_no_letters():
    assert encode(["a\ud800b c"], vocabulary_size=None).document(0) == ["a", "b", "c"]
    assert encode(["a\ud800b c"], vocabulary_size=None, tokenizer="unicode").document(0) == [
        "a",
        "b",
        "c",
    ]


@given(awkward_text)
@PATIENT
def test_the_named_tokeniser_is_the_compiled_one(document):
    assert list(LATIN.tokenize(document)) == oracle(document) == by_table(document.encode())


def test_documents_are_cut_into_blocks(monkeypatch):
    monkeypatch.setattr(chunks, "BLOCK_BYTES", 64)
    blocks = list(given_blocks(["one two " * 50, "three"] * 3, latin_boundary))
    assert max(len(block.text) for block in blocks) <= 64 + len("three")
    assert b"".join(block.text for block in blocks) == (b"one two " * 50 + b"\nthree\n") * 3


# ---------------------------------------------------------------- all scripts

SCRIPTS = {
    "Greek with a final sigma": (
        "Ὁ ΣΊΣΥΦΟΣ, καὶ ὁ λόγος.",
        ["ὁ", "σίσυφοσ", "καὶ", "ὁ", "λόγοσ"],
    ),
    "Cyrillic": ("Съешь ЖЕ ещё этих, йод!", ["съешь", "же", "ещё", "этих", "йод"]),
    "Arabic with vowel marks": ("السَّلامُ عَلَيْكُم، يا ١٢٣", ["السَّلامُ", "عَلَيْكُم", "يا"]),
    "Hindi with vowel signs": ("हिन्दी में किताबें हैं।", ["हिन्दी", "में", "किताबें", "हैं"]),
    "Tamil": ("தமிழ் மொழி", ["தமிழ்", "மொழி"]),
    "Bengali with a joiner before the virama": ("র\u200d্যাব এল", ["র\u200d্যাব", "এল"]),
    "Vietnamese": ("Tiếng Việt, ĐẸP lắm", ["tiếng", "việt", "đẹp", "lắm"]),
    "Persian with a zero-width non-joiner": (
        "می\u200cخواهم کتاب\u200cها.",
        ["می\u200cخواهم", "کتاب\u200cها"],
    ),
    "Turkish dotted capital": ("İstanbul ılık", ["istanbul", "ılık"]),
    "German": ("Straße GROẞ Übung", ["strasse", "gross", "übung"]),
    "apostrophes inside and outside": (
        "'Tis the dog's o’clock dogs' ''",
        ["tis", "the", "dog's", "o’clock", "dogs"],
    ),
    "emoji, selectors, keycaps and digits": (
        "I ❤\ufe0f 2\ufe0f\u20e3 U👩\u200d🚀 ok",
        ["i", "u", "ok"],
    ),
    "ligatures are their letters": ("ﬁne", ["fine"]),
    "no space": ("私は学生です。はい", ["私は学生です", "はい"]),
    "characters without width or ink": (
        "a\u200bb co\u00adope\ufeffrate c\u2060d auf\u200clage e\u200d\u200bf",
        ["ab", "cooperate", "cd", "auflage", "ef"],
    ),
    "zero-width spaces between words of Thai": ("ไทย\u200bเดิม", ["ไทย", "เดิม"]),
}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_words_of_many_scripts(script, form):
    document, words = SCRIPTS[script]
    expected = [unicodedata.normalize("NFC", word) for word in words]
    corpus = encode(
        [unicodedata.normalize(form, document)], tokenizer="unicode", vocabulary_size=None
    )
    assert corpus.document(0) == expected


@given(st.text(st.characters(exclude_categories=["Cs"])))
@PATIENT
def test_canonically_equal_texts_have_the_same_words(document):
    composed, decomposed = (
        list(UNICODE.tokenize(unicodedata.normalize(form, document))) for form in ("NFC", "NFD")
    )
    assert composed == decomposed
    assert all(unicodedata.is_normalized("NFC", word) for word in composed)
    # Not "is a letter": Python and `regex` know different versions of Unicode.
    assert all(unicodedata.category(word[0])[0] not in "MNPSZ" for word in composed)


# ------------------------------------------------------------------- callables


def test_a_callable(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"The cat,\r\nthe dog.\r\n")
    for source in (path, ["The cat,", "the dog."]):
        corpus = encode(source, tokenizer=lambda text: iter(text.split(" ")), vocabulary_size=None)
        assert [corpus.document(k) for k in range(2)] == [["The", "cat,"], ["the", "dog."]]
        assert corpus.tokenizer.endswith("test_a_callable.<locals>.<lambda>")


class Splitter:
    def __call__(self, document: str) -> list[str]:
        return document.split()


@pytest.mark.parametrize(
    ("tokenizer", "name"),
    [
        ("latin", "latin"),
        (UNICODE, "unicode"),
        (Tokenizer("mine", str.split), "mine"),
        (oracle, f"unstated:{__name__}.oracle"),
        (str.split, "unstated:str.split"),
        (Splitter(), f"unstated:{__name__}.Splitter"),
        (functools.partial(str.split, maxsplit=1), "unstated:functools.partial"),
    ],
)
def test_names(tokenizer, name):
    assert as_tokenizer(tokenizer).name == name
    assert encode(["a b"], tokenizer=tokenizer, vocabulary_size=None).tokenizer == name


def test_an_equal_tokeniser_is_the_compiled_one():
    corpus = encode(["Ab c"], tokenizer=Tokenizer("latin", LATIN.tokenize), vocabulary_size=None)
    assert corpus.digest == encode(["Ab c"], vocabulary_size=None).digest


def giving(words):
    return Tokenizer("bad", lambda _document: words)


BAD_TOKENIZERS = {
    "unknown": (
        "ltain",
        "tokeniser 'ltain' is unknown; choose 'latin', 'unicode', 'turkish', 'split' or",
    ),
    "no callable": (3, "a tokeniser is a name or a callable, not int"),
    "empty word": (giving(["a", ""]), "tokeniser 'bad' gave '' as a word; a word is a string"),
    "space": (giving(["a b"]), "gave 'a b' as a word"),
    "line break": (giving(["a\n"]), r"gave 'a\\n' as a word"),
    "tab": (giving(["a\tb"]), r"gave 'a\\tb' as a word"),
    "wide space": (giving(["a\u2003b"]), "as a word"),
    "surrogate": (giving(["\ud800"]), "lone surrogates"),
    "number": (giving(["a", 3]), "gave 3 as a word"),
    "bytes": (giving([b"a"]), "gave b'a' as a word"),
    "list": (giving(["a", ["b"]]), r"gave \['b'\] as a word"),
    "none": (giving(None), "tokeniser 'bad' gave NoneType for a document"),
    "a string": (giving("abc"), "gave str for a document; a tokeniser gives the words"),
    "no words at all": (giving([]), "tokeniser 'bad' found no word in the text"),
    "taken name": (Tokenizer("latin", str.split), "the name 'latin' belongs to a tokeniser of"),
}


@pytest.mark.parametrize("case", BAD_TOKENIZERS)
def test_bad_tokenisers(case):
    tokenizer, message = BAD_TOKENIZERS[case]
    with pytest.raises(InputError, match=message):
        encode(["good words"], tokenizer=tokenizer, vocabulary_size=None)


@pytest.mark.parametrize("name", ["", "two words", "tab\t", None, 3])
def test_bad_names(name):
    with pytest.raises(InputError, match="a tokeniser's name is one word, not"):
        Tokenizer(name, str.split)


def test_an_exception_of_a_tokeniser_passes_unchanged(tmp_path):
    error = PermissionError(13, "Permission denied", "/models/words.bin")

    def broken(_document: str) -> list[str]:
        raise error

    with pytest.raises(PermissionError) as caught:
        encode(["a"], tmp_path / "corpus", tokenizer=broken)
    assert caught.value is error
