"""Tell progress by a line now and then, where no terminal shows bars."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType

from repsearch.cli.amounts import clock, rate

FIRST, MOST, SHARE = 10.0, 300.0, 0.2
"""Seconds up to the first line, the most between two, and the share of what has passed."""


class Lines:
    """Print at most a line in ten seconds, and fewer as time goes on.

    The first comes after ten seconds, the next when a fifth more has passed, ten seconds at
    least and five minutes at most. A thread prints them, so that a step that tells nothing is
    told of as well.

    Parameters
    ----------
    print_line : callable, optional
        Gets each line; standard error by default.
    now : callable, optional
        Clock, in seconds.
    """

    def __init__(
        self,
        print_line: Callable[[str], None] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._print = print_line or _to_standard_error
        self._now = now
        self._began = now()
        self._due = self._began + FIRST
        # By stage: what is shown of it, when it began and how far it was then, where it stands.
        self._stages: dict[str, _Stage] = {}
        self._latest: _Stage | None = None
        self._lock = threading.Lock()
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)

    def __enter__(self) -> Lines:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._left.set()
        self._thread.join()

    def __call__(self, stage: str, done: float, total: float | None, unit: str) -> None:
        """Note how far a stage is.

        Parameters
        ----------
        stage : str
            Name of the stage. What follows " | " may change.
        done, total : float
            How much is done, and how much there is, None where that is unknown.
        unit : str
            Unit of both.
        """
        name = stage.partition(" | ")[0]
        now = self._now()
        with self._lock:
            found = self._stages.get(name)
            ended = total is not None and done >= total
            if found is None or (found.over and not ended):  # a stage may come again
                found = self._stages[name] = _Stage(now, done)
            found.shown, found.done, found.total, found.unit = stage, done, total, unit
            self._latest = found
            if ended and not found.over:
                found.over = True
                if now - found.began >= FIRST:
                    self._print(f"{name}: took {clock(now - found.began)}")
                    self._put_off(now)
        self.tick()

    def tick(self) -> None:
        """Print a line where one is due."""
        with self._lock:
            now = self._now()
            if now < self._due:
                return
            self._put_off(now)
            self._print(self._line(now))

    def _put_off(self, now: float) -> None:
        self._due = now + min(max(FIRST, SHARE * (now - self._began)), MOST)

    def _line(self, now: float) -> str:
        so_far = f"{clock(now - self._began)} so far"
        stage = self._latest
        if stage is None or stage.over:
            return f"working, {so_far}"
        return f"{_name(stage.shown)}: {', '.join([*stage.parts(now), so_far])}"

    def _watch(self) -> None:
        while not self._left.wait(1.0):
            self.tick()


class _Stage:
    """Where a stage stands."""

    def __init__(self, began: float, first: float) -> None:
        self.began, self.first = began, first
        self.shown, self.unit = "", ""
        self.done = first
        self.total: float | None = None
        self.over = False

    def parts(self, now: float) -> list[str]:
        """How far it is, how fast, and how long it will take yet."""
        advanced, seconds = self.done - self.first, now - self.began
        speed = advanced / seconds if seconds > 0 else 0.0
        pace = [rate(speed, self.unit).strip()] if speed > 0 else []
        if not self.total:
            return pace
        left = [f"{clock((self.total - self.done) / speed)} left"] if speed > 0 else []
        return [f"{100 * self.done / self.total:.0f} %", *pace, *left]


def _name(stage: str) -> str:
    return stage.replace(" | ", ": ")


def _to_standard_error(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
