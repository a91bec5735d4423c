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

from repsearch.checks import is_whole
from repsearch.errors import InputError
from repsearch.storage.atomic import replacing
from repsearch.storage.json_text import parse_json
from repsearch.storage.layout import Fact, check_record, refuse, short
from repsearch.storage.refusals import explaining_write_errors

FORMAT = "repsearch-run"
VERSION = 1
MANIFEST = "manifest.json"
_LONGEST = 2**31
REMEDY = "restore it from a copy, or train again in a new folder"
"""Advice about a run that is not as it should be."""

LAYOUT = (
    Fact("settings", "record"),
    Fact("columns", "record"),
    Fact("commit", "whole", 0, 2**63 - 1),
    Fact("words", "record"),
    *(Fact(name, "list") for name in ("states", "records", "snapshots")),
)
ENTRY = (
    Fact("file", "text"),
    Fact("sha256", "text"),
    Fact("step", "whole", 0, 2**63 - 1),
    Fact("time", "number", 0),
    Fact("rows", "whole", 0, 2**63 - 1),
)
"""What a manifest holds, and each of its entries."""

_BEGINS = {"words": "words", "states": "state-", "records": "records-", "snapshots": "snapshot-"}
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
            contents = parse_json(text, path, REMEDY)
            form, version = contents["format"], contents["version"]
            if form == FORMAT and is_whole(version) and version > VERSION:
                raise _NewerError(
                    f"{path} is of version {short(version)}, this program reads up to version "
                    f"{VERSION}; use a newer version of the program"
                )
            known = is_whole(version) and 1 <= version <= VERSION
            if form != FORMAT or not known or contents.pop("sha256") != _digest(contents):
                raise ValueError(form)
        except _NewerError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InputError(
                f"{path} is damaged, was altered, or is no manifest of a run; {REMEDY}"
            ) from error
        check_record(LAYOUT, contents, path, REMEDY)
        words = _entry(contents["words"], "words", path)
        lists = {
            name: tuple(_entry(entry, name, path) for entry in contents[name])
            for name in ("states", "records", "snapshots")
        }
        for name, entries in lists.items():
            least = [later.step - int(name != "states") for later in entries[1:]]
            if any(before.step > step for before, step in zip(entries, least, strict=False)):
                refuse(path, f"the steps of its {name} do not increase", REMEDY)
        if len(lists["states"]) not in (1, 2):
            refuse(path, f"it has {len(lists['states'])} states, not one or two", REMEDY)
        for name, shape in contents["columns"].items():
            if not isinstance(shape, list) or not all(
                is_whole(length) and 0 <= length < _LONGEST for length in shape
            ):
                refuse(path, f"the column {name!r} has the shape {short(shape)}", REMEDY)
        columns = {name: tuple(shape) for name, shape in contents["columns"].items()}
        return cls(contents["settings"], columns, contents["commit"], words, **lists)


class _NewerError(InputError):
    """The manifest is of a later version."""


def _entry(found: object, what: str, path: Path) -> Entry:
    check_record(ENTRY, found, path, REMEDY, f"an entry of {what}")
    assert isinstance(found, dict)
    if found.keys() != {fact.name for fact in ENTRY}:
        refuse(path, f"an entry of {what} has fields of its own", REMEDY)
    if not found["file"].startswith(_BEGINS[what]) or not OWN_NAME.fullmatch(found["file"]):
        refuse(path, f"an entry of {what} names the file {short(found['file'])}", REMEDY)
    return Entry(**found)


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
