"""Read pairs and their counts from the byte planes of a counts file, piece by piece."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repsearch.storage.archive import ArrayStream
from repsearch.storage.layout import Field, check_arrays, refuse
from repsearch.storage.mapped import Pieces, is_mapped

_CHUNK = 1 << 20


class Pairs(NamedTuple):
    """Columns and counts of the stored pairs.

    Parameters
    ----------
    columns : (nnz,) int32
        Column of each entry.
    counted : list of (nnz,) uint32 or int64
        Counts of each entry: C_ij, and C_ji where the matrix is not symmetric.
    """

    columns: NDArray[np.int32]
    counted: list[NDArray[Any]]


def read_pairs(
    archive: zipfile.ZipFile,
    path: Path,
    indptr: NDArray[np.int64],
    gap_planes: int,
    sides: dict[str, int],
    remedy: str,
    *,
    mapped: bool,
) -> Pairs:
    """Read all pairs.

    Parameters
    ----------
    archive : ZipFile
        Open counts file.
    path : Path
        Its name, for messages.
    indptr : (V + 1,) int64
        Bounds of rows among the entries.
    gap_planes : int
        Bytes of a gap.
    sides : dict of str to int
        Arrays of counts by name, with the bytes of a number.
    remedy : str
        What to do about a file that is not as it should be.
    mapped : bool
        Whether they are kept in scratch files instead of memory.

    Returns
    -------
    Pairs

    Raises
    ------
    InputError
        Gaps or counts that cannot be; an array that is damaged or of another length; a full disk.
    """
    n, size = int(indptr[-1]), len(indptr) - 1
    gaps = _Numbers(archive, "gaps", gap_planes, n, path, remedy)
    counted = {
        side: _Numbers(archive, side, planes, n, path, remedy) for side, planes in sides.items()
    }
    columns = Pieces(n, np.int32, mapped=mapped)
    values = {
        side: Pieces(n, np.uint32 if planes <= 4 else np.int64, mapped=mapped)
        for side, planes in sides.items()
    }
    checked = _Checks(list(sides), path, remedy)
    before = begun = 0
    for low in range(0, n, _CHUNK):
        high = min(low + _CHUNK, n)
        first, last = np.searchsorted(indptr, [low, high - 1], side="right") - 1
        gap = gaps.read(high - low)
        if gap.min() < 1 or gap.max() > size:
            refuse(path, f"gaps are not all from 1 to {size}", remedy)
        summed = before + np.cumsum(gap)
        # Gaps run on within a row; each row begins anew at column -1.
        starts = indptr[first : last + 1]
        at = np.where(starts > low, summed[np.maximum(starts - low - 1, 0)], before)
        if starts[0] < low:
            at[0] = begun
        lengths = np.diff(indptr[first : last + 2].clip(low, high))
        place = summed - np.repeat(at, lengths) - 1
        if (place > np.repeat(np.arange(first, last + 1), lengths)).any():
            refuse(path, "columns lie beyond the diagonal", remedy)
        columns.append(place.astype(np.int32))
        before, begun = int(summed[-1]), int(at[-1])
        pieces = [numbers.read(high - low) for numbers in counted.values()]
        checked.look_at(pieces)
        for side, piece in zip(values.values(), pieces, strict=True):
            side.append(piece)
    return Pairs(columns.finish(), [_narrow(side.finish()) for side in values.values()])


class _Numbers:
    """Put numbers together from their bytes, piece by piece."""

    def __init__(
        self, archive: zipfile.ZipFile, name: str, planes: int, n: int, path: Path, remedy: str
    ) -> None:
        self.planes = []
        for k in range(planes):
            plane = ArrayStream(archive, f"{name}.{k}", path, remedy)
            field = Field(f"{name}.{k}", ("uint8",), (n,), large=True)
            # An array of that shape and type which takes no memory.
            like = np.broadcast_to(np.zeros((), plane.dtype), plane.shape)
            check_arrays([field], {field.name: like}, path, remedy)
            self.planes.append(plane)

    def read(self, number: int) -> NDArray[np.int64]:
        numbers = np.zeros(number, np.int64)
        for k, plane in enumerate(self.planes):
            numbers |= plane.read(number).astype(np.int64) << (8 * k)
        return numbers


class _Checks:
    """Refuse counts that are negative, nowhere positive, or too large together."""

    def __init__(self, sides: list[str], path: Path, remedy: str) -> None:
        self.sides, self.path, self.remedy = sides, path, remedy
        self.total = 0.0

    def look_at(self, pieces: list[NDArray[np.int64]]) -> None:
        least = 1 if len(self.sides) == 1 else 0
        for side, piece in zip(self.sides, pieces, strict=True):
            if piece.min() < least:
                refuse(self.path, f"{side} hold {piece.min()}, less than {least}", self.remedy)
            self.total += float(piece.sum(dtype=float))
        both = 2 if len(self.sides) == 1 else 1
        if both * self.total >= 2.0**63:
            what = f"{' and '.join(self.sides)} add up to more than 64-bit integers hold"
            refuse(self.path, what, self.remedy)
        if len(pieces) == 2 and not (pieces[0] | pieces[1]).all():
            refuse(self.path, "a pair has no count in either order", self.remedy)


def _narrow(values: NDArray[Any]) -> NDArray[Any]:
    """In 32 bits where they fit, as counts are that have just been made."""
    if is_mapped(values) or values.dtype == np.uint32 or values.max(initial=0) >= 2**32:
        return values
    return values.astype(np.uint32)
