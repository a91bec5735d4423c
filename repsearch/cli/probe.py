"""Give ``repsearch probe`` a command for each entry of the registry of probes."""

from __future__ import annotations

import typer

from repsearch.cli.probe_commands import Probes

app = typer.Typer(
    cls=Probes,
    help="Ask embeddings for concept directions, their signal against noise, and topics.",
    no_args_is_help=True,
)
