"""Share tasks out over processes; one that is killed costs its own task and no other."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Protocol

from probes.sweep.work import Job, do
from repsearch.errors import DivergenceError, InputError

_SAYS_EVERY = 1.0
Said = Callable[[str, str], None]
"""Gets the name of a task, and how far it is in words."""


class Order(NamedTuple):
    """A task as a process gets it.

    Parameters
    ----------
    name, kind : str
        Of the task.
    place : Path
        Empty folder for its result.
    settings, inputs, files, states
        As for `probes.sweep.work.Job`.
    """

    name: str
    kind: str
    place: Path
    settings: dict[str, Any]
    inputs: dict[str, Path]
    files: dict[str, list[str]]
    states: tuple[tuple[str, int, int], ...]


class Workers(Protocol):
    """Do tasks, one or several at a time."""

    def __enter__(self) -> Workers:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all that is going on."""

    @property
    def free(self) -> int:
        """How many more tasks can be begun."""

    def begin(self, order: Order) -> None:
        """Begin a task.

        Parameters
        ----------
        order : Order
            The task.
        """

    def next_done(self) -> tuple[str, str | None]:
        """Wait for a task to end.

        Returns
        -------
        name : str
            Of the task.
        why : str or None
            Why it failed; None where it did not.
        """


def workers(processes: int, said: Said) -> Workers:
    """Give what does tasks.

    Parameters
    ----------
    processes : int
        How many at a time; one is done in this process, with all its threads.
    said : callable
        Told how far a task is.

    Returns
    -------
    Workers
    """
    if processes == 1:
        return _Here(said)
    return _Processes(processes, said)


class _Here:
    """Does one task at a time, in this process."""

    def __init__(self, said: Said) -> None:
        self._said = said
        self._orders: deque[Order] = deque()

    def __enter__(self) -> _Here:
        return self

    def __exit__(self, *_: object) -> None:
        self._orders.clear()

    @property
    def free(self) -> int:
        return 1 - len(self._orders)

    def begin(self, order: Order) -> None:
        self._orders.append(order)

    def next_done(self) -> tuple[str, str | None]:
        order = self._orders.popleft()
        return order.name, _attempt(order, None, lambda words: self._said(order.name, words))


class _Processes:
    """Does as many tasks at a time as it has processes, each of which takes one after another."""

    def __init__(self, number: int, said: Said) -> None:
        self._number, self._said = number, said
        self._threads = max(1, (os.cpu_count() or 1) // number)
        # Neither locks nor threads of this process are to be copied.
        self._context = multiprocessing.get_context("spawn")
        self._idle: list[tuple[Any, Connection]] = []
        self._busy: dict[Connection, tuple[Any, str]] = {}

    def __enter__(self) -> _Processes:
        return self

    def __exit__(self, *_: object) -> None:
        at_work = [(process, connection) for connection, (process, _) in self._busy.items()]
        for process, connection in [*self._idle, *at_work]:
            connection.close()
            process.kill()
            process.join()
        self._idle, self._busy = [], {}

    @property
    def free(self) -> int:
        return self._number - len(self._busy)

    def begin(self, order: Order) -> None:
        process, connection = self._idle.pop() if self._idle else self._new()
        try:
            connection.send(order)
        except OSError:  # it was ended while it was idle
            connection.close()
            process.join()
            process, connection = self._new()
            connection.send(order)
        self._busy[connection] = process, order.name

    def next_done(self) -> tuple[str, str | None]:
        while True:
            for connection in wait(list(self._busy)):
                assert isinstance(connection, Connection)
                process, name = self._busy[connection]
                try:
                    what, words = connection.recv()
                except (EOFError, OSError):
                    del self._busy[connection]
                    connection.close()
                    process.join()
                    return name, _how_it_ended(process.exitcode)
                if what == "says":
                    self._said(name, words)
                    continue
                del self._busy[connection]
                self._idle.append((process, connection))
                return name, words

    def _new(self) -> tuple[Any, Connection]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_serve, args=(theirs, self._threads), name="sweep", daemon=True
        )
        try:
            with _not_interrupted():
                process.start()
        except KeyboardInterrupt:
            ours.close()
            process.kill()
            process.join()
            raise
        theirs.close()
        return process, ours


@contextmanager
def _not_interrupted() -> Iterator[None]:
    """Keep Ctrl-C out of a process that is begun meanwhile, and from ending its beginning.

    Ctrl-C goes to all processes of a terminal, and the first of them ends the others.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupted = []
    # Another thread of this process may get it, and then the handler is called in this one ...
    handler = signal.signal(signal.SIGINT, lambda *_: interrupted.append(True))
    # ... while a process inherits what is blocked, and no handler.
    blocking = hasattr(signal, "pthread_sigmask")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if blocking else set()
    try:
        yield
    finally:
        if blocking:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if interrupted:
        raise KeyboardInterrupt


def _serve(connection: Connection, threads: int) -> None:
    """Do the tasks that come, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where it is not kept out from the beginning
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def say(words: str) -> None:
        connection.send(("says", words))

    while True:
        try:
            order = connection.recv()
        except (EOFError, OSError):
            return
        connection.send(("done", _attempt(order, threads, say)))


def _end_with_parent() -> None:
    """Leave when the sweep itself is killed, for nobody would take the result."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _attempt(order: Order, threads: int | None, say: Callable[[str], None]) -> str | None:
    """Do a task; give why it failed."""
    latest = 0.0

    def progress(stage: str, done: float, total: float | None, unit: str) -> None:
        nonlocal latest
        now = time.monotonic()
        if now - latest >= _SAYS_EVERY:
            latest = now
            name = stage.partition(" | ")[0]
            say(f"{name} {100 * done / total:.0f} %" if total else name)

    job = Job(
        order.place, order.settings, order.inputs, order.files, order.states, threads, progress
    )
    try:
        do(order.kind, job)
    except Exception as error:
        # A folder of this attempt alone, whose name is another each time.
        return reason(error).replace(f"{order.place}/", "").replace(str(order.place), order.name)
    return None


def reason(error: BaseException) -> str:
    """Say why a task failed.

    Parameters
    ----------
    error : BaseException
        What was raised.

    Returns
    -------
    str
        One line; of an error that a user cannot mend, its kind as well.
    """
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, MemoryError):
        return "there was not enough memory; take a smaller d, fewer words or fewer processes"
    known = isinstance(error, InputError | DivergenceError)
    return text if known else f"{type(error).__name__}: {text}"


def _how_it_ended(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        return f"its process was ended by {name}, perhaps for want of memory; run it again"
    return f"its process ended by itself, with status {code}; run it again"
