"""Read and write word2vec's text format: a header, then a line for each word."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from repsearch.embeddings.formats.contents import Contents, Undecodable
from repsearch.embeddings.formats.streams import reading, writing
from repsearch.embeddings.formats.vector_lines import HEADER, read_lines, write_lines
from repsearch.errors import InputError
from repsearch.storage.memory import in_bytes, require_memory

_LONGEST_HEADER = 128
_LEAST_BYTES_PER_NUMBER = 2  # a digit and a blank
_BYTES_IN_MEMORY = 4
_HARMLESS = 1 << 26
_GZIP_AT_MOST = 1032  # what deflate makes of zeros


def read_header(
    stream: BinaryIO, source: Path, *, bytes_per_number: int = _LEAST_BYTES_PER_NUMBER
) -> tuple[int, int]:
    """Read the first line of a word2vec file, text or binary.

    Parameters
    ----------
    stream : binary file
        File at its beginning.
    source : Path
        Name of the file, for messages.
    bytes_per_number : int
        Bytes that a number takes in the file at the least.

    Returns
    -------
    count, dimension : int
        Number of words, and of entries of a vector.

    Raises
    ------
    InputError
        The line is not two positive integers, or announces more than the file or the
        machine's memory holds.
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
    check_announced(source, count, dimension, bytes_per_number=bytes_per_number)
    return count, dimension


def check_announced(source: Path, count: int, dimension: int, *, bytes_per_number: int) -> None:
    """Hold what a header announces against the size of the file and of the machine's memory.

    Parameters
    ----------
    source : Path
        The file.
    count, dimension : int
        Number of words, and of entries of a vector, that it announces.
    bytes_per_number : int
        Bytes that a number takes in it at the least.

    Raises
    ------
    InputError
        The file is too small to hold them, or the machine.
    """
    with source.open("rb") as stream:
        gzipped = stream.read(2) == b"\x1f\x8b"
    there = source.stat().st_size * (_GZIP_AT_MOST if gzipped else 1)
    # Every word takes a byte and a blank; the file may lack its last newline.
    needed = count * (dimension * bytes_per_number + 2) - 1
    # A smaller difference is told by the line or word that is missing.
    if source.is_file() and needed > max(there, _HARMLESS):
        raise InputError(
            f"cannot read {source}: line 1 announces a vocabulary of {count} in dimension "
            f"{dimension}, which takes {in_bytes(needed)} at least, but the file has "
            f"{in_bytes(source.stat().st_size)}; it may be cut short or in another format: get it "
            f"again, or name its format"
        )
    require_memory(
        count * dimension * _BYTES_IN_MEMORY,
        f"{source}, with {count} words in dimension {dimension},",
        "take a part of it",
    )


def read(path: Path, *, undecodable: Undecodable = "strict") -> Contents:
    """Read a file.

    Parameters
    ----------
    path : Path
        File to read.
    undecodable : {"strict", "replace", "ignore"}
        What to do with words that are not UTF-8.

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
        return read_lines(
            stream, path, first=2, dimension=dimension, announced=count, undecodable=undecodable
        )


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
