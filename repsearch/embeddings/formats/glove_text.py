"""The text format of GloVe: a line for each word, and nothing else."""

from __future__ import annotations

from pathlib import Path

from repsearch.embeddings.formats.contents import Contents
from repsearch.embeddings.formats.streams import reading, writing
from repsearch.embeddings.formats.vector_lines import read_lines, write_lines


def read(path: Path) -> Contents:
    """Read a file.

    Raises
    ------
    InputError
        As `repsearch.embeddings.formats.vector_lines.read_lines`.
    """
    with reading(path) as stream:
        return read_lines(stream, path)


def write(path: Path, contents: Contents) -> None:
    """Write a file.

    Raises
    ------
    InputError
        As `repsearch.embeddings.formats.vector_lines.write_lines`.
    """
    with writing(path) as stream:
        write_lines(stream, contents, path)
