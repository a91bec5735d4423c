"""Make a command of each entry of the registry of probes: ``repsearch probe``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer
from typer.core import TyperGroup

from repsearch.cli import options
from repsearch.cli.command_line import CommandLine
from repsearch.cli.examples import EXAMPLES

if TYPE_CHECKING:
    from probes.registry import Probe

_PASSED = ("seed", "progress")
"""Parameters that the command hands on without an option of the probe's own."""
_Seed = Annotated[int, typer.Option(help="Seed of all that is drawn at random.", min=0)]


class Probes(TyperGroup):
    """Commands of the registry, which is read when one of them is asked for.

    Any stands for types of click, which Typer carries in some versions and needs in others.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of the commands, in the order of the registry."""
        from probes.registry import PROBES

        return [probe.name for probe in PROBES]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Make the command of a name, or give None."""
        from probes.registry import PROBES

        for probe in PROBES:
            if probe.name == cmd_name:
                return command_of(probe)
        return None


def command_of(probe: Probe) -> Any:
    """Make the command of a probe, with the options of what it needs and its own.

    Parameters
    ----------
    probe : Probe
        An entry of the registry.

    Returns
    -------
    click.Command
        Of the click that Typer uses.
    """
    alone = CommandLine(add_completion=False, rich_markup_mode="rich")
    alone.command(
        name=probe.name,
        help=probe.help,
        epilog=EXAMPLES.get(f"probe {probe.name}", EXAMPLES.get(probe.name)),
    )(function_of(probe))
    return typer.main.get_command(alone)


def function_of(probe: Probe) -> Callable[..., None]:
    """Make the function behind a probe's command.

    Parameters
    ----------
    probe : Probe
        An entry of the registry.

    Returns
    -------
    callable
        Its signature is that of the command: what the probe needs, its options, ``out``, ``seed``.
    """
    from repsearch.cli.given import READERS

    if unknown := [need for need in probe.needs if need not in READERS]:
        raise ValueError(
            f"the probe {probe.name!r} needs {unknown[0]!r}, which repsearch/cli/given.py cannot "
            f"read; it reads {', '.join(READERS)}"
        )
    readers = [READERS[need] for need in probe.needs]
    parameters: dict[str, inspect.Parameter] = {}
    for reader in readers:
        for name, text in reader.help.items():
            parameters[name] = _parameter(reader.read, name, text)
    for option in probe.options:
        parameters[option.name] = _parameter(
            probe.ask, option.name, option.help, option.flags, option.least
        )
    parameters["out"] = _keyword("out", options.ResultFolder, None)
    if _takes(probe.ask, "seed"):
        parameters["seed"] = _keyword("seed", _Seed, 0)

    def run(**values: Any) -> None:
        from probes.registry import asked
        from repsearch.cli.bars import Bars
        from repsearch.cli.finish import tell

        with Bars() as bars:
            passed = {"seed": values.get("seed", 0), "progress": bars}
            given = {
                need: reader.read(**_chosen(values, reader.help), **_accepted(reader.read, passed))
                for need, reader in zip(probe.needs, readers, strict=True)
            }
            chosen = _chosen(values, [option.name for option in probe.options])
            found = asked(probe, given, **passed, **chosen)
        tell(found, values["out"], source=given[probe.needs[0]])

    run.__name__ = probe.name
    # Arguments, which have no default, come first.
    ordered = sorted(parameters.values(), key=lambda one: one.default is not one.empty)
    run.__signature__ = inspect.Signature(ordered)  # type: ignore[attr-defined]
    run.__annotations__ = {name: one.annotation for name, one in parameters.items()}
    return run


def _parameter(
    function: Any,
    name: str,
    text: str,
    flags: tuple[str, ...] = (),
    least: int | None = None,
) -> inspect.Parameter:
    """A parameter of a function as one of the command, its type and default unchanged."""
    declared = inspect.signature(function).parameters[name]
    # Alone, for others' types may be known to type checkers only.
    only = SimpleNamespace(__annotations__={name: declared.annotation})
    kind = get_type_hints(only, globalns=function.__globals__)[name]
    default = declared.default
    if default is inspect.Parameter.empty:
        return _keyword(
            name, Annotated[kind, typer.Argument(help=text, show_default=False)], default
        )
    if kind is bool and not default and not flags:
        flags = (f"--{name.replace('_', '-')}",)  # no --no-name for what is off
    option = typer.Option(*flags, help=text, min=least, show_default=default is not None)
    return _keyword(name, Annotated[kind, option], default)


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _takes(function: Callable[..., Any], name: str) -> bool:
    return name in inspect.signature(function).parameters


def _accepted(function: Callable[..., Any], passed: dict[str, Any]) -> dict[str, Any]:
    return {name: passed[name] for name in _PASSED if _takes(function, name)}


def _chosen(values: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in names}


app = typer.Typer(
    cls=Probes,
    epilog=EXAMPLES["probe isotropy"],
    help="Ask embeddings, whoever made them: what they hold, how clearly, and since when.",
    no_args_is_help=True,
)
