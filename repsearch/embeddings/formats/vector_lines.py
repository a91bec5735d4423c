"""Read and write lines of a word and its numbers, for the two text formats."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, BinaryIO

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
from repsearch.errors import InputError
from repsearch.storage.memory import in_bytes

HEADER = re.compile(rb"(\d{1,12})[ \t]+(\d{1,12})\s*")
"""First line of a word2vec file."""

_NUMBER = re.compile(rb"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf(?:inity)?)", re.I)
_BLOCK_BYTES = 1 << 22
_LONGEST_LINE = 1 << 25
_ROWS_A_WRITE = 1000
_LINES_TO_GUESS_FROM = 1000
_FLOAT32_DIGITS = 9


def read_lines(
    stream: BinaryIO,
    source: Path,
    *,
    first: int = 1,
    dimension: int | None = None,
    announced: int | None = None,
    undecodable: Undecodable = "strict",
) -> Contents:
    r"""Read lines of a word and its numbers, up to the end of the stream.

    The last `dimension` fields of a line are its vector; what comes before
    them is the word, even if it contains spaces (as ``. . .`` of GloVe's
    840B vectors does). The vectors are float32, unless a number of the first
    line has more than 9 significant digits: then they are float64.

    Parameters
    ----------
    stream : binary file
        Stream to read from.
    source : Path
        Name of the file, for messages.
    first : int
        Number of the line that comes next.
    dimension : int, optional
        Number of entries of a vector; by default, the most common number of
        fields, less one, of the first thousand lines.
    announced : int, optional
        Number of words according to the file's header.
    undecodable : {"strict", "replace", "ignore"}
        What to do with words that are not UTF-8.

    Returns
    -------
    Contents
        Words and vectors.

    Raises
    ------
    InputError
        Naming the line that is wrong.

    Examples
    --------
    >>> import io
    >>> contents = read_lines(io.BytesIO(b"cat 0.5 1\ndog 2 0.25\n"), Path("a.txt"))
    >>> contents.words, contents.vectors.tolist()
    (['cat', 'dog'], [[0.5, 1.0], [2.0, 0.25]])
    """
    words: list[str] = []
    chunks: list[NDArray[np.floating[Any]]] = []
    dtype: type[np.floating[Any]] | None = None
    for number, lines in _blocks(stream, source, first):
        if announced is not None and len(words) + len(lines) > announced:
            raise InputError(
                f"cannot read {source}: line 1 announces a vocabulary of {announced} but "
                f"more lines follow; correct line 1 or get the file again"
            )
        if dimension is None:
            dimension = _most_common_dimension(lines)
        if dtype is None:
            dtype = type_of_numbers(lines[0].rsplit(None, dimension)[1:])
        undecoded, values = _parsed(lines, number, dimension, source)
        words += decoded(undecoded, source, unit="line", first=number, undecodable=undecodable)
        with np.errstate(over="ignore"):  # refused below, naming the line
            chunk = values.astype(dtype, copy=False).reshape(len(lines), dimension)
        _refuse_not_finite(chunk, lines, number, source)
        chunks.append(chunk)
    if announced is not None and len(words) < announced:
        raise InputError(
            f"cannot read {source}: line 1 announces a vocabulary of {announced} but the "
            f"file ends after {len(words)}; it may be cut short: get it again, or correct line 1"
        )
    if not words:
        raise InputError(f"cannot read {source}: it has no words; make or download it anew")
    return distinct(
        words,
        np.concatenate(chunks),
        source,
        unit="line",
        first=first,
        undecodable=undecodable,
    )


def write_lines(stream: IO[bytes], contents: Contents, path: Path) -> None:
    """Write a line for each word, with enough digits to read back the very same numbers.

    That takes 9 significant digits for float32. float64 is always written
    with 17, even where fewer would do, because that tells the reader the type.

    Parameters
    ----------
    stream : binary file
        Stream to write to.
    contents : Contents
        Words and vectors.
    path : Path
        Name of the file, for messages.

    Raises
    ------
    InputError
        Naming a word that contains whitespace or cannot be encoded.
    """
    refuse_whitespace(contents.words, path)
    words = encoded(contents.words, path)
    number = b"%.9g" if contents.vectors.dtype == np.float32 else b"%.16e"
    line = b" ".join([b"%s"] + [number] * contents.vectors.shape[1]) + b"\n"
    starts = [*range(0, len(words), _ROWS_A_WRITE), len(words)]
    for start, stop in pairwise(starts):
        rows = contents.vectors[start:stop].tolist()
        stream.write(
            b"".join(
                [line % (word, *row) for word, row in zip(words[start:stop], rows, strict=True)]
            )
        )


def _blocks(stream: BinaryIO, source: Path, first: int) -> Iterator[tuple[int, list[bytes]]]:
    """Read some megabytes of stripped lines at a time, with the number of the first.

    Blank lines are allowed at the end of the file only, so that the number of a
    line follows from that of a row.
    """
    blank = 0
    while lines := _whole_lines(stream, source, first):
        # The C programs leave a space at the end of each line.
        lines = [line.rstrip() for line in lines]
        full = lines.index(b"") if b"" in lines else len(lines)
        if blank or full < len(lines):
            blank = blank or first + full
            if any(lines[max(0, blank - first) :]):
                raise InputError(
                    f"cannot read {source}: line {blank} is blank but others follow; remove it"
                )
        if full:
            yield first, lines[:full]
        first += len(lines)


def _whole_lines(stream: BinaryIO, source: Path, first: int) -> list[bytes]:
    """Some megabytes of lines; a line without an end is not read to wherever that is."""
    lines: list[bytes] = []
    size = 0
    while size < _BLOCK_BYTES and (line := stream.readline(_LONGEST_LINE + 1)):
        if len(line) > _LONGEST_LINE:
            raise InputError(
                f"cannot read {source}: line {first + len(lines)} is longer than "
                f"{in_bytes(_LONGEST_LINE)}, which no vector is; the file may be in another format"
            )
        lines.append(line)
        size += len(line)
    return lines


def _most_common_dimension(lines: list[bytes]) -> int:
    fields = Counter(len(line.split()) for line in lines[:_LINES_TO_GUESS_FROM])
    return max(1, fields.most_common(1)[0][0] - 1)


def type_of_numbers(numbers: list[bytes]) -> type[np.floating[Any]]:
    """Tell the type that numbers were written from, by their digits.

    Parameters
    ----------
    numbers : list of bytes
        Decimal numbers, such as those of a file's first vector.

    Returns
    -------
    type
        float64 where one has more than 9 significant digits, otherwise float32.

    Examples
    --------
    >>> type_of_numbers([b"0.1", b"-2e5"]), type_of_numbers([b"0.1000000015"])
    (<class 'numpy.float32'>, <class 'numpy.float64'>)
    """
    for number in numbers:
        digits = number.lower().partition(b"e")[0].lstrip(b"+-").replace(b".", b"")
        significant = digits.lstrip(b"0") or digits
        if len(significant) > _FLOAT32_DIGITS:
            return np.float64
    return np.float32


def _parsed(
    lines: list[bytes], number: int, dimension: int, source: Path
) -> tuple[list[bytes], NDArray[np.float64]]:
    """Split lines into words and numbers, all at once if all of them are regular."""
    if all(line.count(b" ") == dimension for line in lines):
        parts = [line.partition(b" ") for line in lines]
        words = [part[0] for part in parts]
        text = b" ".join([part[2] for part in parts])
        # Without two spaces in a row no field is empty; if there are then as many
        # numbers as fields, each field is one number.
        if all(words) and b"  " not in text and not text.startswith(b" "):
            try:
                with warnings.catch_warnings():
                    # NumPy before 2.4 warns where later ones raise.
                    warnings.simplefilter("error", DeprecationWarning)
                    values = np.fromstring(text, sep=" ")
            except (ValueError, DeprecationWarning):
                pass  # the slower way below finds the line that is wrong
            else:
                if len(values) == len(lines) * dimension:
                    return words, values
    rows = [
        _parsed_line(line, at, dimension, source) for at, line in enumerate(lines, start=number)
    ]
    return [row[0] for row in rows], np.array([row[1] for row in rows], dtype=np.float64).ravel()


def _parsed_line(
    line: bytes, number: int, dimension: int, source: Path
) -> tuple[bytes, list[float]]:
    word, *numbers = line.rsplit(None, dimension)
    last_of_word = word.split()[-1] if word.split() else b""
    spaced = last_of_word != word
    # A word may contain spaces, but not end in a number: that is a line with
    # a number too many.
    if len(numbers) < dimension or (spaced and _NUMBER.fullmatch(last_of_word)):
        found = len(line.split()) - 1
        remedy = "mend the line, or get the file again if it was cut short"
        if number == 1 and HEADER.fullmatch(line):
            remedy = "if that line is a word2vec header, open the file with format='word2vec'"
        elif line[:1].isspace():
            remedy = "the line begins with a space where its word should be; put the word there"
        raise InputError(
            f"cannot read {source}: line {number} has {found} number{'s' * (found != 1)} after "
            f"its word where {dimension} {'is' if dimension == 1 else 'are'} expected; {remedy}"
        )
    for text in numbers:
        if not _NUMBER.fullmatch(text):
            raise InputError(
                f"cannot read {source}: line {number} ({_shown(word)}) has {_shown(text)} where a "
                f"number is expected; mend the line"
            )
    return word, [float(text) for text in numbers]


def _refuse_not_finite(
    chunk: NDArray[np.floating[Any]], lines: list[bytes], number: int, source: Path
) -> None:
    finite = np.isfinite(chunk).all(axis=1)
    if finite.all():
        return
    row = int(np.argmin(finite))
    column = int(np.argmin(np.isfinite(chunk[row])))
    word, *numbers = lines[row].rsplit(None, chunk.shape[1])
    raise InputError(
        f"cannot read {source}: line {number + row} ({_shown(word)}) has {_shown(numbers[column])} "
        f"where a finite {chunk.dtype} number is expected; mend or remove the line"
    )


def _shown(text: bytes) -> str:
    return repr((text if len(text) <= 40 else text[:40] + b"...").decode("utf-8", "replace"))
