"""Keep the list of a run's files, which is replaced last and as a whole."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from repsearch.errors import InputError
from repsearch.storage.atomic import replacing
from repsearch.storage.refusals import explaining_write_errors

FORMAT = "repsearch-run"
VERSION = 1
MANIFEST = "manifest.json"
OWN_NAME = re.compile(r"words\.txt|(state|records|snapshot)-\d{8,}\.safetensors")


@dataclass(frozen=True)
class Entry:
    """A file as the manifest describes it.

    Parameters
    ----------
    file : str
        Its name in the folder of the run.
    sha256 : str
        Checksum of its content, in hexadecimal.
    step : int
        Steps of the state or snapshot in it, or of its last recorded row.
    time : float
        Flow time of the same.
    rows : int
        Recorded rows in it.
    """

    file: str
    sha256: str
    step: int = 0
    time: float = 0.0
    rows: int = 0

    def __post_init__(self) -> None:
        # Files that are no longer needed are removed by these names.
        if not OWN_NAME.fullmatch(self.file) or not math.isfinite(self.time):
            raise ValueError(self)


@dataclass(frozen=True)
class Manifest:
    """What a run consists of.

    Parameters
    ----------
    settings : mapping
        JSON, as they were given.
    columns : mapping of str to tuple of int
        The shape of a recorded value of each name.
    commit : int
        How often the run was committed; new files are numbered by it.
    words : Entry
        The vocabulary.
    states, records, snapshots : tuple of Entry
        Oldest first, at least one state.
    """

    settings: Mapping[str, Any]
    columns: Mapping[str, tuple[int, ...]]
    commit: int
    words: Entry
    states: tuple[Entry, ...]
    records: tuple[Entry, ...]
    snapshots: tuple[Entry, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All files but the manifest."""
        return (self.words, *self.states, *self.records, *self.snapshots)

    def write(self, folder: Path) -> None:
        """Make it the manifest of `folder`, once all that it names is safely there.

        Parameters
        ----------
        folder : Path
            Folder of the run.

        Raises
        ------
        InputError
            No way to write.
        """
        _sync_folder(folder)
        contents = {"format": FORMAT, "version": VERSION, **asdict(self)}
        with replacing(folder / MANIFEST, "w") as stream:
            json.dump({**contents, "sha256": _digest(contents)}, stream, indent=1, allow_nan=False)
        _sync_folder(folder)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a folder.

        Parameters
        ----------
        folder : Path
            Folder of a run.

        Returns
        -------
        Manifest
            What the folder holds.

        Raises
        ------
        InputError
            No run in the folder, a damaged manifest, or one of a newer version.
        """
        path = folder / MANIFEST
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            raise InputError(
                f"{folder} holds no run: there is no {MANIFEST} in it; check the path"
            ) from None
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror}; check the path") from error
        try:
            contents = json.loads(text)
            form, version = contents["format"], contents["version"]
            if form == FORMAT and version > VERSION:
                raise InputError(
                    f"{path} is of version {version}, this program reads up to version {VERSION}; "
                    "use a newer version of the program"
                )
            if form != FORMAT or contents.pop("sha256") != _digest(contents):
                raise ValueError(form)
            entries = {
                name: tuple(Entry(**entry) for entry in contents[name])
                for name in ("states", "records", "snapshots")
            }
            columns = {name: tuple(shape) for name, shape in contents["columns"].items()}
            words, commit = Entry(**contents["words"]), int(contents["commit"])
            _ = entries["states"][-1]
            return cls(contents["settings"], columns, commit, words, **entries)
        except InputError:
            raise
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            raise InputError(
                f"{path} is damaged, was altered, or is no manifest of a run; restore it from a "
                "copy, or train again in a new folder"
            ) from error


def _sync_folder(folder: Path) -> None:
    """Have the disk know the names in a folder, where the system can be asked to."""
    if os.name == "nt":
        return
    with explaining_write_errors(folder / MANIFEST):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _digest(contents: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()
