"""Open what a grid file names, and digest it: counts, texts, relations, rated pairs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from probes.studies.run_folder import check_part
from probes.sweep.grid import Source
from repsearch.counts.counts import Counts
from repsearch.data.carried import CARRIED
from repsearch.errors import InputError
from repsearch.storage.atomic import sha256
from repsearch.text.files import TextFiles

CARRIED_NAME = "carried"


def counts_source(name: str, folder: Path) -> Source:
    """Open a file of counts, and keep what planning needs of it.

    Parameters
    ----------
    name : str
        Path, from `folder` on; ``carried`` for the counts that come with the package.
    folder : Path
        That of the grid file.

    Returns
    -------
    Source

    Raises
    ------
    InputError
        No such file, a damaged one, or counts that have no eigenpairs.
    """
    path = CARRIED["counts"].path if name == CARRIED_NAME else folder / name
    if name == CARRIED_NAME and (folder / name).exists():
        raise InputError(
            f"{name!r} is the word for the counts that come with the package, and a file here "
            f"has that name; write './{name}' for the file"
        )
    check_part(path)
    counts = Counts.open(path)
    if not counts.symmetric:
        raise InputError(
            f"{path} was counted in a {counts.window.in_words}, where words and contexts differ; "
            "a sweep takes counts alike in both orders"
        )
    window = counts.window
    return Source(
        label=name,
        paths=(path.resolve(),),
        counted=True,
        digest=sha256(path),
        words=len(counts.words),
        pairs=len(counts.values),
        window=window.size if window.plain else None,
        weighting=window.weighting if window.plain else window.in_words,
    )


def text_source(names: Iterable[str], folder: Path, how: Mapping[str, Any]) -> Source:
    """Find the files of a text, and digest them.

    Parameters
    ----------
    names : iterable of str
        Files and folders, from `folder` on, which are one corpus together.
    folder : Path
        That of the grid file.
    how : mapping
        ``document``, ``field`` and ``bad_bytes`` of one way to count it.

    Returns
    -------
    Source

    Raises
    ------
    InputError
        A path that does not exist, or one that cannot be read.
    """
    names = list(names)
    paths = tuple((folder / name).resolve() for name in names)
    files = TextFiles(paths, how["document"], how["field"], how["bad_bytes"]).files
    states = []
    found = hashlib.sha256()
    for file in files:
        state = file.stat()
        states.append((file, state.st_size, state.st_mtime_ns))
        found.update(f"{file.name} {_digest(file)}\n".encode())
    return Source(
        label=" + ".join(names),
        paths=paths,
        counted=False,
        digest=found.hexdigest(),
        states=tuple(states),
    )


def check_unchanged(states: Iterable[tuple[Path | str, int, int]]) -> None:
    """Refuse files that are not as they were when they were digested.

    Parameters
    ----------
    states : iterable of (path, int, int)
        Each file with its size and time of change in nanoseconds.

    Raises
    ------
    InputError
        One was changed or removed meanwhile.
    """
    for name, size, changed in states:
        try:
            state = Path(name).stat()
        except OSError as error:
            raise InputError(f"{name} cannot be read any more: {error.strerror}") from None
        if (state.st_size, state.st_mtime_ns) != (size, changed):
            raise InputError(f"{name} was changed while the sweep went on; run it again")


def digest_of(path: Path) -> str:
    """Digest a file, or all files of a folder with their names.

    Parameters
    ----------
    path : Path
        File or folder.

    Returns
    -------
    str

    Raises
    ------
    InputError
        It cannot be read.
    """
    if not path.is_dir():
        return _digest(path)
    found = hashlib.sha256()
    for file in sorted(one for one in path.rglob("*") if one.is_file()):
        found.update(f"{file.relative_to(path).as_posix()} {_digest(file)}\n".encode())
    return found.hexdigest()


def _digest(path: Path) -> str:
    try:
        return sha256(path)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; check the path") from None
