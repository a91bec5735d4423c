"""Read vectors that others keep in arrays: .npy, plain .npz and safetensors, with their words."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings.formats import npz_file, safetensors_file
from repsearch.embeddings.formats.contents import (
    Contents,
    Undecodable,
    decoded,
    distinct_words,
    refuse_no_words,
)
from repsearch.embeddings.formats.streams import reading
from repsearch.embeddings.formats.word_lists import read_words
from repsearch.embeddings.tensor_rows import StoredTensor, stored_tensors
from repsearch.errors import InputError

_WORDS = ("words", "vocab", "vocabulary", "tokens", "labels")
_OURS = {"format.npy", "version.npy", "name.npy", "words.npy", "vectors.npy"}


def read_npy(
    path: Path, *, words: Path | None = None, undecodable: Undecodable = "strict"
) -> Contents:
    """Read an array of vectors, whose words are in a list beside it.

    Parameters
    ----------
    path : Path
        A ``.npy`` file.
    words : Path
        List of words, one a line.
    undecodable : {"strict", "replace", "ignore"}
        What to do with words that are not UTF-8.

    Returns
    -------
    Contents

    Raises
    ------
    InputError
        No list was given, the file is damaged, or holds no table of numbers.
    """
    with reading(path) as stream:
        vectors = _array(stream, path)
    return _listed(_table(vectors, path), path, words, undecodable)


def read_npz(
    path: Path, *, words: Path | None = None, undecodable: Undecodable = "strict"
) -> Contents:
    """Read an archive: ours, or a plain one with an array of vectors and perhaps one of words.

    Parameters
    ----------
    path : Path
        A ``.npz`` file.
    words : Path, optional
        List of words, where the archive has none.
    undecodable : {"strict", "replace", "ignore"}
        What to do with words that are not UTF-8.

    Returns
    -------
    Contents

    Raises
    ------
    InputError
        The archive is damaged, holds Python objects, or lacks words or vectors.
    """
    with reading(path) as stream:
        names = _names(stream)
        if names is None or (words is None and names & {"format.npy", "version.npy"}):
            return npz_file.read(path)
        own = [name for name in _WORDS if f"{name}.npy" in names and words is None]
        arrays = _archive(stream, path, own[:1])
    tables = {
        name: array for name, array in arrays.items() if array.ndim == 2 and array.dtype.kind == "f"
    }
    vectors = _table(_only(tables, path, "array"), path)
    if not own:
        return _listed(vectors, path, words, undecodable)
    return Contents(_strings(arrays[own[0]], path, undecodable), vectors)


def read_safetensors(
    path: Path, *, words: Path | None = None, undecodable: Undecodable = "strict"
) -> Contents:
    """Read safetensors: ours, or those of a model with a table of vectors and a list of words.

    Parameters
    ----------
    path : Path
        A ``.safetensors`` file.
    words : Path, optional
        List of words, for tensors of others.
    undecodable : {"strict", "replace", "ignore"}
        What to do with words that are not UTF-8.

    Returns
    -------
    Contents
        Numbers of 16 bits as float32, which holds them exactly.

    Raises
    ------
    InputError
        The file is damaged, no list was given, or it is open which tensor is meant.
    """
    with reading(path):
        pass  # says what is wrong with a missing file better than the library
    tensors = stored_tensors(path)
    if "words" in tensors and words is None:
        return safetensors_file.read(path)
    if words is None:
        tables = ", ".join(name for name, one in tensors.items() if len(one.shape) == 2)
        refuse_no_words(path, f"the tensors {tables or 'none'}")
    tables_: dict[str, StoredTensor] = {
        name: one
        for name, one in tensors.items()
        if len(one.shape) == 2 and one.dtype in {"F64", "F32", "F16", "BF16"}
    }
    chosen = _only(tables_, path, "tensor")
    return _listed(chosen.rows(np.arange(chosen.shape[0])), path, words, undecodable)


def _listed(
    vectors: NDArray[np.floating[Any]], path: Path, words: Path | None, undecodable: Undecodable
) -> Contents:
    if words is None:
        refuse_no_words(path)
    found = read_words(words, len(vectors), undecodable=undecodable)
    return distinct_words(Contents(found, vectors), words, undecodable)


def _array(stream: BinaryIO, path: Path) -> NDArray[Any]:
    try:
        return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))
    except (ValueError, EOFError, SyntaxError, OSError, MemoryError, OverflowError) as error:
        raise InputError(
            f"cannot read {path}: it holds no array of numbers, is damaged or cut short; arrays "
            "of Python objects are not loaded because they can run code"
        ) from error


def _names(stream: BinaryIO) -> set[str] | None:
    """Members of an archive; None where it is none, which its own reader says better."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return None
    finally:
        stream.seek(0)


def _archive(stream: BinaryIO, path: Path, wanted: list[str]) -> dict[str, NDArray[Any]]:
    """The arrays of words that are wanted, and all others of a floating type."""
    found: dict[str, NDArray[Any]] = {}
    try:
        with zipfile.ZipFile(stream) as archive:
            for member in archive.infolist():
                if not member.filename.endswith(".npy"):
                    continue
                name = member.filename.removesuffix(".npy")
                shape, dtype = _declared(archive, member)
                if name in wanted and dtype.hasobject:
                    raise InputError(
                        f"cannot read {path}: its {name} are Python objects, which are not loaded "
                        "because they can run code; save them as strings, "
                        "numpy.array(words, dtype=str), or give a list of words"
                    )
                if name not in wanted and (dtype.kind != "f" or len(shape) != 2):
                    continue
                # What it declares is held against what is there before anything is made of it.
                needed = int(np.prod(shape, dtype=object)) * dtype.itemsize
                if needed > member.file_size:
                    raise InputError(
                        f"cannot read {path}: the array {name!r} is damaged or cut short"
                    )
                with archive.open(member) as inner:
                    found[name] = _array(inner, path)  # type: ignore[arg-type]
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, SyntaxError, OSError) as error:
        raise InputError(
            f"cannot read {path}: it is damaged or cut short; copy or download it anew"
        ) from error
    return found


def _declared(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo
) -> tuple[tuple[int, ...], np.dtype[Any]]:
    with archive.open(member) as inner:
        version = np.lib.format.read_magic(inner)
        if version == (1, 0):
            shape, _, dtype = np.lib.format.read_array_header_1_0(inner)
        else:
            shape, _, dtype = np.lib.format.read_array_header_2_0(inner)
    return shape, dtype


def _only[Table: (NDArray[Any], StoredTensor)](
    tables: dict[str, Table], path: Path, kind: str
) -> Table:
    for name in ("vectors", "embeddings"):
        if name in tables:
            return tables[name]
    if len(tables) == 1:
        return next(iter(tables.values()))
    found = f"several ({', '.join(sorted(tables))})" if tables else "none"
    raise InputError(
        f"cannot read {path}: of its {kind}s one should be a table of floating numbers, a row for "
        f"each word, but there are {found}; save it with one that is called vectors"
    )


def _table(array: NDArray[Any], path: Path) -> NDArray[np.floating[Any]]:
    if array.ndim != 2 or array.dtype.kind != "f":
        raise InputError(
            f"cannot read {path}: it holds {array.dtype} of the shape {array.shape}, where vectors "
            "of the shape (words, dimension) are expected"
        )
    return array


def _strings(array: NDArray[Any], path: Path, undecodable: Undecodable) -> list[str]:
    if array.ndim == 1 and array.dtype.kind == "U":
        return [str(word) for word in array.tolist()]
    if array.ndim == 1 and array.dtype.kind == "S":
        words = array.tolist()
        return decoded(words, path, unit="word", first=1, undecodable=undecodable)
    raise InputError(
        f"cannot read {path}: its words are {array.dtype} of the shape {array.shape}, where one "
        "row of strings is expected; save numpy.array(words, dtype=str)"
    )
