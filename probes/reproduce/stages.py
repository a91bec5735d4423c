"""Keep the results of stages in a run folder, and use them again while what they rest on stands."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from repsearch.storage import keys
from repsearch.storage.atomic import sha256
from repsearch.storage.keys import program_digest
from repsearch.storage.refusals import explaining_write_errors
from repsearch.storage.tables import write_json

_RECORD, _BEGUN = "stage.json", "begun.json"
FOLDER = "stages"
_PACKAGES = ("numpy", "scipy", "numba", "scikit-learn", "torch")
_DRAWING = ("matplotlib",)


class Stages:
    """The results of stages, each in a folder of its own with a record of what it rests on.

    The key of a stage is a digest of its settings, of the keys of the stages that it takes
    something from, of the whole program and of the packages it computes with. A stage whose record
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

    def forget(self, name: str) -> None:
        """Take back that a stage stands, so that it is worked out anew.

        Parameters
        ----------
        name : str
            Name of the stage.
        """
        place = self.folder / name
        with explaining_write_errors(place):
            (place / _RECORD).unlink(missing_ok=True)
            (place / _BEGUN).unlink(missing_ok=True)

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
            that goes on. What had ended and does not stand is damaged, and never kept.

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
            begun = place / _BEGUN
            interrupted = _read(begun) == {"key": key} and not (place / _RECORD).exists()
            if not (keep and interrupted):
                begun.unlink(missing_ok=True)  # first, lest half a removal is taken for an attempt
                if place.exists():
                    shutil.rmtree(place)
                place.mkdir(parents=True)
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
    name: str, settings: Mapping[str, Any], inputs: Mapping[str, str], *, drawn: bool = False
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
    drawn : bool, default False
        Whether it is a picture, which rests on the version of Matplotlib as well.

    Returns
    -------
    str
        A digest.

    Examples
    --------
    >>> key_of("a", {"d": 2}, {}) == key_of("a", {"d": 3}, {})
    False
    """
    packages = (*_PACKAGES, *(_DRAWING if drawn else ()))
    program = program_digest("repsearch", "probes")
    return keys.key_of(name, settings, inputs, program, packages)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
