"""Tables of other programs as text: the same corpus as from its records, or one sentence."""

from __future__ import annotations

import gzip
import importlib
import json
import re
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repsearch.corpus.encoding import encode
from repsearch.corpus.token_ids import TokenIds
from repsearch.errors import InputError
from repsearch.text import table_records, tables
from repsearch.text.documents import read_documents
from repsearch.text.files import TextFiles
from repsearch.text.record import TextRecord

pa = pytest.importorskip("pyarrow", reason="needs the extra datasets")
parquet = importlib.import_module("pyarrow.parquet")

TEXTS = ["The cat sat.", None, "a dog\nran", "", "é naïve"]
IDS = [[0, 1], None, [2], [], [2, 0]]
WORDS = ["the", "cat", "sat"]


def stream(path: Path, table: object, rows: int = 2, layout: str = "new_stream") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = getattr(pa.ipc, layout)
    schema = table.schema  # type: ignore[attr-defined]
    with pa.OSFile(str(path), "wb") as sink, new(sink, schema) as writer:
        writer.write_table(table, max_chunksize=rows)
    return path


def dataset(folder: Path, table: object, shards: int = 1) -> Path:
    """What ``datasets.Dataset.save_to_disk`` writes."""
    n = len(table)  # type: ignore[arg-type]
    names = [f"data-{k:05}-of-{shards:05}.arrow" for k in range(shards)]
    for k, name in enumerate(names):
        begin, end = k * n // shards, (k + 1) * n // shards
        stream(folder / name, table.slice(begin, end - begin))  # type: ignore[attr-defined]
    state = {
        "_data_files": [{"filename": name} for name in names],
        "_fingerprint": "70d6b4b2f8b8a6a5",
        "_format_columns": None,
        "_format_kwargs": {},
        "_format_type": None,
        "_output_all_columns": False,
        "_split": "train",
    }
    (folder / "state.json").write_text(json.dumps(state, indent=2))
    features = {"text": {"dtype": "string", "_type": "Value"}}
    (folder / "dataset_info.json").write_text(json.dumps({"features": features}))
    return folder


def table_of(texts: list[str | None] | None = None, kind: object = None) -> object:
    texts = TEXTS if texts is None else texts
    return pa.table({"id": list(range(len(texts))), "text": pa.array(texts, kind or pa.string())})


WAYS: dict[str, Callable[[Path, object], Path]] = {
    "dataset": lambda folder, table: dataset(folder / "d", table),
    "dataset of shards": lambda folder, table: dataset(folder / "s", table, 3),
    "stream": lambda folder, table: stream(folder / "a.arrow", table),
    "file": lambda folder, table: stream(folder / "a.feather", table, 3, "new_file"),
    "Parquet": lambda folder, table: (
        parquet.write_table(table, folder / "a.parquet"),
        folder / "a.parquet",
    )[1],
}


@pytest.mark.parametrize("tokenizer", ["latin", "unicode"])
@pytest.mark.parametrize("way", WAYS)
def test_the_text_of_a_table(tmp_path, way, tokenizer):
    path = WAYS[way](tmp_path, table_of())
    corpus = encode(TextFiles(path, field="text"), vocabulary_size=None, tokenizer=tokenizer)
    expected = encode([t for t in TEXTS if t], vocabulary_size=None, tokenizer=tokenizer)
    assert corpus.digest == expected.digest
    assert (corpus.record.records, corpus.record.records_without_text) == (5, 1)
    assert any("1 of 5 records has no text" in note for note in corpus.notes)


@given(
    st.lists(st.none() | st.text(min_size=1)),
    st.integers(1, 9),
    st.sampled_from([way for way in WAYS if way != "dataset of shards"]),
)
@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_texts(tmp_path_factory, texts, rows, way):
    texts = [t if t is None else t.encode(errors="replace").decode() for t in ["x", *texts]]
    record = TextRecord()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_records, "_ROWS", rows)
        path = WAYS[way](tmp_path_factory.mktemp("t"), table_of(texts))
        found = list(read_documents(TextFiles(path, field="text"), record))
    assert found == [text for text in texts if text is not None]
    assert record.records_without_text == texts.count(None)


@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())],
)
def test_every_type_of_text(tmp_path, kind):
    values = pa.array(TEXTS).dictionary_encode() if "dict" in str(kind) else pa.array(TEXTS, kind)
    path = stream(tmp_path / "a.arrow", pa.table({"text": values}))
    assert list(read_documents(TextFiles(path, field="text"), TextRecord())) == [
        text for text in TEXTS if text is not None
    ]


@pytest.mark.parametrize("way", WAYS)
def test_the_column_has_to_be_named(tmp_path, way):
    path = WAYS[way](tmp_path, table_of())
    for field, said in [
        (
            None,
            "for example field='text': choose one of its columns: 'id' (int64), 'text'",
        ),
        ("body", "has no column 'body'; choose one of its columns: 'id' (int64), 'text'"),
        ("id", "holds int64, which is no text"),
    ]:
        with pytest.raises(InputError, match=re.escape(said)):
            encode(TextFiles(path, field=field), vocabulary_size=None)


@pytest.mark.parametrize("choice", ["stop", "replace", "skip"])
@pytest.mark.parametrize("dictionary", [False, True])
def test_bytes_that_are_not_utf8(tmp_path, choice, dictionary):
    raw = pa.array([b"good words", b"so\xffme", b"more"], pa.binary()).view(pa.string())
    if dictionary:
        raw = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2], pa.int8()), raw)
    path = stream(tmp_path / "a.arrow", pa.table({"text": raw}), 9)
    text = TextFiles(path, field="text", bad_bytes=choice)
    if choice == "stop":
        with pytest.raises(InputError, match=r"record 2 of .* is not UTF-8"):
            encode(text, vocabulary_size=None)
        return
    corpus = encode(text, vocabulary_size=None)
    middle = [["so", "me"]] if choice == "replace" else []
    found = [corpus.document(k) for k in range(corpus.n_documents)]
    assert found == [["good", "words"], *middle, ["more"]]


def test_splits_are_asked_for(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    dataset(tmp_path / "d" / "train", table_of())
    dataset(tmp_path / "d" / "test", table_of(["other"]))
    for given_path in (tmp_path / "d", tmp_path):
        with pytest.raises(InputError, match=r"2 splits \(test, train\); give the folders"):
            TextFiles(given_path, field="text")
    corpus = encode(TextFiles(tmp_path / "d" / "test", field="text"), vocabulary_size=None)
    assert corpus.words == ("other",)


STATES = {
    "no JSON": ("{", "does not say which files"),
    "deep": ("[" * 100_000, "does not say which files"),
    "no files": ("{}", "does not say which files"),
    "a number": ("3", "does not say which files"),
    "climbs out": ('{"_data_files": [{"filename": "../x.arrow"}]}', "outside of its folder"),
    "too long": (json.dumps({"_data_files": [{"filename": "x" * 999}]}), "a file that cannot be"),
    "lacks one": ('{"_data_files": [{"filename": "x.arrow"}]}', "lacks its file x.arrow"),
    "selection": (
        '{"_data_files": [], "_indices_data_files": [{"filename": "i.arrow"}]}',
        "flatten_indices",
    ),
}


@pytest.mark.parametrize("case", STATES)
def test_a_damaged_dataset_folder(tmp_path, case):
    text, said = STATES[case]
    (dataset(tmp_path / "d", table_of()) / "state.json").write_text(text)
    with pytest.raises(InputError, match=said):
        TextFiles(tmp_path / "d", field="text")


def test_files_of_an_earlier_save_are_not_read(tmp_path):
    folder = dataset(tmp_path / "d", table_of(["now"]))
    stream(folder / "data-00000-of-00002.arrow", table_of(["then"]))
    assert encode(TextFiles(folder, field="text"), vocabulary_size=None).words == ("now",)


def test_a_description_beside_tables_is_no_text(tmp_path):
    """The cache of ``datasets`` has no list of files."""
    stream(tmp_path / "c" / "wiki-train.arrow", table_of())
    (tmp_path / "c" / "dataset_info.json").write_text("{}")
    assert TextFiles(tmp_path / "c", field="text").files == (tmp_path / "c" / "wiki-train.arrow",)


@pytest.mark.parametrize("way", ["stream", "file", "Parquet"])
def test_a_table_cut_anywhere_is_refused(tmp_path, way):
    path = WAYS[way](tmp_path, table_of())
    whole = path.read_bytes()
    for end in range(12, len(whole), 8):
        path.write_bytes(whole[:end])
        with pytest.raises(InputError) as caught:
            encode(TextFiles(path, field="text"), vocabulary_size=None)
        assert "\n" not in str(caught.value)


def test_two_streams_in_one_file_are_refused(tmp_path):
    path = stream(tmp_path / "a.arrow", table_of())
    path.write_bytes(2 * path.read_bytes())
    with pytest.raises(InputError, match="more behind the end"):
        encode(TextFiles(path, field="text"), vocabulary_size=None)


def test_compressed(tmp_path):
    path = stream(tmp_path / "a.arrow", table_of())
    (tmp_path / "b.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert encode(TextFiles(tmp_path / "b.gz", field="text"), vocabulary_size=None).words
    path = WAYS["Parquet"](tmp_path, table_of())
    (tmp_path / "c.gz").write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(InputError, match="unpack it into a file"):
        encode(TextFiles(tmp_path / "c.gz", field="text"), vocabulary_size=None)


def test_nothing_but_nulls(tmp_path):
    path = stream(tmp_path / "a.arrow", table_of([None, None]))
    with pytest.raises(InputError, match=r"none of the 2 records of .* has text in 'text'"):
        encode(TextFiles(path, field="text"), vocabulary_size=None)


def test_a_name_that_is_no_utf8(tmp_path):
    path = stream(tmp_path / "a.arrow", table_of())
    path.write_bytes(path.read_bytes().replace(b"text", b"t\xffxt"))
    for field in (None, "text", "id"):
        with pytest.raises(InputError, match="is damaged"):
            encode(TextFiles(path, field=field), vocabulary_size=None)


def test_a_column_that_is_there_twice(tmp_path):
    twice = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    with pytest.raises(InputError, match="two columns 'text'"):
        encode(TextFiles(stream(tmp_path / "a.arrow", twice), field="text"), vocabulary_size=None)


def test_a_batch_without_bounds(tmp_path, monkeypatch):
    path = stream(tmp_path / "a.arrow", table_of(["words " * 10_000]))
    monkeypatch.setattr(tables, "MOST_BATCH_BYTES", 1 << 14)
    with pytest.raises(InputError, match=r"has a batch of .* bytes, which has to be held whole"):
        encode(TextFiles(path, field="text"), vocabulary_size=None)


def test_memory_is_in_proportion_to_a_batch(tmp_path):
    texts = ["many words of text " * 5000] * 400
    path = stream(tmp_path / "a.arrow", table_of(texts), 5)
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    most = 0
    for _ in read_documents(TextFiles(path, field="text"), TextRecord()):
        most = max(most, pa.total_allocated_bytes() - before)
    held = most + tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert held < path.stat().st_size / 3


def test_without_the_package(tmp_path, monkeypatch):
    path = stream(tmp_path / "a.arrow", table_of())
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"-m pip install '?pyarrow"):
        encode(TextFiles(path, field="text"), vocabulary_size=None)


# -------------------------------------------------------------------- word ids


def ids_of(kind: object, ids: object = IDS) -> object:
    return pa.table({"ids": pa.array(ids, kind), "n": list(range(len(ids)))})  # type: ignore[arg-type]


@pytest.fixture
def vocabulary(tmp_path: Path) -> Path:
    (tmp_path / "words.txt").write_text("\n".join(WORDS))
    return tmp_path / "words.txt"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [pa.list_(pa.int32()), pa.large_list(pa.uint64())])
def test_the_ids_of_a_table(tmp_path, vocabulary, way, kind):
    path = WAYS[way](tmp_path, ids_of(kind))
    corpus = encode(TokenIds(path, vocabulary, "ids"), vocabulary_size=None)
    expected = encode([" ".join(WORDS[i] for i in ids) for ids in IDS if ids], vocabulary_size=None)
    assert corpus.digest == expected.digest
    assert corpus.record.records_without_text == 1


@pytest.mark.parametrize("way", WAYS)
def test_rows_of_one_length(tmp_path, vocabulary, way):
    # Older versions write no Parquet of such rows with nulls.
    nulls = [] if way == "Parquet" else [None]
    path = WAYS[way](tmp_path, ids_of(pa.list_(pa.int16(), 2), [[0, 1], *nulls, [2, -1], [1, 1]]))
    corpus = encode(TokenIds(path, vocabulary, "ids"), vocabulary_size=None)
    found = [corpus.document(k) for k in range(corpus.n_documents)]
    assert found == [["the", "cat"], ["sat"], ["cat", "cat"]]


@pytest.mark.parametrize(
    ("ids", "kind", "field", "said"),
    [
        (IDS, pa.list_(pa.int32()), None, "for example field='input_ids'"),
        (IDS, pa.list_(pa.int32()), "n", "holds int64, and word ids are lists"),
        (IDS, pa.list_(pa.int32()), "x", "has no column 'x'"),
        ([[0.5]], pa.list_(pa.float32()), "ids", "holds list<float>, and word ids"),
        ([[0, 3]], pa.list_(pa.int32()), "ids", "holds the id 3, but"),
        ([[-2]], pa.list_(pa.int32()), "ids", "holds the id -2, but"),
        ([[2**64 - 1]], pa.list_(pa.uint64()), "ids", "holds the id 18,446,744,073,709,551,615"),
        ([[0, None]], pa.list_(pa.int32()), "ids", "has a null among the ids"),
    ],
)
def test_bad_ids(tmp_path, vocabulary, ids, kind, field, said):
    path = stream(tmp_path / "a.arrow", ids_of(kind, ids))
    with pytest.raises(InputError, match=re.escape(said)):
        encode(TokenIds(path, vocabulary, field), vocabulary_size=None)


def test_a_field_without_a_table(tmp_path, vocabulary):
    np.save(tmp_path / "a.npy", np.array([0, 1]))
    with pytest.raises(InputError, match="has no columns; leave out field"):
        TokenIds(tmp_path / "a.npy", vocabulary, "ids")
