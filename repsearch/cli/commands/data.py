"""List and fetch data: ``repsearch data``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from repsearch.cli import options

app = typer.Typer(help="List the data that come with the package or can be downloaded.")


@app.callback(invoke_without_command=True)
def list_data(context: typer.Context) -> None:
    """List what is carried and what can be downloaded."""
    if context.invoked_subcommand is not None:
        return
    from repsearch.data import CARRIED, DATASETS

    console = Console(highlight=False)
    carried = Table(title="Carried with the package", show_lines=True)
    for heading in ("name", "what", "licence", "source"):
        carried.add_column(heading, overflow="fold")
    for name, entry in CARRIED.items():
        size = f"{entry.path.stat().st_size / 2**10:,.0f} KiB"
        carried.add_row(name, f"{entry.title} ({size})", entry.licence, entry.source)
    console.print(carried)
    online = Table(title="Downloaded by 'repsearch data fetch NAME'", show_lines=True)
    for heading in ("name", "what", "licence", "checksum"):
        online.add_column(heading, overflow="fold")
    for name, dataset in DATASETS.items():
        checksum = str(dataset.checksum) if dataset.checksum else "from the list beside the file"
        online.add_row(name, dataset.title, dataset.licence, checksum)
    console.print(online)


@app.command()
def fetch(
    name: Annotated[
        str, typer.Argument(help="Name of the data, from 'repsearch data'.", show_default=False)
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            help="Folder to save to; the cache by default.",
            show_default=False,
            callback=options.tried_folder,
        ),
    ] = None,
) -> None:
    """Download a text, check it and unpack it; an interrupted download goes on."""
    from repsearch.cli.bars import Bars
    from repsearch.data import fetch as fetch_dataset

    with Bars() as bars:
        path = fetch_dataset(name, to, progress=bars)
    Console().print(f"Text: {path.resolve()}", soft_wrap=True, highlight=False)
