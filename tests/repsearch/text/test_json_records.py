"""Records of JSON become documents; one without text does not stop the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repsearch.corpus.encoding import encode
from repsearch.errors import InputError
from repsearch.text import chunks, json_records
from repsearch.text.documents import read_documents
from repsearch.text.files import TextFiles
from repsearch.text.record import TextRecord

PATIENT = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def source(path: Path, text: str | bytes, **layout: str) -> TextFiles:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return TextFiles(path, field="text", **layout)  # type: ignore[arg-type]


def as_lines(records: list[object]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


LAYOUTS = {
    "lines": as_lines,
    "lines with empty ones": lambda records: as_lines(records).replace("\n", "\n\n"),
    "lines ended by CR LF": lambda records: as_lines(records).replace("\n", "\r\n"),
    "lines ended by CR": lambda records: as_lines(records).replace("\n", "\r"),
    "array": json.dumps,
    "array in lines": lambda records: json.dumps(records).replace("}, {", "},\n{"),
    "indented array": lambda records: json.dumps(records, indent=2) + "\n",
    "compact array": lambda records: json.dumps(records, separators=(",", ":"), ensure_ascii=False),
}
RECORDS = [
    {"id": 1, "text": "red green \n blue"},
    {"id": 2, "text": None},
    {"id": 3},
    {"id": 4, "text": {"en": "red"}},
    {"id": 5, "text": ["red"]},
    {"id": 6, "text": ""},
    {"id": 7, "text": 'é "quoted" {[ ]} \\ x'},
]


@pytest.mark.parametrize("block_bytes", [1 << 20, 64, 3])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_records_without_text_are_counted(tmp_path, monkeypatch, layout, block_bytes):
    monkeypatch.setattr(chunks, "BLOCK_BYTES", block_bytes)
    text = source(tmp_path / "a.json", LAYOUTS[layout](RECORDS))
    for tokenizer in ("latin", "unicode", str.split):
        corpus = encode(text, vocabulary_size=None, tokenizer=tokenizer)
        assert corpus.n_documents == 2
        assert corpus.document(0) == ["red", "green", "blue"]
        assert (corpus.record.records, corpus.record.records_without_text) == (7, 4)
        assert "4 of 7 records have no text in the field and were left out" in corpus.notes


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.lists(
        st.fixed_dictionaries({"text": st.text(min_size=1)}, optional={"x": values}), min_size=1
    ),
    st.sampled_from(list(LAYOUTS)),
    st.integers(1, 40),
)
@PATIENT
def test_any_records_in_any_layout(tmp_path, records, layout, block_bytes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "BLOCK_BYTES", block_bytes)
        text = source(tmp_path / "a.json", LAYOUTS[layout](records).encode(errors="replace"))
        found = list(read_documents(text, TextRecord()))
    if layout != "compact array":
        assert found == [record["text"] for record in records]
    assert len(found) == len(records)


@pytest.mark.parametrize("layout", ["lines", "array"])
def test_the_field_has_to_be_named(tmp_path, layout):
    records = [{"id": 3, "url": "https://x.org", "text": "words " * 20_000, "tags": []}, {}]
    path = tmp_path / "a.json"
    path.write_text(LAYOUTS[layout](records))
    for bad_bytes in ("stop", "replace", "skip"):
        with pytest.raises(InputError) as caught:
            encode(TextFiles(path, bad_bytes=bad_bytes), vocabulary_size=None)
        said = str(caught.value)
        assert "for example field='url'" in said
        assert "'id' (a number), 'url' (13 characters), 'text' (120,000 characters)" in said
    with pytest.raises(InputError, match="for example field='url'"):
        encode(path.parent, vocabulary_size=None)


def test_many_fields_are_not_all_listed(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({f"field{k}": k for k in range(100)}))
    with pytest.raises(InputError, match=r"'field11' \(a number\), 88 more; say which field"):
        encode(path, vocabulary_size=None)


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"a":' * 100_000])
@pytest.mark.parametrize("before", ['{"text": "good"}\n', '[{"text": "good"}, '])
def test_deep_nesting(tmp_path, deep, before):
    with pytest.raises(InputError, match="is no JSON"):
        encode(source(tmp_path / "a.json", before + deep), vocabulary_size=None)


@pytest.mark.parametrize("number", ["1" * 5000, "1" * 5000 + ".5", "1e999999", "NaN", "-Infinity"])
@pytest.mark.parametrize("whole", ['{{"n": {}, "text": "good"}}', '[{{"n": {}, "text": "good"}}]'])
def test_any_number(tmp_path, number, whole):
    corpus = encode(source(tmp_path / "a.json", whole.format(number)), vocabulary_size=None)
    assert corpus.words == ("good",)


def test_lone_surrogates_are_no_letters(tmp_path):
    text = source(tmp_path / "a.json", r'{"text": "red\ud83dx blue"}')
    for tokenizer in ("latin", "unicode"):
        corpus = encode(text, vocabulary_size=None, tokenizer=tokenizer)
        assert corpus.document(0) == ["red", "x", "blue"]


BAD_ARRAYS = {
    "no end": ('[{"text": "a"}, ', "record 2 of its array, is no JSON (the array has no end)"),
    "half a record": ('[{"text": "a"}, {"te', "record 2 of its array, is no JSON (Unterminated"),
    "words": ('[{"text": "a"}, words]', "record 2 of its array, is no JSON (Expecting value"),
    "no object": ('[{"text": "a"}, 3]', "record 2 of its array, is no JSON object but a number"),
    "more behind": ('[{"text": "a"}] x', "there is more behind the array's end"),
    "other fields": ('[{"body": "a"}]', "none of the 1 records"),
}


@pytest.mark.parametrize("block_bytes", [1 << 20, 3])
@pytest.mark.parametrize("case", BAD_ARRAYS)
def test_bad_arrays(tmp_path, monkeypatch, case, block_bytes):
    monkeypatch.setattr(chunks, "BLOCK_BYTES", block_bytes)
    text, said = BAD_ARRAYS[case]
    with pytest.raises(InputError) as caught:
        encode(source(tmp_path / "a.json", text), vocabulary_size=None)
    assert said in str(caught.value)


def test_a_record_without_bounds(tmp_path, monkeypatch):
    monkeypatch.setattr(json_records, "MOST_DOCUMENT_BYTES", 1 << 20)
    text = '[{"text": "' + "words " * 700_000
    with pytest.raises(InputError, match="is longer than 1 MiB"):
        encode(source(tmp_path / "a.json", text), vocabulary_size=None)


def test_arrays_that_are_not_utf8(tmp_path):
    text = b'[{"text": "so\xffme"}]'
    with pytest.raises(InputError, match="is not UTF-8; convert it"):
        encode(source(tmp_path / "a.json", text), vocabulary_size=None)
    corpus = encode(source(tmp_path / "a.json", text, bad_bytes="replace"), vocabulary_size=None)
    assert corpus.document(0) == ["so", "me"]
