"""Documents out of files: plain or compressed, one a line, one a file, or JSON lines.

Nothing here holds more than a few megabytes of text at a time, however long the
lines are, except for a single document that a caller asks for as one string.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Literal, get_args

from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.text.compressed import read_chunks

BadBytes = Literal["stop", "replace", "skip"]
DocumentUnit = Literal["line", "file"]

BLOCK_BYTES = 1 << 20
_BYTE_ORDER_MARK = "\ufeff"
# Behind any other byte neither a word of the default tokeniser nor a character is cut.
_WORD_BYTES = bytes(i for i in range(256) if i >= 0x80 or chr(i).isalpha())


@dataclass(frozen=True)
class TextFiles:
    """Where text lies and how documents are laid out in it.

    Parameters
    ----------
    paths : tuple of Path
        Files or folders. A folder stands for all files below it, in the order
        of their names; names that begin with a dot are left out. Files with the
        suffixes ``.gz``, ``.bz2``, ``.xz`` and ``.zst`` are decompressed on the
        way.
    document : {"line", "file"}
        Whether each line is a document or each file is one.
    json_field : str, optional
        Each line is a JSON object and this field of it the document's text.
    bad_bytes : {"stop", "replace", "skip"}
        What to do with bytes that are no UTF-8: stop and name the position,
        read them as U+FFFD (no letter, so a word ends there), or leave out the
        document they are in.

    Raises
    ------
    InputError
        A path that does not exist, no file at all, an unknown choice.
    """

    paths: tuple[Path, ...]
    document: DocumentUnit = "line"
    json_field: str | None = None
    bad_bytes: BadBytes = "stop"
    files: tuple[Path, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        given: object = self.paths
        paths = (given,) if isinstance(given, str | Path) else self.paths
        object.__setattr__(self, "paths", tuple(Path(path) for path in paths))
        _check_choice("document", self.document, get_args(DocumentUnit))
        _check_choice("bad_bytes", self.bad_bytes, get_args(BadBytes))
        if self.json_field is not None and self.document != "line":
            raise InputError("JSON lines hold one document a line; leave document='line'")
        object.__setattr__(self, "files", tuple(_expand(self.paths)))

    def size(self) -> int:
        """Bytes of all files as they lie on disk."""
        return sum(path.stat().st_size for path in self.files)


@dataclass(frozen=True)
class Block:
    """A stretch of UTF-8 text cut where no word is cut.

    Parameters
    ----------
    text : bytes
        Valid UTF-8.
    newline_ends_document : bool
        Whether a newline is the end of a document.
    ends_document : bool
        Whether the end of this block is the end of a document; if not, the
        next block goes on with it.
    drops_document : bool
        Whether the document that ends with this block has to be left out, with
        all that earlier blocks held of it.
    """

    text: bytes
    newline_ends_document: bool
    ends_document: bool
    drops_document: bool = False


class Gap(Enum):
    """Stands where a document was left out."""

    NOT_UTF8 = "not UTF-8"


def read_blocks(source: TextFiles, *, progress: Progress = silent) -> Generator[Block]:
    """Read a source as blocks of bytes; the fast path of the default tokeniser.

    Raises
    ------
    InputError
        A file that is empty, truncated, or not what its suffix says; bytes
        that are no UTF-8 when ``bad_bytes="stop"``.
    """
    if source.json_field is not None:
        yield from blocks_of_documents(read_documents_and_gaps(source, progress=progress))
        return
    meter = _Meter(source, progress)
    for path in source.files:
        yield from _file_blocks(path, source, meter)


def read_documents(source: TextFiles, *, progress: Progress = silent) -> Iterator[str]:
    """Read a source document by document, each as one string.

    Raises
    ------
    InputError
        As `read_blocks`; and a line that is no JSON object with the field.
    """
    for document in read_documents_and_gaps(source, progress=progress):
        if not isinstance(document, Gap):
            yield document


def read_documents_and_gaps(
    source: TextFiles, *, progress: Progress = silent
) -> Generator[str | Gap]:
    """Read as `read_documents`, with a `Gap` for each document left out.

    Raises
    ------
    InputError
        As `read_documents`.
    """
    meter = _Meter(source, progress)
    for path in source.files:
        documents = (
            _numbered_lines(path, meter)
            if source.document == "line"
            else [(1, 0, b"".join(_chunks(path, meter)))]
        )
        for number, offset, raw in documents:
            if source.bad_bytes == "skip" and not _is_utf8(raw):
                yield Gap.NOT_UTF8
                continue
            text = _decode(raw, path, source.bad_bytes, line=number, offset=offset)
            if offset == 0:
                text = text.removeprefix(_BYTE_ORDER_MARK)
            if source.document == "line" and not text.strip():
                continue
            if source.json_field is not None:
                text = _json_text(text, source.json_field, path, number)
            yield text


def blocks_of_documents(documents: Iterable[str | Gap]) -> Generator[Block]:
    """Pack documents that are already strings into blocks.

    Line breaks inside a document become spaces, which no tokeniser that works
    on bytes can tell apart.

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
        if len(packed) >= BLOCK_BYTES:
            yield from _packed_blocks(packed)
            packed.clear()
    yield from _packed_blocks(packed)


def check_document(document: object, number: int) -> None:
    """Check that the document with this number, counted from 1, is a string.

    Raises
    ------
    InputError
        It is not.
    """
    if isinstance(document, str):
        return
    remedy = "pass strings, one a document"
    if isinstance(document, Path):
        remedy = "for text in several files pass TextFiles((path, ...))"
    raise InputError(f"document {number:,} is of type {type(document).__name__}; {remedy}")


def _packed_blocks(packed: bytearray) -> Iterator[Block]:
    starts = range(0, len(packed), BLOCK_BYTES)
    chunks = (bytes(packed[start : start + BLOCK_BYTES]) for start in starts)
    for text in _recut(chunks, _word_end):
        yield Block(text, newline_ends_document=True, ends_document=False)


def _end_of_document(*, drop: bool) -> Block:
    return Block(b"", newline_ends_document=False, ends_document=True, drops_document=drop)


# ---------------------------------------------------------------- file bytes


class _Meter:
    """Counts bytes read from disk over all files of a source."""

    def __init__(self, source: TextFiles, progress: Progress) -> None:
        self.total = source.size()
        self.done = 0
        self.progress = progress

    def add(self, n: int) -> None:
        self.done += n
        self.progress("reading text", self.done, self.total, "bytes")


def _chunks(path: Path, meter: _Meter) -> Iterator[bytes]:
    return read_chunks(path, BLOCK_BYTES, meter.add)


# ------------------------------------------------------------------- blocks


def _file_blocks(path: Path, source: TextFiles, meter: _Meter) -> Iterator[Block]:
    """Blocks of one file, whose last one ends a document."""
    by_line = source.document == "line"
    line = 1
    offset = 0
    bad = False  # whether the document under way has to be left out
    for text in _recut(_chunks(path, meter), _word_end):
        is_utf8 = _is_utf8(text)
        if source.bad_bytes == "skip" and (bad or not is_utf8):
            for number, part in enumerate(text.split(b"\n") if by_line else [text]):
                if number > 0:
                    yield _end_of_document(drop=bad)
                    bad = False
                bad = bad or not _is_utf8(part)
                if not bad:
                    yield Block(part, newline_ends_document=by_line, ends_document=False)
        else:
            kept = text
            if not is_utf8:
                kept = _decode(text, path, source.bad_bytes, line=line, offset=offset).encode()
            yield Block(kept, newline_ends_document=by_line, ends_document=False)
        line += text.count(b"\n")
        offset += len(text)
    yield _end_of_document(drop=bad)


def _recut(chunks: Iterable[bytes], end: Callable[[bytes], int]) -> Iterator[bytes]:
    """Cut bytes where `end` says that the last whole item of a chunk ends (0: nowhere)."""
    parts: list[bytes] = []
    for chunk in chunks:
        cut = end(chunk)
        if cut:
            yield b"".join((*parts, chunk[:cut]))
            parts = []
        parts.append(chunk[cut:])
    if last := b"".join(parts):
        yield last


def _word_end(chunk: bytes) -> int:
    return len(chunk.rstrip(_WORD_BYTES))


def _line_end(chunk: bytes) -> int:
    return chunk.rfind(b"\n") + 1


def _numbered_lines(path: Path, meter: _Meter) -> Iterator[tuple[int, int, bytes]]:
    """Line number, byte offset and bytes of each line, without its line break."""
    number = 1
    offset = 0
    for text in _recut(_chunks(path, meter), _line_end):
        for line in text.removesuffix(b"\n").split(b"\n"):
            yield number, offset, line.removesuffix(b"\r")
            number += 1
            offset += len(line) + 1


# ------------------------------------------------------------------ checking


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decode(raw: bytes, path: Path, bad_bytes: BadBytes, *, line: int, offset: int) -> str:
    """Decode; `line` (from 1) and `offset` (from 0) say where in the file `raw` begins."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if bad_bytes != "stop":
            return raw.decode("utf-8", errors="replace")
        line += raw.count(b"\n", 0, error.start)
        raise InputError(
            f"{path} is not UTF-8 at byte {offset + error.start:,} (line {line:,}): convert it, "
            "or choose to replace such bytes or to skip such documents (bad_bytes='replace' or "
            "'skip', on the command line --bad-bytes)"
        ) from error


def _json_text(line: str, name: str, path: Path, number: int) -> str:
    where = f"{path}, line {number:,}"
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:  # a ValueError also for a very long number
        raise InputError(f"{where}, is no JSON ({error}); write one object a line") from None
    if not isinstance(record, dict):
        raise InputError(
            f"{where}, is no JSON object but {_json_kind(record)}; write one object a line"
        )
    text = record.get(name)
    if isinstance(text, str):
        return text
    if name in record:
        raise InputError(
            f"{where}: field {name!r} holds {_json_kind(text)}, not text; choose another field"
        )
    fields = ", ".join(map(repr, sorted(record))) or "none"
    raise InputError(f"{where}, has no field {name!r}; choose one of its fields: {fields}")


def _json_kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return kinds.get(type(value), "null" if value is None else "a number")


def _expand(paths: tuple[Path, ...]) -> Iterator[Path]:
    if not paths:
        raise InputError("no text given; pass at least one file or folder")
    for path in paths:
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
            found = sorted(_visible_files(path)) if is_folder else [path]
        except (FileNotFoundError, NotADirectoryError, ValueError):  # a null character in the name
            raise InputError(f"{path} does not exist; check the path") from None
        except OSError as error:
            shown = str(path) if len(str(path)) < 200 else f"{str(path)[:60]}..."
            raise InputError(
                f"cannot read {shown!r} ({error.strerror}); pass the name of a "
                "file or folder, or documents as a list"
            ) from error
        if not found:
            raise InputError(f"folder {path} has no file in it; give one with text files")
        yield from found


def _visible_files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file():
            yield path


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f"{name} is {value!r}; choose one of {', '.join(map(repr, choices))}")
