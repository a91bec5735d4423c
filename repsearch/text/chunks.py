"""Cut bytes into pieces of bounded size that end at a word or a line boundary.

No more than a few megabytes of text are held at a time, however long the lines are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from repsearch.errors import InputError
from repsearch.progress import Progress
from repsearch.text.files import TextFiles

BLOCK_BYTES = 1 << 20
MOST_WORD_BYTES = 1 << 24
"""Most bytes without a word boundary: beyond, a file is refused as no text."""

MOST_DOCUMENT_BYTES = 1 << 28
"""Most bytes of what has to be held whole: a JSON record, a page, a callable's document."""

Boundary: TypeAlias = Callable[[bytes], int]

_ALL = bytes(range(256))
# After any other byte neither a word of the Latin tokeniser nor a character is split in two.
_LATIN_BYTES = bytes(i for i in _ALL if i >= 0x80 or chr(i).isalpha())
# Of the Unicode tokeniser: its words have apostrophes as well.
_UNICODE_BYTES = _LATIN_BYTES + b"'"
_SOLID_BYTES = bytes(i for i in _ALL if i not in b" \t\n\r\v\f")


class ByteProgress:
    """Count the bytes read from disk over all files of a source, and report them.

    Parameters
    ----------
    source : TextFiles
        Files whose sizes add up to the total, which is not known of pipes.
    progress : Progress
        Called with the bytes read so far and the total.
    """

    def __init__(self, source: TextFiles, progress: Progress) -> None:
        self.total = source.size()
        self.done = 0
        self.progress = progress

    def add(self, n: int) -> None:
        """Report that more has been read.

        Parameters
        ----------
        n : int
            Number of bytes.
        """
        self.done += n
        self.progress("reading text", self.done, self.total, "bytes")


def align(chunks: Iterable[bytes], boundary: Boundary, *, most: int, what: str) -> Iterator[bytes]:
    """Move the ends of chunks back to boundaries, so that no word or line is split.

    Parameters
    ----------
    chunks : iterable of bytes
        Chunks in order, which end anywhere.
    boundary : callable
        Function from a chunk to the place of its last boundary, 0 where it has
        none: `latin_boundary`, `space_boundary`, ...
    most : int
        Most bytes without a boundary.
    what : str
        What the error says where there are more, such as ``"a.txt has a line"``.

    Yields
    ------
    bytes
        The same bytes; each piece but the last ends at a boundary.

    Raises
    ------
    InputError
        More than `most` bytes without a boundary.

    Examples
    --------
    >>> list(align([b"a cat s", b"at on a m", b"at"], latin_boundary, most=9, what="It has a word"))
    [b'a cat ', b'sat on a ', b'mat']
    """
    parts: list[bytes] = []
    held = 0
    for chunk in chunks:
        end = boundary(chunk)
        if end:
            yield b"".join((*parts, chunk[:end]))
            parts, held = [], 0
        parts.append(chunk[end:])
        held += len(chunk) - end
        if held > most:
            raise InputError(
                f"{what} of more than {most >> 20} MiB; check that it is text, or cut it"
            )
    if last := b"".join(parts):
        yield last


def latin_boundary(chunk: bytes) -> int:
    """Find the last place of a chunk where neither a Latin word nor a character is split.

    Parameters
    ----------
    chunk : bytes
        UTF-8 that may end inside a word.

    Returns
    -------
    int
        Number of bytes before that place; 0 where there is none.
    """
    return len(chunk.rstrip(_LATIN_BYTES))


def unicode_boundary(chunk: bytes) -> int:
    """Find the last place of a chunk where no word of the Unicode tokeniser is split.

    Parameters
    ----------
    chunk : bytes
        UTF-8 that may end inside a word.

    Returns
    -------
    int
        Number of bytes before that place; 0 where there is none.
    """
    return len(chunk.rstrip(_UNICODE_BYTES))


def space_boundary(chunk: bytes) -> int:
    """Find the place behind the last white space of a chunk.

    Parameters
    ----------
    chunk : bytes
        UTF-8 that may end inside a word.

    Returns
    -------
    int
        Number of bytes before that place; 0 where there is none.
    """
    return len(chunk.rstrip(_SOLID_BYTES))
