"""Read vectors that others keep in arrays: .npy, plain .npz and safetensors, with their words."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings.formats import npz_file, safetensors_file
from repsearch.embeddings.formats.contents import (
    Contents,
    Undecodable,
    decoded,
    distinct,
    refuse_no_words,
)
from repsearch.embeddings.formats.streams import reading
from repsearch.embeddings.formats.word_lists import read_words
from repsearch.embeddings.tensor_rows import stored_tensors
from repsearch.errors import InputError
from repsearch.storage.archive import READING_ERRORS, check_unpacked_size, names_of, read_array
from repsearch.storage.memory import require_memory

_WORDS = ("words", "vocab", "vocabulary", "tokens", "labels")
_NOT_VECTORS = {*_WORDS, "counts", "word_counts", "format", "version", "name"}
_ANEW = "save it anew"
_STRINGS = "save the words as strings, numpy.array(words, dtype=str), or give a list of words"


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
    with reading(path):
        pass  # says what is wrong with a missing file better than NumPy
    require_memory(path.stat().st_size, str(path), "take a smaller file")
    try:
        # Mapped, and not read, so that a header which announces too much allocates nothing.
        vectors = np.lib.format.open_memmap(path, mode="r")
    except READING_ERRORS as error:
        raise InputError(
            f"cannot read {path}: it holds no array of numbers, is damaged or cut short; arrays "
            "of Python objects are not loaded because they can run code"
        ) from error
    return _listed(np.array(_table(vectors, path)), path, words, undecodable)


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
        try:
            with zipfile.ZipFile(stream) as archive:
                names = names_of(archive)
                if words is None and not {"format", "version"}.isdisjoint(names):
                    return npz_file.read(path)
                check_unpacked_size(archive, path, _ANEW)
                own = [name for name in _WORDS if name in names and words is None][:1]
                tables = [name for name in names if name not in _NOT_VECTORS]
                chosen = _only(tables, path, "array")
                vectors = _table(read_array(archive, chosen, path, _ANEW), path)
                listed = read_array(archive, own[0], path, _STRINGS) if own else None
        except InputError:
            raise
        except READING_ERRORS:
            return npz_file.read(path)  # which says what is wrong with it
    if listed is None:
        return _listed(vectors, path, words, undecodable)
    return distinct(
        _strings(listed, path, undecodable),
        vectors,
        path,
        unit="word",
        first=1,
        undecodable=undecodable,
    )


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
    try:
        tensors = stored_tensors(path)
    except InputError:
        if words is not None:
            raise
        return safetensors_file.read(path)  # which says what is wrong with it
    if words is None and ("words" in tensors or not tensors):
        return safetensors_file.read(path)
    if words is None:
        shown = ", ".join(name for name, one in tensors.items() if len(one.shape) == 2)
        refuse_no_words(path, f"a table of numbers ({shown})" if shown else "no table of numbers")
    tables = [
        name
        for name, one in tensors.items()
        if len(one.shape) == 2 and one.dtype in {"F64", "F32", "F16", "BF16"}
    ]
    chosen = tensors[_only(tables, path, "tensor")]
    return _listed(chosen.rows(np.arange(chosen.shape[0])), path, words, undecodable)


def _listed(
    vectors: NDArray[np.floating[Any]], path: Path, words: Path | None, undecodable: Undecodable
) -> Contents:
    if words is None:
        refuse_no_words(path)
    found = read_words(words, len(vectors), undecodable=undecodable)
    return distinct(found, vectors, words, unit="word", first=1, undecodable=undecodable)


def _only(names: Sequence[str], path: Path, kind: str) -> str:
    """The one table of vectors, or that which is called so."""
    for name in ("vectors", "embeddings"):
        if name in names:
            return name
    if len(names) == 1:
        return names[0]
    found = f"several ({', '.join(sorted(names))})" if names else "none"
    raise InputError(
        f"cannot read {path}: of its {kind}s one should be a table of floating numbers, a row for "
        f"each word, but there are {found}; save it with one that is called vectors"
    )


def _table(array: NDArray[Any], path: Path) -> NDArray[np.floating[Any]]:
    if array.ndim != 2 or array.dtype.kind != "f" or array.dtype.itemsize > 8:
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
