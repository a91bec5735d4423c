"""Lock a file or a folder for one process at a time."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, SoftFileLock, Timeout

from repsearch.errors import InputError
from repsearch.storage.refusals import explaining_write_errors

LOCK = ".lock"
_TRIES = 10
_NO_KERNEL_LOCKS = frozenset({errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK})


@contextmanager
def locked(path: Path | str) -> Iterator[None]:
    """Hold the file or folder `path` for this process alone.

    The lock is the kernel's (`filelock.FileLock`), so it ends with its process, however
    that ends. The lock file, ``<path>.lock`` beside a file and ``.lock`` in a folder, names
    process and machine for those who are refused. One that names another machine is
    respected even when it looks free: not every network file system passes locks on.

    Parameters
    ----------
    path : Path or str
        What only one process may work on: a folder that exists, or a file, which
        need not exist, but its folder must.

    Yields
    ------
    None
        Nothing; the lock is held until the end of the ``with`` block.

    Raises
    ------
    InputError
        Another process holds it, or the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with locked(folder):
    ...         print([file.name for file in Path(folder).iterdir()])
    ...     print([file.name for file in Path(folder).iterdir()])
    ['.lock']
    []
    """
    path = Path(path)
    file = path / LOCK if path.is_dir() else path.with_name(f"{path.name}{LOCK}")
    for _ in range(_TRIES):
        try:
            with explaining_write_errors(file):
                release = _acquired(file)
            break
        except Timeout as error:
            held = Path(error.lock_file)
            # A file that is gone by now was let go of in between.
            if held.exists():
                raise InputError(_held(path, held)) from error
    else:
        raise InputError(f"cannot take {file}: other processes keep taking it; try again later")
    try:
        yield
    finally:
        release()


def _acquired(file: Path) -> Callable[[], None]:
    """Take the lock; give what releases it, or raise `Timeout` where another has it."""
    try:
        return _acquired_of_kernel(file)
    except PermissionError as error:
        if file.exists():  # another user's, in a folder that both may write
            raise Timeout(str(file)) from error
        raise
    except OSError as error:
        if error.errno not in _NO_KERNEL_LOCKS:
            raise
    # Here a file that exists is the lock: filelock's own, under a name of its own, as the
    # attempt above leaves an empty one. It may take two tries to take over a stale one.
    if _holder(file) is None:
        file.unlink(missing_ok=True)
    lock = SoftFileLock(file.with_name(f"{file.name}.soft"), thread_local=False)
    lock.acquire(timeout=0.2)
    return lock.release


def _acquired_of_kernel(file: Path) -> Callable[[], None]:
    holder = _holder(file)
    if holder is not None and holder[1] != socket.gethostname():
        raise Timeout(str(file))
    held: list[int] = []

    def sign(descriptor: int) -> None:
        if not _is_open_as(file, descriptor):
            raise Timeout(str(file))  # its last holder removed it before it was locked here
        os.ftruncate(descriptor, 0)
        # The lines with which SoftFileLock begins its own.
        os.write(descriptor, f"{os.getpid()}\n{socket.gethostname()}\n".encode())
        held.append(descriptor)

    def release() -> None:
        # Removed while it is locked, so that nobody who has it open takes it for the lock;
        # whoever removed it by hand may have let another process make a new one.
        if _is_open_as(file, held[0]):
            with suppress(OSError):
                file.unlink()
        lock.release()

    lock = FileLock(file, thread_local=False, on_acquired=sign)
    lock.acquire(blocking=False)
    return release


def _is_open_as(file: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), file.stat())
    except OSError:
        return False


def _holder(file: Path) -> tuple[int, str] | None:
    """Process and machine that a lock file names; None where it names none."""
    try:
        pid, host, *_ = file.read_text(encoding="utf-8", errors="replace").splitlines()
        return int(pid), host
    except (OSError, ValueError):
        return None


def _held(path: Path, file: Path) -> str:
    holder = _holder(file)
    who = f"process {holder[0]} on {holder[1]}" if holder else "another process"
    return (
        f"{who} is at work on {path}: wait until it has finished; "
        f"if it no longer runs, remove {file} and try again"
    )
