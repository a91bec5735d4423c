"""Write and read counts files: numpy archives without pickled objects (docs/formats.md).

Counts are stored by byte planes: the lowest byte of all numbers, then the next,
up to the highest that is needed. Columns are stored as gaps from the entry before.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.storage.atomic import replacing

FORMAT = "repsearch-counts"
VERSION = 1
_CHUNK = 1 << 22
_METHODS = {"none": zipfile.ZIP_STORED, "lzma": zipfile.ZIP_LZMA}


class Triangle(NamedTuple):
    """Words, and the lower triangle of their counts by rows.

    Parameters
    ----------
    words : tuple of str
        Vocabulary.
    word_counts : (V,) int64
        Occurrences of each word.
    indptr : (V + 1,) int64
        Bounds of rows among the entries.
    columns : (nnz,) int32
        Column of each entry.
    values : (nnz,) uint32 or int64
        Counts, all positive.
    """

    words: tuple[str, ...]
    word_counts: NDArray[np.int64]
    indptr: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[Any]


def write_counts(path: Path, header: dict[str, Any], triangle: Triangle, compression: str) -> None:
    """Write a counts file.

    Parameters
    ----------
    path : Path
        Final name; it appears when the file is whole.
    header : dict
        Settings the counts were made with, as JSON can hold them.
    triangle : Triangle
        Words and counts.
    compression : {"none", "lzma"}
        Method of compression.

    Raises
    ------
    InputError
        An unknown compression; the file cannot be written, or the disk is full.
    """
    if compression not in _METHODS:
        raise InputError(f"compression is {compression!r}; choose 'none' or 'lzma'")
    words, word_counts, indptr, columns, values = triangle
    text = json.dumps({"format": FORMAT, "version": VERSION, **header}, indent=1)

    def gaps(low: int, high: int) -> NDArray[np.int64]:
        return _gaps(indptr, columns, low, high)

    def counted(low: int, high: int) -> NDArray[np.int64]:
        return values[low:high].astype(np.int64)

    with (
        replacing(path) as stream,
        zipfile.ZipFile(stream, "w", _METHODS[compression]) as archive,
    ):
        _write(archive, "header", [_bytes(text)])
        _write(archive, "words", [_bytes("\n".join(words))])
        _write(archive, "word_counts", [word_counts.astype("<i8")])
        _write(archive, "row_lengths", [np.diff(indptr).astype("<i4")])
        n = len(columns)
        for k in range(_width(len(words))):
            _write(archive, f"gaps.{k}", _plane(k, gaps, n), n)
        for k in range(_width(int(values.max(initial=0)))):
            _write(archive, f"values.{k}", _plane(k, counted, n), n)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a counts file, and explain whatever goes wrong while it is read.

    Parameters
    ----------
    path : Path
        File to open.

    Yields
    ------
    ZipFile
        The archive.

    Raises
    ------
    InputError
        No such file, no permission, or not a counts file.
    """
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; check the path") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder; give the counts file in it") from None
    except PermissionError:
        raise InputError(f"cannot read {path}: no permission") from None
    with stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                yield archive
        except (InputError, MemoryError):
            raise
        except Exception as error:  # zipfile, lzma, NumPy and json raise many kinds
            raise InputError(f"{path} is damaged or is no counts file; count again") from error


def read_counts(archive: zipfile.ZipFile, path: Path) -> tuple[dict[str, Any], Triangle]:
    """Read the content of a counts file.

    Parameters
    ----------
    archive : ZipFile
        Archive from `opened`.
    path : Path
        Name of the file, for messages.

    Returns
    -------
    header : dict
        How the counts were made.
    triangle : Triangle
        Words and counts.

    Raises
    ------
    InputError
        Another format, or another version of it.
    """
    header = json.loads(_read(archive, "header").tobytes())
    if header.get("format") != FORMAT:
        raise InputError(f"{path} is no counts file; make one with 'repsearch count'")
    if header["version"] != VERSION:
        raise InputError(
            f"{path} is a counts file of version {header['version']}, this program reads "
            f"version {VERSION}; count again"
        )
    words = tuple(_read(archive, "words").tobytes().decode("utf-8").split("\n"))
    word_counts = _read(archive, "word_counts").astype(np.int64)
    lengths = _read(archive, "row_lengths").astype(np.int64)
    if not len(set(words)) == len(words) == len(word_counts) == len(lengths):
        raise ValueError("words and rows do not match")
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    gaps = _joined(archive, "gaps", _width(len(words)), int(indptr[-1]))
    gaps_64 = np.cumsum(gaps, dtype=np.int64)
    # Gaps run on within a row; each row begins anew at column -1.
    before = np.concatenate([[0], gaps_64])[indptr[:-1]]
    columns = (gaps_64 - np.repeat(before, lengths) - 1).astype(np.int32)
    n_planes = sum(name.startswith("values.") for name in archive.namelist())
    values = _joined(archive, "values", n_planes, int(indptr[-1]))
    rows = np.flatnonzero(lengths)
    if min(gaps.min(initial=1), values.min(initial=1)) < 1 or np.any(
        columns[indptr[rows + 1] - 1] > rows
    ):
        raise ValueError("entries out of place")
    narrow = values.astype(np.uint32) if values.max(initial=0) < 2**32 else values
    return header, Triangle(words, word_counts, indptr, columns, narrow)


def _gaps(
    indptr: NDArray[np.int64], columns: NDArray[np.int32], low: int, high: int
) -> NDArray[np.int64]:
    """Distance of entries [low, high) from the one before in their row, or from column -1."""
    before = columns[max(low - 1, 0) : high].astype(np.int64)
    previous = before[:-1] if low else np.concatenate([[-1], before[:-1]])
    first_row = int(np.searchsorted(indptr, low, side="left"))
    last_row = int(np.searchsorted(indptr, high, side="left"))
    begins = indptr[first_row:last_row]
    previous[begins - low] = -1
    gaps: NDArray[np.int64] = columns[low:high] - previous
    return gaps


def _plane(
    k: int, get: Callable[[int, int], NDArray[np.int64]], n: int
) -> Iterator[NDArray[np.uint8]]:
    """Byte `k`, counted from the lowest, of all n numbers."""
    for low in range(0, n, _CHUNK):
        numbers = get(low, min(low + _CHUNK, n))
        yield ((numbers >> (8 * k)) & 0xFF).astype(np.uint8)


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), np.uint8)


def _width(largest: int) -> int:
    """Bytes that a number up to `largest` takes."""
    return max((largest.bit_length() + 7) // 8, 1)


def _write(
    archive: zipfile.ZipFile, name: str, pieces: Iterable[NDArray[Any]], length: int | None = None
) -> None:
    """Write a one-dimensional array, given in pieces, as a member of an npz archive."""
    pieces = iter(pieces)
    first = next(pieces, np.empty(0, np.uint8))
    # A fixed date, so that equal counts make equal files.
    member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
    member.compress_type = archive.compression
    with archive.open(member, "w", force_zip64=True) as stream:
        shape = (len(first) if length is None else length,)
        description = {"descr": first.dtype.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(stream, description)
        stream.write(first.tobytes())
        for piece in pieces:
            stream.write(piece.tobytes())


def _read(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    content = archive.read(f"{name}.npy")  # read to its end, where the checksum is compared
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("written in another way")
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    array: NDArray[Any] = np.frombuffer(content, dtype, offset=stream.tell())
    if array.shape != shape:
        raise ValueError("of another length than its header says")
    return array


def _joined(archive: zipfile.ZipFile, name: str, n_planes: int, n: int) -> NDArray[np.int64]:
    """Put numbers together from their bytes."""
    numbers = np.zeros(n, np.int64)
    for k in range(n_planes):
        plane = _read(archive, f"{name}.{k}")
        if plane.shape != (n,) or plane.dtype != np.uint8:
            raise ValueError("bytes are missing")
        for low in range(0, n, _CHUNK):
            numbers[low : low + _CHUNK] |= plane[low : low + _CHUNK].astype(np.int64) << (8 * k)
    return numbers
