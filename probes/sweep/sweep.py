"""Run a sweep in a folder: tasks that do not stand, each once; what fails stops no other."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from probes.reproduce.stages import Stages
from probes.sweep.grid import Grid
from probes.sweep.measures import Row, failed
from probes.sweep.tasks import FIT, Plan, Task
from probes.sweep.work import NOTES, ROWS
from probes.sweep.workers import Order, workers
from repsearch.progress import Progress, silent
from repsearch.storage.refusals import explaining_write_errors

_SCRATCH = ".work-"


@dataclass(frozen=True)
class Swept:
    """What became of a sweep.

    Parameters
    ----------
    rows : list of dict
        Settings and a measure each, in the order of the points.
    done, stood : int
        Tasks that were worked out, and that stood already.
    failed : dict of str to str
        Why tasks failed, by their title.
    failed_points : tuple of int
        Numbers of the points of which something is missing.
    notes : tuple of str
        What a reader has to know of the texts, each with its name.
    """

    rows: list[Row]
    done: int
    stood: int
    failed: dict[str, str] = field(default_factory=dict)
    failed_points: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


class Sweep:
    """The tasks of a grid in a folder, those done and those to do.

    Parameters
    ----------
    folder : Path
        Where results are kept, in ``stages``; nothing is written before `run`.
    grid : Grid
        What is asked for.
    processes : int, default 1
        How many tasks at a time, each in a process of its own; one is done in this process.
    progress : Progress, optional
        Told how many tasks are done.

    Examples
    --------
    >>> import tempfile
    >>> from probes.sweep.grid import Asked, Source
    >>> from repsearch.storage.atomic import sha256
    >>> from repsearch.synthetic import BinaryAttributes
    >>> with tempfile.TemporaryDirectory() as name:
    ...     path = Path(name) / "counts.npz"
    ...     BinaryAttributes([0.5, 0.3, 0.2, 0.1]).sample(10_000, seed=0).save(path)
    ...     source = Source("counts.npz", (path,), True, sha256(path), words=16, pairs=136)
    ...     embed = {"target": "mstar", "weights": "setting31", "zeros": "exact",
    ...              "negatives": 1.0, "exponent": 0.5, "d": 2, "seed": 0}
    ...     grid = Grid((source,), (), (embed,), Asked(("isotropy",)))
    ...     found = Sweep(Path(name), grid).run()
    ...     again = Sweep(Path(name), grid).run()
    >>> found.done, again.done, found.rows == again.rows
    (3, 0, True)
    """

    def __init__(
        self,
        folder: Path,
        grid: Grid,
        *,
        processes: int = 1,
        progress: Progress = silent,
    ) -> None:
        self.folder, self.plan = folder, Plan(grid)
        self.processes, self.progress = processes, progress
        self._stages = Stages(folder)
        self._failed: dict[str, str] = {}

    def standing(self) -> set[str]:
        """Name the tasks whose results are there, whole, and rest on the same.

        Returns
        -------
        set of str
        """
        return {
            task.name
            for task in self.plan.tasks.values()
            if self._stages.stands(task.name, task.key)
        }

    def waiting(self, standing: set[str] | None = None) -> list[Task]:
        """List the tasks that are to be done: those asked for that do not stand, and their inputs.

        Parameters
        ----------
        standing : set of str, optional
            From `standing`.

        Returns
        -------
        list of Task
            Inputs first. What nothing needs any more, as counts of spectra that stand, is not
            worked out again where it is gone.
        """
        stands = self.standing() if standing is None else standing
        needed: set[str] = set(self.plan.asks.values())
        found = []
        for task in reversed(self.plan.tasks.values()):
            if task.name in needed and task.name not in stands:
                found.append(task)
                needed |= set(task.inputs.values())
        return found[::-1]

    def run(self) -> Swept:
        """Do what is to be done, and collect the rows of all points.

        Returns
        -------
        Swept

        Raises
        ------
        InputError
            The folder cannot be written.
        """
        stands = self.standing()
        todo = self.waiting(stands)
        with explaining_write_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            for left in self.folder.glob(f"{_SCRATCH}*"):
                shutil.rmtree(left, ignore_errors=True)
            scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=self.folder))
        try:
            self._do(todo, scratch)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return self._collected(len(todo), len(stands))

    def _do(self, todo: list[Task], scratch: Path) -> None:
        if not todo:
            return
        pending = {task.name: task for task in todo}
        running: set[str] = set()
        # By the time that is expected, so that bars and lines tell well how long the rest takes.
        whole = sum(task.seconds for task in todo) or 1.0
        done = 0.0

        def show(words: str) -> None:
            share = min(done / whole, 1.0) if pending or running else 1.0
            self.progress(f"sweep | {words}", share * len(todo), max(len(todo), 1), "tasks")

        def said(name: str, words: str) -> None:
            show(f"{self.plan.tasks[name].title}: {words}")

        with workers(self.processes, said) as at_work:
            while pending or running:
                for task in list(pending.values()):
                    if not at_work.free:
                        break
                    if not any(name in pending or name in running for name in task.inputs.values()):
                        del pending[task.name]
                        running.add(task.name)
                        show(task.title)
                        at_work.begin(self._order(task, scratch))
                name, why = at_work.next_done()
                task = self.plan.tasks[name]
                running.discard(name)
                if why is None:
                    self._keep(task, scratch / name)
                    ended = [task]
                else:
                    ended = self._give_up(task, why, pending)
                done += sum(one.seconds for one in ended)
                show(task.title)

    def _order(self, task: Task, scratch: Path) -> Order:
        place = scratch / task.name
        place.mkdir()
        inputs = {role: self._stages.folder / name for role, name in task.inputs.items()}
        return Order(
            task.name, task.kind, place, task.settings, inputs, dict(task.files), task.states
        )

    def _keep(self, task: Task, made: Path) -> None:
        """Move a whole result to its place, and then record it.

        Only here is anything recorded, by the process that holds the folder: one that outlives
        it for a moment writes where nobody looks.
        """
        with self._stages.stage(task.name, task.key) as (place, standing):
            if not standing:
                for path in sorted(made.iterdir()):
                    path.rename(place / path.name)
        shutil.rmtree(made, ignore_errors=True)

    def _give_up(self, task: Task, why: str, pending: dict[str, Task]) -> list[Task]:
        """Note that a task failed, and with it all that needs it."""
        self._failed[task.name] = why
        ended = [task]
        for one in list(pending.values()):
            source = next((name for name in one.inputs.values() if name in self._failed), None)
            if source is not None:
                del pending[one.name]
                cause = self._failed[source]
                whose = self.plan.tasks[source]
                first = whose.name == task.name
                self._failed[one.name] = f"{whose.title}: {cause}" if first else cause
                ended.append(one)
        return ended

    def _collected(self, todo: int, stood: int) -> Swept:
        rows: list[Row] = []
        short: list[int] = []
        titles: dict[str, str] = {}
        for name, why in self._failed.items():
            # What fails for want of another is told with that one.
            if not any(other in self._failed for other in self.plan.tasks[name].inputs.values()):
                titles[self.plan.tasks[name].title] = why
        for point in self.plan.points:
            settings = point.columns()
            for probe in (FIT, *self.plan.grid.asked.probes):
                name = self.plan.asks[point.number, probe]
                if name in self._failed:
                    found = [failed(self._failed[name])]
                    short.append(point.number)
                else:
                    found = json.loads((self._stages.folder / name / ROWS).read_bytes())
                rows += [{**settings, "probe": probe, **row} for row in found]
        done = todo - len(self._failed)
        return Swept(rows, done, stood, titles, tuple(dict.fromkeys(short)), tuple(self._notes()))

    def _notes(self) -> Iterator[str]:
        """What was noted when texts were read, as of files that were left out."""
        for task in self.plan.tasks.values():
            path = self._stages.folder / task.name / NOTES
            if task.kind == "encode" and path.exists():
                for note in json.loads(path.read_bytes()):
                    yield f"{task.title}: {note}"
