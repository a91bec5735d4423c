"""Refuse options that were given and that nothing would use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from repsearch.errors import InputError

_TYPED = ("COMMANDLINE", "ENVIRONMENT")


class _Now:
    """The context of the command that is running: there is one in a process at a time."""

    context: Any = None


def begin(context: Any) -> None:
    """Note the command that begins.

    Parameters
    ----------
    context : typer.Context
        Of the command.
    """
    _Now.context = context


def given(*names: str) -> dict[str, Any]:
    """Tell which options were given, and as what.

    Parameters
    ----------
    *names : str
        Names of parameters of the command; all of them by default.

    Returns
    -------
    dict
        Value by name: of those typed, and those of a file of --settings that are not what the
        default is anyhow, for such files spell out everything.
    """
    context = _Now.context
    found = {}
    for option in context.command.params if context is not None else ():
        if names and option.name not in names:
            continue
        source = context.get_parameter_source(option.name)
        value = context.params.get(option.name)
        typed = source is not None and source.name in _TYPED
        set_in_file = source is not None and source.name == "DEFAULT_MAP"
        if typed or (set_in_file and value != option.default):
            found[option.name] = value
    return found


def flags_of(names: Iterable[str]) -> str:
    """Name options as they are typed.

    Parameters
    ----------
    names : iterable of str
        Names of parameters of the command that is running.

    Returns
    -------
    str
        Such as ``"--zeros and --smoothing"``.
    """
    context = _Now.context
    wanted = set(names)
    written = []
    for option in context.command.params if context is not None else ():
        if option.name in wanted:
            off = option.secondary_opts and context.params.get(option.name) is False
            written.append(max(option.secondary_opts if off else option.opts, key=len))
    *others, last = written or ["they"]
    return f"{', '.join(others)} and {last}" if others else last


def refuse_unused(names: Iterable[str], because: str) -> None:
    """Refuse options that were given, where they would change nothing.

    Parameters
    ----------
    names : iterable of str
        Names of parameters that are not used.
    because : str
        Why, for a sentence that goes on after "is" or "are": "for --target mstar".

    Raises
    ------
    InputError
        One of them was given.
    """
    asked = given(*names)
    if asked:
        several = len(asked) > 1
        raise InputError(
            f"{flags_of(asked)} {'are' if several else 'is'} {because}; "
            f"drop {'them' if several else 'it'}"
        )
