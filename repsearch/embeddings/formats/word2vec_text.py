"""Read and write word2vec's text format: a header, then a line for each word."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from repsearch.embeddings.formats.contents import Contents
from repsearch.embeddings.formats.streams import reading, writing
from repsearch.embeddings.formats.vector_lines import HEADER, read_lines, write_lines
from repsearch.errors import InputError

_LONGEST_HEADER = 128


def read_header(stream: BinaryIO, source: Path) -> tuple[int, int]:
    """Read the first line of a word2vec file, text or binary.

    Parameters
    ----------
    stream : binary file
        File at its beginning.
    source : Path
        Name of the file, for messages.

    Returns
    -------
    count, dimension : int
        Number of words, and of entries of a vector.

    Raises
    ------
    InputError
        The line is not two positive integers.
    """
    line = stream.readline(_LONGEST_HEADER)
    if not line:
        raise InputError(f"cannot read {source}: the file is empty; make or download it anew")
    match = HEADER.fullmatch(line)
    count, dimension = (int(match[1]), int(match[2])) if match else (0, 0)
    if not count or not dimension:
        shown = line.rstrip()[:40].decode("utf-8", "replace")
        raise InputError(
            f"cannot read {source}: line 1 should be two positive integers (how many words, and "
            f"the dimension) but begins {shown!r}; if the file is in another format, name it, "
            f"for example format='glove'"
        )
    return count, dimension


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
        A file that cannot be read, a header that is not two positive integers, or
        the line that is wrong.
    """
    with reading(path) as stream:
        count, dimension = read_header(stream, path)
        return read_lines(stream, path, first=2, dimension=dimension, announced=count)


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
        A word with white space in it or that cannot be encoded; the file cannot
        be written.
    """
    with writing(path) as stream:
        stream.write(b"%d %d\n" % contents.vectors.shape)
        write_lines(stream, contents, path)
