"""Name temporary files so that those of killed processes are found and removed by later ones.

A temporary file or folder is locked by the process that made it. The lock is the kernel's
(``flock``) and ends with the process, however that ends; so whoever can lock one of this
machine's has found a leftover. Where the system or its file system knows no such locks, nothing
is removed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from repsearch.storage.refusals import explaining_write_errors

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_TRIES = 10
_MACHINE = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]
"""Part of the names: on a shared file system another machine's locks may not be seen."""
_OURS = re.compile(rf"\.?(?P<name>.+)\.{_MACHINE}_[a-z0-9_]{{8}}\.(?P<end>tmp|old)")


@contextmanager
def temporary_file(folder: Path, name: str) -> Iterator[tuple[int, Path]]:
    """Make a temporary file that is taken for a leftover once this process has ended.

    Parameters
    ----------
    folder : Path
        Folder it is made in.
    name : str
        Name that it is to get in the end.

    Yields
    ------
    descriptor : int
        The file, open for reading and writing; to be closed by the caller.
    path : Path
        Its name, to be renamed or removed by the caller.
    """
    made: list[int] = []

    def make() -> Path:
        descriptor, path = tempfile.mkstemp(dir=folder, prefix=_prefix(name), suffix=".tmp")
        made.append(descriptor)
        return Path(path)

    path, lock = _made_and_locked(make)
    for descriptor in made[:-1]:
        os.close(descriptor)
    with _kept(lock):
        yield made[-1], path


@contextmanager
def temporary_folder(folder: Path, name: str, end: str = ".tmp") -> Iterator[Path]:
    """Make a temporary folder that is taken for a leftover once this process has ended.

    Parameters
    ----------
    folder : Path
        Folder it is made in.
    name : str
        Name that it is to get in the end.
    end : {".tmp", ".old"}
        Whether a leftover is removed, or put back as `name` where nothing has that name.

    Yields
    ------
    Path
        Its name, to be renamed or removed by the caller.
    """

    def make() -> Path:
        return Path(tempfile.mkdtemp(dir=folder, prefix=_prefix(name), suffix=end))

    path, lock = _made_and_locked(make)
    with _kept(lock):
        yield path


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep a folder from being taken for a leftover under whatever name it gets.

    Parameters
    ----------
    path : Path
        Folder that is about to be renamed.

    Yields
    ------
    None
        Nothing; it is held until the end of the ``with`` block.
    """
    lock = None
    with suppress(OSError):
        lock = _locked(path)
    with _kept(lock):
        yield


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder in the system's temporary folder, and remove it at the end.

    Those that killed processes of this machine and user have left there are removed first.

    Yields
    ------
    Path
        The folder.

    Raises
    ------
    InputError
        The temporary folder is full or cannot be written.

    Examples
    --------
    >>> with scratch_folder() as folder:
    ...     folder.is_dir()
    True
    >>> folder.exists()
    False
    """
    place = Path(tempfile.gettempdir())
    with explaining_write_errors(place, elsewhere="name another folder in TMPDIR"):
        remove_leftovers(place)
        with temporary_folder(place, "repsearch") as folder:
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers(folder: Path) -> None:
    """Remove what killed processes of this machine and user have left in a folder.

    What was being replaced when the process was killed, and is gone from its place, is put
    back. What cannot be read or removed stays.

    Parameters
    ----------
    folder : Path
        Folder whose entries are looked at; not those below.
    """
    if fcntl is None:
        return
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = _OURS.fullmatch(entry.name)
            if found is None or entry.is_symlink():
                continue
            path = Path(entry.path)
            with suppress(OSError):
                if entry.stat(follow_symlinks=False).st_uid != os.geteuid():
                    continue
                lock = _locked(path)
                if lock is None:
                    continue
                with _kept(lock):
                    final = folder / found["name"]
                    if found["end"] == "old" and not final.exists() and any(path.iterdir()):
                        path.replace(final)
                    elif entry.is_dir(follow_symlinks=False):
                        shutil.rmtree(path)
                    else:
                        path.unlink()


def _prefix(name: str) -> str:
    return f".{name}.{_MACHINE}_"


def _made_and_locked(make: Callable[[], Path]) -> tuple[Path, int | None]:
    """Make a file or folder and lock it, again if another process took it for a leftover."""
    for _ in range(_TRIES):
        path = make()
        try:
            lock = _locked(path)
        except FileNotFoundError:
            continue
        except OSError:  # no locks there
            return path, None
        if lock is not None:
            return path, lock
    raise OSError("other processes keep removing temporary files")


def _locked(path: Path) -> int | None:
    """Lock a file or folder and give what holds the lock; None where another process has it.

    Raises OSError where there are no such locks, FileNotFoundError where the path is gone.
    """
    if fcntl is None:
        raise OSError("no locks of the kernel")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(descriptor), path.lstat()):
            raise FileNotFoundError(path)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def _kept(lock: int | None) -> Iterator[None]:
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)
