"""Read and write embeddings in safetensors, which other languages read too."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

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
from repsearch.storage.checksum import crc32_of_arrays
from repsearch.storage.layout import refuse, short
from repsearch.storage.memory import require_memory

_TENSORS = ("vectors", "words")
_TYPES = {"float32": "F32", "float64": "F64", "uint8": "U8"}
_ALIGNMENT = 8
_CHECKSUM = "crc32"
_NOTES = {"format", "version", "name", _CHECKSUM}
_SINGULAR = "repsearch-singular"
"""Format of `repsearch.SingularTriplets`, of which there are two sets of embeddings."""
_ANEW = "copy or save it anew"


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
        It is not safetensors, or lacks a tensor.
    """
    with reading(path):
        pass  # says what is wrong with a missing file better than the library
    require_memory(path.stat().st_size, str(path), "take a smaller file")
    tensors: dict[str, NDArray[Any]] = {}
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") == _SINGULAR:
                raise InputError(
                    f"{path} holds singular vectors; give the embeddings of words that 'repsearch "
                    "solve --embeddings FILE' wrote"
                )
            for name in _TENSORS:
                if name not in file.keys():  # noqa: SIM118 (it is no mapping)
                    raise InputError(f"cannot read {path}: it lacks the tensor {name!r}; {REMEDY}")
                tensors[name] = file.get_tensor(name)
    # TypeError and AttributeError: numbers NumPy lacks, as bfloat16 and those of 8 bits.
    except (SafetensorError, TypeError, AttributeError, OSError) as error:
        raise InputError(
            f"cannot read {path}: it is not a safetensors file of embeddings, or is damaged or cut "
            f"short; {REMEDY}"
        ) from error
    check_version(metadata.get("format"), metadata.get("version"), path)
    _check_notes(metadata, tensors, path)
    words = unpacked(tensors["words"], path)
    return Contents(words, tensors["vectors"], metadata.get("name", ""))


def has_checksum(path: Path) -> bool:
    """Whether a file carries a checksum: those of `write` do, older ones and others' do not.

    Parameters
    ----------
    path : Path
        File to look at.

    Returns
    -------
    bool
        False also of a file that cannot be read.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            return _CHECKSUM in (file.metadata() or {})
    except (SafetensorError, OSError):
        return False


def _check_notes(
    metadata: Mapping[str, str], tensors: Mapping[str, NDArray[Any]], path: Path
) -> None:
    # A damaged key would hide the checksum; keys of others are none of our business.
    for key in sorted(metadata.keys() - _NOTES):
        if any(_is_nearly(key, known) for known in _NOTES):
            refuse(path, f"its metadata have {short(key)}", _ANEW)
    stored = metadata.get(_CHECKSUM)
    if stored is not None and stored != crc32_of_arrays(metadata.get("name", ""), tensors):
        raise InputError(f"{path} is damaged: its checksum is wrong; {_ANEW}")


def _is_nearly(key: str, known: str) -> bool:
    """Whether a key is another but for one letter."""
    return len(key) == len(known) and sum(map(str.__ne__, key, known)) == 1


def write(path: Path, contents: Contents) -> None:
    """Write a file.

    The library's own writer would hold the whole file in memory once more,
    and does not always order the metadata alike; equal embeddings should give
    equal files.

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
    encoded([contents.name], path)
    # The format wants little-endian numbers, and each tensor at a multiple of
    # its numbers' size; so the bytes of the words come last.
    vectors = contents.vectors.astype(contents.vectors.dtype.newbyteorder("<"), copy=False)
    tensors = {"vectors": np.ascontiguousarray(vectors), "words": packed(contents.words, path)}
    header: dict[str, Any] = {
        "__metadata__": {
            "format": FORMAT,
            "version": str(VERSION),
            "name": contents.name,
            _CHECKSUM: crc32_of_arrays(contents.name, tensors),
        }
    }
    start = 0
    for name, tensor in tensors.items():
        stop = start + tensor.nbytes
        header[name] = {
            "dtype": _TYPES[tensor.dtype.name],
            "shape": tensor.shape,
            "data_offsets": (start, stop),
        }
        start = stop
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % _ALIGNMENT)
    with writing(path) as stream:
        stream.write(struct.pack("<Q", len(text)))
        stream.write(text)
        for tensor in tensors.values():
            stream.write(tensor.data)
