"""Make the page of finished runs: ``repsearch report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repsearch.cli import options
from repsearch.cli.answer import wrote


def report(
    runs: Annotated[
        list[Path],
        typer.Argument(
            help="Folders of 'repsearch run' or 'demo'; beside one of these, also of 'repsearch "
            "train'.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="File to write.", callback=options.tried_file),
    ] = Path("report.html"),
) -> None:
    """Make one page of finished runs: of one the page anew, of several their curves together.

    Nothing is computed again: the numbers are those that the runs wrote. The page
    loads nothing and can be sent alone.
    """
    from probes.studies.page import page_of_runs

    wrote("Report", page_of_runs(runs, out))
