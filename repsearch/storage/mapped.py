"""Keep long arrays in memory, or where they do not fit in scratch files that are mapped."""

from __future__ import annotations

import contextlib
import mmap
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import DTypeLike, NDArray

from repsearch.errors import InputError
from repsearch.storage.memory import in_bytes
from repsearch.storage.refusals import explaining_write_errors


class Pieces:
    """Put an array together from pieces that come in order, in memory or in a scratch file.

    Parameters
    ----------
    length : int
        Number of entries of the whole.
    dtype : dtype
        Their type.
    mapped : bool
        Whether they go to an unnamed file in the system's temporary folder (``TMPDIR``).

    Examples
    --------
    >>> for mapped in (False, True):
    ...     pieces = Pieces(3, np.int32, mapped=mapped)
    ...     pieces.append(np.array([1, 2]))
    ...     pieces.append(np.array([3]))
    ...     whole = pieces.finish()
    ...     print(whole.tolist(), whole.dtype, is_mapped(whole))
    [1, 2, 3] int32 False
    [1, 2, 3] int32 True
    """

    def __init__(self, length: int, dtype: DTypeLike, *, mapped: bool) -> None:
        self._length = length
        self._dtype = np.dtype(dtype)
        self._done = 0
        self._file: BinaryIO | None = None
        self._array: NDArray[Any] = np.empty(0, dtype)
        if mapped and length:
            self._folder = Path(tempfile.gettempdir())
            with explaining_write_errors(self._folder, elsewhere="name another folder with TMPDIR"):
                # Without a name where the system can, so that nothing outlives a kill.
                self._file = file = tempfile.TemporaryFile(prefix="repsearch-")  # noqa: SIM115
            weakref.finalize(self, file.close)
        else:
            self._array = np.empty(length, dtype)

    def append(self, piece: NDArray[Any]) -> None:
        """Take the piece that comes next.

        Parameters
        ----------
        piece : (n,) array
            Its entries.
        """
        low, self._done = self._done, self._done + len(piece)
        if self._file is None:
            self._array[low : self._done] = piece
            return
        with explaining_write_errors(self._folder, elsewhere="name another folder with TMPDIR"):
            self._file.write(piece.astype(self._dtype, copy=False).data)

    def finish(self) -> NDArray[Any]:
        """Return the whole.

        Returns
        -------
        (length,) array
            Read-only where it is mapped.
        """
        assert self._done == self._length
        if self._file is None:
            return self._array
        with self._file as file:
            with explaining_write_errors(self._folder, elsewhere="name another folder with TMPDIR"):
                file.flush()
            return np.memmap(file, self._dtype, "r", shape=(self._length,))


def is_mapped(array: NDArray[Any]) -> bool:
    """Tell whether an array lies in a file.

    Parameters
    ----------
    array : array
        Any array.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_mapped(np.zeros(3))
    False
    """
    return _mapping(array) is not None


def release(array: NDArray[Any], low: int, high: int) -> None:
    """Let go of the memory of a part of a mapped array; it is read again when it is next used.

    Parameters
    ----------
    array : (n,) array
        An array, mapped or not; of one that is not, nothing is done.
    low, high : int
        Bounds of the part among the entries.

    Examples
    --------
    >>> pieces = Pieces(3, np.int32, mapped=True)
    >>> pieces.append(np.array([1, 2, 3]))
    >>> whole = pieces.finish()
    >>> release(whole, 0, 3)
    >>> whole.tolist()
    [1, 2, 3]
    """
    mapping = _mapping(array)
    if mapping is None or not hasattr(mmap, "MADV_DONTNEED"):
        return
    whole = np.frombuffer(mapping, np.uint8)
    offset = array.ctypes.data - whole.ctypes.data
    page = mmap.PAGESIZE
    # Pages that begin in the part; one at its end that others share is read again by them.
    begin = (offset + low * array.itemsize) // page * page
    end = min(-(-(offset + high * array.itemsize) // page) * page, len(whole))
    del whole
    if end > begin:
        with contextlib.suppress(OSError, ValueError):
            mapping.madvise(mmap.MADV_DONTNEED, begin, end - begin)


def require_room(needed: int, what: str) -> None:
    """Refuse what does not fit on the disk of the system's temporary folder.

    Parameters
    ----------
    needed : int
        Bytes.
    what : str
        What asks for them.

    Raises
    ------
    InputError
        Fewer bytes are free.

    Examples
    --------
    >>> require_room(10**18, "counts.npz")
    Traceback (most recent call last):
    repsearch.errors.InputError: counts.npz does not fit into memory and asks for 888 PiB of ...
    """
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise InputError(
            f"{what} does not fit into memory and asks for {in_bytes(needed)} of scratch files, "
            f"but {folder} has {in_bytes(free)} free; name another folder with TMPDIR, or count "
            "fewer words"
        )


def _mapping(array: NDArray[Any]) -> mmap.mmap | None:
    """The mapping that an array is a view of."""
    part: Any = array
    while isinstance(part, np.ndarray):
        if isinstance(part.base, mmap.mmap):
            return part.base
        part = part.base
    return None
