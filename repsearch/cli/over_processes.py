"""Notice that torchrun has started the program, and lead the processes or help the first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from repsearch.cli.answer import say_aside
from repsearch.errors import ProcessLostError

if TYPE_CHECKING:
    from repsearch.training import Processes


class _Now:
    """The processes of the command that is running."""

    processes: Processes | None = None


def current() -> Processes | None:
    """Give the processes that torchrun has started, where it has.

    Returns
    -------
    Processes or None
        Seen from the first of them, for no other comes to a command.
    """
    return _Now.processes


def first() -> bool:
    """Tell whether this is the process that reads options, prints and writes.

    Returns
    -------
    bool
        True for one that is alone.
    """
    started = _started()
    return started is None or started[0] == 0


@contextmanager
def begun() -> Iterator[None]:
    """Run a command in the first process; the others help there, and leave at its end.

    Yields
    ------
    None
        Once, in the first process alone.
    """
    if _started() is None:
        yield
        return
    from repsearch.training import over_processes

    with over_processes() as _Now.processes:
        yield


def tell_processes() -> None:
    """Say on standard error that the work is shared out, where it is."""
    if _Now.processes is not None:
        say_aside(f"over {_Now.processes.size} processes, of which this one writes and prints")


def check_none_lost() -> None:
    """Let a command that has saved what it had end as one that failed.

    Raises
    ------
    ProcessLostError
        A process was lost.
    """
    if _Now.processes is not None and _Now.processes.lost:
        raise ProcessLostError(_Now.processes.lost)


def _started() -> tuple[int, int] | None:
    # Looked at before anything of training is imported, which takes its time.
    if "WORLD_SIZE" not in os.environ:
        return None
    from repsearch.training.processes.group import torchrun_started

    return torchrun_started()
