"""Put errors in the words of the command line: options, and not parameters of functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_ALIASES = {
    "n_modes": "modes",
    "k": "modes",
    "words_per_end": "words",
    "positives": "pairs",
    "n_eigenpairs": "eigenpairs",
    "vocabulary_size": "vocabulary",
    "min_document_length": "min_length",
    "out_of_vocabulary": "oov",
}
"""Parameters of functions whose option is called otherwise."""
_VALUE = r"'[^']*'|\"[^\"]*\"|[-+\w.]+"
_GIVEN = re.compile(rf"\b([a-z]\w*)=({_VALUE})")
_BEGINS = re.compile(r"^([a-z]\w*)(?= (?:is|are|lies|holds|has|must|needs)\b)")
_BOTH = re.compile(r"^([a-z]\w*) and ([a-z]\w*)(?= both\b)")
_SNAKE = re.compile(r"(?<![-/\w.'\"])([a-z]+(?:_[a-z0-9]+)+)(?![\w/.'\"(])")
_NONE = re.compile(r",? or None(?: to choose| for all processors)?(?=[;,.)]|$)")
_TWICE = re.compile(r"\((--[-\w]+ [^,()]*), \1\)")


def in_options(message: str, options: Mapping[str, str]) -> str:
    """Replace names of parameters by the options that set them.

    ``name=value`` becomes ``--name value`` where there is such an option; a name at the
    beginning of the message, and one of several words anywhere, becomes the option itself.
    What is no option of the command stays as it is.

    Parameters
    ----------
    message : str
        What an `InputError` says.
    options : mapping of str to str
        Option by the name of the parameter.

    Returns
    -------
    str

    Examples
    --------
    >>> in_options("name it, for example format='glove'", {"format": "--format"})
    'name it, for example --format glove'
    >>> in_options("min_count is 0; pass at least 1, or None", {"min_count": "--min-count"})
    '--min-count is 0; pass at least 1'
    """

    def option(name: str) -> str | None:
        return options.get(name) or options.get(_ALIASES.get(name, ""))

    def given(match: re.Match[str]) -> str:
        flag = option(match[1])
        if flag is None:
            return match[0]
        value = match[2].strip("'\"")
        return flag if value == "True" else f"{flag} {value}"

    def named(match: re.Match[str]) -> str:
        return option(match[1]) or match[0]

    def both(match: re.Match[str]) -> str:
        flags = [option(name) for name in match.groups()]
        return " and ".join(filter(None, flags)) if all(flags) else match[0]

    said = _GIVEN.sub(given, message)
    said = _BEGINS.sub(named, said)
    said = _BOTH.sub(both, said)
    said = _SNAKE.sub(named, said)
    said = _TWICE.sub(r"(\1)", said)
    return _NONE.sub("", said) if said != message else said


def options_of(command: Any, arguments: Sequence[str]) -> dict[str, str]:
    """List the options of the command that arguments name.

    Parameters
    ----------
    command : click.Command
        The whole command line.
    arguments : sequence of str
        What was typed, without the name of the program.

    Returns
    -------
    dict of str to str
        The longest way to write each option, by the name of its parameter.
    """
    *_, (_, found) = _path(command, arguments)
    if hasattr(found, "registered"):
        found = found.registered()
    return {
        one.name: max(one.opts, key=len)
        for one in found.params
        if one.name and any(flag.startswith("--") for flag in one.opts)
    }


def called(command: Any, arguments: Sequence[str]) -> str:
    """Give the name of the command that arguments name.

    Parameters
    ----------
    command : click.Command
        The whole command line.
    arguments : sequence of str
        What was typed, without the name of the program.

    Returns
    -------
    str
        Such as ``"data fetch"``; empty where they name none.
    """
    return " ".join(name for name, _ in _path(command, arguments) if name)


def _path(command: Any, arguments: Sequence[str]) -> list[tuple[str, Any]]:
    """The commands that arguments name, from the whole command line down."""
    found = [("", command)]
    for argument in arguments:
        if not hasattr(found[-1][1], "get_command"):
            break
        if argument.startswith("-"):
            continue
        below = found[-1][1].get_command(None, argument)
        if below is None:
            break
        found.append((argument, below))
    return found
