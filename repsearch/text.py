"""Documents out of files: plain or compressed, one a line, one a file, or JSON lines.

Nothing here holds more than a few megabytes of text at a time, except for a
single document that a caller asks for as one string.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal, cast, get_args

from repsearch.errors import InputError
from repsearch.progress import Progress, silent

BadBytes = Literal["stop", "replace", "skip"]
DocumentUnit = Literal["line", "file"]

BLOCK_BYTES = 1 << 20
COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class TextFiles:
    """Where text lies and how documents are laid out in it.

    Parameters
    ----------
    paths : tuple of Path
        Files or folders. A folder stands for all files below it, in the order
        of their names; names that begin with a dot are left out. The suffixes
        ``.gz``, ``.bz2``, ``.xz`` and ``.zst`` are decompressed on the way.
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
        object.__setattr__(self, "paths", tuple(Path(path) for path in self.paths))
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

    Documents are separated by newlines, unless the whole stretch belongs to
    one document.

    Parameters
    ----------
    text : bytes
        Valid UTF-8.
    newline_ends_document : bool
        Whether a newline is the end of a document.
    ends_document : bool
        Whether the end of this block is the end of a document.
    drops_document : bool
        Whether the document that is open at the start of this block has to be
        left out (bytes that are no UTF-8 were met in it).
    """

    text: bytes
    newline_ends_document: bool
    ends_document: bool
    drops_document: bool = False


_DROPPED = Block(b"", newline_ends_document=False, ends_document=True, drops_document=True)


def read_blocks(source: TextFiles, *, progress: Progress = silent) -> Iterator[Block]:
    """Read a source as blocks of bytes; the fast path of the default tokeniser.

    Raises
    ------
    InputError
        A file that is empty, truncated, or not what its suffix says; bytes
        that are no UTF-8 when ``bad_bytes="stop"``.
    """
    if source.json_field is not None:
        yield from blocks_of_documents(read_documents(source, progress=progress))
        return
    meter = _Meter(source, progress)
    for path in source.files:
        if source.document == "line":
            yield from _line_blocks(path, source.bad_bytes, meter)
        else:
            yield from _file_blocks(path, source.bad_bytes, meter)


def read_documents(source: TextFiles, *, progress: Progress = silent) -> Iterator[str]:
    """Read a source document by document, each as one string.

    Raises
    ------
    InputError
        As `read_blocks`; and a line that is no JSON object with the field.
    """
    meter = _Meter(source, progress)
    skip = source.bad_bytes == "skip"
    for path in source.files:
        if source.document == "file":
            raw = b"".join(_chunks(path, meter))
            if not (skip and not _is_utf8(raw)):
                yield _decode(raw, path, source.bad_bytes, line=None, offset=0)
            continue
        for number, offset, line in _numbered_lines(path, meter):
            if not line.strip() or (skip and not _is_utf8(line)):
                continue
            text = _decode(line, path, source.bad_bytes, line=number, offset=offset)
            if source.json_field is not None:
                text = _json_text(text, source.json_field, path, number)
            yield text


def blocks_of_documents(documents: Iterable[str]) -> Iterator[Block]:
    """Pack documents that are already strings into blocks.

    Line breaks inside a document become spaces, which no tokeniser that works
    on bytes can tell apart.
    """
    parts: list[bytes] = []
    size = 0
    for number, document in enumerate(documents, start=1):
        if not isinstance(document, str):
            raise InputError(
                f"document {number} is of type {type(document).__name__}; "
                "pass strings, one a document"
            )
        # A lone surrogate cannot be written as UTF-8; it is no letter either.
        part = document.replace("\n", " ").encode("utf-8", errors="replace")
        parts.append(part)
        size += len(part) + 1
        if size >= BLOCK_BYTES:
            yield Block(b"\n".join(parts) + b"\n", newline_ends_document=True, ends_document=True)
            parts, size = [], 0
    if parts:
        yield Block(b"\n".join(parts) + b"\n", newline_ends_document=True, ends_document=True)


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


class _MeteredFile:
    """A file that tells a meter what is read from it."""

    def __init__(self, stream: IO[bytes], meter: _Meter) -> None:
        self.stream = stream
        self.meter = meter

    def read(self, n: int = -1) -> bytes:
        data = self.stream.read(n)
        self.meter.add(len(data))
        return data

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


def _chunks(path: Path, meter: _Meter) -> Iterator[bytes]:
    """Decompressed bytes of a file, in pieces."""
    empty = True
    try:
        with path.open("rb") as raw:
            metered = cast("IO[bytes]", _MeteredFile(raw, meter))
            for chunk in _decompressed(path, metered):
                if empty:
                    chunk = chunk.removeprefix(_BYTE_ORDER_MARK)
                empty = empty and not chunk
                yield chunk
    except EOFError as error:
        raise InputError(
            f"{path} is truncated: its compressed stream has no end; copy or download it again"
        ) from error
    except (lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            f"{path} is damaged or is no {path.suffix} file ({error}); copy or download it again"
        ) from error
    except PermissionError as error:
        raise InputError(f"cannot read {path}: no permission; change its mode or owner") from error
    except OSError as error:
        if path.suffix == ".bz2" and error.errno is None:
            raise InputError(
                f"{path} is damaged or is no .bz2 file ({error}); copy or download it again"
            ) from error
        raise
    if empty:
        raise InputError(f"{path} is empty; give a file with text")


def _decompressed(path: Path, raw: IO[bytes]) -> Iterator[bytes]:
    if path.suffix == ".zst":
        yield from _zstandard_chunks(raw)
        return
    openers: dict[str, Callable[[IO[bytes]], IO[bytes]]] = {
        ".gz": lambda raw: cast("IO[bytes]", gzip.GzipFile(fileobj=raw)),
        ".bz2": lambda raw: cast("IO[bytes]", bz2.BZ2File(raw)),
        ".xz": lambda raw: cast("IO[bytes]", lzma.LZMAFile(raw)),  # noqa: SIM115 (the caller closes raw)
    }
    stream = openers[path.suffix](raw) if path.suffix in openers else raw
    while chunk := stream.read(BLOCK_BYTES):
        yield chunk


def _zstandard_chunks(raw: IO[bytes]) -> Iterator[bytes]:
    # The library's own stream reader ends without a word on a truncated file,
    # so the frames are followed here.
    import zstandard

    decompressor = None
    pending = b""
    while True:
        if not pending:
            pending = raw.read(1 << 18)
            if not pending:
                break
        if decompressor is None:
            decompressor = zstandard.ZstdDecompressor().decompressobj()
        try:
            chunk = decompressor.decompress(pending)
        except zstandard.ZstdError as error:
            raise zlib.error(str(error)) from error
        pending = decompressor.unused_data if decompressor.eof else b""
        if decompressor.eof:
            decompressor = None
        if chunk:
            yield chunk
    if decompressor is not None:
        raise EOFError


# ------------------------------------------------------------------- blocks


def _line_blocks(path: Path, bad_bytes: BadBytes, meter: _Meter) -> Iterator[Block]:
    """Blocks of whole lines."""
    line = 1
    offset = 0
    for text in _whole_lines(path, meter):
        if _is_utf8(text):
            kept = text
        elif bad_bytes == "skip":
            kept = b"\n".join(part for part in text.split(b"\n") if _is_utf8(part))
        else:
            kept = _decode(text, path, bad_bytes, line=line, offset=offset).encode("utf-8")
        yield Block(kept, newline_ends_document=True, ends_document=True)
        line += text.count(b"\n")
        offset += len(text)


def _file_blocks(path: Path, bad_bytes: BadBytes, meter: _Meter) -> Iterator[Block]:
    """Blocks of one document that fills the file, cut behind white space."""
    offset = 0
    rest = b""
    for chunk in _chunks(path, meter):
        rest += chunk
        cut = max(rest.rfind(b" "), rest.rfind(b"\n"), rest.rfind(b"\t")) + 1
        text, rest = rest[:cut], rest[cut:]
        if not _is_utf8(text):
            if bad_bytes == "skip":
                yield Block(
                    b"", newline_ends_document=False, ends_document=True, drops_document=True
                )
                return
            text = _decode(text, path, bad_bytes, line=None, offset=offset).encode("utf-8")
        yield Block(text, newline_ends_document=False, ends_document=False)
        offset += cut
    drops = bad_bytes == "skip" and not _is_utf8(rest)
    if not drops:
        rest = _decode(rest, path, bad_bytes, line=None, offset=offset).encode("utf-8")
    yield Block(rest, newline_ends_document=False, ends_document=True, drops_document=drops)


def _whole_lines(path: Path, meter: _Meter) -> Iterator[bytes]:
    """Decompressed bytes of a file in pieces that end with a line."""
    parts: list[bytes] = []
    for chunk in _chunks(path, meter):
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield b"".join((*parts, chunk[:cut]))
            parts = []
        parts.append(chunk[cut:])
    if last := b"".join(parts):
        yield last


def _numbered_lines(path: Path, meter: _Meter) -> Iterator[tuple[int, int, bytes]]:
    """Line number, byte offset and bytes of each line, without its line break."""
    number = 1
    offset = 0
    for text in _whole_lines(path, meter):
        for line in text.removesuffix(b"\n").split(b"\n"):
            yield number, offset, line
            number += 1
            offset += len(line) + 1


# ------------------------------------------------------------------ checking


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decode(raw: bytes, path: Path, bad_bytes: BadBytes, *, line: int | None, offset: int) -> str:
    """Decode; `line` and `offset` say where in the file `raw` begins."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if bad_bytes != "stop":
            return raw.decode("utf-8", errors="replace")
        where = f"byte {offset + error.start:,}"
        if line is not None:
            line += raw.count(b"\n", 0, error.start)
            where += f" (line {line:,})"
        raise InputError(
            f"{path} is not UTF-8 at {where}: convert it, or choose to replace such bytes "
            "or to skip such documents (bad_bytes='replace' or 'skip', on the command line "
            "--bad-bytes)"
        ) from error


def _json_text(line: str, name: str, path: Path, number: int) -> str:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}, line {number}, is no JSON ({error}); write one object a line"
        ) from None
    text = record.get(name) if isinstance(record, dict) else None
    if not isinstance(text, str):
        fields = ", ".join(sorted(record)) if isinstance(record, dict) else "none"
        raise InputError(
            f"{path}, line {number}, has no text in field {name!r}; its fields are: {fields}"
        )
    return text


def _expand(paths: tuple[Path, ...]) -> Iterator[Path]:
    if not paths:
        raise InputError("no text given; pass at least one file or folder")
    for path in paths:
        if path.is_dir():
            found = sorted(
                p
                for p in path.rglob("*")
                if p.is_file() and not any(s.startswith(".") for s in p.relative_to(path).parts)
            )
            if not found:
                raise InputError(f"folder {path} has no file in it; give one with text files")
            yield from found
        elif path.exists():
            yield path
        else:
            raise InputError(f"{path} does not exist; check the path")


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f"{name} is {value!r}; choose one of {', '.join(map(repr, choices))}")
