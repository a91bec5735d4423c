"""Exact co-occurrence counts with all that is needed to trust and to add them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from repsearch.counts.window import Window
from repsearch.errors import InputError
from repsearch.storage.atomic import replacing

FORMAT = "repsearch-counts"
VERSION = 1
_CHUNK = 1 << 22


@dataclass(frozen=True, eq=False)
class Counts:
    """Co-occurrence counts of a corpus, as exact whole numbers.

    The full matrix C is symmetric: C_ij is the sum of the window's weights over
    all ordered pairs of places, the first of word i and the second of word j
    (so a pair of two equal words counts twice, once for each order). Its lower
    triangle, diagonal included, is stored by rows. Made by `count`, `merge` or
    `Counts.open`.

    Parameters
    ----------
    words : tuple of str
        The vocabulary, most frequent word first.
    word_counts : (V,) int64
        Occurrences of each word.
    indptr : (V + 1,) int64
        Entries of row i of the lower triangle are ``indptr[i]:indptr[i + 1]``.
    columns : (nnz,) int32
        Column of each entry, increasing within a row, at most the row's number.
    values : (nnz,) uint32 or int64
        The counts, all positive.
    window : Window
        Size and weights.
    tokenizer : str
        Name of the tokeniser of the corpus.
    out_of_vocabulary : {"remove", "keep-place"}
        What was done with words out of the vocabulary before windows were laid.
    n_words_read : int
        Words in the text, in the vocabulary or not.
    n_documents : int
        Number of documents.
    corpora : tuple of str
        Digests of the corpora counted, sorted.
    """

    words: tuple[str, ...]
    word_counts: NDArray[np.int64]
    indptr: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[np.int64]
    window: Window
    tokenizer: str
    out_of_vocabulary: str
    n_words_read: int
    n_documents: int
    corpora: tuple[str, ...]

    @property
    def n_tokens(self) -> int:
        """Occurrences of words of the vocabulary."""
        return int(self.word_counts.sum())

    @property
    def density(self) -> float:
        """Share of the entries of the full matrix that are not zero."""
        size = len(self.words)
        return (2 * len(self.values) - int(np.count_nonzero(self._diagonal))) / size**2

    @cached_property
    def row_sums(self) -> NDArray[np.int64]:
        """(V,) row sums of the full matrix, exact."""
        sums = np.zeros(len(self.words), np.int64)
        for low, high, rows in self.blocks():
            values = self.values[low:high].astype(np.int64)
            columns = self.columns[low:high]
            np.add.at(sums, rows, values)
            off_diagonal = columns != rows
            np.add.at(sums, columns[off_diagonal], values[off_diagonal])
        return sums

    @property
    def total(self) -> int:
        """Sum of all entries of the full matrix."""
        return int(self.row_sums.sum())

    @cached_property
    def marginals(self) -> NDArray[np.float64]:
        """(V,) P_i = sum_j P_ij, the row sums of the skip-gram distribution P = C / sum C."""
        shares: NDArray[np.float64] = self.row_sums / max(self.total, 1)
        return shares

    def matrix(self) -> sparse.csr_array:
        """The full symmetric matrix, int64; twice the memory of the counts and more."""
        lower = self.lower()
        full: sparse.csr_array = (lower + sparse.tril(lower, -1).T).tocsr()
        full.sort_indices()
        return full

    def lower(self) -> sparse.csr_array:
        """The lower triangle, int64."""
        size = len(self.words)
        return sparse.csr_array(
            (self.values.astype(np.int64), self.columns, self.indptr), shape=(size, size)
        )

    def __repr__(self) -> str:
        return (
            f"Counts({len(self.words):,} words, {self.n_tokens:,} tokens, "
            f"{self.window.weighting} window of {self.window.size}, "
            f"{len(self.values):,} pairs, density {self.density:.1%})"
        )

    def save(self, path: str | Path, *, compression: Literal["none", "lzma"] = "none") -> None:
        """Write a counts file, a ``.npz`` archive without pickled objects (docs/formats.md).

        Parameters
        ----------
        path : path
            Final name; it appears when the file is whole.
        compression : {"none", "lzma"}
            ``"lzma"`` makes a far smaller file and is far slower to write.

        Raises
        ------
        InputError
            An unknown compression; the file cannot be written, or the disk is full.
        """
        methods = {"none": zipfile.ZIP_STORED, "lzma": zipfile.ZIP_LZMA}
        if compression not in methods:
            raise InputError(f"compression is {compression!r}; choose 'none' or 'lzma'")
        method = methods[compression]
        header = {
            "format": FORMAT,
            "version": VERSION,
            "window": {"size": self.window.size, "weighting": self.window.weighting},
            "tokenizer": self.tokenizer,
            "out_of_vocabulary": self.out_of_vocabulary,
            "n_words_read": self.n_words_read,
            "n_documents": self.n_documents,
            "corpora": list(self.corpora),
            "total": self.total,
        }
        with replacing(path) as stream, zipfile.ZipFile(stream, "w", method) as archive:
            _write(archive, "header", [_text(json.dumps(header, indent=1))])
            _write(archive, "words", [_text("\n".join(self.words))])
            _write(archive, "word_counts", [self.word_counts.astype("<i8")])
            _write(archive, "row_lengths", [np.diff(self.indptr).astype("<i4")])
            for k in range(_width(len(self.words))):
                _write(archive, f"gaps.{k}", self._planes(k, self._gaps), len(self.columns))
            largest = int(self.values.max(initial=0))
            for k in range(_width(largest)):
                _write(archive, f"values.{k}", self._planes(k, self._values), len(self.values))

    @classmethod
    def open(cls, path: str | Path) -> Counts:
        """Open a counts file.

        Raises
        ------
        InputError
            No such file, no counts file, a damaged one, or one of another version.
        """
        path = Path(path)
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
                    return cls._read(archive, path)
            except (InputError, MemoryError):
                raise
            except Exception as error:  # zipfile, lzma, NumPy and json stumble in many ways
                raise InputError(f"{path} is damaged or is no counts file; count again") from error

    @classmethod
    def _read(cls, archive: zipfile.ZipFile, path: Path) -> Counts:
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
        counts = cls(
            words=words,
            word_counts=word_counts,
            indptr=indptr,
            columns=columns,
            values=values.astype(np.uint32) if values.max(initial=0) < 2**32 else values,
            window=Window(**header["window"]),
            tokenizer=header["tokenizer"],
            out_of_vocabulary=header["out_of_vocabulary"],
            n_words_read=header["n_words_read"],
            n_documents=header["n_documents"],
            corpora=tuple(header["corpora"]),
        )
        if counts.total != header["total"]:
            raise InputError(f"{path} is damaged: its counts do not add up; count again")
        return counts

    # ------------------------------------------------------------- pieces

    @property
    def _diagonal(self) -> NDArray[np.int64]:
        last = np.maximum(self.indptr[1:] - 1, 0)
        filled = np.diff(self.indptr) > 0
        on_diagonal = np.zeros(len(self.words), np.int64)
        rows = np.flatnonzero(filled)
        hits = rows[self.columns[last[rows]] == rows]
        on_diagonal[hits] = self.values[last[hits]]
        return on_diagonal

    def blocks(self) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
        """Entries in pieces: from, to, and the row of each."""
        n = int(self.indptr[-1])
        for low in range(0, n, _CHUNK):
            high = min(low + _CHUNK, n)
            rows = np.searchsorted(self.indptr, np.arange(low, high), side="right") - 1
            yield low, high, rows

    def _gaps(self, low: int, high: int) -> NDArray[np.int64]:
        """Distance of each entry from the one before it in its row, or from column -1."""
        before = self.columns[max(low - 1, 0) : high].astype(np.int64)
        previous = before[:-1] if low else np.concatenate([[-1], before[:-1]])
        first_row = int(np.searchsorted(self.indptr, low, side="left"))
        last_row = int(np.searchsorted(self.indptr, high, side="left"))
        begins = self.indptr[first_row:last_row]
        previous[begins - low] = -1
        gaps: NDArray[np.int64] = self.columns[low:high] - previous
        return gaps

    def _values(self, low: int, high: int) -> NDArray[np.int64]:
        return self.values[low:high].astype(np.int64)

    def _planes(self, k: int, get: Any) -> Iterator[NDArray[np.uint8]]:
        """Byte `k`, counted from the lowest, of all numbers."""
        for low in range(0, len(self.values), _CHUNK):
            numbers = get(low, min(low + _CHUNK, len(self.values)))
            yield ((numbers >> (8 * k)) & 0xFF).astype(np.uint8)


# ------------------------------------------------------------- the archive


def _text(text: str) -> NDArray[np.uint8]:
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
