"""Read and write GloVe's text format: a line for each word, and nothing else."""

from __future__ import annotations

from pathlib import Path

from repsearch.embeddings.formats.contents import Contents, Undecodable
from repsearch.embeddings.formats.streams import reading, writing
from repsearch.embeddings.formats.vector_lines import read_lines, write_lines


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
        A file that cannot be read, or the line that is wrong in it.
    """
    with reading(path) as stream:
        return read_lines(stream, path, undecodable=undecodable)


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
        write_lines(stream, contents, path)
