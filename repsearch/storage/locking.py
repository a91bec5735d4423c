"""One process at a time on a file or a folder."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from repsearch.errors import InputError
from repsearch.storage.atomic import explaining_write_errors

# Where the file system knows no hard links, an owner writes its name right after it
# makes the lock; one that is still empty after this long was killed in between.
_NAMELESS_SECONDS = 10.0
LOCK = ".lock"
_TRIES = 10


@contextmanager
def locked(path: Path | str) -> Iterator[None]:
    """Hold the file or folder `path` for this process alone.

    A file ``<path>.lock`` beside a file, ``.lock`` in a folder, names the process
    and the machine. One left by a process of this machine that is no more is taken
    over, also when another process has its number by now.

    Parameters
    ----------
    path : Path or str
        What only one process may work on: a folder that exists, or a file, which
        need not exist, but its folder must.

    Raises
    ------
    InputError
        Another process holds it, or the folder cannot be written.
    """
    path = Path(path)
    lock = path / LOCK if path.is_dir() else path.with_name(f"{path.name}{LOCK}")
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
    # A file that bears its name already becomes the lock in one go: a process killed in
    # between leaves no lock without a name.
    named = lock.with_name(f"{lock.name}.{os.getpid()}-{threading.get_ident()}")
    with explaining_write_errors(lock):
        named.write_text(_name(), encoding="utf-8")
        try:
            os.link(named, lock)
        except FileExistsError:
            return False
        except OSError:
            return _made_in_place(lock)
        finally:
            named.unlink(missing_ok=True)
    return True


def _made_in_place(lock: Path) -> bool:
    try:
        descriptor = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(_name())
    return True


def _name() -> str:
    pid = os.getpid()
    return json.dumps({"pid": pid, "host": socket.gethostname(), "since": _birth(pid)})


def _birth(pid: int) -> str | None:
    """When a running process of this machine began, where Linux tells; "" of one that has ended.

    A process that was killed keeps its number until its parent asks after it.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name in brackets may hold anything; after it come the fields 3 (state) and so on.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


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
    pid, host, since = named
    # A process of another machine cannot be seen from here, and on Windows
    # os.kill(pid, 0) is not a question but a signal.
    if host != socket.gethostname() or sys.platform == "win32":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    birth = _birth(pid)
    return birth == "" or (since is not None and birth is not None and birth != since)


def _named(owner: str) -> tuple[int, str, str | None] | None:
    try:
        named = json.loads(owner)
        pid, host, since = named["pid"], named["host"], named.get("since")
    except (ValueError, TypeError, KeyError):
        return None
    if not isinstance(host, str) or not isinstance(since, str | None):
        return None
    # Zero and below would mean groups of processes to os.kill.
    return (pid, host, since) if isinstance(pid, int) and pid > 0 else None


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
