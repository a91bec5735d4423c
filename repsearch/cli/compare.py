"""``repsearch compare``: the closed form laid over trained runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from repsearch.errors import InputError

if TYPE_CHECKING:
    from probes.theory_check import Comparison


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(help="Folders of 'repsearch train', of one corpus.", show_default=False),
    ],
    counts: Annotated[
        Path | None,
        typer.Option(
            help="Counts file they were trained on; the carried counts by default.",
            show_default=False,
        ),
    ] = None,
    modes: Annotated[int, typer.Option(help="How many leading modes to compare.")] = 20,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Folder for tables (CSV, JSON) and figures, a folder in it for each run.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Lay the closed form over trained runs: singular values, learning times, loss, modes.

    Both are in one flow time and from one start, and nothing is fitted. Several runs,
    such as the four of quartic loss or SGNS and constant weights or word2vec's, are
    also set beside each other.
    """
    from probes.theory_check import Ablation
    from probes.theory_check import compare as compared
    from repsearch import Counts
    from repsearch.data import carried_counts
    from repsearch.storage.tables import write_table
    from repsearch.training.settings import digest_of
    from repsearch.training.trained import TrainedTrajectory

    names = [run.resolve().name for run in runs]
    if len(set(names)) < len(names):
        raise InputError(f"two runs are called {_twice(names)!r}; rename one of the folders")
    found = carried_counts() if counts is None else Counts.open(counts)
    digest = digest_of(found)
    console = Console(highlight=False, markup=False)
    comparisons = {}
    for name, folder in zip(names, runs, strict=True):
        trained = TrainedTrajectory(folder)
        if trained.settings.counts != digest:
            raise InputError(
                f"{folder} was trained on other counts than these; pass those with --counts"
            )
        comparisons[name] = compared(trained, found, n_modes=modes)
        console.print(f"{name}\n{comparisons[name].summary()}\n", soft_wrap=True)
        if out is not None:
            _write(comparisons[name], out / name)
    if len(comparisons) > 1:
        together = Ablation(comparisons)
        console.print(together.summary(), soft_wrap=True)
        if out is not None:
            write_table(together.to_rows(), out, "runs")
    if out is not None:
        console.print(f"Files: {out.resolve()}", soft_wrap=True)


def _twice(names: list[str]) -> str:
    return next(name for name in names if names.count(name) > 1)


def _write(found: Comparison, folder: Path) -> None:
    from probes.figures import plot_comparison, save_figure
    from repsearch.storage.tables import write_table

    for name, rows in found.to_rows().items():
        write_table(rows, folder, name)
    save_figure(plot_comparison(found), folder, "comparison")
