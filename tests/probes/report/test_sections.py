"""Sections of the report that are made from any probe's answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from figure_data import contents
from matplotlib.axes import Axes

from probes.drawing.interval_rows import plot_intervals
from probes.drawing.refusals import NothingToDrawError, PanelsError
from probes.report import Section, write_report
from probes.report.tables import answer_table
from probes.result import Result
from probes.shared.intervals import Interval, interval_cells
from repsearch.storage.tables import Cell


@dataclass(frozen=True)
class Counted(Result):
    """So many rows of a word, a count and a measured number."""

    name = "counted"

    rows: int
    picture: str = "axes"

    def summary(self) -> str:
        return f"{self.rows} words <b>& more</b> were counted."

    def table(self) -> list[dict[str, Cell]]:
        interval = Interval(-0.25, -0.5, 0.125, 0.9, "made up")
        return [
            {
                "word": f"<i>w{k}</i>",
                "count": 1200 + k,
                **interval_cells("value", interval if k else None, missing="not measured"),
            }
            for k in range(self.rows)
        ]

    def rests_on(self) -> dict[str, Cell]:
        return {"words": 4000, "seed": 0, "of": None}

    def plot(self, ax: Axes | None = None) -> Axes:
        if self.picture == "nothing":
            raise NothingToDrawError("there is nothing")
        if self.picture == "panels" and ax is not None:
            raise PanelsError("a picture of several panels takes no axes")
        return plot_intervals({"one": Interval(0.5, 0.4, 0.6)}, label="value", ax=ax)


def page(folder: Path, answer: Counted) -> str:
    section = Section("counted", "Words counted", answer, "A count is a number of words.")
    return write_report(contents(sections=[section]), folder).read_text("utf-8")


@pytest.mark.parametrize("picture", ["axes", "panels", "nothing"])
def test_a_section_has_all_that_the_answer_says(tmp_path: Path, picture: str) -> None:
    text = page(tmp_path, Counted(3, picture))
    section = text.partition('<section id="counted">')[2].partition("</section>")[0]
    assert '<a href="#counted">Words counted</a>' in text
    assert "3 words &lt;b&gt;&amp; more&lt;/b&gt; were counted." in section
    assert "<b>How to read this.</b> A count is a number of words." in section
    assert "90 % intervals: made up; words: 4,000; seed: 0; of: –." in section
    assert "&lt;i&gt;w2&lt;/i&gt;" in section
    assert ("figures/counted.png" in section) is (picture != "nothing")
    assert ("max-width: 40rem" in section) is (picture == "axes")


def test_numbers_stand_in_columns_of_numbers_with_their_intervals_below() -> None:
    table = answer_table(Counted(3))
    assert table.columns == (("word", False), ("count", True), ("value", True))
    assert [cell.value for cell in table.rows[1]] == ["<i>w1</i>", "1,201", "−0.25"]
    assert table.rows[1][2].detail == "−0.5 to 0.125"
    assert [cell.value for cell in table.rows[0]] == ["<i>w0</i>", "1,200", "–"]
    assert table.rows[0][2].detail == ""


def test_a_long_table_is_cut_and_says_so(tmp_path: Path) -> None:
    text = page(tmp_path, Counted(1100))
    assert "&lt;i&gt;w39&lt;/i&gt;" in text
    assert "&lt;i&gt;w40&lt;/i&gt;" not in text
    assert "1,060 more rows are in <code>probes/counted.csv</code>" in text
