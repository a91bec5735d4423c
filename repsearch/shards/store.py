"""Name the files of shards in a folder that all workers share, and remove them in the end."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repsearch.errors import InputError
from repsearch.storage.keys import key_of
from repsearch.storage.leftovers import remove_leftovers
from repsearch.storage.locking import locked
from repsearch.storage.refusals import explaining_write_errors

_OURS = re.compile(r"(text|counts|sum|words|seen)-[0-9a-f]{32}(\.json)?|fetched|\.lock")
_PACKAGES = ("python", "numpy", "scipy", "numba")


@dataclass(frozen=True)
class ShardFolder:
    """Hold the folder of the shards' files, as workers are told of it.

    Parameters
    ----------
    path : str
        Absolute path, the same on every machine.
    program : str
        Digest of the program that counts.
    token : str
        Name of a file in it, by which a worker knows that it sees the same folder.
    """

    path: str
    program: str
    token: str

    def text(self, settings: Mapping[str, Any], files: Mapping[str, str]) -> Path:
        """Name the folder of an encoded shard.

        Parameters
        ----------
        settings : mapping
            How it is read.
        files : mapping of str to str
            What tells its files from others.

        Returns
        -------
        Path
            Folder of a corpus with all of the shard's words.
        """
        return self._of("text", settings, files)

    def counts(self, settings: Mapping[str, Any], digest: str, words: str) -> Path:
        """Name the folder of a shard's counts.

        Parameters
        ----------
        settings : mapping
            Window, and what becomes of other words.
        digest : str
            Digest of the encoded shard.
        words : str
            Digest of the vocabulary.

        Returns
        -------
        Path
            Folder of counts, and of what the digest of the whole is worked out from.
        """
        return self._of("counts", settings, {"text": digest, "words": words})

    def sum(self, parts: Mapping[str, str]) -> Path:
        """Name the folder of a sum of counts.

        Parameters
        ----------
        parts : mapping of str to str
            Names of what is added.

        Returns
        -------
        Path
            Folder of rows.
        """
        return self._of("sum", {}, parts)

    def words(self, digest: str) -> Path:
        """Name the file of the vocabulary.

        Parameters
        ----------
        digest : str
            Its digest.

        Returns
        -------
        Path
            JSON, a list of words.
        """
        return Path(self.path) / f"words-{digest[:32]}.json"

    def _of(self, kind: str, settings: Mapping[str, Any], inputs: Mapping[str, str]) -> Path:
        key = key_of(kind, settings, inputs, self.program, _PACKAGES)
        return Path(self.path) / f"{kind}-{key[:32]}"

    def check_seen(self) -> None:
        """Refuse to work where this folder is another one, or none.

        Raises
        ------
        InputError
            It is not the command's.
        """
        if not (Path(self.path) / self.token).exists():
            raise InputError(
                f"a worker does not see the folder {self.path} that the command sees; name one by "
                "--shards that is on a file system of all machines"
            )


@contextmanager
def shard_folder(folder: Path, program: str) -> Iterator[ShardFolder]:
    """Take a folder for the files of shards.

    Parameters
    ----------
    folder : Path
        A new one, an empty one, or one of shards.
    program : str
        Digest of the program that counts.

    Yields
    ------
    ShardFolder
        For this process alone, and its workers.

    Raises
    ------
    InputError
        Another command is at work on it, it holds other files, or it cannot be written.
    """
    with explaining_write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        remove_leftovers(folder)
        other = next(iter(_foreign(folder)), None)
    if other is not None:
        raise InputError(
            f"folder {folder} holds {other!r}, which is of no shard; choose a new or empty folder"
        )
    try:
        with locked(folder), _token(folder) as token:
            yield ShardFolder(str(folder.absolute()), program, token)
    finally:
        with suppress(OSError):  # where nothing was done in it
            folder.rmdir()


@contextmanager
def _token(folder: Path) -> Iterator[str]:
    """Name a file by which workers know the folder; at the end only shards are left in it."""
    token = folder / f"seen-{uuid.uuid4().hex}.json"
    with explaining_write_errors(folder):
        for old in folder.glob("seen-*.json"):
            old.unlink(missing_ok=True)
        token.write_text("{}")
    try:
        yield token.name
    finally:
        with suppress(OSError):
            token.unlink()
        shutil.rmtree(folder / "fetched", ignore_errors=True)
        for one in folder.glob("sum-*"):
            shutil.rmtree(one, ignore_errors=True)


def remove_shards(folder: Path) -> None:
    """Remove the files of shards, and their folder where nothing else is in it.

    Parameters
    ----------
    folder : Path
        Folder of shards that no command works on.
    """
    # An InputError: another command has begun to work on it.
    with suppress(OSError, InputError), locked(folder):
        for entry in list(folder.iterdir()):
            if entry.name == ".lock" or not _OURS.fullmatch(entry.name):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def _foreign(folder: Path) -> list[str]:
    """Names of files that are of no shard; temporary ones are of those at work."""
    return sorted(
        entry.name
        for entry in folder.iterdir()
        if not _OURS.fullmatch(entry.name) and not entry.name.endswith((".tmp", ".old", ".soft"))
    )
