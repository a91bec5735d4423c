"""Read text that is tokenised already: word ids in arrays, and the words they number."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError

import numpy as np
from numpy.typing import NDArray

from repsearch.corpus.table_ids import is_table, rows_of_ids, table_of_ids
from repsearch.corpus.word_file import read_words
from repsearch.errors import InputError
from repsearch.progress import Progress
from repsearch.text.dataset_folder import files_in
from repsearch.text.record import TextRecord

TOKENIZER = "ids"
"""Name that counts of such a text have in the place of a tokeniser's."""

_CHUNK = 1 << 18


@dataclass(frozen=True)
class TokenIds:
    r"""Name arrays of word ids and the file of their words.

    Parameters
    ----------
    paths : tuple of Path
        ``.npy`` files of whole numbers. The id -1 ends a document, and so does
        each row of a matrix (whose rows may be filled up with -1). Or tables with a
        list of ids a record, each a document: a Hugging Face dataset
        (``save_to_disk``), ``.arrow``, ``.parquet`` (extra ``datasets``).
    vocabulary : Path
        Text file with the word of id 0 in its first line, of id 1 in its second
        and so on; what follows a word in its line, such as a count, is ignored.
    field : str, optional
        Column of the tables that holds the ids.

    Raises
    ------
    InputError
        A file that is not there or is none of these, a word that is twice there.

    Attributes
    ----------
    words : tuple of str
        Words in the order of their ids.

    Examples
    --------
    >>> import tempfile
    >>> import repsearch as rs
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ids, words = Path(folder) / "ids.npy", Path(folder) / "words.txt"
    ...     np.save(ids, np.array([0, 1, 2, -1, 0, 2]))
    ...     _ = words.write_text("the\ncat\nsat\n")
    ...     corpus = rs.encode(rs.TokenIds((ids,), words), vocabulary_size=None)
    >>> [corpus.document(k) for k in range(corpus.n_documents)]
    [['the', 'cat', 'sat'], ['the', 'sat']]
    """

    paths: tuple[Path, ...]
    vocabulary: Path
    field: str | None = None
    words: tuple[str, ...] = dataclasses.field(init=False, repr=False, compare=False)
    _data: tuple[Path, ...] = dataclasses.field(init=False, repr=False, compare=False)
    _tables: tuple[Path, ...] = dataclasses.field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        given: object = self.paths
        paths = (given,) if isinstance(given, str | Path) else self.paths
        object.__setattr__(self, "paths", tuple(Path(path) for path in paths))
        object.__setattr__(self, "vocabulary", Path(self.vocabulary))
        if not self.paths:
            raise InputError("no word ids given; pass at least one .npy file")
        object.__setattr__(self, "words", tuple(read_words(self.vocabulary)))
        found = [p for path in self.paths for p in (files_in(path) if path.is_dir() else [path])]
        object.__setattr__(self, "_tables", tuple(path for path in found if _is_table(path)))
        if self.field is not None and not self._tables:
            raise InputError(
                f"{found[0] if found else self.paths[0]} has no columns; leave out field"
            )
        object.__setattr__(self, "_data", tuple(found))
        if not found:
            raise InputError(f"folder {self.paths[0]} has no file in it; give word ids")
        for path in found:
            if path in self._tables:
                table_of_ids(path, self.field)
            else:
                _opened(path)

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that are read."""
        return (*self._data, self.vocabulary)

    def chunks(
        self, record: TextRecord, progress: Progress
    ) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        """Read the ids in pieces, each checked against the number of words.

        Parameters
        ----------
        record : TextRecord
            Where it is written what was read, and how many records of tables were null.
        progress : Progress
            Called with the number of ids read.

        Yields
        ------
        numbers : (n,) int32
            Ids of words.
        ends : (m,) int64
            Number of words before each end of a document. A file ends one.

        Raises
        ------
        InputError
            An id of no word.
        """
        done, total = 0, self._size()
        for path in self._data:
            record.add_file("word ids")
            for part in self._parts(path, record):
                ids = part.astype(np.int32)
                inside = ids >= 0
                yield ids[inside], np.cumsum(inside)[~inside].astype(np.int64)
                done += ids.size
                progress("reading ids", done if total is None else min(done, total), total, "ids")
            yield np.empty(0, np.int32), np.zeros(1, np.int64)

    def _size(self) -> int | None:
        """Number of ids; None of tables, which tell it when they are read."""
        return None if self._tables else sum(_opened(path).size for path in self._data)

    def _parts(self, path: Path, record: TextRecord) -> Iterator[NDArray[np.integer]]:
        """Pieces of a file of ids in one row, rows of documents ended by -1."""
        if path in self._tables and self.field is not None:
            for part in rows_of_ids(table_of_ids(path, self.field), self.field, record):
                self._check(path, part)
                yield part
            return
        array = _opened(path)
        rows = max(_CHUNK // max((*array.shape[1:], 1)), 1)
        for begin in range(0, len(array), rows):
            part = np.asarray(array[begin : begin + rows])
            self._check(path, part)
            if part.ndim == 2:
                whole = np.pad(part.astype(np.int32), ((0, 0), (0, 1)), constant_values=-1)
                part = whole.reshape(-1)
            yield part

    def _check(self, path: Path, part: NDArray[np.integer]) -> None:
        """Refuse ids of no word, before they are made ids of fewer bytes."""
        low, high = (int(part.min()), int(part.max())) if part.size else (0, 0)
        if low < -1 or high >= len(self.words):
            raise InputError(
                f"{path} holds the id {low if low < -1 else high:,}, but "
                f"{self.vocabulary} has {len(self.words):,} words: ids are from 0 to "
                f"{len(self.words) - 1:,}, and -1 ends a document"
            )


def _is_table(path: Path) -> bool:
    """Whether a file is a table; what is wrong with a file that is none is said by `_opened`."""
    try:
        return is_table(path)
    except InputError:
        return False


def _opened(path: Path) -> NDArray[np.integer]:
    """Map an array of ids into memory."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; check the path") from None
    except (OSError, ValueError, EOFError, SyntaxError, TypeError, TokenError) as error:
        raise InputError(
            f"{path} is no .npy file of word ids, or it is damaged; save the ids with numpy.save"
        ) from error
    if (
        not isinstance(array, np.ndarray)
        or array.dtype.kind not in "iu"
        or array.ndim not in (1, 2)
    ):
        what = (
            f"{array.dtype} of {array.ndim} axes" if isinstance(array, np.ndarray) else "an archive"
        )
        raise InputError(
            f"{path} holds {what}; word ids are whole numbers in one row, or in rows of documents"
        )
    return array
