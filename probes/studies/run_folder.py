"""Keep one run in a run folder, and know its parts from those of another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from repsearch.errors import InputError
from repsearch.storage.atomic import sha256
from repsearch.storage.locking import locked
from repsearch.storage.refusals import explaining_write_errors
from repsearch.storage.tables import write_json

RECORD = "run.json"
COUNTS = "counts_sha256"
"""Key of a record: what counts the run is of, which need not lie in its folder."""
CORPUS = "corpus"
COUNTS_FILE = "counts.npz"
STAGES = "stages.json"
"""What the counts rest on, and their digest."""
_ASIDE = ".run.json.old"
_FILES = (
    "settings.toml",
    COUNTS_FILE,
    STAGES,
    "spectrum.safetensors",
    "embeddings.safetensors",
    "minimum.safetensors",
    "minimum-contexts.safetensors",
    "minimum-history.json",
    "report.json",
    "report.html",
)
_FOLDERS = ("tables", "figures", "probes")
_Seen = Mapping[str, tuple[int, int]]


class RunFolder:
    """A run folder that this process alone is writing; made by `run_folder`.

    Parameters
    ----------
    folder : Path
        The folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.begun = False
        self._before: _Seen = {}

    def record_before(self) -> dict[str, Any] | None:
        """Read the record of the run that the folder holds, which is put aside.

        Returns
        -------
        dict or None
            Its fields; None where there is none, or no whole one.
        """
        try:
            return _read(self.folder / _ASIDE)
        except InputError:
            return None

    def begin(self, keep: Collection[str] = ()) -> None:
        """Remove the parts of the run before, once this one has something to put there.

        The corpus stays, for it may be used again. Files that no run has written stay too.

        Parameters
        ----------
        keep : collection of str
            Names of parts that stay, for they are those of this run as well.
        """
        if self.begun:
            return
        self.begun = True
        with explaining_write_errors(self.folder):
            for name in [*_FILES, *_recorded(self.folder / _ASIDE)]:
                if not name.startswith(f"{CORPUS}/") and name not in keep:
                    (self.folder / name).unlink(missing_ok=True)
            (self.folder / _ASIDE).unlink(missing_ok=True)
        self._before = _seen(self.folder)

    def finish(self, facts: Mapping[str, Any], needed: tuple[str, ...]) -> None:
        """Write the record, last, so that its presence says that all is there.

        Parameters
        ----------
        facts : mapping
            What is to be known of the run, as JSON can hold it.
        needed : tuple of str
            Files that the run has written, without which it is not whole.

        Raises
        ------
        InputError
            A part that was written is gone; the record cannot be written.
        """
        now = _seen(self.folder)
        written = {name for name, seen in now.items() if self._before.get(name) != seen}
        if lost := [name for name in needed if name not in now]:
            raise InputError(
                f"{self.folder / lost[0]} was written and is gone: the folder was removed or "
                "emptied during the run; run again"
            )
        files = {name: sha256(self.folder / name) for name in sorted({*written, *needed})}
        record = {**facts, "files": files}
        write_json({**record, "sha256": _digest(record)}, self.folder / RECORD)


@contextmanager
def run_folder(folder: Path) -> Iterator[RunFolder]:
    """Take a folder for one run.

    The record of the run before is put aside first. It comes back if this run ends, or fails,
    before it has replaced anything.

    Parameters
    ----------
    folder : Path
        The folder; made if it is missing.

    Yields
    ------
    RunFolder
        To be told when the first part is written (`RunFolder.begin`), and the last.

    Raises
    ------
    InputError
        Another process is at work on it; it cannot be written.
    """
    with explaining_write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        run = RunFolder(folder)
        with explaining_write_errors(folder):
            if (folder / RECORD).exists():
                (folder / RECORD).replace(folder / _ASIDE)
        try:
            yield run
        finally:
            if not run.begun:
                with suppress(OSError):
                    (folder / _ASIDE).replace(folder / RECORD)


def read_record(folder: Path) -> dict[str, Any] | None:
    """Read the record of a run folder.

    Parameters
    ----------
    folder : Path
        The folder.

    Returns
    -------
    dict or None
        Its fields; None where it has none, or one of an older program that names no files.

    Raises
    ------
    InputError
        A damaged record.
    """
    return _read(folder / RECORD)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        record = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}); check it") from error
    except (ValueError, RecursionError):
        raise _damaged(path) from None
    if not isinstance(record, dict):
        raise _damaged(path)
    if "files" not in record and "sha256" not in record:
        return None
    digest = record.pop("sha256", None)
    files = record.get("files")
    if digest != _digest(record) or not isinstance(files, dict) or not all(map(_is_part, files)):
        raise _damaged(path)
    return record


def faults(folder: Path, record: Mapping[str, Any]) -> dict[str, str]:
    """Hold the parts of a run folder to its record.

    Parameters
    ----------
    folder : Path
        The folder.
    record : mapping
        From `read_record`.

    Returns
    -------
    dict of str to str
        What is wrong, by the name of the part.
    """
    found = {}
    for name, digest in record["files"].items():
        if fault := _fault(folder / name, digest):
            found[name] = fault
    return found


def check_part(path: Path) -> None:
    """Check that a file in a run folder is the one of that run.

    A file elsewhere, and one that the run has not written, passes.

    Parameters
    ----------
    path : Path
        File that is about to be read.

    Raises
    ------
    InputError
        The record names another content, or is damaged.
    """
    if not path.exists():
        return  # its reader says so
    folder = path.resolve().parent
    record = read_record(folder)
    digest = None if record is None else record["files"].get(path.name)
    if digest is not None and (fault := _fault(path, digest)):
        raise InputError(
            f"{path} {fault}: {folder / RECORD} names another content; run again, or take it "
            "out of the folder to use it alone"
        )


def _fault(path: Path, digest: str) -> str | None:
    try:
        found = sha256(path)
    except OSError as error:
        return "is missing" if isinstance(error, FileNotFoundError) else f"({error.strerror})"
    return None if found == digest else "is damaged or of another run"


def _is_part(name: str) -> bool:
    """Whether a run writes a file of that name: nothing else is read or removed by a record."""
    first, *others = name.split("/")
    if not others:
        return first in _FILES
    return (name == f"{CORPUS}/corpus.json") or (
        first in _FOLDERS and len(others) == 1 and others[0] not in ("", ".", "..")
    )


def _damaged(path: Path) -> InputError:
    return InputError(f"{path} is damaged or was altered; run again in a new folder")


def _recorded(path: Path) -> list[str]:
    """Names of the files of a run, from its record where that is whole."""
    try:
        record = _read(path)
    except InputError:
        return []
    return [] if record is None else list(record["files"])


def _seen(folder: Path) -> _Seen:
    """The files that a run writes, each with what tells it from another of the same name."""
    paths = [folder / name for name in _FILES] + [folder / CORPUS / "corpus.json"]
    paths += [path for name in _FOLDERS for path in sorted((folder / name).glob("*"))]
    found = {}
    for path in paths:
        with suppress(OSError):
            status = path.stat()
            if path.is_file() and not path.name.startswith("."):
                name = path.relative_to(folder).as_posix()
                found[name] = (status.st_ino, status.st_mtime_ns)
    return found


def _digest(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
