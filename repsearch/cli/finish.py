"""Print what was found, and where its files are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from repsearch.cli import answer
from repsearch.cli.answer import give, give_result, say, tell_notes, wrote

if TYPE_CHECKING:
    from probes.result import Result
    from repsearch import Counts

__all__ = ["announce", "corpus_facts", "show", "tell", "tell_notes"]

_NARROWEST = 60


def tell(found: Result, out: Path | None, *, source: object = None) -> None:
    """Print a result, and write its files where a folder was given.

    Parameters
    ----------
    found : Result
        What a command computed.
    out : Path or None
        Folder for its tables and figures.
    source : object, optional
        What it was asked of, named first.
    """
    if source is not None:
        say(repr(source))
        give(source=repr(source))
    show(found)
    if out is not None:
        found.save(out)
        wrote("Files", out)


def show(found: Result, name: str = "") -> None:
    """Print a result, and add it to the object that --json prints.

    Parameters
    ----------
    found : Result
        What a command computed.
    name : str
        What it is of, where several things were asked the same.
    """
    from probes.result import told

    screen = answer.screen()
    width = max(screen.width, _NARROWEST)
    screen.print(told(found, width, whole=not screen.is_terminal), soft_wrap=True)
    give_result(found, name)


def corpus_facts(counts: Counts) -> dict[str, str]:
    """List what a reader of the report has to know of the corpus.

    Parameters
    ----------
    counts : Counts
        Counts that the results are from.

    Returns
    -------
    dict of str to str
        Facts by their heading.
    """
    covered = counts.n_tokens / max(counts.n_words_read, 1)
    window = counts.window
    return {
        "Documents": f"{counts.n_documents:,}",
        "Words read": f"{counts.n_words_read:,}",
        "Vocabulary": f"{len(counts.words):,} words, {covered:.1%} of the words read",
        "Window": f"{window.size} words to each side, {window.weighting} weights"
        if window.plain
        else window.in_words,
        "Tokeniser": counts.tokenizer,
        "Words out of the vocabulary": {
            "remove": "removed before windows are applied",
            "keep-place": "keep their place",
        }[counts.out_of_vocabulary],
        "Pairs that co-occur": f"{counts.density:.1%} of all",
    }


def announce(folder: Path, report: Path) -> None:
    """Print the main scores and, last, where the report is.

    Parameters
    ----------
    folder : Path
        Folder of the run, with its tables.
    report : Path
        File of the report.
    """
    rows = json.loads((folder / "tables" / "analogies.json").read_text("utf-8"))
    totals = [row for row in rows if row["kind"] == "total" and row["family"] == "micro"]
    give(analogies=totals)
    if rows:
        answer.screen().print(_scores(totals))
    wrote("Report", report)


def _scores(totals: list[dict[str, Any]]) -> Table:
    table = Table(title="Google analogies, re-paired", title_justify="left")
    for heading in ("target", "questions", "accuracy", "95 % interval"):
        table.add_column(heading, justify="left" if heading == "target" else "right")
    for row in totals:
        table.add_row(
            row["target"],
            f"{row['questions']:,}",
            f"{row['accuracy']:.1%}",
            f"{row['low']:.1%} to {row['high']:.1%}",
        )
    return table
