"""The table of properties says what was run, no more."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from places import ROOT

SAMPLE = """
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st


@pytest.mark.theory(7, "a | b, M*_ij < 2", tolerance="8 eps")
@pytest.mark.theory(21, "two of one", tolerance="none")
@settings(max_examples=30)
@example(0)
@given(st.integers(0, 10**6))
def test_drawn(n):
    pass


@pytest.mark.theory(8, "half are given up", tolerance="none")
@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_given_up(n):
    assume(n % 2)


@pytest.mark.theory(9, "three cases", tolerance="none")
@pytest.mark.parametrize("n", range(3))
def test_cases(n):
    pass


@pytest.mark.theory(9, "not here", tolerance="none")
def test_left_out():
    pytest.skip("no data")


def test_of_no_property():
    raise AssertionError
"""

FAILING = """

@pytest.mark.theory(10, "false", tolerance="none")
def test_false():
    raise AssertionError
"""


def run(folder: Path, text: str, *options: str) -> tuple[int, str, str]:
    (folder / "test_sample.py").write_text(text, "utf-8")
    out = folder / "properties.md"
    command = [sys.executable, "-m", "tools.property_table", "--tests", str(folder)]
    done = subprocess.run(
        [*command, "--out", str(out), "-p", "no:cacheprovider", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return (
        done.returncode,
        out.read_text("utf-8") if out.exists() else "",
        done.stdout + done.stderr,
    )


def cells(table: str, number: int) -> list[list[str]]:
    lines = re.findall(rf"^\| {number} \|.*$", table, re.MULTILINE)
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_examples_are_counted(tmp_path: Path) -> None:
    status, table, _ = run(tmp_path, SAMPLE)
    assert status == 0
    test = "`test_sample.py: test_drawn`"
    # 30 are drawn, and one is given.
    assert cells(table, 7) == [["7", r"a \| b, M\*\_ij \< 2", "8 eps", test, "31", "passed"]]
    assert cells(table, 21) == [["21", "two of one", "none", test, "31", "passed"]]
    assert cells(table, 8)[0][4:] == ["20", "passed"]  # those given up do not count
    assert [row[4:] for row in cells(table, 9)] == [["0", "skipped"], ["3", "passed"]]
    assert "Not tested here: 1, 2, 3, 4, 5, 6, 10, 11," in table
    assert "of_no_property" not in table
    assert f"{31 + 20 + 3} examples" in table
    # The same examples and the same bytes, on two processes too.
    assert run(tmp_path, SAMPLE, "-n", "2")[1] == table


def test_failures_are_in_the_table_and_in_the_status(tmp_path: Path) -> None:
    status, table, _ = run(tmp_path, SAMPLE + FAILING)
    assert status == 1
    assert cells(table, 10)[0][-1] == "FAILED"
    assert "1 statements failed" in table


def test_a_bad_marker_is_refused(tmp_path: Path) -> None:
    text = 'import pytest\n\n\n@pytest.mark.theory(7, "no tolerance")\ndef test_one():\n    pass\n'
    status, table, shown = run(tmp_path, text)
    assert status == 4
    assert table == ""
    assert "write theory(NUMBER" in shown
