"""Read files in chunks of bounded size that end at a word or a line boundary.

No more than a few megabytes of text are held at a time, however long the lines are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from repsearch.progress import Progress
from repsearch.text.compressed import read_chunks
from repsearch.text.files import TextFiles

BLOCK_BYTES = 1 << 20
# After any other byte neither a word of the Latin tokeniser nor a character is split in two.
_WORD_BYTES = bytes(i for i in range(256) if i >= 0x80 or chr(i).isalpha())


class ByteProgress:
    """Count the bytes read from disk over all files of a source, and report them.

    Parameters
    ----------
    source : TextFiles
        Files whose sizes add up to the total.
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


def file_chunks(path: Path, read: ByteProgress) -> Iterator[bytes]:
    """Read a file, decompressed, in chunks of about `BLOCK_BYTES`.

    Parameters
    ----------
    path : Path
        File to read.
    read : ByteProgress
        Count of the bytes read from disk, which goes on with this file.

    Returns
    -------
    iterator of bytes
        Chunks in order; they end anywhere.

    Raises
    ------
    InputError
        A file that cannot be read, is empty, truncated, or not what its suffix says.
    """
    return read_chunks(path, BLOCK_BYTES, read.add)


def align(chunks: Iterable[bytes], boundary: Callable[[bytes], int]) -> Iterator[bytes]:
    """Move the ends of chunks back to boundaries, so that no word or line is split.

    Parameters
    ----------
    chunks : iterable of bytes
        Chunks in order, which end anywhere.
    boundary : callable
        Function from a chunk to the place of its last boundary, 0 where it has
        none: `word_boundary` or `line_boundary`.

    Yields
    ------
    bytes
        The same bytes; each piece but the last ends at a boundary.

    Examples
    --------
    >>> list(align([b"a cat s", b"at on a m", b"at"], word_boundary))
    [b'a cat ', b'sat on a ', b'mat']
    """
    parts: list[bytes] = []
    for chunk in chunks:
        end = boundary(chunk)
        if end:
            yield b"".join((*parts, chunk[:end]))
            parts = []
        parts.append(chunk[end:])
    if last := b"".join(parts):
        yield last


def word_boundary(chunk: bytes) -> int:
    """Find the last place of a chunk where neither a word nor a character is split.

    Parameters
    ----------
    chunk : bytes
        UTF-8 that may end inside a word.

    Returns
    -------
    int
        Number of bytes before that place; 0 where there is none.
    """
    return len(chunk.rstrip(_WORD_BYTES))


def line_boundary(chunk: bytes) -> int:
    """Find the end of the last whole line of a chunk.

    Parameters
    ----------
    chunk : bytes
        UTF-8 that may end inside a line.

    Returns
    -------
    int
        Number of bytes up to and with the last line break; 0 where there is none.
    """
    return chunk.rfind(b"\n") + 1
