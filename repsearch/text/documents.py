"""Read a text from files of any format: as blocks of bytes, or as whole documents."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.text import chunks
from repsearch.text.blocks import Block, file_blocks, string_blocks
from repsearch.text.chunks import MOST_DOCUMENT_BYTES, Boundary, ByteProgress, space_boundary
from repsearch.text.files import TextFiles
from repsearch.text.formats import Kind
from repsearch.text.json_records import ask_for_field, json_documents, json_records
from repsearch.text.opened import Opened, open_text, refuse
from repsearch.text.record import TextRecord
from repsearch.text.table_records import ask_for_column, table_documents
from repsearch.text.tables import TABLES
from repsearch.text.utf8 import Gap
from repsearch.text.wikiextractor import extracted_articles
from repsearch.text.wikipedia import dump_articles

_JSON = (Kind.JSON_LINES, Kind.JSON_ARRAY)


def read_blocks(
    source: TextFiles,
    boundary: Boundary,
    record: TextRecord,
    *,
    progress: Progress = silent,
) -> Generator[Block]:
    r"""Read a source as blocks of bytes, in memory that does not grow with its lines.

    Parameters
    ----------
    source : TextFiles
        Files and how they hold documents.
    boundary : callable
        Where a block may end, for the tokeniser that is used.
    record : TextRecord
        Where it is written what was read and what was left out.
    progress : Progress
        Called with the bytes read from disk.

    Yields
    ------
    Block
        A stretch of text of about a megabyte, in the order of the files.

    Raises
    ------
    InputError
        A file that is empty, truncated, no text, or not what its suffix says; JSON
        or a table without a field; bytes that are not UTF-8 where ``bad_bytes="stop"``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "two.txt"
    ...     _ = path.write_text("the cat sat\nthe dog ran", encoding="utf-8")
    ...     [block.text for block in read_blocks(TextFiles((path,)), space_boundary, TextRecord())]
    [b'the cat sat\nthe dog ', b'ran', b'']
    """
    for opened in _opened_files(source, record, progress):
        converted = _converted(opened, source, record)
        if converted is None:
            yield from file_blocks(opened, source.document, source.bad_bytes, boundary)
        else:
            yield from string_blocks(converted, boundary)


def given_blocks(documents: Iterable[str], boundary: Boundary) -> Generator[Block]:
    """Read documents that are strings as blocks of bytes.

    Parameters
    ----------
    documents : iterable of str
        Documents in order.
    boundary : callable
        Where a block may end, for the tokeniser that is used.

    Yields
    ------
    Block
        A stretch of text of about a megabyte, one document a line.

    Raises
    ------
    InputError
        A document that is no string.
    """
    yield from string_blocks(_checked(documents), boundary)


def read_documents(
    source: TextFiles, record: TextRecord, *, progress: Progress = silent
) -> Generator[str | Gap]:
    r"""Read a source document by document, with a `Gap` for each that is left out.

    Parameters
    ----------
    source : TextFiles
        Files and how they hold documents.
    record : TextRecord
        Where it is written what was read and what was left out.
    progress : Progress
        Called with the bytes read from disk.

    Yields
    ------
    str or Gap
        A document, or the reason why there is none in its place. Blank lines
        are no documents.

    Raises
    ------
    InputError
        As for `read_blocks`; a document longer than
        `repsearch.text.chunks.MOST_DOCUMENT_BYTES`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "two.txt"
    ...     _ = path.write_text("the cat sat\n\nthe dog ran\n", encoding="utf-8")
    ...     list(read_documents(TextFiles((path,)), TextRecord()))
    ['the cat sat', 'the dog ran']
    """
    for opened in _opened_files(source, record, progress):
        yield from _texts(opened, source, record)


class Labelled(NamedTuple):
    """A document with where it is from.

    Parameters
    ----------
    path : Path
        Its file.
    number : int
        Its number in the file, from 1.
    text : str or Gap
        The document, or the reason why there is none in its place.
    value : str or None
        What its record has in the field asked for.
    """

    path: Path
    number: int
    text: str | Gap
    value: str | None


def read_labelled(
    source: TextFiles,
    record: TextRecord,
    *,
    by: str | None = None,
    progress: Progress = silent,
) -> Generator[Labelled]:
    r"""Read a source document by document, each with its file and the value of another field.

    Parameters
    ----------
    source : TextFiles
        Files and how they hold documents.
    record : TextRecord
        Where it is written what was read and what was left out.
    by : str, optional
        Field of JSON records whose values are wanted beside the text.
    progress : Progress
        Called with the bytes read from disk.

    Yields
    ------
    Labelled
        In the order of the files.

    Raises
    ------
    InputError
        As for `read_documents`; a file without fields where `by` is given.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "two.jsonl"
    ...     _ = path.write_text('{"body": "a cat", "year": 1999}\n{"body": "a dog", "year": 2001}')
    ...     found = list(read_labelled(TextFiles((path,), field="body"), TextRecord(), by="year"))
    >>> [(one.number, one.text, one.value) for one in found]
    [(1, 'a cat', '1999'), (2, 'a dog', '2001')]
    """
    for opened in _opened_files(source, record, progress):
        pairs: Iterable[tuple[str | Gap, str | None]]
        if by is not None and (opened.format.kind not in _JSON or source.field is None):
            raise InputError(
                f"{opened.path} is {opened.format.name}, whose documents have no field "
                f"{by!r}; give JSON, one object a line, or leave out by={by!r}"
            )
        if opened.format.kind in _JSON and source.field is not None:
            pairs = json_records(opened, source.field, by, source.bad_bytes, record)
        else:
            pairs = ((text, None) for text in _texts(opened, source, record))
        for number, (text, value) in enumerate(pairs, start=1):
            yield Labelled(opened.path, number, text, value)


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


def _opened_files(source: TextFiles, record: TextRecord, progress: Progress) -> Iterator[Opened]:
    """The files that are text; others are left out where they were found in a folder."""
    read = ByteProgress(source, progress)
    for path in source.files:
        in_folder = path in source.found
        if in_folder and path.stat().st_size == 0:
            record.left_out[str(path)] = "empty"
            continue
        opened = open_text(path, chunks.BLOCK_BYTES, read.add)
        if opened.format.kind is Kind.OTHER:
            if not in_folder:
                raise refuse(opened)
            record.left_out[str(path)] = opened.format.name
            continue
        if opened.format.kind in _JSON and source.field is None:
            raise ask_for_field(opened)
        if opened.format.kind in TABLES and source.field is None:
            raise ask_for_column(opened)
        record.add_file(opened.format.name)
        yield opened
    if not record.files:
        name, what = next(iter(record.left_out.items()))
        raise InputError(
            f"none of the {len(record.left_out):,} files found is text: {name} is {what}; "
            "give files of text"
        )


def _converted(opened: Opened, source: TextFiles, record: TextRecord) -> Iterator[str | Gap] | None:
    """Documents of a file whose format says what they are; None for plain text."""
    if opened.format.kind in TABLES and source.field is not None:
        return table_documents(opened, source.field, source.bad_bytes, record)
    if source.field is not None:
        return json_documents(opened, source.field, source.bad_bytes, record)
    if opened.format.kind is Kind.DUMP:
        return dump_articles(opened)
    if opened.format.kind is Kind.EXTRACTED:
        return extracted_articles(opened, source.bad_bytes, record)
    return None


def _texts(opened: Opened, source: TextFiles, record: TextRecord) -> Iterator[str | Gap]:
    """Whole documents of a file of any format."""
    converted = _converted(opened, source, record)
    if converted is not None:
        return converted
    blocks = file_blocks(opened, source.document, source.bad_bytes, space_boundary)
    return _assembled(blocks, opened.path)


def _assembled(blocks: Iterable[Block], path: Path) -> Iterator[str | Gap]:
    """Put documents together from the blocks of a file."""
    held: list[str] = []
    length = 0

    def document() -> Iterator[str]:
        text = "".join(held)
        if text.strip():
            yield text

    for block in blocks:
        text = block.text.decode()
        lines = text.split("\n") if block.newline_ends_document else [text]
        for number, line in enumerate(lines):
            if number:
                yield from document()
                held, length = [], 0
            held.append(line)
            length += len(line)
            if length > MOST_DOCUMENT_BYTES:
                raise InputError(
                    f"{path} has a document of more than {MOST_DOCUMENT_BYTES >> 20} MiB, which "
                    "this tokeniser has to be given whole; cut it"
                )
        if block.ends_document:
            if block.drops_document:
                yield Gap.NOT_UTF8
            else:
                yield from document()
            held, length = [], 0


def _checked(documents: Iterable[str]) -> Iterator[str]:
    for number, document in enumerate(documents, start=1):
        check_document(document, number)
        yield document
