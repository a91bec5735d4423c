"""Read the folder of an encoded corpus (docs/formats.md)."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.storage.atomic import sha256
from repsearch.text.tokenizers import is_word

FORMAT = "repsearch-corpus"
VERSION = 2
MANIFEST = "corpus.json"
VOCABULARY = "vocabulary.tsv"
TOKENS = "tokens.i32"
OFFSETS = "offsets.i64"
FILES = (MANIFEST, VOCABULARY, TOKENS, OFFSETS)
_FIELDS = {
    "tokenizer": str,
    "settings": dict,
    "n_words": int,
    "n_tokens": int,
    "n_documents": int,
    "n_words_read": int,
    "n_documents_dropped": int,
    "digest": str,
}
_CHECKED = {"token_sum": int, "files": dict, "sha256": str}
"""Fields that folders of version 1, which are read as well, lack."""
_READINGS = 50
_GAP = 0.01
"""Seconds, far more than the moment in which a folder that is replaced has no name."""
T = TypeVar("T")


def mapped_tokens(file: Path, n: int) -> NDArray[np.int32]:
    """Map word ids into memory.

    Parameters
    ----------
    file : Path
        File of 32-bit numbers.
    n : int
        Number of word ids.

    Returns
    -------
    (n,) int32
        Word ids, read from disk where they are used.
    """
    # A file of no bytes cannot be mapped.
    return np.memmap(file, "<i4", "r", shape=(n,)) if n else np.empty(0, np.int32)


def missing(path: Path) -> InputError:
    """Make the error for a file of the folder that is not there.

    Parameters
    ----------
    path : Path
        File that is missing.

    Returns
    -------
    InputError
        Error to raise.
    """
    return InputError(
        f"{path.parent} holds no whole corpus ({path.name} is missing); encode one there"
    )


def damaged(path: Path) -> InputError:
    """Make the error for a file of the folder whose content makes no sense.

    Parameters
    ----------
    path : Path
        File that is damaged.

    Returns
    -------
    InputError
        Error to raise.
    """
    return InputError(f"{path} is damaged; encode the corpus again")


def read_unreplaced(folder: Path, read: Callable[[], T]) -> T:
    """Read a folder, again if another process puts a new corpus in its place meanwhile.

    Its files are opened one after the other; without this they might belong to two corpora.

    Parameters
    ----------
    folder : Path
        Folder of a corpus.
    read : callable
        Reads it.

    Returns
    -------
    object
        What `read` gave.

    Raises
    ------
    InputError
        From `read`, of a folder that stayed in its place.
    """
    for _ in range(_READINGS):
        before = _which(folder)
        try:
            found = read()
        except (InputError, OSError, ValueError):  # the last where a mapped file is shorter
            if _which(folder) == before:
                raise
        else:
            if _which(folder) == before:
                return found
    raise InputError(f"{folder} is written again and again by another process; wait for its end")


def _which(folder: Path) -> tuple[int, int] | None:
    """Tell one folder of a name from the next; None where there is none."""
    for pause in (_GAP, 0):
        try:
            found = folder.stat()
        except OSError:
            time.sleep(pause)
        else:
            return found.st_ino, found.st_mtime_ns
    return None


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        raise damaged(path) from None
    except (FileNotFoundError, NotADirectoryError):
        raise missing(path) from None
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"cannot read {path} ({error.strerror}); check it, or encode the corpus again"
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest and check that every field is there and of the right type.

    Parameters
    ----------
    folder : Path
        Folder of a corpus.

    Returns
    -------
    dict
        Fields of the manifest.

    Raises
    ------
    InputError
        No manifest, a damaged one, or one of another version.
    """
    path = folder / MANIFEST
    text = _read_text(path)
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):  # of JSON, or of numbers with too many digits
        raise damaged(path) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise InputError(f"{path} is not the manifest of a corpus; encode the corpus again")
    version = manifest.get("version")
    if type(version) is not int or not 1 <= version <= VERSION:
        raise InputError(
            f"{folder} is a corpus of format version {version}, this program reads versions up "
            f"to {VERSION}; encode it again"
        )
    fields = _FIELDS | (_CHECKED if version > 1 else {})
    if not all(type(manifest.get(name)) is kind for name, kind in fields.items()):
        raise damaged(path)
    if version > 1 and manifest.pop("sha256") != _digest(manifest):
        raise damaged(path)
    return manifest


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest with a checksum of itself.

    Parameters
    ----------
    folder : Path
        Folder of a corpus.
    manifest : mapping
        All its fields but ``sha256``.
    """
    text = json.dumps({**manifest, "sha256": _digest(manifest)}, indent=1)
    (folder / MANIFEST).write_bytes(text.encode())


def check_files(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Hold vocabulary and offsets to the checksums in the manifest, where it has them.

    Parameters
    ----------
    folder : Path
        Folder of a corpus.
    manifest : mapping
        From `read_manifest`.

    Raises
    ------
    InputError
        A file that is missing, or has changed.
    """
    for name, digest in manifest.get("files", {}).items():
        try:
            found = sha256(folder / name)
        except (FileNotFoundError, NotADirectoryError):
            raise missing(folder / name) from None
        except OSError as error:
            raise _unreadable(folder / name, error) from error
        if found != digest:
            raise damaged(folder / name)


def _digest(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def read_vocabulary(path: Path, size: int) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Read words and their counts.

    Parameters
    ----------
    path : Path
        File with a word and its count in each line.
    size : int
        Number of words according to the manifest.

    Returns
    -------
    words : tuple of str
        The vocabulary.
    counts : (V,) int64
        Occurrences of each word.

    Raises
    ------
    InputError
        Another number of lines, a line that is no word with its count, or a word twice.
    """
    lines = _read_text(path).split("\n")[:-1]
    if len(lines) != size:
        raise InputError(
            f"{path} has {len(lines):,} lines instead of {size:,}; encode the corpus again"
        )
    words, counts = [], []
    for number, line in enumerate(lines, start=1):
        word, _, count = line.partition("\t")
        if not (is_word(word) and count.isdecimal() and len(count) < 19):
            raise InputError(
                f"{path}, line {number:,}, is no word with its count; encode the corpus again"
            )
        words.append(word)
        counts.append(int(count))
    if len(set(words)) < len(words):
        raise damaged(path)
    return tuple(words), np.array(counts, np.int64)


def read_offsets(folder: Path, n: int, n_documents: int) -> NDArray[np.int64]:
    """Read where documents begin, and check the sizes of both binary files.

    Parameters
    ----------
    folder : Path
        Folder of a corpus.
    n : int
        Number of tokens according to the manifest.
    n_documents : int
        Number of documents according to the manifest.

    Returns
    -------
    (n_documents + 1,) int64
        Bounds of documents among the tokens.

    Raises
    ------
    InputError
        A file that is missing, of another size, or damaged.
    """
    for name, size in ((TOKENS, 4 * n), (OFFSETS, 8 * (n_documents + 1))):
        file = folder / name
        if not file.exists():
            raise missing(file)
        if file.stat().st_size != size:
            raise InputError(
                f"{file} has {file.stat().st_size:,} bytes instead of {size:,}; "
                "encode the corpus again"
            )
    offsets = np.fromfile(folder / OFFSETS, "<i8")
    if offsets[0] != 0 or offsets[-1] != n or (np.diff(offsets) < 0).any():
        raise damaged(folder / OFFSETS)
    return offsets
