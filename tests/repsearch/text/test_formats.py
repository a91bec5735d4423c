"""The format of a text is told from its first bytes, and what is no text is named."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import struct
import tarfile
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from repsearch.corpus.encoding import encode
from repsearch.errors import InputError
from repsearch.text.files import TextFiles
from repsearch.text.formats import Kind, recognise

pytest.importorskip("mwparserfromhell")

PAGE = (
    "<page><title>T</title><ns>0</ns><id>1</id><revision><id>2</id><text>"
    "[[Boat]]s carry '''salt''' {{convert|3|km}} &lt;ref name=&quot;a&quot;&gt;Zed&lt;/ref&gt; "
    "down.</text></revision></page>"
)
DUMP = (
    '<?xml version="1.0"?>\n<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" '
    f'xml:lang="en"><siteinfo><sitename>W</sitename></siteinfo>{PAGE * 3}</mediawiki>'
).encode()
DUMP_WORDS = ["boats", "carry", "salt", "down"]


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def documents(source: object, tokenizer: str = "latin") -> list[list[str | None]]:
    corpus = encode(source, vocabulary_size=None, tokenizer=tokenizer)  # type: ignore[arg-type]
    return [corpus.document(k) for k in range(corpus.n_documents)]


# ------------------------------------------------------------------ dumps


@pytest.mark.parametrize("tokenizer", ["latin", "unicode", "split"])
@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("d.xml", bytes),
        ("D.XML", bytes),
        ("no-suffix", bytes),
        ("enwiki-20200101-pages-articles1.xml-p10p30302.bz2", bz2.compress),
        ("d.xml.bz2", bz2.compress),
        ("d.xml.gz", gzip.compress),
        ("d.xml.xz", lzma.compress),
        ("d.xml.zst", zstandard.ZstdCompressor().compress),
        ("packed-without-suffix", gzip.compress),
        ("packed.xml", bz2.compress),
    ],
)
def test_a_dump_whatever_its_name(tmp_path, name, pack, tokenizer):
    words = [word.replace("down", "down.") for word in DUMP_WORDS]
    words = [w.capitalize() if w == "boats" else w for w in words]
    expected = [words if tokenizer == "split" else DUMP_WORDS] * 3
    path = write(tmp_path / "folder" / name, pack(DUMP))
    assert documents(path, tokenizer) == expected
    assert documents(path.parent, tokenizer) == expected


def test_a_dump_and_a_text_side_by_side(tmp_path):
    write(tmp_path / "t" / "1.xml", DUMP)
    write(tmp_path / "t" / "2.txt", b"a plain\ntext")
    corpus = encode(tmp_path / "t", vocabulary_size=None)
    assert corpus.n_documents == 5
    assert corpus.record.files == {"MediaWiki dump": 1, "plain text": 1}


@pytest.mark.parametrize("data", [DUMP, gzip.compress(DUMP), b"boats carry salt down\n" * 3])
def test_a_pipe_is_read_once(tmp_path, data):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(data,))
    writer.start()
    assert documents(path) == [DUMP_WORDS] * 3
    writer.join()


def test_a_corpus_of_a_pipe_is_never_taken_for_another(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    for text in (b"one two", b"three"):
        writer = threading.Thread(target=path.write_bytes, args=(text,))
        writer.start()
        corpus = encode(path, tmp_path / "corpus", vocabulary_size=None)
        writer.join()
        assert corpus.document(0) == text.decode().split()


# ------------------------------------------------------------- no text at all


def packed_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "words")
    return stream.getvalue()


def packed_tar() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    return stream.getvalue()


def saved_array() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.zeros((3, 3)))
    return stream.getvalue()


NO_TEXT = {
    "NumPy": (saved_array(), "a NumPy array"),
    "zip": (packed_zip(), "a .zip file"),
    "tar": (packed_tar(), "a .tar file"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
    "safetensors": (struct.pack("<Q", 40) + b'{"x": {"dtype": "F32"}}', "a safetensors file"),
    "pickle": (pickle.dumps({"text": "words"}), "a Python pickle"),
    "HDF5": (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    "SQLite": (b"SQLite format 3\0\x10", "a SQLite database"),
    "PNG": (b"\x89PNG\r\n\x1a\n", "a picture"),
    "packed twice": (gzip.compress(gzip.compress(b"words")), "a .gz file inside"),
    "zero bytes": (b"\0\1\2\3" * 99, "binary data"),
    "HTML": (b"<html><body><p>Salt &amp; pepper</p></body></html>\n", "an HTML page"),
    "HTML with a doctype": (b"\xef\xbb\xbf <!-- x -->\n<!DOCTYPE HTML>\n<p>Salt", "an HTML page"),
    "XML": (b'<?xml version="1.0"?>\n<TEI><p>Salt</p></TEI>', "an XML file (<TEI>)"),
    "RTF": (b"{\\rtf1 Salt}", "an RTF document"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer"),
    "array of strings": (b'["red \\u00e9", "blue"]', "a JSON array of strings"),
    "UTF-16 without a mark": ("the cat sat".encode("utf-16-le"), "iconv -f UTF-16LE -t UTF-8"),
    "UTF-16, big end first": ("the cat sat".encode("utf-16-be"), "iconv -f UTF-16BE -t UTF-8"),
    "UTF-32 without a mark": ("the cat sat".encode("utf-32-le"), "iconv -f UTF-32LE -t UTF-8"),
}


@pytest.mark.parametrize("case", NO_TEXT)
def test_what_is_no_text_is_refused_by_name(tmp_path, case):
    data, said = NO_TEXT[case]
    path = write(tmp_path / ("a.txt.gz" if case == "packed twice" else "a.txt"), data)
    for bad_bytes in ("stop", "replace", "skip"):
        with pytest.raises(InputError) as caught:
            encode(TextFiles(path, bad_bytes=bad_bytes), vocabulary_size=None)
        assert f"{path} is no text but " in str(caught.value)
        assert said in str(caught.value)
        assert "bad-bytes" not in str(caught.value)


@pytest.mark.parametrize("case", NO_TEXT)
def test_in_a_folder_it_is_left_out_and_named(tmp_path, case):
    data, _ = NO_TEXT[case]
    name = "1.gz" if case == "packed twice" else "1"
    write(tmp_path / "t" / name, data)
    write(tmp_path / "t" / "2", b"")
    write(tmp_path / "t" / "3.txt", b"words of text")
    corpus = encode(tmp_path / "t", vocabulary_size=None)
    assert corpus.n_documents == 1
    assert list(corpus.record.left_out) == [str(tmp_path / "t" / name), str(tmp_path / "t" / "2")]
    assert any(f"files that are no text were left out (2): {tmp_path}" in n for n in corpus.notes)


def test_what_was_left_out_is_known_when_the_corpus_is_used_again(tmp_path):
    write(tmp_path / "t" / "1.zip", packed_zip())
    write(tmp_path / "t" / "2.txt", b"les mots \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9")
    made = encode(tmp_path / "t", tmp_path / "corpus", vocabulary_size=None)
    again = encode(tmp_path / "t", tmp_path / "corpus", vocabulary_size=None)
    assert again.record == made.record
    assert again.notes == made.notes
    assert len(made.notes) == 2


def test_a_folder_without_text(tmp_path):
    write(tmp_path / "t" / "1.npy", saved_array())
    with pytest.raises(InputError, match=r"none of the 1 files found is text: .*1.npy is a NumPy"):
        encode(tmp_path / "t", vocabulary_size=None)


# ------------------------------------------------------------ other encodings


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-32-be", "utf-8-sig"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_byte_order_mark_tells_the_encoding(tmp_path, encoding, pack):
    text = "The café, 😀 naïve\nГород\n"
    marked = text if encoding in ("utf-16", "utf-32", "utf-8-sig") else "\ufeff" + text
    path = write(tmp_path / "a.txt", pack(marked.encode(encoding)))
    assert documents(path, "unicode") == [["the", "café", "naïve"], ["город"]]


def test_a_dump_in_another_encoding(tmp_path):
    data = DUMP.decode().partition("\n")[2].encode("utf-16")
    assert documents(write(tmp_path / "d.xml", data)) == [DUMP_WORDS] * 3


@pytest.mark.parametrize("bad_bytes", ["replace", "skip"])
def test_half_a_character_of_utf16(tmp_path, bad_bytes):
    path = write(
        tmp_path / "a.txt", b"\xff\xfe" + "one\ntwo\ud800 x".encode("utf-16-le", "surrogatepass")
    )
    found = documents(TextFiles(path, bad_bytes=bad_bytes))
    assert found == ([["one"], ["two", "x"]] if bad_bytes == "replace" else [["one"]])


# ----------------------------------------------------------------- plain text

PROSE = [
    "{{Infobox}} is a template",
    "[1] Smith, 1999",
    "<doc is a tag",
    "<media> and <mediawik",
    '["Quoted," he said, is how it began',
    "{a: 1}",
    "PAR1 is a magic number, and so is GIF8",
    "%PD is not %PDF",
    "BZh is how bzip2 begins",
    "a stray \0 byte is no letter",
    "\u200bzero width",
    "<p>A fragment",
    "version 1",
]


@pytest.mark.parametrize("text", PROSE)
def test_prose_that_begins_like_something_else(text):
    assert recognise(text.encode()).kind is Kind.PLAIN


letters = st.characters(categories=["L", "M", "N", "P", "Zs"], exclude_characters="<{[%")


@given(st.text(letters, min_size=1, max_size=60))
@example("1 Smith")
@settings(deadline=None)
def test_text_in_any_language_is_plain(text):
    assert recognise(text.encode()).kind is Kind.PLAIN


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_have_a_format(head):
    found = recognise(head)
    assert found.name
    assert bool(found.remedy) == (found.kind is Kind.OTHER)


@given(
    st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=20) | st.none(), min_size=1),
    st.sampled_from([None, 2]),
    st.booleans(),
)
@settings(deadline=None)
def test_every_json_object_is_known(record, indent, in_array):
    text = json.dumps([record] if in_array else record, indent=indent)
    expected = Kind.JSON_ARRAY if in_array else Kind.JSON_LINES
    assert recognise(text.encode()).kind is expected
