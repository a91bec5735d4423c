"""One process at a time on a file."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from repsearch.errors import InputError
from repsearch.files import explaining_write_errors

# An owner writes its name right after it makes the lock; a lock that is still
# empty after this long belongs to one that was killed in between.
_NAMELESS_SECONDS = 10.0
_TRIES = 10


@contextmanager
def locked(path: Path | str) -> Iterator[None]:
    """Hold the file `path` for this process alone.

    A file ``<path>.lock`` beside it names the process and the machine. One
    left by a process of this machine that is no more is taken over.

    Parameters
    ----------
    path : Path or str
        The file that only one process may work on; it need not exist, but its
        folder must.

    Raises
    ------
    InputError
        Another process holds it, or the folder cannot be written.
    """
    lock = Path(path).with_name(f"{Path(path).name}.lock")
    for _ in range(_TRIES):
        if _made(lock):
            break
        owner = _read(lock)
        if owner is not None and not _gone(owner, lock):
            raise InputError(_held(path, lock, owner))
        if owner is not None:
            _clear(lock, owner)
    else:
        raise InputError(f"cannot take {lock}: other processes keep taking it; try again later")
    try:
        yield
    finally:
        # Whoever removed the lock by hand may have let another process in.
        if _read(lock) == _name():
            lock.unlink(missing_ok=True)


def _made(lock: Path) -> bool:
    with explaining_write_errors(lock):
        try:
            descriptor = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        except FileExistsError:
            return False
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(_name())
    return True


def _name() -> str:
    return json.dumps({"pid": os.getpid(), "host": socket.gethostname()})


def _read(lock: Path) -> str | None:
    """Text of the lock; None when it is no longer there."""
    try:
        return lock.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None


def _gone(owner: str, lock: Path) -> bool:
    """Whether the owner of the lock surely runs no more."""
    named = _named(owner)
    if named is None:
        try:
            return time.time() - lock.stat().st_mtime > _NAMELESS_SECONDS
        except FileNotFoundError:
            return True
    pid, host = named
    # A process of another machine cannot be seen from here, and on Windows
    # os.kill(pid, 0) is not a question but a signal.
    if host != socket.gethostname() or sys.platform == "win32":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _named(owner: str) -> tuple[int, str] | None:
    try:
        named = json.loads(owner)
        pid, host = named["pid"], named["host"]
    except (ValueError, TypeError, KeyError):
        return None
    # Zero and below would mean groups of processes to os.kill.
    return (pid, host) if isinstance(pid, int) and pid > 0 and isinstance(host, str) else None


def _clear(lock: Path, owner: str) -> None:
    """Remove the lock of an owner that is gone, unless it changed hands meanwhile.

    Two processes may both find the lock stale. Renaming gives it to one of
    them only, which then sees whether it is still the lock that it judged.
    """
    aside = lock.with_name(f"{lock.name}.{os.getpid()}")
    with explaining_write_errors(lock):
        try:
            lock.replace(aside)
        except FileNotFoundError:
            return
        if _read(aside) != owner:
            with suppress(OSError):
                os.link(aside, lock)
        aside.unlink(missing_ok=True)


def _held(path: Path | str, lock: Path, owner: str) -> str:
    named = _named(owner)
    who = f"process {named[0]} on {named[1]}" if named else "another process"
    return (
        f"{who} is at work on {path}: wait until it has finished; "
        f"if it no longer runs, remove {lock} and try again"
    )
