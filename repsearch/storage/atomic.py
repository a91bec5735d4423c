"""Write files and folders that appear under their final name only when they are whole."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from repsearch.errors import InputError
from repsearch.storage.leftovers import held, remove_leftovers, temporary_file, temporary_folder
from repsearch.storage.refusals import explaining_write_errors

_LOG = logging.getLogger(__name__)

_TRIES = 100
_TAKEN_MEANWHILE = (errno.ENOENT, errno.EEXIST, errno.ENOTEMPTY)


@contextmanager
def replacing(path: Path | str, mode: str = "wb", **kwargs: Any) -> Iterator[IO[Any]]:
    """Open a temporary file beside `path`; rename it to `path` when all went well.

    Whatever happens in between (an exception, an interruption, a full disk),
    `path` either keeps its old content or has the whole of the new one.

    Parameters
    ----------
    path : Path or str
        Final name. Missing parent folders are made.
    mode : {"wb", "w"}
        Whether bytes or text is written.
    **kwargs
        Arguments for `open`.

    Yields
    ------
    file
        The temporary file, open for writing.

    Raises
    ------
    InputError
        Full disk, missing permission, read-only file system, a name that is taken
        by a folder or a device.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "new" / "a.txt"
    ...     with replacing(path, "w") as stream:
    ...         _ = stream.write("whole")
    ...         before = path.exists()
    ...     print(before, path.read_text())
    False whole
    """
    path = Path(path)
    with explaining_write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if path.exists() and not path.is_file():
            # Renaming a file to the name of a device, such as /dev/null, removes the device.
            raise InputError(f"{path} is a device or a pipe; give the name of a file")
        if "b" not in mode:
            kwargs.setdefault("encoding", "utf-8")
            kwargs.setdefault("newline", "")
        remove_leftovers(path.parent)
        with temporary_file(path.parent, path.name) as (descriptor, temporary):
            try:
                with os.fdopen(descriptor, mode, **kwargs) as stream:
                    yield stream
                    stream.flush()
                    os.fsync(stream.fileno())
                temporary.chmod(0o666 & ~_umask())
                temporary.replace(path)
                _LOG.info("wrote %s", path)
            except BaseException as error:
                if isinstance(error, FileNotFoundError) and not temporary.exists():
                    raise _removed(path) from error
                with suppress(OSError):
                    temporary.unlink()
                raise


@contextmanager
def replacing_folder(
    path: Path | str,
    replaceable: Collection[str] = (),
    *,
    before: Callable[[], None] | None = None,
) -> Iterator[Path]:
    """Give an empty temporary folder beside `path`; rename it to `path` when all went well.

    Parameters
    ----------
    path : Path or str
        Final name. Missing parent folders are made; a link to a folder is
        followed.
    replaceable : collection of str
        Names of files that may be lost with the folder that is at `path`
        already. A folder that holds anything else is not touched.
    before : callable, optional
        Called when all went well, right before the renaming.

    Yields
    ------
    Path
        The temporary folder.

    Raises
    ------
    InputError
        Full disk, missing permission, read-only file system; a folder with files
        that are not `replaceable`.
    """
    path = Path(path)
    with explaining_write_errors(path):
        final = path.resolve()
        final.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(final.parent)
        _check_replaceable(final, replaceable)
        with temporary_folder(final.parent, final.name) as temporary:
            try:
                yield temporary
                for file in temporary.iterdir():
                    with file.open("rb") as stream:
                        os.fsync(stream.fileno())
                temporary.chmod(0o777 & ~_umask())
                _check_replaceable(final, replaceable)
                if before is not None:
                    before()
                _swap(temporary, final)
                _LOG.info("wrote the folder %s", path)
            except BaseException as error:
                if isinstance(error, FileNotFoundError) and not temporary.exists():
                    raise _removed(path) from error
                shutil.rmtree(temporary, ignore_errors=True)
                raise


def _removed(path: Path) -> InputError:
    return InputError(
        f"cannot write {path}: its folder, or the temporary file in it, was removed meanwhile; "
        "run it again"
    )


def _check_replaceable(path: Path, replaceable: Collection[str]) -> None:
    try:
        others = sorted({file.name for file in path.iterdir()} - set(replaceable))
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
    if others:
        raise InputError(
            f"folder {path} holds {others[0]!r}, which would be lost; choose a new or empty folder"
        )


def _swap(temporary: Path, path: Path) -> None:
    """Rename `temporary` to `path`; what was there is removed, or comes back on failure.

    A folder cannot be renamed onto one that holds something, and moving that aside first leaves
    a moment in which another writer may take the place: then it is done again.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            return _swap_once(temporary, path)
        except OSError as error:
            if not (tries_left and error.errno in _TAKEN_MEANWHILE and temporary.exists()):
                raise


def _swap_once(temporary: Path, path: Path) -> None:
    if not path.exists():
        temporary.replace(path)
        return
    # The lock moves along with the folder, which takes the place of the empty one.
    with temporary_folder(path.parent, path.name, ".old") as old, held(path):
        try:
            path.replace(old)
            temporary.replace(path)
        except BaseException:
            if not path.exists() and any(old.iterdir()):
                old.replace(path)  # where this fails as well, the next command puts it back
            shutil.rmtree(old, ignore_errors=True)
            raise
        shutil.rmtree(old, ignore_errors=True)


def sha256(path: Path | str) -> str:
    """Compute the SHA-256 of a file.

    Parameters
    ----------
    path : Path or str
        File to read.

    Returns
    -------
    str
        Digest in hexadecimal.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.txt"
    ...     _ = path.write_text("cat")
    ...     sha256(path)[:8]
    '77af778b'
    """
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
