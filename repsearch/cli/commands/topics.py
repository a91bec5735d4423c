"""Ask for topics at the top level: ``repsearch topics``, the same as ``repsearch probe topics``."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand


class RegisteredProbe(TyperCommand):
    """A probe of the registry, which is read when the command is given, and not for ``--help``.

    Any stands for types of click, which Typer carries in some versions and needs in others.
    """

    def registered(self) -> Any:
        """Make the probe's own command, which is run in this one's place."""
        from probes.registry import PROBES
        from repsearch.cli.probe_commands import command_of

        (found,) = (command_of(probe) for probe in PROBES if probe.name == self.name)
        return found

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Make the context of the probe's own command."""
        return self.registered().make_context(*args, **kwargs)


def topics() -> None:
    """Show what each eigenvector is about: the words at both of its ends, and labels."""
