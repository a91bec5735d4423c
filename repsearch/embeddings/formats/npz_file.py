"""Read and write embeddings in NumPy's own archive, without pickle."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

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
        try:
            archive = np.load(stream, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise InputError(
                    f"cannot read {path}: it holds a single array, not an archive; {REMEDY}"
                )
            with archive:
                missing = [name for name in _ARRAYS if name not in archive.files]
                if missing:
                    raise InputError(
                        f"cannot read {path}: it lacks the array {missing[0]!r}; {REMEDY}"
                    )
                arrays = {name: archive[name] for name in _ARRAYS}
        except InputError:
            raise
        except ValueError as error:  # what NumPy raises for pickled objects
            raise InputError(
                f"cannot read {path}: it is not an npz file, or holds Python objects, which are "
                f"not loaded because they can run code; {REMEDY}"
            ) from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            raise InputError(
                f"cannot read {path}: it is damaged or cut short; copy or download it anew"
            ) from error
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
