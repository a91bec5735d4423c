"""Read and write embeddings in NumPy's own archive, without pickle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.lib.format import MAGIC_PREFIX

from repsearch.embeddings.formats.contents import Contents, encoded
from repsearch.embeddings.formats.packed_words import (
    FORMAT,
    REMEDY,
    VERSION,
    check_version,
    packed,
    unpacked,
)
from repsearch.embeddings.formats.streams import reading, writing
from repsearch.errors import InputError
from repsearch.storage.archive import read_arrays

_ARRAYS = ("format", "version", "name", "words", "vectors")


def read(path: Path) -> Contents:
    """Read a file.

    Parameters
    ----------
    path : Path
        File to read.

    Returns
    -------
    Contents
        Words and vectors.

    Raises
    ------
    InputError
        It is not an archive, lacks an array, or holds Python objects.
    """
    with reading(path) as stream:
        begins = stream.read(len(MAGIC_PREFIX))
        stream.seek(0)
        if begins == MAGIC_PREFIX:
            raise InputError(
                f"cannot read {path}: it holds a single array, not an archive; {REMEDY}"
            )
        arrays = read_arrays(stream, _ARRAYS, path, REMEDY)
    missing = [name for name in _ARRAYS if name not in arrays]
    if missing:
        raise InputError(f"cannot read {path}: it lacks the array {missing[0]!r}; {REMEDY}")
    check_version(str(arrays["format"]), arrays["version"], path)
    name = "\n".join(unpacked(arrays["name"], path))
    return Contents(unpacked(arrays["words"], path), arrays["vectors"], name)


def write(path: Path, contents: Contents) -> None:
    """Write a file.

    Parameters
    ----------
    path : Path
        Final name; it appears when the file is whole.
    contents : Contents
        Words and vectors.

    Raises
    ------
    InputError
        Naming a word that holds a newline or cannot be encoded.
    """
    words = packed(contents.words, path)
    name = np.frombuffer(encoded([contents.name], path)[0], dtype=np.uint8)
    with writing(path) as stream:
        np.savez(
            stream,
            format=np.array(FORMAT),
            version=np.array(VERSION),
            name=name,
            words=words,
            vectors=contents.vectors,
        )
