"""Explain why the system refuses to write a file, in words that say what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from repsearch.errors import InputError

_NO_ROOM = {
    errno.ENOSPC: "the disk is full; free some space or {elsewhere}",
    errno.EDQUOT: "your disk quota is used up; free some space or {elsewhere}",
    errno.EFBIG: "the file would be larger than the file system or the limit of this process "
    "(ulimit -f) allows; raise the limit or {elsewhere}",
}
_NO_WAY = {
    errno.EACCES: "no permission to write there; {elsewhere}",
    errno.EPERM: "no permission to write there; {elsewhere}",
    errno.EROFS: "the file system is read-only; {elsewhere}",
    errno.EBUSY: "something is mounted there; choose a folder below it",
    errno.ENOTDIR: "{file} is a file, not a folder; choose another path",
    errno.EEXIST: "a file of that name is in the way; remove it or choose another path",
    errno.EISDIR: "that is a folder; give the name of a file",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


@contextmanager
def explaining_write_errors(
    path: Path, *, elsewhere: str = "choose another folder"
) -> Iterator[None]:
    """Turn an operating system's refusal to write `path` into an `InputError`.

    Parameters
    ----------
    path : Path
        File or folder being written, as the user knows it.
    elsewhere : str
        Advice on how to have it written somewhere else.

    Yields
    ------
    None
        Nothing; errors within the context are explained.

    Raises
    ------
    InputError
        Full disk, missing permission, read-only file system, a file where a
        folder is needed. Any other `OSError` is passed on, among them those
        that come from a file elsewhere, say one that is read meanwhile.
    """
    try:
        yield
    except OSError as error:
        remedy = _NO_ROOM.get(error.errno or 0)
        file = path
        if remedy is None and isinstance(error.filename, str | os.PathLike):
            culprit = Path(error.filename)
            number = error.errno
            if number == errno.EEXIST and culprit.absolute() in path.absolute().parents:
                number = errno.ENOTDIR  # what mkdir says of a file where a folder should be
            if _is_near(culprit, path):
                remedy = _NO_WAY.get(number or 0)
            if number == errno.ENOTDIR:
                file = next((p for p in (culprit, *culprit.parents) if _is_no_folder(p)), path)
        if remedy is None:
            raise
        reason = remedy.format(elsewhere=elsewhere, file=file)
        raise InputError(f"cannot write {path}: {reason}") from error


def _is_near(culprit: Path, path: Path) -> bool:
    """Whether `culprit` is in the folder of `path`, or above it."""
    culprit, folder = culprit.absolute(), path.absolute().parent
    return culprit.is_relative_to(folder) or folder.is_relative_to(culprit)


def _is_no_folder(path: Path) -> bool:
    return path.exists() and not path.is_dir()
