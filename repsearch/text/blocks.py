"""Read a text as blocks of bytes for the compiled tokeniser."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from repsearch.progress import Progress, silent
from repsearch.text import chunks
from repsearch.text.chunks import ByteProgress, align, file_chunks, word_boundary
from repsearch.text.documents import Gap, check_document, read_documents_and_gaps
from repsearch.text.files import TextFiles
from repsearch.text.utf8 import decode, is_utf8


@dataclass(frozen=True)
class Block:
    """Hold a stretch of UTF-8 text that begins and ends at a word boundary.

    Parameters
    ----------
    text : bytes
        The stretch, valid UTF-8.
    newline_ends_document : bool
        Whether a newline is the end of a document.
    ends_document : bool
        Whether the end of this block is the end of a document; if not, the
        next block continues it.
    drops_document : bool
        Whether the document that ends with this block has to be left out, with
        all that earlier blocks held of it.
    """

    text: bytes
    newline_ends_document: bool
    ends_document: bool
    drops_document: bool = False


def read_blocks(source: TextFiles, *, progress: Progress = silent) -> Generator[Block]:
    r"""Read a source as blocks of bytes, without making strings of documents.

    Parameters
    ----------
    source : TextFiles
        Files and how they hold documents.
    progress : Progress
        Called with the bytes read from disk.

    Yields
    ------
    Block
        A stretch of text of about a megabyte, in the order of the files.

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
    ...     _ = path.write_text("the cat sat\nthe dog ran", encoding="utf-8")
    ...     [block.text for block in read_blocks(TextFiles((path,)))]
    [b'the cat sat\nthe dog ', b'ran', b'']
    """
    if source.json_field is not None:
        yield from blocks_of_documents(read_documents_and_gaps(source, progress=progress))
        return
    read = ByteProgress(source, progress)
    for path in source.files:
        yield from _file_blocks(path, source, read)


def blocks_of_documents(documents: Iterable[str | Gap]) -> Generator[Block]:
    """Pack documents that are already strings into blocks.

    Line breaks inside a document become spaces; to the Latin tokeniser both
    are the end of a word and nothing else.

    Parameters
    ----------
    documents : iterable of str or Gap
        Documents in order; a `Gap` where one was left out.

    Yields
    ------
    Block
        A stretch of text of about a megabyte, one document a line.

    Raises
    ------
    InputError
        A document that is no string.
    """
    packed = bytearray()
    for number, document in enumerate(documents, start=1):
        if isinstance(document, Gap):
            yield _end_of_document(drop=True)
            continue
        check_document(document, number)
        # A lone surrogate cannot be written as UTF-8; it is no letter either.
        packed += document.replace("\n", " ").encode("utf-8", errors="replace")
        packed += b"\n"
        if len(packed) >= chunks.BLOCK_BYTES:
            yield from _packed_blocks(packed)
            packed.clear()
    yield from _packed_blocks(packed)


def _file_blocks(path: Path, source: TextFiles, read: ByteProgress) -> Iterator[Block]:
    """Blocks of one file, whose last one ends a document."""
    by_line = source.document == "line"
    line = 1
    offset = 0
    bad = False  # whether the current document has to be left out
    for text in align(file_chunks(path, read), word_boundary):
        valid = is_utf8(text)
        if source.bad_bytes == "skip" and (bad or not valid):
            for number, part in enumerate(text.split(b"\n") if by_line else [text]):
                if number > 0:
                    yield _end_of_document(drop=bad)
                    bad = False
                bad = bad or not is_utf8(part)
                if not bad:
                    yield Block(part, newline_ends_document=by_line, ends_document=False)
        else:
            kept = text
            if not valid:
                kept = decode(text, path, source.bad_bytes, line=line, offset=offset).encode()
            yield Block(kept, newline_ends_document=by_line, ends_document=False)
        line += text.count(b"\n")
        offset += len(text)
    yield _end_of_document(drop=bad)


def _packed_blocks(packed: bytearray) -> Iterator[Block]:
    starts = range(0, len(packed), chunks.BLOCK_BYTES)
    pieces = (bytes(packed[start : start + chunks.BLOCK_BYTES]) for start in starts)
    for text in align(pieces, word_boundary):
        yield Block(text, newline_ends_document=True, ends_document=False)


def _end_of_document(*, drop: bool) -> Block:
    return Block(b"", newline_ends_document=False, ends_document=True, drops_document=drop)
