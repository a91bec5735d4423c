"""Sweep a grid of settings: ``repsearch sweep``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repsearch.cli import options
from repsearch.cli.answer import give, say, say_aside, tell_notes, wrote
from repsearch.errors import InputError

if TYPE_CHECKING:
    from probes.sweep.sweep import Sweep, Swept
    from probes.sweep.tasks import Task
    from repsearch.progress import Progress

_MOST_SHOWN = 10
_WIDEST = 36
"""Letters beside a bar of progress in a terminal of 80 columns."""


def sweep(
    grid: Annotated[
        Path,
        typer.Argument(
            help="TOML file of the grid, whose lists are its axes (docs/sweeps.md).",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", help="Folder to keep results in.", callback=options.tried_folder
        ),
    ] = Path("runs/sweep"),
    processes: Annotated[
        int,
        typer.Option(
            help="Tasks at a time, each in a process of its own that has its share of the "
            "processors; one is done in this process. Results are the same whatever the number."
        ),
    ] = 1,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="List points and tasks, what is there already, and about how long "
            "the rest takes; compute nothing."
        ),
    ] = False,
) -> None:  # fmt: skip
    """Sweep corpora, windows, targets, losses, dimensions and seeds into one table.

    What points share is worked out once and kept in --out. Stopped at any
    moment, the same command goes on to the same table. A point that fails says
    why in its row, the others go on, and the exit status is 1.
    """
    from probes.reproduce.estimates import in_words
    from probes.sweep.grid_file import read_grid
    from probes.sweep.sweep import Sweep

    if processes < 1:
        raise InputError(f"--processes is {processes}; pass at least 1")
    found = read_grid(grid)
    made = Sweep(out, found, processes=processes)
    standing = made.standing()
    waiting = made.waiting(standing)
    expected = sum(task.seconds for task in waiting)
    points, tasks = len(made.plan.points), len(made.plan.tasks)
    largest = max((task.memory for task in waiting), default=0.0)
    takes = (
        f"about {in_words(expected)} on two quiet cores and {largest / 2**30:.1f} GiB of memory "
        "for a task, roughly"
        if waiting
        else "nothing to do"
    )
    say_aside(
        f"{_number(points, 'point')}, {_number(tasks, 'task')}: {len(standing)} done already, "
        f"{len(waiting)} to do, {takes}"
    )
    give(points=points, tasks=tasks, standing=len(standing), to_do=len(waiting),
         expected_seconds=round(expected, 1), memory_bytes=round(largest))  # fmt: skip
    if dry_run:
        _list(made, standing, waiting)
        return
    _run(made, grid, out)


def _run(made: Sweep, grid: Path, out: Path) -> None:
    from probes.sweep.about import write_about
    from probes.sweep.pictures import save_pictures
    from probes.sweep.table import write_rows
    from repsearch.cli.bars import Bars
    from repsearch.storage.locking import locked

    out.mkdir(parents=True, exist_ok=True)
    with locked(out), Bars() as bars:
        write_about(out, grid)
        made.progress = _narrow(bars)
        try:
            swept = made.run()
        except KeyboardInterrupt:
            say_aside("What is done is kept; the same command goes on.")
            raise
        tables = write_rows(swept.rows, out)
        bars("figures", 0, 1, "figures")
        pictures = save_pictures(swept.rows, out)
        bars("figures", 1, 1, "figures")
    _tell(swept, tables, pictures, out)
    if swept.failed_points:
        raise typer.Exit(1)


def _tell(swept: Swept, tables: list[Path], pictures: list[Path], out: Path) -> None:
    say(
        f"{_number(swept.done, 'task')} done, {swept.stood} stood already, "
        f"{len(swept.failed)} failed; {_number(len(swept.rows), 'row')}."
    )
    give(done=swept.done, stood=swept.stood, failed=swept.failed,
         failed_points=list(swept.failed_points), rows=len(swept.rows))  # fmt: skip
    shown = list(swept.failed.items())[:_MOST_SHOWN]
    notes = [*swept.notes, *(f"{title} failed: {why}" for title, why in shown)]
    if len(swept.failed) > len(shown):
        notes.append(f"{len(swept.failed) - len(shown)} more failed; the table says why of each")
    if swept.failed_points:
        notes.append(
            f"something is missing of {_number(len(swept.failed_points), 'point')}: "
            f"{_listed(swept.failed_points)}"
        )
    tell_notes(notes)
    wrote("Table", *tables)
    if pictures:
        wrote("Figures", out / "figures")


def _list(made: Sweep, standing: set[str], waiting: list[Task]) -> None:
    """Print points, then tasks with what is to be done of each, those of a probe together."""
    from probes.reproduce.estimates import in_words
    from probes.sweep.axes import differing

    columns = [point.columns() for point in made.plan.points]
    for one, settings in zip(columns, differing(columns), strict=True):
        said = ", ".join(f"{name} {value}" for name, value in settings.items())
        say(f"point {one['point']}: {said}".rstrip(": "))
    names = {task.name for task in waiting}
    groups: dict[str, list[Task]] = {}
    for task in made.plan.tasks.values():
        asked = f"asking: {task.settings['probe']}" if task.kind == "ask" else task.title
        groups.setdefault(asked, []).append(task)
    for title, group in groups.items():
        done = sum(task.name in standing for task in group)
        left = [task for task in group if task.name in names]
        many = f" ({len(group)} tasks)" if len(group) > 1 else ""
        states = [f"{done} done" if len(group) > 1 else "done"] if done else []
        if left:
            states.append(f"about {in_words(max(sum(task.seconds for task in left), 1))} to do")
        say(f"{title}{many}: {', '.join(states) or 'not needed any more'}")
    give(
        all_points=columns,
        all_tasks=[
            {"name": task.name, "title": task.title, "seconds": round(task.seconds, 2),
             "done": task.name in standing, "to_do": task.name in names}
            for task in made.plan.tasks.values()
        ],
    )  # fmt: skip


def _narrow(progress: Progress) -> Progress:
    """Say what is done in so few words that a bar of a terminal stays one line."""
    if not sys.stderr.isatty():
        return progress
    from probes.drawing.labels import shortened

    def call(stage: str, done: float, total: float | None, unit: str) -> None:
        progress(shortened(stage, _WIDEST), done, total, unit)

    return call


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _listed(numbers: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, numbers[:_MOST_SHOWN]))
    return shown if len(numbers) <= _MOST_SHOWN else f"{shown}, …"
