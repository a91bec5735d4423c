"""Write and read counts files: numpy archives without pickled objects (docs/formats.md).

Counts are stored by byte planes: the lowest byte of all numbers, then the next,
up to the highest that is needed. Columns are stored as gaps from the entry before.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from repsearch.counts.window import Weighting, Window
from repsearch.errors import InputError
from repsearch.storage.archive import check_unpacked_size, names_of, read_array
from repsearch.storage.atomic import replacing
from repsearch.storage.json_text import parse_json
from repsearch.storage.layout import (
    Fact,
    Field,
    check_arrays,
    check_record,
    refuse,
    short,
    words_of,
)
from repsearch.storage.memory import require_memory

FORMAT = "repsearch-counts"
VERSION = 1
SIDED = 2
"""Version of files with a window of own weights, or of two sides that differ."""
_CHUNK = 1 << 22
_MOST_PLANES = 8
_WIDEST_HARMONIC = 42
"""Beyond it the least common multiple of the distances exceeds 64-bit integers."""
_BYTES_PER_ENTRY = 40  # gaps, their sums, columns, values, and copies in between
REMEDY = "count again"
"""Advice about a file that is not as it should be."""

HEADER = (
    Fact("window", "record"),
    Fact("tokenizer", "text"),
    Fact("out_of_vocabulary", "text", among=("remove", "keep-place")),
    Fact("n_words_read", "whole", 0, 2**63 - 1),
    Fact("n_documents", "whole", 0, 2**63 - 1),
    Fact("corpora", "texts"),
    Fact("total", "whole", 0, 2**63 - 1),
)
WINDOW = (
    Fact("size", "whole", 1, 2**63 - 1),
    Fact("weighting", "text", among=get_args(Weighting)),
)
SIDED_WINDOW = (
    WINDOW[0],
    Fact("weighting", "text", among=(*get_args(Weighting), "own")),
    Fact("left", "whole", 0, 2**63 - 1),
    Fact("right", "whole", 0, 2**63 - 1),
)
"""What a header holds besides its format and version."""

ARRAYS = (
    Field("words", ("uint8",), ("bytes",)),
    Field("word_counts", ("int64",), ("V",), low=0),
    Field("row_lengths", ("int32",), ("V",), low=0),
)
"""The arrays that are not in byte planes."""

_PLANES = ("gaps", "values")
_NEEDED = {"header", *(field.name for field in ARRAYS), *(f"{name}.0" for name in _PLANES)}

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
        Counts, all positive where the matrix is symmetric.
    above : (nnz,) uint32 or int64, optional
        Counts the other way round, where it is not.
    """

    words: tuple[str, ...]
    word_counts: NDArray[np.int64]
    indptr: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[Any]
    above: NDArray[Any] | None = None


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
    words, word_counts, indptr, columns, values, above = triangle
    version = SIDED if "left" in header["window"] else VERSION
    text = json.dumps({"format": FORMAT, "version": version, **header}, indent=1)

    def gaps(low: int, high: int) -> NDArray[np.int64]:
        return _gaps(indptr, columns, low, high)

    def of(counted: NDArray[Any]) -> Callable[[int, int], NDArray[np.int64]]:
        return lambda low, high: counted[low:high].astype(np.int64)

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
        for name, counted in (("values", values), ("above", above)):
            if counted is not None:
                for k in range(_width(int(counted.max(initial=0)))):
                    _write(archive, f"{name}.{k}", _plane(k, of(counted), n), n)


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
        Another format or version; a field that is not as `HEADER` and `ARRAYS` describe it;
        more numbers than the file or the machine's memory holds.
    """
    check_unpacked_size(archive, path, REMEDY)
    missing = _NEEDED - set(names_of(archive))
    if missing == _NEEDED:
        raise InputError(f"{path} is damaged or is no counts file; {REMEDY}")
    if missing:
        refuse(path, f"it lacks {min(missing)}", REMEDY)
    header = parse_json(_read(archive, "header", path).tobytes(), path, REMEDY)
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise InputError(f"{path} is no counts file; make one with 'repsearch count'")
    version = header.get("version")
    if type(version) is not int or not VERSION <= version <= SIDED:
        raise InputError(
            f"{path} is a counts file of version {short(version)}, this program "
            f"reads versions {VERSION} and {SIDED}; {REMEDY}"
        )
    check_record(HEADER, header, path, REMEDY, "its header")
    header["window"] = window = _window(header, path, sided=version == SIDED)
    arrays = {field.name: _read(archive, field.name, path) for field in ARRAYS}
    check_arrays(ARRAYS[:1], arrays, path, REMEDY)
    words = words_of(arrays["words"], path, REMEDY)
    check_arrays(ARRAYS, arrays, path, REMEDY, {"V": len(words)})
    word_counts = arrays["word_counts"].astype(np.int64)
    if float(word_counts.sum(dtype=float)) > header["n_words_read"] * (1 + 1e-9):
        refuse(path, "word_counts add up to more than n_words_read", REMEDY)
    lengths = arrays["row_lengths"].astype(np.int64)
    if (lengths > np.arange(1, len(words) + 1)).any():
        row = int(np.argmax(lengths > np.arange(1, len(words) + 1)))
        refuse(path, f"row_lengths[{row}] is {lengths[row]}, more than the row has places", REMEDY)
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    n = int(indptr[-1])
    sides = ("values",) if window.symmetric else ("values", "above")
    n_planes = {
        side: sum(name.startswith(f"{side}.") for name in archive.namelist()) for side in sides
    }
    for side, number in n_planes.items():
        if not 1 <= number <= _MOST_PLANES:
            refuse(path, f"{side} have {number} bytes each, not 1 to {_MOST_PLANES}", REMEDY)
    # Each entry of a plane is a byte, so this holds n against what the archive says it holds.
    planes = sum(archive.getinfo(f"{name}.0.npy").file_size for name in _PLANES)
    if len(_PLANES) * n > planes:
        refuse(path, f"row_lengths add up to {n:,}, more than there are gaps and values", REMEDY)
    require_memory(n * _BYTES_PER_ENTRY, f"{path}, with {n:,} pairs of words,", REMEDY)
    gaps = _joined(archive, "gaps", _width(len(words)), n, path)
    if gaps.min(initial=1) < 1 or gaps.max(initial=1) > len(words):
        refuse(path, f"gaps are not all from 1 to {len(words)}", REMEDY)
    gaps_64 = np.cumsum(gaps, dtype=np.int64)
    # Gaps run on within a row; each row begins anew at column -1.
    before = np.concatenate([[0], gaps_64])[indptr[:-1]]
    columns = (gaps_64 - np.repeat(before, lengths) - 1).astype(np.int32)
    counted = [_joined(archive, side, number, n, path) for side, number in n_planes.items()]
    rows = np.flatnonzero(lengths)
    if np.any(columns[indptr[rows + 1] - 1] > rows):
        refuse(path, "columns lie beyond the diagonal", REMEDY)
    _check_counted(counted, sides, path)
    narrow = [one.astype(np.uint32) if one.max(initial=0) < 2**32 else one for one in counted]
    return header, Triangle(words, word_counts, indptr, columns, *narrow)


def _window(header: dict[str, Any], path: Path, *, sided: bool) -> Window:
    """The window of a header, checked."""
    record = check_record(
        SIDED_WINDOW if sided else WINDOW, header["window"], path, REMEDY, "its window"
    )
    if record["weighting"] == "harmonic" and record["size"] > _WIDEST_HARMONIC and header["total"]:
        refuse(path, f"window.size is {record['size']}, too wide for harmonic weights", REMEDY)
    if record["weighting"] == "own":
        check_record((Fact("weights", "texts"),), record, path, REMEDY, "its window")
    try:
        return Window.from_record(record)
    except InputError as error:
        refuse(path, f"its window cannot be: {error}", REMEDY)


def _check_counted(counted: list[NDArray[np.int64]], sides: tuple[str, ...], path: Path) -> None:
    """Refuse counts that are negative, nowhere positive, or too large together."""
    for side, values in zip(sides, counted, strict=True):
        least = 1 if len(sides) == 1 else 0
        if values.min(initial=least) < least:
            refuse(path, f"{side} hold {values.min()}, less than {least}", REMEDY)
    both = 2 if len(sides) == 1 else 1
    if both * sum(float(values.sum(dtype=float)) for values in counted) >= 2.0**63:
        refuse(path, f"{' and '.join(sides)} add up to more than 64-bit integers hold", REMEDY)
    if len(sides) == 2 and not (counted[0] | counted[1]).all():
        refuse(path, "a pair has no count in either order", REMEDY)


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


def _read(archive: zipfile.ZipFile, name: str, path: Path) -> NDArray[Any]:
    return read_array(archive, name, path, REMEDY)


def _joined(
    archive: zipfile.ZipFile, name: str, n_planes: int, n: int, path: Path
) -> NDArray[np.int64]:
    """Put numbers together from their bytes."""
    numbers = np.zeros(n, np.int64)
    for k in range(n_planes):
        plane = _read(archive, f"{name}.{k}", path)
        check_arrays(
            [Field(f"{name}.{k}", ("uint8",), (n,), large=True)],
            {f"{name}.{k}": plane},
            path,
            REMEDY,
        )
        for low in range(0, n, _CHUNK):
            numbers[low : low + _CHUNK] |= plane[low : low + _CHUNK].astype(np.int64) << (8 * k)
    return numbers
