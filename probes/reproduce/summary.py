"""Lay every published number beside ours: a page for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from probes.reproduce.published import LEGEND, MARKS, PublishedNumber, published
from probes.reproduce.reasons import reasons_for
from probes.reproduce.study import Outcome
from repsearch.storage.atomic import replacing
from repsearch.storage.tables import write_json

PAGE, NUMBERS = "figures.md", "figures.json"


def figures_of(outcomes: Iterable[Outcome]) -> dict[str, dict[str, Any]]:
    """Give what was found of each figure, as JSON can hold it.

    Parameters
    ----------
    outcomes : iterable of Outcome
        The figures.

    Returns
    -------
    dict
        By the number of the figure: title, whether it was made or the reason why not, files,
        numbers, facts and notes.
    """
    return {
        one.figure.name: {
            "title": one.figure.title,
            "made": one.made,
            "reason": one.reason,
            "files": list(one.files),
            "numbers": {} if one.measured is None else one.measured.numbers,
            "facts": {} if one.measured is None else one.measured.facts,
            "notes": [] if one.measured is None else one.measured.notes,
        }
        for one in outcomes
    }


def compared(
    figures: Mapping[str, Mapping[str, Any]], facts: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """List published numbers with what was found instead.

    Parameters
    ----------
    figures : mapping
        From `figures_of`.
    facts : mapping
        Of counts and settings, from `probes.reproduce.study.facts_of`.

    Returns
    -------
    list of dict
        A row for each published number of the figures that were asked for: figure, what,
        published, how it was read and its source, found, low and high, what is to be said of
        what was found, and what differs, by key.
    """
    rows = []
    for number in published().values():
        if number.figure not in figures:
            continue
        figure = figures[number.figure]
        ours = figure["numbers"].get(number.name)
        rows.append(
            {
                "figure": number.figure, "name": number.name, "what": number.what,
                "published": number.value, "read": number.read, "source": number.source,
                "found": None if ours is None else ours["value"],
                "low": None if ours is None else ours.get("low"),
                "high": None if ours is None else ours.get("high"),
                "decimals": number.decimals, "at": str(figure["facts"].get(number.name, "")),
                "why": reasons_for(number, {**facts, **figure["facts"]}),
            }
        )  # fmt: skip
    return rows


def write_summary(
    folder: Path,
    outcomes: Sequence[Outcome],
    *,
    facts: Mapping[str, Any],
    about: Mapping[str, Any],
) -> None:
    """Write the page and the JSON of a run.

    Parameters
    ----------
    folder : Path
        The run folder.
    outcomes : sequence of Outcome
        The figures.
    facts : mapping
        Of counts and settings.
    about : mapping
        What was run: command, settings, versions, machine, counts.
    """
    figures = figures_of(outcomes)
    rows = compared(figures, facts)
    content = {"about": dict(about), "facts": dict(facts), "figures": figures, "published": rows}
    write_json(content, folder / NUMBERS)
    with replacing(folder / PAGE, "w") as stream:
        stream.write(_page(rows, outcomes, about))


def _page(
    rows: Sequence[Mapping[str, Any]], outcomes: Sequence[Outcome], about: Mapping[str, Any]
) -> str:
    parts = [
        "# The paper, figure by figure",
        "arXiv 2502.09863 (Karkada, Simon, Bahri, DeWeese). "
        f"Here: {about['counts']}. Written by `repsearch reproduce`; "
        "the same numbers in `figures.json`, those of each picture in `tables`. What differs from "
        "the paper is numbered below each table; that it is the cause was not tested. " + LEGEND,
    ]
    for one in outcomes:
        parts.append(f"## Figure {one.figure.name}: {one.figure.title}")
        if not one.made or one.measured is None:
            parts.append(f"Not made: {one.reason}.")
            continue
        picture = next((file for file in one.files if not file.endswith(".pdf")), None)
        if picture is not None:
            parts.append(f"![figure {one.figure.name}]({picture})")
        parts.append("\n".join(f"* {line}" for line in told_of(one.measured.facts)))
        parts.append("\n".join(f"* {note}" for note in one.measured.notes))
        parts.append(comparison_table([row for row in rows if row["figure"] == one.figure.name]))
    return "\n\n".join(part for part in parts if part) + "\n"


def told_of(facts: Mapping[str, Any]) -> list[str]:
    """Say what a figure's facts are: the first sentence of each that is named in words.

    Parameters
    ----------
    facts : mapping
        Of a `Measured`.

    Returns
    -------
    list of str

    Examples
    --------
    >>> told_of({"QWEM, trained": "They agree. By 1 %.", "small": 0.001})
    ['QWEM, trained: They agree.']
    """
    return [
        f"{key}: {str(value).partition('. ')[0].rstrip('.')}."
        for key, value in facts.items()
        if " " in key and key not in published()
    ]


def comparison_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Lay out published numbers and ours as a Markdown table, reasons numbered below.

    Parameters
    ----------
    rows : sequence of dict
        Of `compared`.

    Returns
    -------
    str
        Empty without rows.

    Examples
    --------
    >>> row = {"what": "MEN", "published": 0.755, "found": 0.76, "low": None, "high": None,
    ...        "decimals": 3, "at": "", "read": "picture", "why": {"corpus": "other text"}}
    >>> print(comparison_table([row]))
    | | paper | here | 95 % interval | what differs |
    |---|---|---|---|---|
    | MEN | 0.755 † | 0.760 | - | 1 |
    <BLANKLINE>
    1. other text
    """
    if not rows:
        return ""
    reasons: dict[str, int] = {}
    lines = ["| | paper | here | 95 % interval | what differs |", "|---|---|---|---|---|"]
    for row in rows:
        here, marks = row["at"] or "not found", ""
        if row["found"] is not None:
            here = _number(row, "found") + (f" ({row['at']})" if row["at"] else "")
        if row["found"] is not None or row["at"]:
            marks = ", ".join(
                str(reasons.setdefault(reason, len(reasons) + 1)) for reason in row["why"].values()
            )
        ends = "-" if row["low"] is None else f"{_number(row, 'low')} to {_number(row, 'high')}"
        lines.append(f"| {row['what']} | {published_cell(row)} | {here} | {ends} | {marks} |")
    listed = [f"{number}. {reason}" for reason, number in reasons.items()]
    return "\n".join([*lines, "", *listed]) if listed else "\n".join(lines)


def published_cell(row: Mapping[str, Any]) -> str:
    """Write a published number, with a mark where the paper does not print it.

    Parameters
    ----------
    row : dict
        Of `compared`.

    Returns
    -------
    str
        Empty where the paper lists words.

    Examples
    --------
    >>> published_cell({"published": 10.95, "decimals": 2, "read": "authors"})
    '10.95 ‡'
    """
    if row["published"] is None:
        return ""
    return f"{_number(row, 'published')} {MARKS[row['read']]}".rstrip()


def _number(row: Mapping[str, Any], name: str) -> str:
    return f"{row[name]:,.{row['decimals']}f}"


def headlines(outcomes: Iterable[Outcome]) -> list[tuple[str, str, str]]:
    """Give a line for each figure: its number, what became of it, and where it is.

    Parameters
    ----------
    outcomes : iterable of Outcome
        The figures.

    Returns
    -------
    list of (str, str, str)
        Number, title, and a file or the reason why there is none.
    """
    lines = []
    for one in outcomes:
        if not one.made:
            lines.append((one.figure.name, one.figure.title, f"not made: {one.reason}"))
        else:
            state = "unchanged" if one.again else "made"
            lines.append((one.figure.name, one.figure.title, state))
    return lines


def chief_numbers(
    rows: Sequence[Mapping[str, Any]],
) -> list[tuple[PublishedNumber, Mapping[str, Any]]]:
    """Pick the numbers that a reader looks for first: one or two of each figure.

    Parameters
    ----------
    rows : sequence of dict
        Of `compared`.

    Returns
    -------
    list of (PublishedNumber, dict)
        Those that were found.
    """
    by_name = {row["name"]: row for row in rows}
    return [
        (published()[name], by_name[name])
        for name in _CHIEF
        if name in by_name and by_name[name]["found"] is not None
    ]


_CHIEF = (
    "1.ratio.2", "1.overlap", "3b.word2vec.analogies", "3b.QWEM.analogies", "3b.PPMI.analogies",
    "3b.QWEM.men", "3b.QWEM.ws353", "4.snr.country-nationality", "4.accuracy.country-nationality",
    "4.order", "8.margin.country-nationality.256",
)  # fmt: skip
