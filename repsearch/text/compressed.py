"""Decompress files while they are read, and say what is wrong with a damaged one."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Protocol, cast

from repsearch.errors import InputError

# First bytes of compressed files, for one without its suffix and for standard input.
_MAGIC = {
    b"\x1f\x8b\x08": ".gz",
    b"\xfd7zXZ\x00": ".xz",
    b"\x28\xb5\x2f\xfd": ".zst",
    **{b"BZh%d1AY&SY" % level: ".bz2" for level in range(1, 10)},
}
_LONGEST_MAGIC = max(map(len, _MAGIC))
# Bytes read at a time from a compressed file. Few from Zstandard, whose decompressor
# returns all that they decompress to at once: 32 kB for each byte, at worst.
_PIECE = 1 << 14
_ZSTANDARD_PIECE = 1 << 10


def read_chunks(path: Path, size: int, read: Callable[[int], None]) -> Iterator[bytes]:
    """Read a file in pieces; ``.gz``, ``.bz2``, ``.xz`` and ``.zst`` are decompressed.

    Parameters
    ----------
    path : Path
        File to read; its suffix tells how it is compressed, or its first bytes
        where it has another.
    size : int
        Rough number of bytes of a piece, after decompression.
    read : callable
        Called with the number of bytes read from disk, piece by piece.

    Yields
    ------
    bytes
        A piece; it may be empty.

    Raises
    ------
    InputError
        A file that cannot be read, is empty, truncated, or not what its suffix says.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.txt.gz"
    ...     _ = path.write_bytes(gzip.compress(b"the cat sat"))
    ...     b"".join(read_chunks(path, 1000, lambda n: None))
    b'the cat sat'
    """
    empty = True
    try:
        with path.open("rb") as raw:
            for chunk in _decompressed(path, cast("IO[bytes]", _MeteredFile(raw, read)), size):
                empty = empty and not chunk
                yield chunk
    except EOFError:
        raise InputError(
            f"{path} is truncated: its compressed data has no end; copy or download it again"
        ) from None
    except (lzma.LZMAError, zlib.error, gzip.BadGzipFile, _DamagedError) as error:
        raise InputError(
            f"{path} is damaged or is no {path.suffix} file ({error}); copy or download it "
            "again, or give it the suffix of what it is"
        ) from error
    except OSError as error:
        raise InputError(
            f"cannot read {path} ({error.strerror or error}); check the path, its permissions "
            "and the disk"
        ) from error
    if empty:
        raise InputError(f"{path} is empty; leave it out or give a file with text")


class _MeteredFile:
    """Report how much is read from a file."""

    def __init__(self, stream: IO[bytes], report: Callable[[int], None]) -> None:
        self.stream = stream
        self.report = report

    def read(self, n: int = -1) -> bytes:
        data = self.stream.read(n)
        self.report(len(data))
        return data

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _DamagedError(Exception):
    """Stop at compressed data that cannot be decompressed."""


class _Bzip2:
    """Decompress bzip2; damage raises another exception than a disk that cannot be read."""

    def __init__(self) -> None:
        self._inner = bz2.BZ2Decompressor()

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        try:
            return self._inner.decompress(data, max_length)
        except OSError as error:
            raise _DamagedError(str(error)) from error


class _Zstandard:
    """Decompress Zstandard, with the interface of the standard library's decompressors."""

    needs_input = True

    def __init__(self) -> None:
        import zstandard

        self._error = zstandard.ZstdError
        # As large a window as `zstd --long=31` makes.
        self._inner = zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        try:
            decompressed: bytes = self._inner.decompress(data)
        except self._error as error:
            raise _DamagedError(str(error)) from error
        return decompressed


def _decompressed(path: Path, raw: IO[bytes], size: int) -> Iterator[bytes]:
    suffix = path.suffix.lower()
    if suffix not in _MAGIC.values():
        first = raw.read(_LONGEST_MAGIC)
        suffix = next((name for magic, name in _MAGIC.items() if first.startswith(magic)), "")
        raw = cast("IO[bytes]", _Prefixed(first, raw))
    if suffix == ".bz2":
        return _streams(raw, size, _Bzip2)
    if suffix == ".xz":
        return _streams(raw, size, lzma.LZMADecompressor, padding=b"\0")
    if suffix == ".zst":
        return _streams(raw, size, _Zstandard, piece=_ZSTANDARD_PIECE)
    if suffix == ".gz":
        return _pieces(cast("IO[bytes]", gzip.GzipFile(fileobj=raw)), size)
    return _pieces(raw, size)


class _Prefixed:
    """Read bytes that were taken from a file already, then the file."""

    def __init__(self, first: bytes, stream: IO[bytes]) -> None:
        self.first = first
        self.stream = stream

    def read(self, n: int = -1) -> bytes:
        if not self.first:
            return self.stream.read(n)
        if 0 <= n < len(self.first):
            data, self.first = self.first[:n], self.first[n:]
            return data
        data, self.first = self.first, b""
        return data + self.stream.read(n if n < 0 else n - len(data))

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


def _pieces(stream: IO[bytes], size: int) -> Iterator[bytes]:
    while chunk := stream.read(size):
        yield chunk


def _streams(
    raw: IO[bytes],
    size: int,
    decompressor: Callable[[], object],
    *,
    padding: bytes = b"",
    piece: int = _PIECE,
) -> Iterator[bytes]:
    """Decompress streams that follow one another in a file.

    The standard library's own file objects, and with them xopen and fsspec, stop
    without an error at what they cannot read after the first stream (bz2, lzma) and
    at the padding that xz allows between streams: the rest of the text would be lost.
    """
    stream: _Decompressor | None = None
    while data := raw.read(piece):
        while data:
            if stream is None:
                data = data.lstrip(padding) if padding else data
                if not data:
                    break
                stream = cast(_Decompressor, decompressor())
            yield stream.decompress(data, size)
            while not (stream.eof or stream.needs_input):
                yield stream.decompress(b"", size)
            data = stream.unused_data
            if stream.eof:
                stream = None
    if stream is not None:
        raise EOFError
