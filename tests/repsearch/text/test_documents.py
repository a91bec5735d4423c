"""Text in any container and layout becomes the same documents; bad input is explained."""

from __future__ import annotations

import bz2
import errno
import gzip
import json
import lzma
import re
import struct
import threading
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from repsearch.corpus.encoding import encode
from repsearch.errors import InputError
from repsearch.text import chunks
from repsearch.text.chunks import latin_boundary
from repsearch.text.documents import read_blocks, read_documents
from repsearch.text.files import TextFiles
from repsearch.text.record import TextRecord

# Other work on the machine makes no test fail.
PATIENT = settings(
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
DOCUMENTS = [
    "The quick brown fox; the LAZY dog.",
    "Ο ΣΊΣΥΦΟΣ \u212aelvin \u0130stanbul the fox",
    "",
    "12345 — 678",
    "naïve café 😀 the end" * 40,
    "x" * 500,
    "नमस्ते दुनिया",
]


def zstd(data: bytes, **kwargs) -> bytes:
    return zstandard.ZstdCompressor(**kwargs).compress(data)


def zstd_without_size(data: bytes) -> bytes:
    compressor = zstandard.ZstdCompressor().compressobj()
    return compressor.compress(data) + compressor.flush()


def halves(data: bytes) -> tuple[bytes, bytes]:
    return data[:777], data[777:]


def skippable_frame(content: bytes) -> bytes:
    return struct.pack("<II", 0x184D2A50, len(content)) + content


PACKERS = {
    "a.txt": lambda data: data,
    "no-suffix": lambda data: data,
    "a.txt.gz": gzip.compress,
    "A.TXT.GZ": gzip.compress,
    "members.gz": lambda data: b"".join(map(gzip.compress, halves(data))),
    "zeros-behind.gz": lambda data: gzip.compress(data) + b"\0" * 100,
    "a.bz2": bz2.compress,
    "streams.bz2": lambda data: b"".join(map(bz2.compress, halves(data))),
    "a.xz": lzma.compress,
    "streams.xz": lambda data: b"".join(map(lzma.compress, halves(data))),
    "padded.xz": lambda data: b"\0\0\0\0".join(map(lzma.compress, halves(data))) + b"\0" * 8,
    "a.zst": zstd,
    "frames.zst": lambda data: b"".join(map(zstd, halves(data))),
    "without-size.zst": zstd_without_size,
    "checksum.zst": lambda data: zstd(data, write_checksum=True),
    "skippable.zst": lambda data: (
        skippable_frame(b"table") + zstd(data) + skippable_frame(b"of contents")
    ),
    "empty-frames.zst": lambda data: zstd(b"") + zstd(data) + zstd(b""),
    "empty-stream.xz": lambda data: lzma.compress(b"") + lzma.compress(data),
}


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def in_lines(documents: list[str], end: str = "\n") -> bytes:
    return "".join(document + end for document in documents).encode()


def in_json(documents: list[str]) -> bytes:
    return in_lines([json.dumps({"id": k, "body": d}) for k, d in enumerate(documents)])


def one_a_file(folder: Path) -> TextFiles:
    for number, document in enumerate(DOCUMENTS):
        if document:
            name = ["{}.txt", "{}.gz", "sub/{}.xz", "sub/deep/{}.zst"][number % 4]
            # Prefixed so that the order of names is the order of the documents.
            path = folder / f"{number}" / name.format(number)
            pack = {".txt": bytes, ".gz": gzip.compress, ".xz": lzma.compress, ".zst": zstd}
            write(path, pack[path.suffix](document.replace(" ", "\n").encode()))
    write(folder / ".hidden", b"hidden words")
    write(folder / ".git" / "config", b"hidden words")
    return TextFiles((folder,), document="file")


def nested(folder: Path) -> TextFiles:
    write(folder / "a" / "1.txt", in_lines(DOCUMENTS[:2]))
    write(folder / "a" / "2.txt.gz", gzip.compress(in_lines(DOCUMENTS[2:3])))
    write(folder / "b.bz2", bz2.compress(in_lines(DOCUMENTS[3:5])))
    write(folder / "c" / "d" / "e" / "3.jsonl", in_lines(DOCUMENTS[5:]))
    return TextFiles((folder,))


LAYOUTS = {
    **{
        f"lines in {name}": lambda folder, name=name: write(
            folder / name, PACKERS[name](in_lines(DOCUMENTS))
        )
        for name in PACKERS
    },
    "a path as a string": lambda folder: str(write(folder / "a", in_lines(DOCUMENTS))),
    "lines ended by CR LF": lambda folder: write(folder / "a", in_lines(DOCUMENTS, "\r\n")),
    "no line break at the end": lambda folder: write(folder / "a", in_lines(DOCUMENTS)[:-1]),
    "byte order mark": lambda folder: write(folder / "a", b"\xef\xbb\xbf" + in_lines(DOCUMENTS)),
    "blank lines": lambda folder: write(folder / "a", in_lines(DOCUMENTS, "\n\n \n\t\r\n")),
    "JSON": lambda folder: TextFiles(
        (write(folder / "a.jsonl", in_json(DOCUMENTS)),), field="body"
    ),
    "JSON with a byte order mark": lambda folder: TextFiles(
        (write(folder / "a.jsonl", b"\xef\xbb\xbf" + in_json(DOCUMENTS)),), field="body"
    ),
    "packed JSON with blank lines": lambda folder: TextFiles(
        (write(folder / "a.zst", zstd(in_json(DOCUMENTS).replace(b"\n", b"\n\n"))),),
        field="body",
    ),
    "nested folder": nested,
    "a folder's name": lambda folder: str(nested(folder).paths[0]),
    "one document a file": one_a_file,
    "one path without a tuple": lambda folder: TextFiles(write(folder / "a", in_lines(DOCUMENTS))),
    "two files": lambda folder: TextFiles(
        (
            write(folder / "b", in_lines(DOCUMENTS[:3])),
            write(folder / "a", in_lines(DOCUMENTS[3:])),
        )
    ),
    "a tuple": lambda folder: tuple(DOCUMENTS),
    "a generator": lambda folder: (document for document in DOCUMENTS),
    "documents with line breaks": lambda folder: [d.replace(" ", "\n") for d in DOCUMENTS],
}


@pytest.fixture(params=[1 << 20, 64, 7])
def block_bytes(request, monkeypatch):
    monkeypatch.setattr(chunks, "BLOCK_BYTES", request.param)


@pytest.mark.usefixtures("block_bytes")
@pytest.mark.parametrize("tokenizer", ["latin", "unicode"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_corpus(tmp_path, layout, tokenizer, threads_left):
    expected = encode(DOCUMENTS, tokenizer=tokenizer, vocabulary_size=None)
    corpus = encode(LAYOUTS[layout](tmp_path / "text"), tokenizer=tokenizer, vocabulary_size=None)
    assert corpus.digest == expected.digest
    assert corpus.n_documents_dropped == 0
    assert threads_left() == []


@pytest.mark.parametrize(
    "layout",
    [
        "JSON",
        "JSON with a byte order mark",
        "byte order mark",
        "lines ended by CR LF",
        "lines in a.xz",
        "nested folder",
        "two files",
    ],
)
def test_documents_as_strings(tmp_path, layout):
    source = LAYOUTS[layout](tmp_path)
    source = source if isinstance(source, TextFiles) else TextFiles(source)
    found = [document for document in read_documents(source, TextRecord()) if document.strip()]
    assert found == [document for document in DOCUMENTS if document]


def test_progress_counts_the_bytes_on_disk(tmp_path):
    paths = (
        write(tmp_path / "a.gz", gzip.compress(b"one two\n" * 10_000)),
        write(tmp_path / "b.xz", lzma.compress(b"one two\n" * 10_000)),
        write(tmp_path / "c", b"one two\n" * 10_000),
    )
    calls: list[tuple[str, float, float | None, str]] = []
    for document in ("line", "file"):
        source = TextFiles(paths, document)
        calls.clear()
        for _ in read_blocks(
            source, latin_boundary, TextRecord(), progress=lambda *call: calls.append(call)
        ):
            pass
        done = [call[1] for call in calls]
        assert done == sorted(done)
        assert calls[-1] == ("reading text", source.size(), source.size(), "bytes")


@pytest.mark.parametrize("document", ["line", "file"])
def test_long_lines_are_read_in_short_pieces(tmp_path, document):
    path = write(tmp_path / "text8", b"one two three " * 400_000)
    blocks = list(read_blocks(TextFiles(path, document), latin_boundary, TextRecord()))
    assert max(len(block.text) for block in blocks) <= chunks.BLOCK_BYTES + len("three")
    assert sum(len(block.text) for block in blocks) == 14 * 400_000
    assert [block.ends_document for block in blocks] == [False] * (len(blocks) - 1) + [True]


# ---------------------------------------------------------------- bad bytes

LINE_END = b"\r\n|\n|\r"
bad_line = st.lists(
    st.sampled_from(
        [b"ab", b" ", b"C", b"\r", b"\xc3\xa9", b"\xc3", b"\xa9", b"\xff", b"\xe2\x84"]
    ),
    max_size=12,
).map(b"".join)


def words(document: str) -> list[str]:
    return re.findall("[a-z]+", document.lower())


def is_utf8(data: bytes) -> bool:
    return data == data.decode(errors="ignore").encode()


@given(st.lists(bad_line, max_size=6), st.integers(1, 20), st.sampled_from(["line", "file"]))
@example([b"a\xc3", b"\xa9b"], 2, "line")
@example([b"\xff"], 1, "line")
@PATIENT
def test_bad_bytes_against_the_plain_way(tmp_path, lines, block_bytes, unit):
    raw = b"\n".join([b"first", *lines])
    path = write(tmp_path / "a.txt", raw)
    documents = re.split(LINE_END, raw) if unit == "line" else [raw]
    by_choice = {
        "replace": [document.decode(errors="replace") for document in documents],
        "skip": [document.decode() for document in documents if is_utf8(document)],
    }
    for choice, kept in by_choice.items():
        expected = [found for found in map(words, kept) if found]
        source = TextFiles(path, unit, bad_bytes=choice)
        for tokenizer in ("latin", words):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(chunks, "BLOCK_BYTES", block_bytes)
                if not expected:
                    with pytest.raises(
                        InputError, match=r"found no word in the text \(1 were left"
                    ):
                        encode(source, vocabulary_size=None, tokenizer=tokenizer)
                    continue
                corpus = encode(source, vocabulary_size=None, tokenizer=tokenizer)
            assert [corpus.document(k) for k in range(corpus.n_documents)] == expected
            assert corpus.n_documents_dropped == (
                len(documents) - len(kept) if choice == "skip" else 0
            )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "BLOCK_BYTES", block_bytes)
        source = TextFiles(path, unit)
        if is_utf8(raw):
            encode(source, vocabulary_size=None)
            return
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            place = error.start
        where = f"byte {place} (line {len(re.split(LINE_END, raw[:place]))}):"
        for tokenizer in ("latin", words):
            with pytest.raises(InputError, match=re.escape(f"a.txt is not UTF-8 at {where}")):
                encode(source, vocabulary_size=None, tokenizer=tokenizer)


@pytest.mark.parametrize("tokenizer", ["latin", "unicode"])
@pytest.mark.parametrize("choice", ["replace", "skip"])
def test_bad_bytes_in_json_lines(tmp_path, choice, tokenizer):
    lines = [b'{"t": "one"}', b'{"t": "tw\xffo"}', b'{"t": "three"}']
    path = write(tmp_path / "a.jsonl", b"\n".join(lines))
    source = TextFiles(path, field="t", bad_bytes=choice)
    corpus = encode(source, vocabulary_size=None, tokenizer=tokenizer)
    found = [corpus.document(k) for k in range(corpus.n_documents)]
    middle = [["tw", "o"]] if choice == "replace" else []
    assert found == [["one"], *middle, ["three"]]
    assert corpus.n_documents_dropped == (choice == "skip")


@pytest.mark.parametrize("tokenizer", ["latin", "unicode"])
def test_a_long_file_is_dropped_whole(tmp_path, tokenizer):
    write(tmp_path / "text" / "1", b"one " * 1000)
    write(tmp_path / "text" / "2", b"two " * 400_000 + b"\xff" + b" three" * 1000)
    write(tmp_path / "text" / "3", b"four " * 1000)
    source = TextFiles(tmp_path / "text", "file", bad_bytes="skip")
    corpus = encode(source, vocabulary_size=None, tokenizer=tokenizer)
    assert dict(zip(corpus.words, corpus.word_counts, strict=True)) == {"one": 1000, "four": 1000}
    assert (corpus.n_documents, corpus.n_documents_dropped, corpus.n_words_read) == (2, 1, 2000)


# ---------------------------------------------------------------- bad input
# Each case: how the text is made, what to change in the call, and what is said.
# FOLDER stands for the test's folder.

GOOD = b"some good words\n" * 500


def file(name: str, data: bytes, **layout):
    return lambda folder: TextFiles(write(folder / name, data), **layout)


def json_lines(data: bytes):
    return file("a.jsonl", b'{"text": "good"}\n' + data, field="text")


DAMAGED = "is damaged or is no .{} file ("
TRUNCATED = "is truncated: its compressed data has no end; copy or download it again"
BAD_INPUT = {
    "missing file": (
        lambda folder: folder / "a.txt",
        "FOLDER/a.txt does not exist; check the path",
    ),
    "text instead of a path": (
        lambda _: "the cat sat",
        "the cat sat does not exist; check the path",
    ),
    "long text instead of a path": (
        lambda _: "the cat sat " * 1000,
        "(File name too long); pass the name of a file or folder, or documents as a list",
    ),
    "null in a path": (lambda _: "a\0b", "a\0b does not exist; check the path"),
    "path below a file": (
        lambda folder: write(folder / "a", GOOD) / "b",
        "FOLDER/a/b does not exist; check the path",
    ),
    "empty file": (file("a", b""), "FOLDER/a is empty; leave it out or give a file with text"),
    "empty .gz": (file("a.gz", gzip.compress(b"")), "FOLDER/a.gz is empty; leave it out"),
    "empty .xz": (file("a.xz", lzma.compress(b"")), "FOLDER/a.xz is empty"),
    "empty .bz2": (file("a.bz2", bz2.compress(b"")), "FOLDER/a.bz2 is empty"),
    "empty .zst": (file("a.zst", zstd(b"")), "FOLDER/a.zst is empty"),
    **{
        f"no bytes named .{s}": (file(f"a.{s}", b""), f"FOLDER/a.{s} is empty")
        for s in ("gz", "xz", "bz2", "zst")
    },
    "nothing but empty files": (
        lambda folder: write(folder / "b", b"") and write(folder / "a", b"").parent,
        "none of the 2 files found is text: FOLDER/a is empty; give files of text",
    ),
    "white space": (
        file("a", b" \n\t\r\n" * 9),
        "tokeniser 'latin' found no word in the text; give",
    ),
    "no Latin letter": (
        file("a", "Σίσυφος".encode()),
        "give other text or choose another tokeniser",
    ),
    "folder without files": (
        lambda folder: folder,
        "folder FOLDER has no file in it; give one with text files",
    ),
    "folder with hidden files only": (
        lambda folder: write(folder / ".a", GOOD).parent,
        "folder FOLDER has no file in it",
    ),
    **{
        f"truncated .{s}": (file(f"a.{s}", pack(GOOD)[:-cut]), f"FOLDER/a.{s} {TRUNCATED}")
        for s, pack, cut in (
            ("gz", gzip.compress, 9),
            ("bz2", bz2.compress, 9),
            ("xz", lzma.compress, 9),
            ("zst", zstd, 3),
        )
    },
    **{
        f"truncated second stream of .{s}": (
            file(f"a.{s}", pack(GOOD) + pack(GOOD)[:-3]),
            f"FOLDER/a.{s} {TRUNCATED}",
        )
        for s, pack in (
            ("gz", gzip.compress),
            ("bz2", bz2.compress),
            ("xz", lzma.compress),
            ("zst", zstd),
        )
    },
    **{
        f"damaged second stream of .{s}": (
            file(f"a.{s}", pack(GOOD) + b"X" + pack(GOOD)),
            f"FOLDER/a.{s} {DAMAGED.format(s)}",
        )
        for s, pack in (
            ("gz", gzip.compress),
            ("bz2", bz2.compress),
            ("xz", lzma.compress),
            ("zst", zstd),
        )
    },
    **{
        f"plain text named .{s}": (file(f"a.{s}", GOOD), f"FOLDER/a.{s} {DAMAGED.format(s)}")
        for s in ("gz", "bz2", "xz", "zst")
    },
    "wrong checksum in .gz": (
        file("a.gz", gzip.compress(GOOD)[:-8] + b"\0" * 4 + gzip.compress(GOOD)[-4:]),
        "copy or download it again, or give it the suffix of what it is",
    ),
    "wrong checksum in .zst": (
        file("a.zst", zstd(GOOD, write_checksum=True)[:-4] + b"\0" * 4),
        DAMAGED.format("zst"),
    ),
    ".zip": (
        file("a.zip", b"PK\x03\x04 and so on"),
        "FOLDER/a.zip is no text but a .zip file (or a document or array packed as one); unpack",
    ),
    "Latin-1": (
        file("a.txt", b"one\ntwo\ncaf\xe9 three\n"),
        "FOLDER/a.txt is not UTF-8 at byte 11 (line 3): convert it (iconv -f ENCODING -t UTF-8, "
        "ENCODING being what it was written in, often LATIN1), or choose to replace such bytes or"
        " to skip such documents (bad_bytes='replace' or bad_bytes='skip')",
    ),
    "half a character of UTF-16": (
        file("a.txt", "one\ntext".encode("utf-16")[:-1]),
        "is not UTF-8 at byte 7 (line 2)",
    ),
    "bad byte behind a byte order mark": (
        file("a.txt", b"\xef\xbb\xbfone\xff"),
        "not UTF-8 at byte 6 (line 1)",
    ),
    "half a character at the end": (
        file("a.txt", b"one\ntwo \xc3"),
        "is not UTF-8 at byte 8 (line 2)",
    ),
    "bad byte far inside": (
        file("a.txt", b"one two three four\n" * 60_000 + b"\xff"),
        "is not UTF-8 at byte 1,140,000 (line 60,001)",
    ),
    "bad byte far inside one document": (
        file("a.txt", b"one two three four\n" * 60_000 + b"\xff", document="file"),
        "is not UTF-8 at byte 1,140,000 (line 60,001)",
    ),
    "no JSON": (json_lines(b"good\n"), "a.jsonl, line 2, is no JSON (Expecting value"),
    "half a JSON object": (json_lines(b'{"text": "go'), "line 2, is no JSON (Unterminated string"),
    "deep JSON": (json_lines(b"[" * 100_000), "line 2, is no JSON ("),
    "a JSON list": (
        json_lines(b'["good"]\n'),
        "line 2, is no JSON object but a list; write one object a line",
    ),
    "a JSON text": (json_lines(b'"good"\n'), "line 2, is no JSON object but text"),
    "other fields": (
        file("a.jsonl", b'{"title": "x", "body": "good"}\n' * 2, field="text"),
        "none of the 2 records of FOLDER/a.jsonl has text in a field 'text'; choose one of its "
        "fields: 'title' (1 characters), 'body' (4 characters)",
    ),
    "no fields": (
        file("a.jsonl", b"{}\n", field="text"),
        "has text in a field 'text'; choose one of its fields: none",
    ),
    "fields without text": (
        file("a.jsonl", b'{"text": 3}\n{"text": null}\n{"text": ["good"]}', field="text"),
        "none of the 3 records of FOLDER/a.jsonl has text in a field 'text'; choose one of its "
        "fields: 'text' (a number)",
    ),
    "JSON files": (
        file("a.json", b'{"text": "good"}', document="file", field="text"),
        "with a field each record is a document; leave document='line'",
    ),
    "no paths": (lambda _: TextFiles(()), "no text given; pass at least one file or folder"),
    "unknown layout": (
        file("a", GOOD, document="chapter"),
        "document is 'chapter'; choose one of 'line', 'paragraph', 'file'",
    ),
    "unknown remedy": (
        file("a", GOOD, bad_bytes="ignore"),
        "bad_bytes is 'ignore'; choose one of 'stop', 'replace', 'skip'",
    ),
    "nothing": (
        lambda _: None,
        "the text is of type NoneType; pass a path, TextFiles, or documents",
    ),
    "no documents": (lambda _: [], "tokeniser 'latin' found no word in the text"),
    "bytes": (lambda _: b"good", "document 1 is of type int; pass strings, one a document"),
    "documents in bytes": (
        lambda _: ["good", b"good"],
        "document 2 is of type bytes; pass strings, one a document",
    ),
    "lists of words": (lambda _: [["good", "words"]], "document 1 is of type list; pass strings"),
    "a list of paths": (
        lambda folder: [folder],
        "document 1 is of type PosixPath; for text in several files pass TextFiles((path, ...))",
    ),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_is_explained(tmp_path, case, threads_left):
    make, message = BAD_INPUT[case]
    for tokenizer in ("latin", "unicode") if "Latin" not in case else ("latin",):
        with pytest.raises(InputError) as caught:
            encode(make(tmp_path), vocabulary_size=None, tokenizer=tokenizer)
        said = str(caught.value)
        assert message.replace("FOLDER", str(tmp_path)).replace("'latin'", f"{tokenizer!r}") in said
        assert "\n" not in said
        assert not said.endswith(".")
        assert threads_left() == []


def test_a_file_that_cannot_be_read(tmp_path, monkeypatch):
    path = write(tmp_path / "a", GOOD)
    source = TextFiles(path)

    def refuse(self, *_args, **_kwargs):
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        with pytest.raises(InputError, match=rf"^cannot read {path} \(Permission denied\); check"):
            encode(source, tmp_path / "corpus")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a"]


@pytest.mark.parametrize("tokenizer", ["latin", "unicode"])
def test_an_exception_of_an_iterator_passes_and_it_runs_in_the_callers_thread(tokenizer):
    threads = []

    def documents():
        threads.append(threading.current_thread())
        yield "one"
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        encode(documents(), vocabulary_size=None, tokenizer=tokenizer)
    assert threads == [threading.current_thread()]
