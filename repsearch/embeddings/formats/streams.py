"""Open embedding files as streams of bytes, gzipped or not."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from repsearch.errors import InputError
from repsearch.storage.atomic import replacing

_GZIP = b"\x1f\x8b"
_BUFFER = 1 << 20


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be read, decompressed if it is gzipped.

    Gzip is recognised by the file's first two bytes, with which no file in one of
    our formats can begin, so the suffix does not matter here.

    Parameters
    ----------
    path : Path
        File to open.

    Yields
    ------
    binary file
        Its content.

    Raises
    ------
    InputError
        The file is missing, a folder, not readable, empty, or damaged gzip.
    """
    try:
        with io.BufferedReader(path.open("rb", buffering=0), _BUFFER) as stream:
            start = stream.peek(2)
            if not start:
                raise InputError(f"cannot read {path}: the file is empty; make or download it anew")
            if start[:2] == _GZIP:
                with io.BufferedReader(gzip.GzipFile(fileobj=stream, mode="rb"), _BUFFER) as inner:
                    yield inner
            else:
                yield stream
    except FileNotFoundError as error:
        raise InputError(f"cannot read {path}: there is no such file; check the path") from error
    except NotADirectoryError as error:
        raise InputError(
            f"cannot read {path}: a part of that path is a file, not a folder; check the path"
        ) from error
    except IsADirectoryError as error:
        raise InputError(
            f"cannot read {path}: that is a folder; give the name of a file"
        ) from error
    except PermissionError as error:
        raise InputError(
            f"cannot read {path}: no permission to read it; change its permissions or copy it"
        ) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            f"cannot read {path}: its gzip data is damaged or cut short; copy or download it anew"
        ) from error


@contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to be written, which appears when it is whole; gzip it if it ends in ``.gz``.

    Parameters
    ----------
    path : Path
        Final name.

    Yields
    ------
    binary file
        Stream to write the content to.

    Raises
    ------
    InputError
        The file cannot be written, or the disk is full.
    """
    with replacing(path) as stream:
        if path.suffix.lower() == ".gz":
            # Without time and name, equal embeddings give equal files. Level
            # 9 takes several times as long as 6 to save a percent.
            with gzip.GzipFile("", "wb", 6, fileobj=stream, mtime=0) as outer:
                yield cast("IO[bytes]", outer)
        else:
            yield stream
