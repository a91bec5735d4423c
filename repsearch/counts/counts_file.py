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

from repsearch.counts.planes import read_pairs
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
from repsearch.storage.mapped import release, require_room
from repsearch.storage.memory import free_memory

FORMAT = "repsearch-counts"
VERSION = 1
SIDED = 2
"""Version of files with a window of own weights, or of two sides that differ."""
_CHUNK = 1 << 22
_MOST_PLANES = 8
_WIDEST_HARMONIC = 42
"""Beyond it the least common multiple of the distances exceeds 64-bit integers."""
BYTES_A_PAIR = 12
"""A column, a count and an entry of a target in float32."""
BYTES_A_COUNT = 4
"""What a count of the other order adds, and an entry of it."""
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
        found = _gaps(indptr, columns, low, high)
        release(columns, low, high)
        return found

    def of(counted: NDArray[Any]) -> Callable[[int, int], NDArray[np.int64]]:
        def piece(low: int, high: int) -> NDArray[np.int64]:
            found = counted[low:high].astype(np.int64)
            release(counted, low, high)
            return found

        return piece

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
                for k in range(_width(_largest(counted))):
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


def read_counts(
    archive: zipfile.ZipFile, path: Path, memory: int | None = None
) -> tuple[dict[str, Any], Triangle]:
    """Read the content of a counts file.

    Parameters
    ----------
    archive : ZipFile
        Archive from `opened`.
    path : Path
        Name of the file, for messages.
    memory : int, optional
        Bytes that pairs may take in memory; half of what is free by default. What is more is
        kept in scratch files and mapped.

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
    check_unpacked_size(archive, path, REMEDY, held=False)
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
    mapped = must_be_mapped(n, len(sides), memory)
    if mapped:
        require_room(
            n * (BYTES_A_PAIR + BYTES_A_COUNT * (len(sides) - 1)), f"{path}, with {n:,} pairs,"
        )
    columns, counted = read_pairs(
        archive, path, indptr, _width(len(words)), n_planes, REMEDY, mapped=mapped
    )
    return header, Triangle(words, word_counts, indptr, columns, *counted)


def must_be_mapped(pairs: int, sides: int, memory: int | None) -> bool:
    """Tell whether pairs, and what is computed of each, are kept in scratch files.

    Parameters
    ----------
    pairs : int
        Stored pairs.
    sides : int
        Counts of each: 1, or 2 where the matrix is not symmetric.
    memory : int or None
        Bytes they may take in memory; half of what is free where it is None.

    Returns
    -------
    bool

    Examples
    --------
    >>> must_be_mapped(10**9, 1, 10**10), must_be_mapped(10**9, 1, 2 * 10**10)
    (True, False)
    """
    if memory is None:
        free = free_memory()
        memory = 2**63 if free is None else free // 2
    return pairs * (BYTES_A_PAIR + 2 * BYTES_A_COUNT * (sides - 1)) > memory


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


def _largest(counted: NDArray[Any]) -> int:
    largest = 0
    for low in range(0, len(counted), _CHUNK):
        largest = max(largest, int(counted[low : low + _CHUNK].max()))
        release(counted, low, min(low + _CHUNK, len(counted)))
    return largest


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
