"""Find the files of a text that is counted in shards: paths, folders, globs and URLs."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repsearch.errors import InputError
from repsearch.extras import missing
from repsearch.text.files import TextFiles
from repsearch.text.formats import HEAD_BYTES
from repsearch.text.opened import is_text, open_text

_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*(::|://)")
_VERSIONS = (
    *("ETag", "etag", "Content-MD5", "Digest", "md5Hash", "crc32c", "generation", "versionId"),
    *("VersionId", "Last-Modified", "LastModified", "last_modified", "mtime", "updated"),
    *("created",),
)
"""What file systems call that by which one version of a file is told from the next."""


@dataclass(frozen=True)
class ShardFile:
    """Name a file of the text.

    Parameters
    ----------
    name : str
        Absolute path, or URL.
    size : int or None
        Bytes on disk; None where nothing tells.
    version : str or None
        What changes when the file does; None where nothing tells.
    here : str or None
        Path of what a URL names, where this command has it and workers cannot fetch it.
    """

    name: str
    size: int | None
    version: str | None
    here: str | None = None


@dataclass(frozen=True)
class FoundFiles:
    """Hold the files of a text, in the order in which one process reads them.

    Parameters
    ----------
    files : tuple of ShardFile
        At least one.
    left_out : dict of str to str
        Files found in folders that are not read, with what they are.
    """

    files: tuple[ShardFile, ...]
    left_out: dict[str, str]


def is_url(text: str) -> bool:
    r"""Whether something is a URL and not a path.

    Parameters
    ----------
    text : str
        What was typed.

    Returns
    -------
    bool
        True of ``s3://bucket/a.txt``, and of chains such as ``zip://a.txt::http://host/b.zip``.

    Examples
    --------
    >>> is_url("https://host/a.txt"), is_url("data/a.txt"), is_url("C:\\a.txt")
    (True, False, False)
    """
    return _URL.match(text) is not None


def find_files(texts: Sequence[str], fetched: Path) -> FoundFiles:
    """Find all files of a text.

    Parameters
    ----------
    texts : sequence of str
        Paths, folders, globs, URLs of what fsspec knows.
    fetched : Path
        Folder for what only this process can read (``memory://``); made where it is needed.

    Returns
    -------
    FoundFiles
        The files, those of a glob in alphabetical order.

    Raises
    ------
    InputError
        One that does not exist, cannot be read or is no file; a glob without a match.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("b.txt", "a.txt"):
    ...         _ = Path(folder, name).write_text("the cat")
    ...     found = find_files([f"{folder}/*.txt"], Path(folder, "none"))
    >>> [Path(file.name).name for file in found.files]
    ['a.txt', 'b.txt']
    """
    files: list[ShardFile] = []
    left_out: dict[str, str] = {}
    for text in texts:
        if text == "-":
            raise InputError(
                "standard input cannot be counted in shards, for it is read once; write it to "
                "files, or leave out --scheduler"
            )
        path = _local(text)
        if path is None:
            files += _of_url(text, fetched)
            continue
        for one in _matches(path):
            source = TextFiles((Path(one),))
            if not source.lasting():
                raise InputError(
                    f"{one} is a pipe or a device, which is read once; give files, or leave out "
                    "--scheduler"
                )
            for file in source.files:
                if file in source.found and (what := _no_text(file)) is not None:
                    left_out[str(file)] = what
                else:
                    files.append(_of_path(file))
    if not files:
        name, what = next(iter(left_out.items()))
        raise InputError(
            f"none of the {len(left_out):,} files found is text: {name} is {what}; "
            "give files of text"
        )
    return FoundFiles(tuple(files), left_out)


def _local(text: str) -> str | None:
    """The path that is meant, or None of a URL elsewhere."""
    if text.lower().startswith("file://"):
        from urllib.parse import unquote, urlsplit

        # Not every path is quoted as URLs are: a name with a per cent sign may be meant as it is.
        plain = text[len("file://") :]
        parts = urlsplit(text)
        return plain if os.path.lexists(plain) or "%" not in plain else unquote(parts.path)
    return None if is_url(text) else text


def _matches(path: str) -> list[str]:
    if os.path.lexists(path) or not glob.has_magic(path):
        return [path]
    found = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - of absolute ones too
    if not found:
        raise InputError(f"{path!r} matches no file; check the folder and the pattern")
    return found


def _no_text(file: Path) -> str | None:
    """What a file found in a folder is, where it is no text."""
    if file.stat().st_size == 0:
        return "empty"
    opened = open_text(file, HEAD_BYTES, lambda _: None)
    return None if is_text(opened) else opened.format.name


def _of_path(file: Path) -> ShardFile:
    status = file.stat()
    return ShardFile(str(file.absolute()), status.st_size, str(status.st_mtime_ns))


def _of_url(url: str, fetched: Path) -> Iterator[ShardFile]:
    for name, system, path in _urls(url):
        try:
            info = system.info(path)
        except Exception as error:
            raise _unreadable(name, error) from error
        if info.get("type") == "directory":
            raise InputError(f"{name} is a folder; name its files, such as '{name}/*.txt'")
        versions = [f"{key}={info[key]}" for key in _VERSIONS if info.get(key) is not None]
        here = None
        if "memory" in _protocols(system):
            here = str(_fetch(system, path, fetched, name))
        yield ShardFile(name, info.get("size"), "; ".join(versions) or None, here)


def _urls(url: str) -> Iterator[tuple[str, Any, str]]:
    """Each file of a URL: its own URL, its file system and its path there."""
    system, path = opened_system(url)
    if not glob.has_magic(path) or ("http" in url.partition("://")[0] and "*" not in path):
        yield url, system, path
        return
    if "::" in url:
        raise InputError(f"{url!r} is a chain of URLs with a pattern in it; name the files")
    try:
        found = sorted(system.glob(path))
    except Exception as error:
        raise _unreadable(url, error) from error
    if not found:
        raise InputError(f"{url!r} matches no file; check the folder and the pattern")
    for one in found:
        yield system.unstrip_protocol(one), system, one


def opened_system(url: str) -> tuple[Any, str]:
    """Find the file system of a URL, and the path there.

    Parameters
    ----------
    url : str
        What fsspec knows.

    Returns
    -------
    system : fsspec.AbstractFileSystem
        The file system.
    path : str
        Path in it.

    Raises
    ------
    InputError
        Another kind of URL; a package that it needs and that is not installed.
    """
    try:
        import fsspec
    except ImportError:
        raise missing("text behind a URL", "fsspec") from None
    try:
        system, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        said = str(error).rstrip(". ")
        raise InputError(f"{url} cannot be read: {said}; install it, here and on workers") from None
    except Exception as error:
        raise _unreadable(url, error) from error
    return system, str(path)


def _protocols(system: Any) -> tuple[str, ...]:
    named = system.protocol
    return (named,) if isinstance(named, str) else tuple(named)


def _fetch(system: Any, path: str, folder: Path, url: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    number = sum(1 for _ in folder.iterdir())
    target = folder / f"{number}-{local_name(path)}"
    fetch(system, path, target, url)
    return target


def fetch(system: Any, path: str, target: Path, url: str) -> None:
    """Copy a file behind a URL.

    Parameters
    ----------
    system : fsspec.AbstractFileSystem
        Its file system.
    path : str
        Path in it.
    target : Path
        File to write.
    url : str
        What it is called in messages.

    Raises
    ------
    InputError
        It cannot be read.
    """
    try:
        system.get_file(path, str(target))
    except Exception as error:
        raise _unreadable(url, error) from error


def local_name(path: str) -> str:
    """Give the name that a copy of a file gets, with the suffix that tells its compression.

    Parameters
    ----------
    path : str
        Path or URL.

    Returns
    -------
    str
        Without slashes, at most 100 letters, never empty.

    Examples
    --------
    >>> local_name("http://host/a/b.txt.gz"), local_name("http://host/")
    ('b.txt.gz', 'text')
    """
    name = re.sub(r"[^\w.-]", "_", path.partition("?")[0].rpartition("/")[2])
    return name[-100:].lstrip(".") or "text"


def _unreadable(url: str, error: Exception) -> InputError:
    said = " ".join((str(error) or type(error).__name__).split())[:200]
    kind = type(error).__name__
    if isinstance(error, FileNotFoundError):
        return InputError(f"{url} does not exist; check the address")
    return InputError(f"cannot read {url} ({kind}: {said}); check the address and the network")
