"""Read plain text as blocks of bytes that end at word boundaries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from repsearch.text import chunks
from repsearch.text.chunks import MOST_WORD_BYTES, Boundary, align
from repsearch.text.files import BadBytes, DocumentUnit
from repsearch.text.lines import line_ends, with_newlines
from repsearch.text.opened import Opened
from repsearch.text.utf8 import Gap, decode, is_utf8

_EMPTY_LINES = re.compile(rb"\n[ \t]*\n\s*")
_WHITE = b" \t\n\r\v\f"


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


def file_blocks(
    opened: Opened, unit: DocumentUnit, bad_bytes: BadBytes, boundary: Boundary
) -> Iterator[Block]:
    """Read a file of plain text as blocks, the last of which ends a document.

    Parameters
    ----------
    opened : Opened
        The file.
    unit : {"line", "paragraph", "file"}
        What is a document.
    bad_bytes : {"stop", "replace", "skip"}
        What to do with bytes that are not UTF-8.
    boundary : callable
        Where a block may end, for the tokeniser that is used.

    Yields
    ------
    Block
        A stretch of text of about a megabyte.

    Raises
    ------
    InputError
        Bytes that are not UTF-8 where `bad_bytes` is ``"stop"``; a word longer than
        `repsearch.text.chunks.MOST_WORD_BYTES`.
    """
    by_newline = unit != "file"
    line = 1
    offset = opened.format.mark if opened.format.encoding == "utf-8" else 0
    bad = False  # whether the current document has to be left out
    what = f"{opened.path} has a word"
    pieces = align(opened.chunks, boundary, most=MOST_WORD_BYTES, what=what)
    for text in _with_whole_ends(pieces, unit):
        valid = is_utf8(text)
        if bad_bytes == "skip" and (bad or not valid):
            marked = _marked(text, unit)
            for number, part in enumerate(marked.split(b"\n") if by_newline else [marked]):
                if number > 0:
                    yield end_of_document(drop=bad)
                    bad = False
                bad = bad or not is_utf8(part)
                if not bad:
                    yield Block(part, newline_ends_document=by_newline, ends_document=False)
        else:
            kept = text
            if not valid:
                kept = decode(text, opened.path, bad_bytes, line=line, offset=offset).encode()
            kept = _marked(kept, unit)
            yield Block(kept, newline_ends_document=by_newline, ends_document=False)
        line += line_ends(text)
        offset += len(text)
    yield end_of_document(drop=bad)


def string_blocks(documents: Iterable[str | Gap], boundary: Boundary) -> Iterator[Block]:
    """Pack documents that are strings into blocks, one document a line.

    Line breaks inside a document become spaces; to the tokenisers that read blocks
    both are the end of a word and nothing else.

    Parameters
    ----------
    documents : iterable of str or Gap
        Documents in order; a `Gap` where one was left out.
    boundary : callable
        Where a block may end, for the tokeniser that is used.

    Yields
    ------
    Block
        A stretch of text of about a megabyte.
    """
    packed = bytearray()
    for document in documents:
        if isinstance(document, Gap):
            yield from _packed_blocks(packed, boundary)
            packed.clear()
            yield end_of_document(drop=True)
            continue
        # A lone surrogate cannot be written as UTF-8; it is no letter either.
        packed += document.replace("\n", " ").encode("utf-8", errors="replace")
        packed += b"\n"
        if len(packed) >= chunks.BLOCK_BYTES:
            yield from _packed_blocks(packed, boundary)
            packed.clear()
    yield from _packed_blocks(packed, boundary)


def end_of_document(*, drop: bool) -> Block:
    """Make a block that ends a document and holds no text.

    Parameters
    ----------
    drop : bool
        Whether the document is left out.

    Returns
    -------
    Block
        The end.
    """
    return Block(b"", newline_ends_document=False, ends_document=True, drops_document=drop)


def _packed_blocks(packed: bytearray, boundary: Boundary) -> Iterator[Block]:
    starts = range(0, len(packed), chunks.BLOCK_BYTES)
    pieces = (bytes(packed[start : start + chunks.BLOCK_BYTES]) for start in starts)
    most = max(MOST_WORD_BYTES, len(packed))
    for text in align(pieces, boundary, most=most, what="a document has a word"):
        yield Block(text, newline_ends_document=True, ends_document=False)


def _with_whole_ends(pieces: Iterable[bytes], unit: DocumentUnit) -> Iterator[bytes]:
    """Move white space that may be half of an end to the next piece: CR of CR LF, an empty line."""
    ends = _WHITE if unit == "paragraph" else b"\r"
    held = b""
    for piece in pieces:
        text = held + piece
        whole = text.rstrip(ends) if unit == "paragraph" else text.removesuffix(ends)
        held = text[len(whole) :]
        if len(held) > chunks.BLOCK_BYTES:
            held = b"\n\n" if line_ends(held) > 1 else held[:1]
        yield whole
    if held:
        yield held


def _marked(text: bytes, unit: DocumentUnit) -> bytes:
    """Text in which each newline, and nothing else, ends a document (or none does)."""
    if unit == "file":
        return text
    text = with_newlines(text)
    if unit == "line":
        return text
    return b"\n".join(part.replace(b"\n", b" ") for part in _EMPTY_LINES.split(text))
