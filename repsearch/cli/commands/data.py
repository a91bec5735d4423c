"""List and fetch data: ``repsearch data``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from repsearch.cli import answer, options
from repsearch.cli.command_line import AsJson, CommandLine
from repsearch.cli.examples import EXAMPLES

app = CommandLine(
    help="List the data that come with the package or can be downloaded.",
    epilog=EXAMPLES["data"],
)


@app.callback(invoke_without_command=True)
def list_data(context: typer.Context, as_json: AsJson = False) -> None:
    """List what is carried and what can be downloaded."""
    if context.invoked_subcommand is not None:
        return
    from repsearch.data import CARRIED, DATASETS

    console = answer.screen()
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
    answer.give(
        carried={name: asdict(entry) | {"path": entry.path} for name, entry in CARRIED.items()},
        online={
            name: {"title": dataset.title, "licence": dataset.licence}
            for name, dataset in DATASETS.items()
        },
    )
    answer.end()


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
    answer.wrote("Text", path)
