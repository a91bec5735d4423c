"""Text in pieces has the words of the whole; lines end alike everywhere; memory is bounded."""

from __future__ import annotations

import gzip
import re
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from repsearch.corpus import first_pass
from repsearch.corpus.encoding import encode
from repsearch.errors import InputError
from repsearch.text import blocks, chunks, documents
from repsearch.text.files import TextFiles
from repsearch.text.tokenizers import TOKENIZERS

PATIENT = settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
AWKWARD = (
    "aZ zA\t\r\nİıéſßß’'\u2019\u00ad\u200b\u200c\u200d\ufeff\u0301\u0338=,.-9\u3000\u2028中ไक्ς"
)
awkward = st.text(st.sampled_from(AWKWARD) | st.characters(exclude_categories=["Cc", "Cs"]))


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def found(source: object, tokenizer: str) -> list[list[str | None]]:
    corpus = encode(source, vocabulary_size=None, tokenizer=tokenizer)  # type: ignore[arg-type]
    return [corpus.document(k) for k in range(corpus.n_documents)]


@given(st.lists(awkward, max_size=8), st.integers(1, 30), st.sampled_from(list(TOKENIZERS)))
@example(["don", "'t co\u00ad", "op e\u0301"], 3, "unicode")
@example(["a", "\u200b", "b"], 1, "unicode")
@PATIENT
def test_pieces_have_the_words_of_the_whole(tmp_path, parts, block_bytes, tokenizer):
    # A byte-order mark at the very beginning is none of the text.
    text = "first " + " ".join(parts)
    path = write(tmp_path / "a.txt", text.encode())
    rule = TOKENIZERS[tokenizer].tokenize
    lines = [list(rule(line)) for line in re.split("\r\n|\n|\r", text)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "BLOCK_BYTES", block_bytes)
        assert found(TextFiles(path), tokenizer) == [words for words in lines if words]
        assert found([text.replace("\r", " ")], tokenizer) == [list(rule(text))]
        if block_bytes > 6:
            assert found(TextFiles(path, "file"), tokenizer) == [list(rule(text))]


ENDS = {"LF": "\n", "CR LF": "\r\n", "CR": "\r"}
NO_ENDS = {"U+0085": "\x85", "U+2028": "\u2028", "U+2029": "\u2029", "VT": "\v", "FF": "\f"}


@pytest.mark.parametrize("block_bytes", [1 << 20, 5, 1])
@pytest.mark.parametrize("tokenizer", [*TOKENIZERS, "callable"])
@pytest.mark.parametrize("end", [*ENDS, *NO_ENDS])
def test_lines_end_alike_for_every_tokeniser(tmp_path, monkeypatch, end, tokenizer, block_bytes):
    monkeypatch.setattr(chunks, "BLOCK_BYTES", block_bytes)
    rule = str.split if tokenizer == "callable" else tokenizer
    mark = {**ENDS, **NO_ENDS}[end]
    path = write(tmp_path / "a.txt", f"the cat{mark}sat down{mark}{mark}here".encode())
    words = ["the", "cat", "sat", "down", "here"]
    by_line = [words[:2], words[2:4], words[4:]] if end in ENDS else [words]
    by_paragraph = [words[:4], words[4:]] if end in ENDS else [words]
    assert found(TextFiles(path), rule) == by_line
    assert found(TextFiles(path, "paragraph"), rule) == by_paragraph
    assert found(TextFiles(path, "file"), rule) == [words]


@pytest.mark.parametrize("block_bytes", [1 << 20, 7, 1])
@pytest.mark.parametrize("tokenizer", [*TOKENIZERS, "callable"])
def test_one_token_a_line(tmp_path, monkeypatch, tokenizer, block_bytes):
    monkeypatch.setattr(chunks, "BLOCK_BYTES", block_bytes)
    rule = str.split if tokenizer == "callable" else tokenizer
    path = write(tmp_path / "a.tok", b"\n\nthe\ncat\n\nsat\n \t\r\n\n\ndown\nhere\n")
    assert found(TextFiles(path, "paragraph"), rule) == [["the", "cat"], ["sat"], ["down", "here"]]


def test_what_is_tokenised_already_stays_as_it_is(tmp_path):
    path = write(tmp_path / "a.txt", "New_York is\u3000big , isn't it ? 1990".encode())
    assert found(path, "split") == [["New_York", "is", "big", ",", "isn't", "it", "?", "1990"]]


# --------------------------------------------------------------------- memory


@pytest.mark.parametrize("tokenizer", ["latin", "unicode", "split"])
@pytest.mark.parametrize("unit", ["line", "paragraph", "file"])
def test_memory_does_not_grow_with_a_line(tmp_path, monkeypatch, tokenizer, unit):
    monkeypatch.setattr(chunks, "BLOCK_BYTES", 1 << 14)
    monkeypatch.setattr(first_pass, "_CHUNK", 1 << 12)

    def peak(times: int) -> int:
        path = write(tmp_path / "a.txt", "the café, the cat; it's a day ".encode() * times)
        tracemalloc.start()
        try:
            encode(
                TextFiles(path, unit), tmp_path / "other", vocabulary_size=None, tokenizer=tokenizer
            )
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)  # what is loaded when it is first used
    assert peak(60_000) < peak(6_000) + 300_000  # of 1.9 MB and 0.2 MB of text


@pytest.mark.parametrize("tokenizer", ["latin", "unicode", "split"])
def test_an_endless_word_is_refused(tmp_path, monkeypatch, tokenizer):
    monkeypatch.setattr(blocks, "MOST_WORD_BYTES", 1 << 21)
    path = write(tmp_path / "a.txt.gz", gzip.compress(b"a" * (1 << 23), 1))
    with pytest.raises(InputError, match="has a word of more than 2 MiB; check that it is text"):
        encode(path, vocabulary_size=None, tokenizer=tokenizer)


def test_a_document_that_a_callable_needs_whole_has_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "MOST_DOCUMENT_BYTES", 1 << 20)
    path = write(tmp_path / "a.txt", b"words " * 400_000)
    with pytest.raises(InputError, match="a document of more than 1 MiB, which this tokeniser"):
        encode(path, vocabulary_size=None, tokenizer=str.split)


def test_endless_white_space_is_no_document(tmp_path, monkeypatch):
    monkeypatch.setattr(chunks, "BLOCK_BYTES", 1 << 10)
    path = write(tmp_path / "a.txt", b"one\n" + b" " * 100_000 + b"\n" * 100_000 + b"two")
    assert found(TextFiles(path, "paragraph"), "latin") == [["one"], ["two"]]
