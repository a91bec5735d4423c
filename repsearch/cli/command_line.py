"""Give every command the options that all have: --json and --verbose, and its example."""

from __future__ import annotations

import functools
import inspect
import logging
import sys
from collections.abc import Callable
from typing import Annotated, Any, TextIO, get_type_hints

import typer

from repsearch.cli import answer, unused
from repsearch.cli.examples import EXAMPLES
from repsearch.storage.visible import visible

COMMON = ("as_json", "verbose")
"""Parameters of every command, which are no settings of a run."""


def _begin(context: typer.Context, as_json: bool) -> bool:  # noqa: FBT001 - of typer
    if not context.resilient_parsing:
        _, _, name = context.command_path.partition(" ")
        # Asked for before the name of a command below, it is meant for that one.
        above = context.parent
        while above is not None and not as_json:
            as_json, above = bool(above.params.get("as_json")), above.parent
        answer.begin(name, as_json=as_json)
        unused.begin(context)
    return as_json


def _log(context: typer.Context, verbose: int) -> int:
    if not context.resilient_parsing:
        log_to_screen(verbose)
    return verbose


AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Print what was found as one JSON object; words go to standard error.",
        is_eager=True,
        callback=_begin,
    ),
]
Verbose = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        help="Say what is done, on standard error; -vv says more.",
        is_eager=True,
        callback=_log,
        show_default=False,
    ),
]


class CommandLine(typer.Typer):
    """A group of commands, each with the options that all have."""

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Register a function as a command, as `typer.Typer.command` does.

        Parameters
        ----------
        name : str, optional
            Of the command; that of the function by default.
        **settings
            As in Typer.

        Returns
        -------
        callable
            Decorator, which gives back the function.
        """

        def register(function: Callable[..., None]) -> Callable[..., None]:
            called = name or function.__name__
            settings.setdefault("epilog", EXAMPLES.get(called))
            super(CommandLine, self).command(name, **settings)(_with_common(function))
            return function

        return register


def _with_common(function: Callable[..., None]) -> Callable[..., None]:
    """The function with --json and --verbose, and with its answer printed at the end."""
    # Probes make their own signature; others have the names of their types as strings.
    made = hasattr(function, "__signature__")
    kinds = function.__annotations__ if made else get_type_hints(function, include_extras=True)

    @functools.wraps(function)
    def run(*, as_json: bool, verbose: int, **values: Any) -> None:
        try:
            function(**values)
        except typer.Exit as left:
            answer.end(left.exit_code)
            raise
        answer.end()

    declared = [
        one.replace(annotation=kinds[name], kind=inspect.Parameter.KEYWORD_ONLY)
        for name, one in inspect.signature(function).parameters.items()
    ]
    common = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, default, kind in (("as_json", False, AsJson), ("verbose", 0, Verbose))
    ]
    run.__signature__ = inspect.Signature([*declared, *common])  # type: ignore[attr-defined]
    run.__annotations__ = {name: one for name, one in kinds.items() if name != "return"}
    run.__annotations__ |= {"as_json": AsJson, "verbose": Verbose}
    return run


class _Harmless(logging.Formatter):
    """Keep what is in names of files and texts from acting on the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return visible(super().format(record), lines=True)


class _ToScreen(logging.StreamHandler[TextIO]):
    """Write to the standard error of the moment, which progress bars replace by their own."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, _: TextIO) -> None:
        pass


def log_to_screen(verbose: int) -> None:
    """Show what the library logs on standard error.

    Parameters
    ----------
    verbose : int
        0 for nothing but warnings, 1 for what is done, 2 for details.
    """
    logger = logging.getLogger("repsearch")
    for handler in [one for one in logger.handlers if isinstance(one, _ToScreen)]:
        logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)
    if not verbose:
        return
    handler = _ToScreen()
    handler.setFormatter(_Harmless("%(asctime)s %(name)s: %(message)s", "%H:%M:%S"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO if verbose == 1 else logging.DEBUG)
