"""Open a file of text once: decompressed, its format told, its characters in UTF-8."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from repsearch.errors import InputError
from repsearch.text.compressed import read_chunks
from repsearch.text.formats import HEAD_BYTES, Format, Kind, recognise


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold a file that is being read.

    A file is opened once, because a pipe cannot be read twice.

    Parameters
    ----------
    path : Path
        The file.
    format : Format
        What it is.
    chunks : iterator of bytes
        Its content from the start in UTF-8 (bytes that are not are passed on),
        without a byte-order mark.
    """

    path: Path
    format: Format
    chunks: Iterator[bytes]


def open_text(path: Path, size: int, read: Callable[[int], None]) -> Opened:
    r"""Open a file and tell its format from its first bytes.

    Parameters
    ----------
    path : Path
        File to read.
    size : int
        Rough number of bytes of a chunk.
    read : callable
        Called with the number of bytes read from disk.

    Returns
    -------
    Opened
        The file, at its beginning.

    Raises
    ------
    InputError
        A file that cannot be read, is empty, truncated, or not what its suffix says.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.txt"
    ...     _ = path.write_bytes("the café".encode("utf-16"))
    ...     b"".join(open_text(path, 1000, lambda n: None).chunks).decode()
    'the café'
    """
    chunks = read_chunks(path, size, read)
    first, length = [], 0
    for chunk in chunks:
        first.append(chunk)
        length += len(chunk)
        if length >= HEAD_BYTES:
            break
    head = b"".join(first)
    found = recognise(head)
    rest: Iterator[bytes] = chain([head[found.mark :]], chunks)
    if found.encoding != "utf-8":
        rest = _as_utf8(path, rest, found.encoding)
    return Opened(path, found, rest)


def refuse(opened: Opened) -> InputError:
    """Make the error for a file that is no text.

    Parameters
    ----------
    opened : Opened
        The file.

    Returns
    -------
    InputError
        Error to raise.
    """
    found = opened.format
    return InputError(f"{opened.path} is no text but {found.name}; {found.remedy}")


def is_text(opened: Opened) -> bool:
    """Whether documents can be read from a file.

    Parameters
    ----------
    opened : Opened
        The file.

    Returns
    -------
    bool
        False for binary data, web pages and the like.
    """
    return opened.format.kind is not Kind.OTHER


def _as_utf8(path: Path, chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Change the encoding; lone surrogates and half a character become bytes that are not UTF-8.

    So that one rule, ``bad_bytes``, says what is done about them.
    """
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} begins like {encoding.upper()} but is not ({error.reason}); "
            "convert it to UTF-8 with the program it is from"
        ) from None
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        yield b"\xff"
