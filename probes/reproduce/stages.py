"""Keep the results of stages in a run folder, and use them again while what they rest on stands."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from repsearch.storage import keys
from repsearch.storage.atomic import sha256
from repsearch.storage.refusals import explaining_write_errors
from repsearch.storage.tables import write_json

_RECORD = "stage.json"
FOLDER = "stages"
_SHARED = ("families.py", "curves.py", "have.py", "measured.py", "published.json")


class Stages:
    """The results of stages, each in a folder of its own with a record of what it rests on.

    The key of a stage is a digest of its settings, of the keys of the stages that it takes
    something from, of its program and of the packages it computes with. A stage whose record
    has another key is worked out anew; so is one whose files are not as they were written.
    The record is written last, so that a stage that was interrupted has none.

    Parameters
    ----------
    folder : Path
        The run folder.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     stages = Stages(Path(name))
    ...     for _ in range(2):
    ...         with stages.stage("counts", "a key") as (place, standing):
    ...             print(standing)
    ...             if not standing:
    ...                 _ = (place / "result.txt").write_text("seven")
    False
    True
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def stands(self, name: str, key: str) -> bool:
        """Tell whether a stage was worked out from the same things, and its files are whole.

        Parameters
        ----------
        name : str
            Name of the stage.
        key : str
            From `key_of`.

        Returns
        -------
        bool
        """
        place = self.folder / name
        record = self.record(name)
        if record is None or record.get("key") != key:
            return False
        try:
            return all(sha256(place / file) == digest for file, digest in record["files"].items())
        except (OSError, KeyError, AttributeError):
            return False

    def record(self, name: str) -> dict[str, Any] | None:
        """Read what is recorded of a stage.

        Parameters
        ----------
        name : str
            Name of the stage.

        Returns
        -------
        dict or None
            Key, files with their digests, and seconds; None where it is not there or no record.
        """
        try:
            found = json.loads((self.folder / name / _RECORD).read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    @contextmanager
    def stage(self, name: str, key: str, *, keep: bool = False) -> Iterator[tuple[Path, bool]]:
        """Give the folder of a stage, and tell whether its results stand.

        Parameters
        ----------
        name : str
            Name of the stage.
        key : str
            From `key_of`.
        keep : bool, default False
            Whether what an interrupted attempt of the same key has left is kept, as of a run
            that goes on.

        Yields
        ------
        place : Path
            The folder; empty, unless the results stand or an attempt is kept.
        standing : bool
            Whether there is nothing to do.
        """
        place = self.folder / name
        if self.stands(name, key):
            yield place, True
            return
        with explaining_write_errors(place):
            begun = place / "begun.json"
            if not (keep and _read(begun) == {"key": key}):
                if place.exists():
                    shutil.rmtree(place)
                place.mkdir(parents=True)
            (place / _RECORD).unlink(missing_ok=True)
            if keep:
                write_json({"key": key}, begun)
        since = time.perf_counter()
        yield place, False
        files = sorted(
            path.relative_to(place).as_posix()
            for path in place.rglob("*")
            if path.is_file() and not path.name.startswith(".") and path.name != _RECORD
        )
        record = {
            "key": key,
            "seconds": round(time.perf_counter() - since, 3),
            "files": {file: sha256(place / file) for file in files},
        }
        write_json(record, place / _RECORD)


def key_of(
    name: str, settings: Mapping[str, Any], inputs: Mapping[str, str], program: Callable[..., Any]
) -> str:
    """Digest what the result of a stage rests on.

    Parameters
    ----------
    name : str
        Name of the stage.
    settings : mapping
        The settings that it uses.
    inputs : mapping of str to str
        Keys of what it takes from other stages.
    program : callable
        The function that works it out; its file counts as well.

    Returns
    -------
    str
        A digest.

    Examples
    --------
    >>> key_of("a", {"d": 2}, {}, key_of) == key_of("a", {"d": 3}, {}, key_of)
    False
    """
    files = _program(Path(program.__code__.co_filename))
    return keys.key_of(name, settings, inputs, files, ("repsearch", "numpy", "scipy", "torch"))


def _program(file: Path) -> list[Path]:
    """The file of a function; of a figure's, those that figures share as well."""
    shared = _SHARED if file.name.startswith("figure_") else ()
    return [file, *(file.parent / name for name in shared)]


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
