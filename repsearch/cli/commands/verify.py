"""Check that files are as they were written: ``repsearch verify``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from repsearch.cli.answer import give, say
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

    if record:
        sidecars = []
        for path in paths:
            sidecars.append(write_sidecar(path))
            say(f"Recorded: {sidecars[-1]}")
        give(recorded=sidecars)
        return
    damaged, refused = False, None
    found: list[dict[str, object]] = []
    give(parts=found)
    for path in paths:
        try:
            for part in verified(path):
                damaged = damaged or part.fault is not None
                say(str(part))
                found.append(asdict(part))
        except InputError as error:
            refused = refused or error
            say(f"{path}: not checked: {error}")
            found.append({"path": path, "refused": str(error)})
    if refused is not None:
        raise refused
    if damaged:
        raise typer.Exit(1)
