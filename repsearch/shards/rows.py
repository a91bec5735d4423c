"""Keep rows of counts as plain arrays between the tasks of one text, and add them.

Counts files are small, checked and slow to open, 200 ns a pair; what a shard gave is read once,
by a program that has the digest of what it wrote.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repsearch.corpus.folder import TOKENS, mapped_tokens
from repsearch.counts.row_store import Rows, RowStore, sums_of_rows
from repsearch.storage.atomic import sha256

_ARRAYS = ("indptr", "columns", "values", "word_counts", "ranks", "offsets")
_FACTS = "facts.json"
FILES = (*(f"{name}.npy" for name in _ARRAYS), _FACTS)
"""Files of a folder of rows."""
_BATCH = 1 << 19
"""Entries that are added at once: few enough for the cache of a processor."""


@dataclass(frozen=True)
class CountedShard:
    """Tell where a shard's counts are.

    Parameters
    ----------
    folder : str
        Folder of counts, ranks and offsets.
    stood : bool
        Whether they were there already.
    """

    folder: str
    stood: bool


def write_rows(
    folder: Path, rows: Rows, word_counts: NDArray[np.int64], **more: NDArray[Any]
) -> None:
    """Write rows of counts.

    Parameters
    ----------
    folder : Path
        Empty folder.
    rows : Rows
        Row pointers, columns and values.
    word_counts : (V,) int64
        Occurrences of each word.
    **more : array
        Ranks of the shard's words, and offsets of its documents.
    """
    arrays: dict[str, NDArray[Any]] = {
        **dict(zip(_ARRAYS, (*rows, word_counts), strict=False)),
        **more,
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    digests = {name: sha256(folder / f"{name}.npy") for name in arrays}
    (folder / _FACTS).write_text(json.dumps(digests))


def is_whole(folder: Path) -> bool:
    """Whether rows are there, as they were written.

    Parameters
    ----------
    folder : Path
        Folder of rows.

    Returns
    -------
    bool
        False where a file is missing or has changed.
    """
    try:
        digests = json.loads((folder / _FACTS).read_bytes())
        return set(digests) == set(_ARRAYS) and all(
            sha256(folder / f"{name}.npy") == digest for name, digest in digests.items()
        )
    except (OSError, ValueError, TypeError, AttributeError):
        return False


def _array(part: CountedShard, name: str) -> NDArray[Any]:
    path = Path(part.folder) / f"{name}.npy"
    # An array without entries cannot be mapped.
    mapped = path.stat().st_size > 4096
    array: NDArray[Any] = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    return array


class _Stored(RowStore):
    """Rows that were written by `write_rows`."""

    def __init__(self, part: CountedShard) -> None:
        self.part = part

    def finish(self, pool: ThreadPoolExecutor) -> Rows:
        """Map them."""
        indptr, columns, values = (_array(self.part, name) for name in _ARRAYS[:3])
        return indptr, columns, values


def sum_of_rows(
    parts: Sequence[CountedShard], size: int, memory: int, scratch: Path, *, both: bool
) -> Rows:
    """Add up rows of counts.

    Parameters
    ----------
    parts : sequence of CountedShard
        What is added, all over the same words.
    size : int
        Number of words.
    memory : int
        Working memory in bytes; what the sum takes beyond a quarter of it goes to `scratch`.
    scratch : Path
        Folder for that.
    both : bool
        Whether counts are of both orders of a pair.

    Returns
    -------
    Rows
        Row pointers, columns and values.
    """
    stored: list[RowStore] = [_Stored(part) for part in parts]
    with ThreadPoolExecutor(1) as pool, closing(RowStore(scratch, memory // 4)) as total:
        for rows in sums_of_rows(stored, size, pool, _BATCH, both=both):
            total.append(rows)
        return total.finish(pool)


def sum_of_words(parts: Sequence[CountedShard]) -> NDArray[np.int64]:
    """Add up the occurrences of words.

    Parameters
    ----------
    parts : sequence of CountedShard
        What is added.

    Returns
    -------
    (V,) int64
        Occurrences of each word.
    """
    total: NDArray[np.int64] = sum(
        (_array(part, "word_counts") for part in parts[1:]),
        start=np.array(_array(parts[0], "word_counts")),
    )
    return total


def bounds_of(counted: CountedShard) -> NDArray[np.int64]:
    """Read where the documents of a shard begin, among the words that are kept.

    Parameters
    ----------
    counted : CountedShard
        A counted shard.

    Returns
    -------
    (n + 1,) int64
        Offsets.
    """
    return _array(counted, "offsets")


def kept_tokens(counted: CountedShard, shard: str, *, keep_place: bool) -> NDArray[np.int32]:
    """Give the word ids of a shard in the vocabulary of the whole.

    Parameters
    ----------
    counted : CountedShard
        The shard, counted.
    shard : str
        Folder of the shard, encoded with all of its words.
    keep_place : bool
        Whether other words keep their place as -1.

    Returns
    -------
    (n,) int32
        Word ids.
    """
    file = Path(shard) / TOKENS
    ids: NDArray[np.int32] = np.array(_array(counted, "ranks"))[
        mapped_tokens(file, file.stat().st_size // 4)
    ]
    return ids if keep_place else ids[ids >= 0]
