"""Read and write word2vec's binary format: a text header, then words and float32 numbers."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings.formats.contents import (
    Contents,
    Undecodable,
    decoded,
    distinct,
    encoded,
    refuse_whitespace,
)
from repsearch.embeddings.formats.streams import reading, writing
from repsearch.embeddings.formats.word2vec_text import read_header
from repsearch.errors import InputError

_NUMBER = np.dtype("<f4")
_BLOCK_BYTES = 1 << 22
_LARGEST_BLOCK_BYTES = 1 << 28  # a damaged header may announce any dimension
_ROWS_A_WRITE = 1000
_LONGEST_WORD = 1 << 16


def read(path: Path, *, undecodable: Undecodable = "strict") -> Contents:
    """Read a file, with or without a newline after each vector.

    The original C program writes one, gensim does not.

    Parameters
    ----------
    path : Path
        File to read.
    undecodable : {"strict", "replace", "ignore"}
        What to do with words that are not UTF-8.

    Returns
    -------
    Contents
        Words and vectors, float32.

    Raises
    ------
    InputError
        Naming the word that is wrong, by its number where it has no name.
    """
    with reading(path) as stream:
        count, dimension = read_header(stream, path, bytes_per_number=_NUMBER.itemsize)
        words, vectors = _read_records(stream, path, count, dimension, undecodable)
    return distinct(words, vectors, path, unit="word", first=1, undecodable=undecodable)


def write(path: Path, contents: Contents) -> None:
    """Write a file, with a newline after each vector.

    Parameters
    ----------
    path : Path
        Final name; it appears when the file is whole.
    contents : Contents
        Words and vectors.

    Raises
    ------
    InputError
        The vectors are float64, or a word contains whitespace or cannot be
        encoded.
    """
    if contents.vectors.dtype != np.float32:
        raise InputError(
            f"cannot write {path}: this format holds float32 but the vectors are "
            f"{contents.vectors.dtype}; convert them with "
            f"dataclasses.replace(embeddings, vectors=embeddings.vectors.astype('float32')), "
            f"or save as safetensors or npz"
        )
    refuse_whitespace(contents.words, path)
    words = encoded(contents.words, path)
    starts = [*range(0, len(words), _ROWS_A_WRITE), len(words)]
    with writing(path) as stream:
        stream.write(b"%d %d\n" % contents.vectors.shape)
        for start, stop in pairwise(starts):
            rows = contents.vectors[start:stop].astype(_NUMBER)
            stream.write(
                b"".join(
                    [
                        b"%s %s\n" % (word, row.tobytes())
                        for word, row in zip(words[start:stop], rows, strict=True)
                    ]
                )
            )


def _read_records(
    stream: BinaryIO, source: Path, count: int, dimension: int, undecodable: Undecodable
) -> tuple[list[str], NDArray[np.floating[Any]]]:
    size = _NUMBER.itemsize * dimension
    words: list[str] = []
    chunks: list[NDArray[np.floating[Any]]] = []
    rest = b""
    while len(words) < count:
        more = stream.read(min(max(_BLOCK_BYTES, size), _LARGEST_BLOCK_BYTES))
        names, rows, rest = _records(rest + more, size, count - len(words))
        if not names and (not more or len(rest) > _LONGEST_WORD + size):
            raise InputError(
                f"cannot read {source}: line 1 announces a vocabulary of {count} in dimension "
                f"{dimension} but word {len(words) + 1} is not whole; the file may be cut short or "
                f"in another format: get it again, or name its format"
            )
        chunk = np.frombuffer(rows, dtype=_NUMBER).reshape(len(names), dimension)
        broken = next((k for k, name in enumerate(names) if b"\n" in name), None)
        if broken is not None:
            raise InputError(
                f"cannot read {source}: word {len(words) + broken + 1} holds a newline; the "
                f"dimension in line 1 may be wrong, or a part is missing: correct it or get the "
                f"file again"
            )
        named = decoded(names, source, unit="word", first=len(words) + 1, undecodable=undecodable)
        _refuse_bad_records(names, named, chunk, len(words) + 1, source)
        words += named
        chunks.append(chunk)
    if rest.strip(b"\n") or stream.read(1):
        raise InputError(
            f"cannot read {source}: line 1 announces a vocabulary of {count} in dimension "
            f"{dimension} but more data follows them; correct line 1 or get the file again"
        )
    return words, np.concatenate(chunks).astype(np.float32, copy=False)


def _records(data: bytes, size: int, most: int) -> tuple[list[bytes], bytes, bytes]:
    """Split at most `most` whole records from the front of the data.

    Returns
    -------
    names : list of bytes
        Their words.
    rows : bytes
        Their numbers, one after the other.
    rest : bytes
        Rest of the data.
    """
    names: list[bytes] = []
    rows: list[bytes] = []
    position = 0
    while len(names) < most:
        space = data.find(b" ", position)
        end = space + 1 + size
        if space < 0 or end > len(data):
            break
        names.append(data[position:space].lstrip(b"\n"))
        rows.append(data[space + 1 : end])
        position = end
    return names, b"".join(rows), data[position:]


def _refuse_bad_records(
    names: list[bytes], words: list[str], chunk: NDArray[np.floating[Any]], first: int, source: Path
) -> None:
    finite = np.isfinite(chunk).all(axis=1)
    if finite.all() and all(names):
        return
    for number, (name, word, good) in enumerate(zip(names, words, finite, strict=True), first):
        if not name:
            raise InputError(
                f"cannot read {source}: word {number} is empty; the dimension in line 1 may be "
                f"wrong: correct it or get the file again"
            )
        if not good:
            raise InputError(
                f"cannot read {source}: the vector of word {number}, {word!r}, has a NaN or an "
                f"infinity; mend or remove it, or correct line 1 if its dimension is wrong"
            )
