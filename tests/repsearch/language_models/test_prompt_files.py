"""Files of labelled prompts: what is read, and each way in which a line can be wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from repsearch.errors import InputError
from repsearch.language_models import LabelledPrompt, Prompt, read_prompts

SAW = {"text": "I saw it", "label": "past"}
SEE = {"text": "I see it", "label": "present"}


def write(path: Path, *rows: Any) -> Path:
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("\n".join(lines) + "\n")
    return path


def test_what_each_field_means(tmp_path: Path) -> None:
    found = read_prompts(
        write(
            tmp_path / "tense.jsonl",
            SAW | {"pair": 1, "span": "saw", "source": "mine"},
            "",
            SEE | {"pair": "1", "span": [2, 5], "template": 7},
            {"text": "Très bien", "label": True, "concept": "mood"},
            {"text": "Mal", "label": False, "concept": "mood"},
        )
    )
    assert [one.concept for one in found] == ["tense", "tense", "mood", "mood"]
    assert [one.pair for one in found] == ["1", "1", None, None]
    assert [one.template for one in found] == [None, "7", None, None]
    assert [one.label for one in found] == ["past", "present", "true", "false"]
    assert [(one.prompt.begin, one.prompt.end) for one in found] == [(2, 5), (2, 5), (0, 9), (0, 3)]
    assert found[2].where == f"{tmp_path / 'tense.jsonl'}, line 4"


def test_rows_that_are_written_are_read_again(tmp_path: Path) -> None:
    given = [
        LabelledPrompt(Prompt('a "b"\n\u2028 é', 2, 5), "yes", "x", "p", "t"),
        LabelledPrompt(Prompt("other", 0, 5), "no", "x", "p"),
    ]
    assert read_prompts(write(tmp_path / "f.jsonl", *(one.row() for one in given))) == given


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (("not json",), ", line 1 is no JSON in UTF-8; write one object a line"),
        (("[1]",), ", line 1 is no JSON object"),
        (("[" * 100_000,), ", line 1 is no JSON in UTF-8"),
        ((SAW, {"label": "x"}), ", line 2 has no text in its field 'text'"),
        (({"text": " ", "label": "x"},), ", line 1 has no text"),
        (({"text": 5, "label": "x"},), ", line 1 has no text"),
        (('{"text": "\\ud800", "label": "x"}',), ", line 1 has no text"),
        (({"text": "a"},), ", line 1 has no label"),
        (({"text": "a", "label": None},), ", line 1 has no label"),
        (({"text": "a", "label": 0.5},), ", line 1 has the label '0.5'; write a name or a whole"),
        (({"text": "a", "label": ["x"]},), ", line 1 has the label"),
        ((SAW | {"pair": ""}, SEE), ", line 1 has the pair ''"),
        ((SAW | {"span": "seen"},), ", line 1: the span 'seen' stands 0 times"),
        (({"text": "a a", "label": 1, "span": "a"},), ", line 1: the span 'a' stands 2 times"),
        ((SAW | {"span": [2, 9]},), ", line 1: the span [2, 9] is no part of the text"),
        ((SAW | {"span": [3, 3]},), ", line 1: the span [3, 3] is no part"),
        ((SAW | {"span": [False, True]},), ", line 1: the span [False, True] is no part"),
        ((SAW | {"span": 3},), ", line 1: the span 3 is no part"),
        ((SAW, SAW), ", line 2 comes twice in f; leave one out"),
        ((SAW | {"pair": 1}, SAW | {"pair": 1}), ", line 2 comes twice in f and its pair"),
        ((SAW | {"pair": 1}, SEE), ", line 2 has no pair, and others of f have"),
        ((SAW | {"pair": 1}, SEE | {"pair": 2}), ", line 1: the pair '1' of f is not two prompts"),
        (
            (SAW | {"pair": 1}, SEE | {"pair": 1, "label": "past"}),
            ", line 1: the pair '1' of f is not two prompts with different labels",
        ),
        (("", ""), " holds no prompt; write an object with text and label a line"),
    ],
)
def test_what_is_refused(tmp_path: Path, rows: Any, says: str) -> None:
    path = write(tmp_path / "f.jsonl", *rows)
    with pytest.raises(InputError) as refused:
        read_prompts(path)
    assert str(refused.value).startswith(f"{path}{says}")
    assert "\n" not in str(refused.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_prompts(tmp_path / "absent")
    (tmp_path / "latin").write_bytes(b'{"text": "caf\xe9", "label": 1}\n')
    with pytest.raises(InputError, match="line 1 is no JSON in UTF-8"):
        read_prompts(tmp_path / "latin")
