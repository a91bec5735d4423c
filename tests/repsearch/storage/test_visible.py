"""Words that a screen or a spreadsheet would act on are shown, whatever they hold."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest
import strategies as _profile  # noqa: F401  (the profile without deadlines)
from hypothesis import example, given
from hypothesis import strategies as st

from repsearch.storage.tables import write_table
from repsearch.storage.visible import from_spreadsheet_cell, spreadsheet_cell, visible

ACTING = "\x00\x07\x08\t\n\r\x1b\x7f\x9b\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069"
texts = st.text(st.characters() | st.sampled_from([*ACTING, *"'=+-@＝", "\ud800"]))


@given(texts)
def test_nothing_that_is_shown_acts(text: str) -> None:
    shown = visible(text)
    for letter in shown:
        assert letter not in ACTING
        assert unicodedata.category(letter) not in ("Cc", "Cs", "Zl", "Zp")
    assert visible(shown) == shown
    assert visible(text, lines=True).replace("\n", r"\n") == shown
    shown.encode("utf-8")


@pytest.mark.parametrize("mark", ["RLE", "LRE", "RLO", "LRO", "PDF", "LRI", "RLI", "FSI", "PDI"])
def test_every_mark_of_writing_direction_is_shown(mark: str) -> None:
    marks = [chr(n) for n in range(0x110000) if unicodedata.bidirectional(chr(n)) == mark]
    assert marks
    assert all(visible(letter) == f"\\u{ord(letter):04x}" for letter in marks)


@given(texts)
@example("=cmd|' /C calc'!A0")
@example("'=1")
@example("\t=1")
def test_no_cell_begins_as_a_formula_and_each_can_be_read_back(text: str) -> None:
    cell = spreadsheet_cell(text)
    assert cell[:1] not in list("=+-@＝＋－＠\t\r\n") or not cell
    assert from_spreadsheet_cell(cell) == visible(text)


@given(
    rows=st.lists(st.tuples(texts, st.floats(allow_nan=False, allow_infinity=False)), min_size=1)
)
def test_tables_are_safe_and_lose_nothing(
    rows: list[tuple[str, float]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = tmp_path_factory.getbasetemp()
    table = [{"word": word, "-number": number} for word, number in rows]
    write_table(table, folder, "words")
    content = (folder / "words.json").read_text("utf-8")
    assert json.loads(content) == table
    assert visible(content, lines=True) == content
    content = (folder / "words.csv").read_bytes().decode("utf-8")
    assert visible(content, lines=True) == content
    head, *read = csv.reader(io.StringIO(content, newline=""))
    assert head == ["word", "'-number"]
    assert [from_spreadsheet_cell(word) for word, _ in read] == [visible(word) for word, _ in rows]
    assert [float(number) for _, number in read] == [number for _, number in rows]
