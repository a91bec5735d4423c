"""Tell where lines end: at LF, CR LF or CR, in every format and for every tokeniser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from repsearch.text.chunks import MOST_DOCUMENT_BYTES, align


class Line(NamedTuple):
    """Hold a line with its place in the file.

    Parameters
    ----------
    number : int
        Number of the line, from 1.
    offset : int
        Place of its first byte, after decompression.
    text : bytes
        The line without its end.
    """

    number: int
    offset: int
    text: bytes


def with_newlines(text: bytes) -> bytes:
    r"""End every line of a text with a newline alone.

    Other characters that Unicode counts as ends of lines (U+0085, U+2028, U+2029,
    vertical tab, form feed) end a word and no line.

    Parameters
    ----------
    text : bytes
        UTF-8 whose lines end in LF, CR LF or CR.

    Returns
    -------
    bytes
        The text with LF.

    Examples
    --------
    >>> with_newlines(b"one\r\ntwo\rthree\n")
    b'one\ntwo\nthree\n'
    """
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text


def line_ends(text: bytes, end: int | None = None) -> int:
    r"""Count the ends of lines.

    Parameters
    ----------
    text : bytes
        UTF-8 whose lines end in LF, CR LF or CR.
    end : int, optional
        Where to stop counting.

    Returns
    -------
    int
        Number of ends before `end`.

    Examples
    --------
    >>> line_ends(b"one\r\ntwo\rthree\n")
    3
    """
    end = len(text) if end is None else end
    found = text.count(b"\n", 0, end)
    if b"\r" in text:  # looked for first, because counting takes many times as long
        found += text.count(b"\r", 0, end) - text.count(b"\r\n", 0, end)
    return found


def numbered_lines(chunks: Iterable[bytes], path: Path) -> Iterator[Line]:
    r"""Read a file line by line.

    Parameters
    ----------
    chunks : iterable of bytes
        Its content in order; chunks end anywhere.
    path : Path
        The file, for the message.

    Yields
    ------
    Line
        A line, in order.

    Raises
    ------
    InputError
        A line longer than `repsearch.text.chunks.MOST_DOCUMENT_BYTES`.

    Examples
    --------
    >>> [tuple(line) for line in numbered_lines([b"one\r", b"\ntwo"], Path("a"))]
    [(1, 0, b'one'), (2, 5, b'two')]
    """
    number, offset = 1, 0
    what = f"{path} has a line"
    for text in align(chunks, _line_boundary, most=MOST_DOCUMENT_BYTES, what=what):
        # Of bytes, splitlines knows just these three ends.
        for line in text.splitlines(keepends=True):
            yield Line(number, offset, line.rstrip(b"\r\n"))
            number += 1
            offset += len(line)


def _line_boundary(chunk: bytes) -> int:
    """End of the last whole line; a CR at the very end may be half of a CR LF."""
    return max(chunk.rfind(b"\n"), chunk.rfind(b"\r", 0, max(len(chunk) - 1, 0))) + 1
