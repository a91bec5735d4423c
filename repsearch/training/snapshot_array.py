"""Show the snapshots of a run as one array (step, word, dim), read where it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from xarray.backends import BackendArray
from xarray.core import indexing

if TYPE_CHECKING:
    from xarray import Variable

_FEW = 16
"""So many words are read by their places; of more, whole snapshots, with their checksums."""

Snapshot = Callable[[int], NDArray[Any]]
Row = Callable[[int, int], NDArray[Any]]


class SnapshotArray(BackendArray):  # type: ignore[misc]  # its types are not looked at
    """An array whose parts are read when they are asked for.

    Parameters
    ----------
    shape : (int, int, int)
        Numbers of snapshots, words and dimensions.
    dtype : dtype
        Type of the numbers.
    snapshot : callable
        Gives the (V, d) array of the snapshot of a number.
    row : callable
        Gives the (d,) row of a word, from the number of a snapshot and that of the word.
    """

    def __init__(
        self, shape: tuple[int, int, int], dtype: DTypeLike, snapshot: Snapshot, row: Row
    ) -> None:
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self._snapshot = snapshot
        self._row = row

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.OUTER, self._read
        )

    def _read(self, key: tuple[Any, ...]) -> NDArray[Any]:
        chosen = [np.arange(size)[one] for size, one in zip(self.shape, key, strict=True)]
        steps, words, columns = (np.atleast_1d(one) for one in chosen)
        found = np.empty((len(steps), len(words), len(columns)), self.dtype)
        for place, step in enumerate(steps.tolist()):
            if len(words) > _FEW:
                found[place] = self._snapshot(step)[np.ix_(words, columns)]
                continue
            for number, word in enumerate(words.tolist()):
                found[place, number] = self._row(step, word)[columns]
        # A single number takes its axis away.
        return found[tuple(0 if one.ndim == 0 else slice(None) for one in chosen)]


def lazily(array: SnapshotArray) -> Variable:
    """Make a variable that is read where it is looked at.

    Parameters
    ----------
    array : SnapshotArray
        The array.

    Returns
    -------
    xarray.Variable
        Over ``step``, ``word`` and ``dim``.
    """
    from xarray import Variable

    return Variable(("step", "word", "dim"), indexing.LazilyIndexedArray(array))
