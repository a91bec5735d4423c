"""Read vectors from CSV and TSV, words in a column or in a list beside the file; write TSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings.formats.contents import (
    Contents,
    Undecodable,
    decoded,
    distinct,
    encoded,
    refuse_no_words,
)
from repsearch.embeddings.formats.streams import reading, writing
from repsearch.embeddings.formats.vector_lines import type_of_numbers
from repsearch.embeddings.formats.word_lists import read_words
from repsearch.errors import InputError

_LONGEST_LINE = 1 << 25
_BLOCK = 1 << 22
_FIRST_ROWS = 20
_WORD_NAMES = {b"word", b"words", b"token", b"label", b"term"}

Fields = list[bytes]


class _Columns(NamedTuple):
    """Where words and numbers are; `word` is None where the file has no words."""

    word: int | None
    numbers: tuple[int, ...]
    headed: bool


def read_csv(
    path: Path, *, words: Path | None = None, undecodable: Undecodable = "strict"
) -> Contents:
    """Read a file of values separated by commas, such as pandas writes.

    Parameters
    ----------
    path : Path
        File to read, with a heading line or without.
    words : Path, optional
        List of words, where the file has none.
    undecodable : {"strict", "replace", "ignore"}
        What to do with words that are not UTF-8.

    Returns
    -------
    Contents
        Words and vectors.

    Raises
    ------
    InputError
        The line that is wrong, or that the file has no words.
    """
    return _read(path, b",", words, undecodable)


def read_tsv(
    path: Path, *, words: Path | None = None, undecodable: Undecodable = "strict"
) -> Contents:
    """Read a file of values separated by tabs, such as those of TensorBoard's projector.

    Parameters
    ----------
    path : Path
        File to read, with a heading line or without.
    words : Path, optional
        List of words, where the file has none: the ``metadata.tsv`` beside it.
    undecodable : {"strict", "replace", "ignore"}
        What to do with words that are not UTF-8.

    Returns
    -------
    Contents
        Words and vectors.

    Raises
    ------
    InputError
        The line that is wrong, or that the file has no words.
    """
    return _read(path, b"\t", words, undecodable)


def write_tsv(path: Path, contents: Contents) -> None:
    """Write a heading (``word``, 0, 1, ...) and a line for each word, values between tabs.

    A word with a quotation mark is quoted as in CSV. float64 is written with 17 digits, float32
    with 9, which give back the very same numbers.

    Parameters
    ----------
    path : Path
        Final name; it appears when the file is whole.
    contents : Contents
        Words and vectors.

    Raises
    ------
    InputError
        A word with a tab or a line end in it, or that cannot be encoded; the file cannot be
        written.
    """
    for word in contents.words:
        if any(mark in word for mark in "\t\n\r"):
            raise InputError(
                f"cannot write {path}: the word {word!r} has a tab or a line end in it; choose "
                "safetensors or npz"
            )
    quoted = [
        '"' + word.replace('"', '""') + '"' if '"' in word else word for word in contents.words
    ]
    words = encoded(quoted, path)
    d = contents.vectors.shape[1]
    number = b"%.9g" if contents.vectors.dtype == np.float32 else b"%.16e"
    line = b"\t".join([b"%s"] + [number] * d) + b"\n"
    with writing(path) as stream:
        stream.write(b"\t".join([b"word", *(b"%d" % k for k in range(d))]) + b"\n")
        for name, row in zip(words, contents.vectors, strict=True):
            stream.write(line % (name, *row.tolist()))


def _read(path: Path, mark: bytes, words: Path | None, undecodable: Undecodable) -> Contents:
    names: list[bytes] = []
    chunks: list[NDArray[np.floating[Any]]] = []
    columns: _Columns | None = None
    dtype: type[np.floating[Any]] = np.float32
    number = 1
    with reading(path) as stream:
        for block in _blocks(stream, path, mark):
            rows = block
            if columns is None:
                columns = _columns(rows[: _FIRST_ROWS + 1], path, words)
                if columns.word is None and words is None:
                    refuse_no_words(path)
                if columns.headed:
                    rows, number = rows[1:], number + 1
                if rows:
                    dtype = type_of_numbers(
                        [rows[0][k] for k in columns.numbers if k < len(rows[0])]
                    )
            chunks.append(_numbers(rows, columns, dtype, number, path))
            if columns.word is not None:
                names += [row[columns.word] for row in rows]
            number += len(rows)
    if columns is None or number == 1 + columns.headed:
        raise InputError(f"cannot read {path}: it has no vectors; make or download it anew")
    vectors = np.concatenate(chunks)
    if columns.word is None and words is not None:
        found = read_words(words, len(vectors), undecodable=undecodable)
        return distinct(found, vectors, words, unit="word", first=1, undecodable=undecodable)
    first = 1 + columns.headed
    found = decoded(names, path, unit="line", first=first, undecodable=undecodable)
    return distinct(found, vectors, path, unit="line", first=first, undecodable=undecodable)


def _blocks(stream: BinaryIO, path: Path, mark: bytes) -> Iterator[list[Fields]]:
    rows: list[Fields] = []
    size, number = 0, 0
    while line := stream.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            raise InputError(
                f"cannot read {path}: line {number} is longer than {_LONGEST_LINE >> 20} MiB, "
                "which no vector is; check that this is the file you meant"
            )
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        stripped = line.rstrip(b"\r\n")
        if not stripped.strip():
            rest = stream.read(1 << 16)
            if rest.strip():
                raise InputError(
                    f"cannot read {path}: line {number} is blank but others follow; remove it"
                )
            break
        rows.append(_fields(stripped, mark, number, path))
        size += len(line)
        if size > _BLOCK:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _fields(line: bytes, mark: bytes, number: int, path: Path) -> Fields:
    if b'"' not in line:
        return line.split(mark)
    # Latin-1 keeps every byte as it is, until words are decoded.
    try:
        reader = csv.reader([line.decode("latin-1")], delimiter=mark.decode(), strict=True)
        return [field.encode("latin-1") for field in next(reader)]
    except csv.Error as error:
        if mark == b"\t":  # a quotation mark as a word, in a file that quotes nothing
            return line.split(mark)
        raise InputError(
            f"cannot read {path}: line {number} has a quotation mark that is not closed; mend it"
        ) from error


def _columns(rows: Sequence[Fields], path: Path, words: Path | None) -> _Columns:
    first = rows[0]
    width = len(first)
    below = rows[1:]
    names = [field.strip().lower() for field in first]
    # A line with some numbers is no heading, but perhaps a bad line, which is to be said.
    headed = (
        not names[0]
        or (width > 2 and not any(map(_is_number, names[1:])))
        or (names[0] in _WORD_NAMES and (not below or names[1:] in _counting(width - 1)))
    )
    word = next((k for k, name in enumerate(names) if headed and name in _WORD_NAMES), 0)
    data = below if headed else rows
    if words is not None and all(len(row) == width for row in data):
        # A list of words beside the file: the file may have an index, but needs no words.
        plain = all(all(map(_is_number, row)) for row in data)
        if plain and not (headed and not names[0]):
            return _Columns(None, tuple(range(width)), headed)
        if plain:
            return _Columns(None, tuple(range(1, width)), headed)
        raise InputError(f"{path} has words of its own; leave out the list of words {words}")
    if not headed and len(data) > 1 and all(all(map(_is_number, row)) for row in data):
        return _Columns(None, tuple(range(width)), headed=False)
    index = {0} if headed and word and not names[0] else set()
    numbers = tuple(k for k in range(width) if k != word and k not in index)
    if not numbers:
        raise InputError(
            f"cannot read {path}: line 1 has {width} field{'s' * (width != 1)}, where a word and "
            "its numbers are expected; name the format if it is another one"
        )
    return _Columns(word, numbers, headed)


def _counting(width: int) -> list[list[bytes]]:
    """Names that pandas and others give to columns: 0, 1, 2, or 1, 2, 3."""
    return [[b"%d" % (k + start) for k in range(width)] for start in (0, 1)]


def _numbers(
    rows: Sequence[Fields],
    columns: _Columns,
    dtype: type[np.floating[Any]],
    number: int,
    path: Path,
) -> NDArray[np.floating[Any]]:
    width = len(columns.numbers) + (columns.word is not None)
    width = max(width, 1 + max(columns.numbers))
    for at, row in enumerate(rows, start=number):
        if len(row) != width:
            raise InputError(
                f"cannot read {path}: line {at} has {len(row)} field{'s' * (len(row) != 1)} where "
                f"{width} are expected; mend the line"
            )
    taken = [[row[k] for k in columns.numbers] for row in rows]
    try:
        values = np.array(taken, dtype=bytes).astype(np.float64)
    except ValueError:
        values = np.array([[_number(field) for field in row] for row in taken])
    with np.errstate(over="ignore"):  # refused below, naming the line
        found = values.reshape(len(rows), len(columns.numbers)).astype(dtype)
    finite = np.isfinite(found).all(axis=1)
    if not finite.all():
        at = int(np.argmin(finite))
        bad = taken[at][int(np.argmin(np.isfinite(found[at])))]
        shown = bad[:40].decode("utf-8", "replace")
        raise InputError(
            f"cannot read {path}: line {number + at} has {shown!r} where a finite number is "
            "expected; mend or remove the line"
        )
    return found


def _number(field: bytes) -> float:
    try:
        return float(field)
    except ValueError:
        return float("nan")


def _is_number(field: bytes) -> bool:
    return bool(np.isfinite(_number(field)))
