"""Lay out the cells of the report's tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from probes.analogy.result import AnalogyResult, FamilyScore
from probes.drawing.labels import family_label, set_label
from probes.report.contents import ReportContents
from probes.report.wording import (
    MINUS,
    correlation,
    correlation_range,
    percent,
    percent_range,
    points,
    points_range,
    signed,
)
from probes.result import Result
from probes.shared.intervals import Interval
from probes.topics.topics import TopicTable


@dataclass(frozen=True)
class Cell:
    """A number with its interval, or the reason why there is none.

    Parameters
    ----------
    value, detail : str
        The number, and what stands small below it.
    """

    value: str
    detail: str = ""


@dataclass(frozen=True)
class Row:
    """One row: a label, a cell for each target, and counts after them.

    Parameters
    ----------
    label : str
        What the row is about.
    plain : tuple of Cell
        Counts and other text.
    cells : tuple of Cell
        In the order of the targets.
    total : bool
        Whether it sums up the rows above.
    """

    label: str
    plain: tuple[Cell, ...]
    cells: tuple[Cell, ...]
    total: bool = False


@dataclass(frozen=True)
class ModeRow:
    """One mode: its eigenvalue and the words at both ends.

    Parameters
    ----------
    mode : int
        Number of the mode.
    eigenvalue : str
        Empty where there is none.
    ends : tuple of (str, tuple of str)
        For each end, the positive first, the mean entry of its words, and the words.
    """

    mode: int
    eigenvalue: str
    ends: tuple[tuple[str, tuple[str, ...]], ...]


def analogy_rows(contents: ReportContents) -> list[Row]:
    """Give families in the order of the file and the two totals; counts of the main target."""
    results = contents.analogies
    if not results:
        return []
    main = results[contents.main]
    scores = {
        name: {score.family: score.accuracy for score in result.families}
        for name, result in results.items()
    }
    rows = [
        Row(
            family_label(score.family),
            _counts([score]),
            tuple(_share(scores[name].get(score.family)) for name in results),
        )
        for score in main.families
    ]
    for label, end in (("all questions", "micro"), ("mean of families", "macro")):
        cells = tuple(_share(getattr(result, end)) for result in results.values())
        rows.append(Row(label, _counts(main.families), cells, total=True))
    return rows


def same_questions(contents: ReportContents) -> bool:
    """Whether all targets were asked equally many questions of each family."""
    asked = [
        [(score.family, score.questions) for score in result.families]
        for result in contents.analogies.values()
    ]
    return all(one == asked[0] for one in asked)


def unanswerable(result: AnalogyResult) -> int:
    """Questions whose answer is one of their query words."""
    return sum(score.unanswerable for score in result.families)


def difference_rows(contents: ReportContents) -> list[Row]:
    """Give the main target's lead over each rival."""
    return [
        Row(rival, (Cell(lead.method),), (Cell(points(lead), points_range(lead)),))
        for rival, lead in contents.differences.items()
    ]


def similarity_rows(contents: ReportContents) -> list[Row]:
    """Give a row for each set; coverage is that of the first target that has it."""
    found = {
        name: {result.dataset: result for result in results}
        for name, results in contents.similarities.items()
    }
    rows = []
    for dataset in dict.fromkeys(name for results in found.values() for name in results):
        results = [results.get(dataset) for results in found.values()]
        first = next(result for result in results if result is not None)
        share = first.pairs_used / first.pairs_in_file
        rows.append(
            Row(
                set_label(dataset),
                (
                    Cell(f"{first.pairs_used:,} of {first.pairs_in_file:,}"),
                    Cell(f"{percent(share)} %"),
                ),
                tuple(
                    Cell("–", result.reason if result else "not scored")
                    if result is None or result.spearman is None
                    else Cell(
                        correlation(result.spearman.value), correlation_range(result.spearman)
                    )
                    for result in results
                ),
            )
        )
    return rows


def mode_rows(table: TopicTable) -> list[ModeRow]:
    """Give the modes of a table of topics, both ends of each."""
    rows = []
    for mode, group in groupby(table.topics, key=lambda topic: topic.mode):
        ends = list(group)
        eigenvalue = ends[0].eigenvalue
        rows.append(
            ModeRow(
                mode,
                "" if eigenvalue is None else f"{eigenvalue:,.5g}",
                tuple((signed(topic.mean_entry, 2, plus=True), topic.words) for topic in ends),
            )
        )
    return rows


def _share(accuracy: Interval | None) -> Cell:
    if accuracy is None:
        return Cell("–", "no questions")
    return Cell(percent(accuracy.value), percent_range(accuracy))


def _counts(scores: Sequence[FamilyScore]) -> tuple[Cell, ...]:
    def total(name: str) -> int:
        return sum(getattr(score, name) for score in scores)

    used, pairs = total("pairs_used"), total("pairs_in_file")
    asked, questions = total("questions"), total("questions_in_file")
    hopeless = total("unanswerable")
    return (
        Cell(f"{used:,} of {pairs:,}", f"{pairs - used:,} skipped"),
        Cell(f"{asked:,} of {questions:,}", f"{hopeless:,} unanswerable" if hopeless else ""),
    )


@dataclass(frozen=True)
class AnswerTable:
    """The rows of any probe's answer.

    Parameters
    ----------
    columns : tuple of (str, bool)
        Heading, and whether it holds numbers.
    rows : tuple of tuple of Cell
        As many cells in each as columns.
    left_out : int
        Rows that the page has no room for.
    intervals : str
        What the intervals are, with their level; empty where there are none.
    """

    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int
    intervals: str


_MOST_ROWS = 40
_OF_INTERVALS = ("low", "high", "level", "interval")


def answer_table(answer: Result) -> AnswerTable:
    """Lay the rows of any answer out, the ends of an interval below its number.

    Parameters
    ----------
    answer : Result
        What a probe found.

    Returns
    -------
    AnswerTable
    """
    rows = answer.table()
    names = [name for name in rows[0] if name not in _OF_INTERVALS] if rows else []
    # Ends of an interval stand behind the number that they belong to.
    measured = ""
    for name in rows[0] if rows else ():
        if name == "low":
            break
        measured = name
    columns = tuple(
        (name, all(_is_number(row[name]) or row[name] is None for row in rows)) for name in names
    )
    return AnswerTable(
        columns,
        tuple(
            tuple(
                Cell(
                    general(row[name]),
                    f"{general(row['low'])} to {general(row['high'])}"
                    if name == measured and row.get("low") is not None
                    else "",
                )
                for name in names
            )
            for row in rows[:_MOST_ROWS]
        ),
        len(rows) - len(rows[:_MOST_ROWS]),
        "; ".join(
            dict.fromkeys(
                f"{100 * level:g} % intervals: {row['interval']}"
                for row in rows
                if isinstance(level := row.get("level"), float)
            )
        ),
    )


def _is_number(value: str | int | float | None) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def general(value: str | int | float | None) -> str:
    """Write any cell: three digits of a number, a dash for nothing.

    Parameters
    ----------
    value : str, int, float or None
        A cell of a table.

    Returns
    -------
    str
    """
    if value is None:
        return "–"
    if isinstance(value, float):
        return re.sub(r"^-", MINUS, f"{value:,.3g}")
    return re.sub(r"^-", MINUS, f"{value:,}") if _is_number(value) else str(value)
