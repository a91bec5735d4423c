"""Read a text document by document: one a line, one a file, or JSON lines."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from enum import Enum
from pathlib import Path

from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.text.chunks import ByteProgress, align, file_chunks, line_boundary
from repsearch.text.files import TextFiles
from repsearch.text.json_lines import json_text
from repsearch.text.utf8 import decode, is_utf8

_BYTE_ORDER_MARK = "\ufeff"


class Gap(Enum):
    """Stand in for a document that was left out, and say why."""

    NOT_UTF8 = "not UTF-8"


def read_documents(source: TextFiles, *, progress: Progress = silent) -> Iterator[str]:
    r"""Read a source document by document, each as one string.

    Parameters
    ----------
    source : TextFiles
        Files and how they hold documents.
    progress : Progress
        Called with the bytes read from disk.

    Yields
    ------
    str
        A document. Blank lines are none, and documents that `bad_bytes` leaves
        out are passed over.

    Raises
    ------
    InputError
        A file that is empty, truncated, or not what its suffix says; bytes that
        are not UTF-8 where ``bad_bytes="stop"``; a line that is not a JSON
        object with the field.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "two.txt"
    ...     _ = path.write_text("the cat sat\n\nthe dog ran\n", encoding="utf-8")
    ...     list(read_documents(TextFiles((path,))))
    ['the cat sat', 'the dog ran']
    """
    for document in read_documents_and_gaps(source, progress=progress):
        if not isinstance(document, Gap):
            yield document


def read_documents_and_gaps(
    source: TextFiles, *, progress: Progress = silent
) -> Generator[str | Gap]:
    """Read a source document by document, with a `Gap` for each that is left out.

    Parameters
    ----------
    source : TextFiles
        Files and how they hold documents.
    progress : Progress
        Called with the bytes read from disk.

    Yields
    ------
    str or Gap
        A document, or the reason why there is none in its place.

    Raises
    ------
    InputError
        A file that is empty, truncated, or not what its suffix says; bytes that
        are not UTF-8 where ``bad_bytes="stop"``; a line that is not a JSON
        object with the field.
    """
    read = ByteProgress(source, progress)
    for path in source.files:
        documents = (
            _numbered_lines(path, read)
            if source.document == "line"
            else [(1, 0, b"".join(file_chunks(path, read)))]
        )
        for number, offset, raw in documents:
            if source.bad_bytes == "skip" and not is_utf8(raw):
                yield Gap.NOT_UTF8
                continue
            text = decode(raw, path, source.bad_bytes, line=number, offset=offset)
            if offset == 0:
                text = text.removeprefix(_BYTE_ORDER_MARK)
            if source.document == "line" and not text.strip():
                continue
            if source.json_field is not None:
                text = json_text(text, source.json_field, path, number)
            yield text


def check_document(document: object, number: int) -> None:
    """Check that a document is a string.

    Parameters
    ----------
    document : object
        Document to check.
    number : int
        Its number, from 1, for the message.

    Raises
    ------
    InputError
        It is of another type.
    """
    if isinstance(document, str):
        return
    remedy = "pass strings, one a document"
    if isinstance(document, Path):
        remedy = "for text in several files pass TextFiles((path, ...))"
    raise InputError(f"document {number:,} is of type {type(document).__name__}; {remedy}")


def _numbered_lines(path: Path, read: ByteProgress) -> Iterator[tuple[int, int, bytes]]:
    """Line number, byte offset and bytes of each line, without its line break."""
    number = 1
    offset = 0
    for text in align(file_chunks(path, read), line_boundary):
        for line in text.removesuffix(b"\n").split(b"\n"):
            yield number, offset, line.removesuffix(b"\r")
            number += 1
            offset += len(line) + 1
