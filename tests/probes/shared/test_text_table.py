"""Tables in terminals: columns stand below each other in every script."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from probes.shared.text_table import fixed_width, whole_tables


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


# ---------------------------------------------------- one rule for names that are too long

names = st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=60), min_size=1)


@given(names, st.integers(30, 100))
def test_names_are_shortened_as_far_as_it_takes_and_no_further(
    given_names: list[str], width: int
) -> None:
    rows = [[name, "0.123 [0.1, 0.2]"] for name in given_names]
    free = fixed_width(["name", "share"], rows)
    fitted = fixed_width(["name", "share"], rows, width=width)
    widest = max(map(cell_len, fitted.splitlines()))
    assert widest <= width
    if max(map(cell_len, free.splitlines())) <= width:
        assert fitted == free
    with whole_tables():
        assert fixed_width(["name", "share"], rows, width=width) == free
    assert fixed_width(["name", "share"], rows, width=width) == fitted
    for line in fitted.splitlines()[2:]:
        assert line.endswith("0.123 [0.1, 0.2]")  # numbers are never cut


def test_a_name_of_twelve_letters_stays() -> None:
    laid = fixed_width(["name", "n"], [["abcdefghijkl", "1" * 30]], width=20)
    assert "abcdefghijkl" in laid
    assert "…" in fixed_width(["name", "n"], [["abcdefghijklm", "1" * 30]], width=20)
