"""Try whether an output can be written, before the work that it is for begins."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from repsearch.errors import InputError
from repsearch.storage.leftovers import temporary_file
from repsearch.storage.refusals import explaining_write_errors

_BLOCK = bytes(range(256)) * 16


def try_file(path: Path | str) -> None:
    """Try whether a file can be written; nothing is left, and no folder is made.

    Parameters
    ----------
    path : Path or str
        Final name. Its folder need not exist.

    Raises
    ------
    InputError
        What `repsearch.storage.atomic.replacing` would say: no permission, a read-only file
        system, a full disk, a folder or a device of that name, a file where a folder is
        needed, a name that is too long.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     try_file(Path(folder) / "new" / "counts.npz")
    ...     print(list(Path(folder).iterdir()))
    []
    """
    path = Path(path)
    with explaining_write_errors(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if path.exists() and not path.is_file():
            raise InputError(f"{path} is a device or a pipe; give the name of a file")
        _try(path.parent, path.name)


def try_folder(path: Path | str) -> None:
    """Try whether files can be written in a folder; nothing is left, and no folder is made.

    Parameters
    ----------
    path : Path or str
        The folder, which need not exist.

    Raises
    ------
    InputError
        As for `try_file`, or there is a file of that name.
    """
    path = Path(path)
    with explaining_write_errors(path):
        if path.exists() and not path.is_dir():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        _try(path, "trial")


def _try(folder: Path, name: str) -> None:
    """Write a little in the folder, or in the nearest one above it that exists."""
    while not folder.exists() and folder != folder.parent:
        folder, name = folder.parent, folder.name
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    try:
        with temporary_file(folder, name) as (descriptor, path):
            try:
                os.write(descriptor, _BLOCK)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
                path.unlink()
    except FileNotFoundError as error:  # of a system that makes none there, such as /proc
        raise InputError(f"no file can be made in {folder}; choose another folder") from error
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from error
