"""Check that files are as they were written: ``repsearch verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from repsearch.errors import InputError


def verify(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Files and folders: a corpus, counts, a spectrum, embeddings, a run, a training "
            "run, tables of a probe.",
            show_default=False,
        ),
    ],
    record: Annotated[
        bool,
        typer.Option(
            "--record",
            help="Write the SHA-256 of each file beside it, to NAME.sha256, which later calls "
            "and 'sha256sum -c' check.",
        ),
    ] = False,
) -> None:
    """Check that files and folders are whole: as they were written, and of one run.

    Exit status 0 if all are, 1 if one is damaged, 2 if one does not exist or is
    nothing that can be checked. Text and binary formats of others carry no
    checksum: '--record' puts one beside them.
    """
    from probes.studies.verification import verify as verified
    from repsearch.storage.sidecar import write_sidecar

    console = Console(highlight=False, markup=False)
    if record:
        for path in paths:
            console.print(f"Recorded: {write_sidecar(path)}", soft_wrap=True)
        return
    damaged, refused = False, None
    for path in paths:
        try:
            for part in verified(path):
                damaged = damaged or part.fault is not None
                console.print(str(part), soft_wrap=True)
        except InputError as error:
            refused = refused or error
            console.print(f"{path}: not checked: {error}", soft_wrap=True)
    if refused is not None:
        raise refused
    if damaged:
        raise typer.Exit(1)
