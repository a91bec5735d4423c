"""Tables in terminals: columns stand below each other in every script."""

from __future__ import annotations

from rich.cells import cell_len

from probes.shared.text_table import fixed_width


def test_columns_are_aligned_where_characters_are_wide_or_have_no_width() -> None:
    rows = [["Rhine", "1", "x"], ["ライン川", "22", "y"], ["e\u0301cole", "-3", "[b]z[/b]"]]
    head, rule, *lines = fixed_width(["word", "mode", "note"], rows, left=(0, 2)).splitlines()
    assert set(rule) == {"-"}
    assert len(rule) == max(cell_len(line) for line in (head, *lines))
    starts = [line.index(row[1]) for line, row in zip(lines, rows, strict=True)]
    ends = [
        cell_len(line[:start]) + len(row[1])
        for line, start, row in zip(lines, starts, rows, strict=True)
    ]
    assert ends == [cell_len("ライン川") + 2 + len("mode")] * 3
    assert [line.split()[-1] for line in lines] == ["x", "y", "[b]z[/b]"]


def test_without_rows_there_is_the_header() -> None:
    assert fixed_width(["a", "bb"], []) == "a  bb\n-----"
