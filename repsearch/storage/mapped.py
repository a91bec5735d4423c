"""Keep long arrays in memory, or where they do not fit in scratch files that are mapped."""

from __future__ import annotations

import contextlib
import mmap
import os
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

_AT_ONCE = 1 << 22
"""Entries of a mapped array that may be in memory at once."""
_MOUNTS = Path("/proc/self/mounts")
_ON_DISK = Path("/var/tmp")


class Pieces:
    """Put an array together from pieces that come in order, in memory or in a scratch file.

    Parameters
    ----------
    length : int
        Number of entries of the whole.
    dtype : dtype
        Their type.
    mapped : bool
        Whether they go to an unnamed file in `scratch_place`.

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
            self._folder = scratch_place()
            with explaining_write_errors(self._folder, elsewhere="name another folder with TMPDIR"):
                # Without a name where the system can, so that nothing outlives a kill.
                self._file = file = tempfile.TemporaryFile(  # noqa: SIM115
                    dir=self._folder, prefix="repsearch-"
                )
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


def scratch_place() -> Path:
    """Choose a folder for what does not fit into memory.

    The system's temporary folder is often kept in memory itself (tmpfs). Where nobody has named
    it (``TMPDIR``, ``TEMP``, ``TMP``) and it is, ``/var/tmp`` is taken, if that is on a disk.

    Returns
    -------
    Path
        A folder that can be written to.

    Examples
    --------
    >>> scratch_place().is_dir()
    True
    """
    usual = Path(tempfile.gettempdir())
    named = any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    if (
        not named
        and _in_memory(usual)
        and os.access(_ON_DISK, os.W_OK)
        and not _in_memory(_ON_DISK)
    ):
        return _ON_DISK
    return usual


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


def taken(array: NDArray[Any], places: NDArray[np.integer]) -> NDArray[Any]:
    """Take entries of an array here and there, and let go of what of it came into memory.

    Parameters
    ----------
    array : (n,) array
        An array, mapped or not.
    places : (m,) int
        Places among the entries, increasing.

    Returns
    -------
    (m,) array
        The entries.

    Examples
    --------
    >>> taken(np.array([5, 6, 7]), np.array([0, 2])).tolist()
    [5, 7]
    """
    if not is_mapped(array):
        entries: NDArray[Any] = array[places]
        return entries
    out = np.empty(len(places), array.dtype)
    low = 0
    while low < len(places):
        # A page that is read brings others with it, so as many entries as may be in memory.
        high = int(np.searchsorted(places, places[low] + _AT_ONCE))
        out[low:high] = array[places[low:high]]
        release(array, int(places[low]), int(places[high - 1]) + 1)
        low = high
    return out


def require_room(needed: int, what: str) -> None:
    """Refuse what does not fit on the disk of `scratch_place`.

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
    folder = scratch_place()
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise InputError(
            f"{what} does not fit into memory and asks for {in_bytes(needed)} of scratch files, "
            f"but {folder} has {in_bytes(free)} free; name another folder with TMPDIR, or count "
            "fewer words"
        )


def _in_memory(folder: Path) -> bool:
    """Whether the file system of a folder is kept in memory, as far as the system tells."""
    try:
        lines = _MOUNTS.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    resolved = folder.resolve()
    # Of several at one place the last one is seen.
    kinds = {Path(fields[1]): fields[2] for fields in map(str.split, lines)}
    nearest = next((kinds[one] for one in (resolved, *resolved.parents) if one in kinds), "")
    return nearest in ("tmpfs", "ramfs")


def _mapping(array: NDArray[Any]) -> mmap.mmap | None:
    """The mapping that an array is a view of."""
    part: Any = array
    while isinstance(part, np.ndarray):
        if isinstance(part.base, mmap.mmap):
            return part.base
        part = part.base
    return None
