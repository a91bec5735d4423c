"""Hold exact co-occurrence counts, with all that is needed to check and to add them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from repsearch.checks import is_whole
from repsearch.counts.counts_file import REMEDY, Triangle, opened, read_counts, write_counts
from repsearch.counts.possible import contradiction
from repsearch.counts.window import Window
from repsearch.errors import InputError
from repsearch.notebook import html_table
from repsearch.storage.layout import refuse
from repsearch.storage.mapped import release, taken

_CHUNK = 1 << 22
_SHOWN = 10


@dataclass(frozen=True, eq=False)
class Counts:
    """Hold the co-occurrence counts of a corpus, as exact whole numbers.

    C_ij is the sum of the window's weights over all ordered pairs of places, the first of
    word i and the second of word j, its context (so a pair of two equal words counts twice,
    once for each order). In a window that is alike on both sides C is symmetric, and its lower
    triangle, diagonal included, is stored by rows; in any other, C_ij and C_ji are stored side
    by side. Made by `count`, `merge` or `Counts.open`.

    Parameters
    ----------
    words : tuple of str
        Vocabulary, most frequent word first.
    word_counts : (V,) int64
        Occurrences of each word.
    indptr : (V + 1,) int64
        Bounds of rows: the entries of row i of the lower triangle are
        ``indptr[i]:indptr[i + 1]``.
    columns : (nnz,) int32
        Column of each entry, increasing within a row, at most the row's number.
    values : (nnz,) uint32 or int64
        Counts C_ij of those pairs, all positive where C is symmetric.
    window : Window
        Window and its weights.
    tokenizer : str
        Name of the tokeniser of the corpus.
    out_of_vocabulary : {"remove", "keep-place"}
        What was done with words out of the vocabulary before windows were placed.
    n_words_read : int
        Number of words in the text, in the vocabulary or not.
    n_documents : int
        Number of documents.
    corpora : tuple of str
        Digests of the corpora counted, sorted.
    file : Path, optional
        Where they were opened; None of counts that were made.
    above : (nnz,) uint32 or int64, optional
        Counts C_ji of those pairs the other way round, where the window is not alike on both
        sides; of each pair one of the two is positive. None where C is symmetric.

    Examples
    --------
    >>> import repsearch as rs
    >>> counts = rs.count(rs.encode(["the cat saw the dog"], vocabulary_size=None), rs.Window(1))
    >>> counts
    Counts(4 words, 5 tokens, linear window of 1, 4 pairs, density 50.0%)
    >>> counts.total, counts.marginals.tolist()
    (8, [0.375, 0.25, 0.125, 0.25])
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
    file: Path | None = field(default=None, repr=False)
    above: NDArray[np.int64] | None = field(default=None, repr=False)

    @property
    def symmetric(self) -> bool:
        """Whether C is symmetric: the window is alike on both sides."""
        return self.above is None

    @property
    def n_tokens(self) -> int:
        """Occurrences of words of the vocabulary."""
        return int(self.word_counts.sum())

    @property
    def density(self) -> float:
        """Fraction of the entries of the full matrix that are not zero."""
        size = len(self.words)
        filled = 2 * len(self.values)
        if self.above is not None:
            filled = int(np.count_nonzero(self.values)) + int(np.count_nonzero(self.above))
        return (filled - int(np.count_nonzero(self._diagonal))) / size**2

    @cached_property
    def row_sums(self) -> NDArray[np.int64]:
        """Row sums of the full matrix, (V,), exact."""
        return self._sums(self.values, self.values if self.above is None else self.above)

    @cached_property
    def column_sums(self) -> NDArray[np.int64]:
        """Column sums of the full matrix, of words as contexts, (V,), exact."""
        return self.row_sums if self.above is None else self._sums(self.above, self.values)

    def _sums(self, below: NDArray[np.int64], above: NDArray[np.int64]) -> NDArray[np.int64]:
        sums = np.zeros(len(self.words), np.int64)
        for low, high, rows in self.blocks():
            columns = self.columns[low:high]
            np.add.at(sums, rows, below[low:high].astype(np.int64))
            off_diagonal = columns != rows
            np.add.at(sums, columns[off_diagonal], above[low:high][off_diagonal].astype(np.int64))
        return sums

    @property
    def total(self) -> int:
        """Sum of all entries of the full matrix."""
        return int(self.row_sums.sum())

    @cached_property
    def marginals(self) -> NDArray[np.float64]:
        """Row sums P_i = sum_j P_ij, (V,), of the skip-gram distribution P = C / sum C."""
        marginals: NDArray[np.float64] = self.row_sums / max(self.total, 1)
        return marginals

    @cached_property
    def context_marginals(self) -> NDArray[np.float64]:
        """Column sums sum_i P_ij of the skip-gram distribution, (V,): `marginals` if symmetric."""
        if self.above is None:
            return self.marginals
        marginals: NDArray[np.float64] = self.column_sums / max(self.total, 1)
        return marginals

    def matrix(self) -> sparse.csr_array:
        """Return the full matrix, which takes twice the memory of the counts and more.

        Returns
        -------
        (V, V) sparse array of int64
            C, by rows.
        """
        lower = self._triangle(self.values)
        other = lower if self.above is None else self._triangle(self.above)
        full: sparse.csr_array = (lower + sparse.tril(other, -1).T).tocsr()
        full.eliminate_zeros()
        full.sort_indices()
        return full

    def lower(self) -> sparse.csr_array:
        """Return the lower triangle, diagonal included.

        Returns
        -------
        (V, V) sparse array of int64
            Entries C_ij with j <= i, by rows.

        Raises
        ------
        InputError
            Counts that are not symmetric, of which it is only a half.
        """
        self.require_symmetric("the lower triangle alone")
        return self._triangle(self.values)

    def require_symmetric(self, what: str) -> None:
        """Refuse counts in a window that is not alike on both sides.

        Parameters
        ----------
        what : str
            What would take them for symmetric, such as ``"training"``.

        Raises
        ------
        InputError
            They are not symmetric.

        Examples
        --------
        >>> import repsearch as rs
        >>> corpus = rs.encode(["the cat sat"], vocabulary_size=None)
        >>> rs.count(corpus, rs.Window(1, left=0)).require_symmetric("training")
        Traceback (most recent call last):
        repsearch.errors.InputError: training takes a pair alike in both orders, but these counts \
are of a linear window of 1 to the right; count in a window of two equal sides, or take singular \
vectors of a target of them: singular_triplets(pmi(counts))
        """
        if self.above is not None:
            raise InputError(
                f"{what} takes a pair alike in both orders, but these counts are of a "
                f"{self.window.in_words}; count in a window of two equal sides, or take singular "
                "vectors of a target of them: singular_triplets(pmi(counts))"
            )

    def _triangle(self, values: NDArray[np.int64]) -> sparse.csr_array:
        size = len(self.words)
        return sparse.csr_array(
            (values.astype(np.int64), self.columns, self.indptr), shape=(size, size)
        )

    def __repr__(self) -> str:
        return (
            f"Counts({len(self.words):,} words, {self.n_tokens:,} tokens, "
            f"{self.window.in_words}, "
            f"{len(self.values):,} pairs, density {self.density:.1%})"
        )

    def _repr_html_(self) -> str:
        shown = [
            {"word": word, "occurrences": int(number)}
            for word, number in zip(self.words[:_SHOWN], self.word_counts[:_SHOWN], strict=True)
        ]
        return html_table(repr(self), shown, words="The most frequent words:")

    def save(self, path: str | Path, *, compression: Literal["none", "lzma"] = "none") -> None:
        """Write a counts file, a ``.npz`` archive without pickled objects (docs/formats.md).

        Parameters
        ----------
        path : path
            Final name; it appears when the file is whole.
        compression : {"none", "lzma"}
            Method of compression; ``"lzma"`` makes a far smaller file and is far
            slower to write.

        Raises
        ------
        InputError
            An unknown compression; the file cannot be written, or the disk is full.
        """
        header = {
            "window": self.window.record(),
            "tokenizer": self.tokenizer,
            "out_of_vocabulary": self.out_of_vocabulary,
            "n_words_read": self.n_words_read,
            "n_documents": self.n_documents,
            "corpora": list(self.corpora),
            "total": self.total,
            # Counts that are not of a text need not be such as a text can give.
            "consistent": contradiction(self) is None,
        }
        triangle = Triangle(
            self.words, self.word_counts, self.indptr, self.columns, self.values, self.above
        )
        write_counts(Path(path), header, triangle, compression)

    @classmethod
    def open(cls, path: str | Path, *, memory: int | None = None) -> Counts:
        """Open a counts file.

        Parameters
        ----------
        path : path
            File that `save` or ``repsearch count`` wrote.
        memory : int, optional
            Bytes that pairs may take in memory, 12 for each with the target's entry; half of
            what is free by default. Where they take more, they are kept in scratch files in the
            system's temporary folder (``TMPDIR``), and so are targets of them: slower, and the
            same to the bit.

        Returns
        -------
        Counts
            The counts as they were saved.

        Raises
        ------
        InputError
            No such file, no counts file, a damaged one, or one of another version; a full disk;
            a limit of the memory that is no whole number.
        """
        if memory is not None and not (is_whole(memory) and memory >= 0):
            raise InputError(f"memory is {memory!r}; pass a whole number of bytes")
        path = Path(path)
        with opened(path) as archive:
            header, triangle = read_counts(archive, path, memory)
            counts = cls(
                **triangle._asdict(),
                window=header["window"],
                tokenizer=header["tokenizer"],
                out_of_vocabulary=header["out_of_vocabulary"],
                n_words_read=header["n_words_read"],
                n_documents=header["n_documents"],
                corpora=tuple(header["corpora"]),
                file=path.resolve(),
            )
            if counts.total != header["total"]:
                raise InputError(f"{path} is damaged: its counts do not add up; count again")
            # Older files do not say, and are taken as they are.
            wrong = contradiction(counts) if header.get("consistent") is True else None
            if wrong is not None:
                refuse(path, wrong, REMEDY)
        return counts

    @property
    def _diagonal(self) -> NDArray[np.int64]:
        last = np.maximum(self.indptr[1:] - 1, 0)
        filled = np.diff(self.indptr) > 0
        on_diagonal = np.zeros(len(self.words), np.int64)
        rows = np.flatnonzero(filled)
        hits = rows[taken(self.columns, last[rows]) == rows]
        on_diagonal[hits] = taken(self.values, last[hits])
        return on_diagonal

    def blocks(self) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
        """Walk through the stored entries in pieces.

        Yields
        ------
        low, high : int
            Bounds of the piece among the entries.
        rows : (high - low,) int64
            Row of each entry of the piece.
        """
        n = int(self.indptr[-1])
        for low in range(0, n, _CHUNK):
            high = min(low + _CHUNK, n)
            first, last = np.searchsorted(self.indptr, [low, high - 1], side="right") - 1
            lengths = np.diff(self.indptr[first : last + 2].clip(low, high))
            yield low, high, np.repeat(np.arange(first, last + 1), lengths)
            for array in (self.columns, self.values, self.above):
                if array is not None:
                    release(array, low, high)
