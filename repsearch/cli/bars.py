"""Draw progress bars with the rate and the time left."""

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

_SHORTEST_WAIT = 0.1


class Bars:
    """Draw one bar for each stage on standard error; a `repsearch.progress.Progress`."""

    def __init__(self) -> None:
        self._bars = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=18),
            TextColumn("{task.percentage:>3.0f}%"),
            _Rate(),
            _Time(),
            console=Console(stderr=True),
        )
        self._stages: dict[str, TaskID] = {}
        self._latest: dict[str, float] = {}
        self.prefix = ""

    def __enter__(self) -> Bars:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

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
        shown = f"{self.prefix}{stage}".replace(" | ", ": ")
        stage = f"{self.prefix}{stage}".partition(" | ")[0]
        now = time.monotonic()
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
            return Text(f"took {_clock(task.finished_time)}")
        return Text(f"left {_clock(task.time_remaining)}")


class _Rate(ProgressColumn):
    """Show the rate per second, in the unit of the stage."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if speed is None:
            return Text("")
        unit = task.fields["unit"]
        for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
            if speed >= factor:
                return Text(f"{speed / factor:5.1f} {prefix} {unit}/s")
        return Text(f"{speed:5.0f} {unit}/s" if speed >= 10 else f"{speed:5.2g} {unit}/s")


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return "-:--"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
