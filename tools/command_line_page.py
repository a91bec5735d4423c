"""Write the reference of the command line, from the commands themselves, as one Markdown page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from repsearch.cli import app

HEAD = """\
# Command line

Every command with its arguments and options, as `--help` has them. Bad input ends with one sentence
and exit status 2.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *_section(typer.main.get_command(app), "repsearch")])


def _section(command: Any, name: str) -> Iterator[str]:
    """Parts of one command and, below it, of its own commands."""
    if name != "repsearch":
        yield f"## {name}\n\n{_plain(command.help or '')}\n"
        rows = [_row(one) for one in command.params if not getattr(one, "hidden", False)]
        if rows:
            yield "\n".join(["| | |", "|---|---|", *rows]) + "\n"
    for word in command.list_commands(None) if hasattr(command, "list_commands") else []:
        one = command.get_command(None, word)
        if not one.hidden:
            yield from _section(one, f"{name} {word}")


def _row(parameter: Any) -> str:
    """A row of the table of arguments and options; typer may carry its own click."""
    option = parameter.param_type_name == "option"
    spelt = [*parameter.opts, *parameter.secondary_opts] if option else [parameter.name.upper()]
    said = _plain(parameter.help or "")
    default, shown = parameter.default, getattr(parameter, "show_default", True)
    if isinstance(shown, str):
        said += f" ({_plain(shown)})"
    elif shown and isinstance(default, (str, int, float, Path)) and not isinstance(default, bool):
        said += f" (`{getattr(default, 'value', default)}`)"
    return f"| {', '.join(f'`{one}`' for one in spelt)} | {said} |"


def _plain(text: str) -> str:
    """Text of a help without the terminal's markup, fit for a cell of a table."""
    text = re.sub(r"(?<!\\)\[/?[a-z ]*\]", "", text).replace("\\[", "[")
    return text.replace("|", r"\|").replace("*", r"\*").replace("<", r"\<").strip()


if __name__ == "__main__":
    print(page())
