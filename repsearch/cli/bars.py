"""Draw progress bars with the rate and the time left; without a terminal, print lines."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
)
from rich.progress import Progress as RichProgress
from rich.text import Text

from repsearch.cli.amounts import clock, rate
from repsearch.cli.lines import Lines

_SHORTEST_WAIT = 0.1


class Bars:
    """Draw one bar for each stage on standard error; a `repsearch.progress.Progress`.

    Where that is no terminal, a line is printed now and then.
    """

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._lines = None if console.is_terminal else Lines()
        self._bars = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=18),
            TextColumn("{task.percentage:>3.0f}%"),
            _Rate(),
            _Time(),
            console=console,
        )
        self._stages: dict[str, TaskID] = {}
        self._latest: dict[str, float] = {}
        self.prefix = ""

    def __enter__(self) -> Bars:
        if self._lines is None:
            self._bars.start()
        else:
            self._lines.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._lines is None:
            self._bars.stop()
        else:
            self._lines.__exit__(kind, error, trace)

    def __call__(self, stage: str, done: float, total: float | None, unit: str) -> None:
        """Move the bar of a stage.

        Parameters
        ----------
        stage : str
            Name of the stage; a new one gets a bar. What follows " | " may change.
        done : float
            How much is done.
        total : float or None
            How much there is to do; None where it is unknown.
        unit : str
            Unit of both, such as ``"bytes"``.
        """
        if self._lines is not None:
            self._lines(f"{self.prefix}{stage}", done, total, unit)
            return
        shown = f"{self.prefix}{stage}".replace(" | ", ": ")
        stage = f"{self.prefix}{stage}".partition(" | ")[0]
        now = time.monotonic()
        again = stage in self._stages and self._bars.tasks[self._stages[stage]].finished
        if again and not (total is not None and done >= total):
            # The stage comes a second time, as in two trainings: its rate and time begin anew.
            self._bars.reset(self._stages[stage], total=total, completed=0)
        if stage not in self._stages:
            self._stages[stage] = self._bars.add_task(f"{shown:<18}", total=total, unit=unit)
        elif done != total and now - self._latest[stage] < _SHORTEST_WAIT:
            return
        self._latest[stage] = now
        self._bars.update(
            self._stages[stage], description=f"{shown:<18}", completed=done, total=total
        )


class _Time(ProgressColumn):
    """Show the time left, and at the end the time taken."""

    def render(self, task: Task) -> Text:
        if task.finished:
            return Text(f"took {clock(task.finished_time)}")
        return Text(f"left {clock(task.time_remaining)}")


class _Rate(ProgressColumn):
    """Show the rate per second, in the unit of the stage."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if speed is None:
            return Text("")
        return Text(rate(speed, task.fields["unit"]))
