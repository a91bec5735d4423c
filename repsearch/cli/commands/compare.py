"""Compare trained runs with the closed form: ``repsearch compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repsearch.cli import answer, options
from repsearch.cli.finish import show


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(help="Folders of 'repsearch train', of one corpus.", show_default=False),
    ],
    counts: Annotated[
        Path | None,
        typer.Option(
            help="Counts file they were trained on; by default it is looked for where it lay, in "
            "and beside the run's folder, and among the carried counts.",
            show_default=False,
        ),
    ] = None,
    modes: Annotated[
        int | None,
        typer.Option(
            help="How many leading modes to compare; 20, or the dimension where it is less.",
            show_default=False,
        ),
    ] = None,
    eigenpairs: Annotated[
        int | None,
        typer.Option(
            help="How many eigenpairs the closed form is made of; by default three times the "
            "dimension, and 40 more than it at least.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Folder for tables (CSV, JSON) and figures, a folder in it for each run.",
            show_default=False,
            callback=options.tried_folder,
        ),
    ] = None,
) -> None:
    """Compare trained runs with the closed form: singular values, learning times, loss, modes.

    Both are in one flow time and from one start, and nothing is fitted. Several runs,
    such as the four of quartic loss or SGNS and constant weights or word2vec's, are
    also set beside each other.
    """
    from probes.studies.runs import counts_of_runs, names_of, run_of_counts
    from probes.theory_check import Ablation
    from probes.theory_check import compare as compared
    from repsearch.cli.opened import counts_of

    names = names_of(runs)
    found = counts_of_runs(runs) if counts is None else counts_of(counts)
    comparisons = {}
    for name, folder in zip(names, runs, strict=True):
        comparison = compared(
            run_of_counts(folder, found), found, n_modes=modes, n_eigenpairs=eigenpairs
        )
        comparisons[name] = comparison
        answer.say(name)
        show(comparison, name)
        answer.say("")
        if out is not None:
            comparison.save(out / name)
    if len(comparisons) > 1:
        together = Ablation(comparisons)
        show(together)
        if out is not None:
            together.save(out)
    if out is not None:
        answer.wrote("Files", out)
