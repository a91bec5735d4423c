"""Give a command's answer: words to the screen and, with --json, one object to standard output.

Commands say what they found through this module alone, so that --json is one place and not
thirty. With it, standard output holds one JSON object and nothing else; all words go to
standard error.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from repsearch.storage.visible import visible, visible_json

if TYPE_CHECKING:
    from probes.result import Result
    from probes.studies.estimates import Estimate


@dataclass
class Answer:
    """What a command has found so far.

    Parameters
    ----------
    command : str
        Its name, such as ``"probe snr"``.
    as_json : bool
        Whether the answer is for a program.
    found : dict
        Numbers and names that are the command's own.
    results : dict
        Of each `probes.result.Result`: what it says, its rows, what they rest on.
    files : dict
        Files and folders that were written, by what they are.
    notes : list of str
        What a reader has to know.
    """

    command: str = ""
    as_json: bool = False
    found: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    ended: bool = False


class _Now:
    """The answer of the command that is running: there is one in a process at a time."""

    answer = Answer()


def begin(command: str, *, as_json: bool) -> None:
    """Begin the answer of a command.

    Parameters
    ----------
    command : str
        Its name.
    as_json : bool
        Whether it is for a program.
    """
    _Now.answer = Answer(command, as_json)


def current() -> Answer:
    """Give the answer of the command that is running.

    Returns
    -------
    Answer
    """
    return _Now.answer


def screen() -> Console:
    """Give the console for what was found.

    Returns
    -------
    rich.console.Console
        On standard output, or with --json on standard error.
    """
    return Console(stderr=_Now.answer.as_json, highlight=False, markup=False)


def say(text: str) -> None:
    """Print words for people; no word in them acts on the terminal.

    Parameters
    ----------
    text : str
        A line or several.
    """
    screen().print(visible(text, lines=True), soft_wrap=True)


def say_aside(text: str) -> None:
    """Print words on standard error, beside what was found.

    Parameters
    ----------
    text : str
        A line or several.
    """
    console = Console(stderr=True, highlight=False, markup=False)
    console.print(visible(text, lines=True), soft_wrap=True)


def give(**found: Any) -> None:
    """Add what the command found to the object that --json prints.

    Parameters
    ----------
    **found
        Texts, numbers, lists and dictionaries.
    """
    _Now.answer.found.update(found)


def give_result(found: Result, name: str = "") -> None:
    """Add a result to the object that --json prints, each of its parts under its name.

    Parameters
    ----------
    found : Result
        What a probe found.
    name : str
        What it is of, where several things were asked the same.
    """
    for part, one in found.parts().items():
        _Now.answer.results[f"{name}/{part}" if name else part] = {
            "summary": one.summary(),
            "rows": one.table(),
            "rests_on": one.rests_on(),
        }


def wrote(what: str, *paths: Path, name: str = "") -> None:
    """Say where a file is, and add it to the object that --json prints.

    Parameters
    ----------
    what : str
        What it is, such as ``"Spectrum"``.
    *paths : Path
        Where; several of one kind are listed.
    name : str
        Its key in the object; `what` in lower case by default.
    """
    resolved = [str(path.resolve()) for path in paths]
    _Now.answer.files[name or what.lower().replace(" ", "_")] = (
        resolved[0] if len(resolved) == 1 else resolved
    )
    say(f"{what}: {', '.join(resolved)}")


def tell_notes(notes: Iterable[str]) -> None:
    """Print what a reader of the results has to know, on standard error.

    Parameters
    ----------
    notes : iterable of str
        A sentence each.
    """
    console = Console(stderr=True, highlight=False)
    for note in notes:
        _Now.answer.notes.append(note)
        console.print("[bold yellow]note:[/bold yellow]", end=" ")
        console.print(visible(note, lines=True), soft_wrap=True, markup=False)


def tell_expected(expected: Estimate | None) -> None:
    """Say beforehand about how long it will take and how much memory, on standard error.

    Parameters
    ----------
    expected : Estimate or None
        None where nothing tells.
    """
    if expected is None:
        return
    give(expected=expected.facts())
    say_aside(f"expected: {expected}, roughly")


def tell_dry(expected: Estimate | None) -> None:
    """Say about how long it would take and how much memory, as the answer.

    Parameters
    ----------
    expected : Estimate or None
        None where nothing tells.
    """
    give(dry_run=True, expected=None if expected is None else expected.facts())
    if expected is None:
        say("Expected: nothing tells, for the size of the text cannot be known")
    else:
        say(f"Expected: {expected}, roughly")


def end(status: int = 0, error: Mapping[str, str] | None = None) -> None:
    """Print the object where one was asked for, once.

    Parameters
    ----------
    status : int
        Exit status of the command.
    error : mapping, optional
        ``kind`` and ``message`` of what stopped it.
    """
    from repsearch.version import __version__

    answer = _Now.answer
    if not answer.as_json or answer.ended:
        return
    answer.ended = True
    told = {
        "repsearch": __version__,
        "command": answer.command,
        "status": status,
        **({} if error is None else {"error": dict(error)}),
        "notes": answer.notes,
        "files": answer.files,
        "results": answer.results,
        "found": answer.found,
    }
    unicode = "utf" in (sys.stdout.encoding or "").lower()
    text = json.dumps(_plain(told), indent=1, ensure_ascii=not unicode, allow_nan=False)
    sys.stdout.write(f"{visible_json(text)}\n")
    sys.stdout.flush()


def _plain(value: Any) -> Any:
    """The same as JSON can hold it: no NaN, no array, no path, no number of NumPy."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
