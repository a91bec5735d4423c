"""Read arrays from npz archives: nothing is allocated that the file does not account for."""

from __future__ import annotations

import io
import lzma
import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterable
from typing import IO, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.storage.layout import refuse
from repsearch.storage.memory import in_bytes, require_memory

_BOMB = 1 << 28
"""Bytes below which nobody is harmed by what an archive unpacks to."""
_RATIO = 200
"""How often an archive beyond that may be as large unpacked; vectors shrink to a half."""
_LONGEST_HEADER = 1 << 16
_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def check_unpacked_size(
    archive: zipfile.ZipFile, source: object, remedy: str, *, held: bool = True
) -> None:
    """Refuse an archive that unpacks to far more than its size, or than the machine's memory.

    Parameters
    ----------
    archive : ZipFile
        Open archive.
    source : object
        The file, for messages.
    remedy : str
        What to do about it.
    held : bool
        Whether all of it will be in memory at once.

    Raises
    ------
    InputError
        Naming both sizes.
    """
    packed = sum(member.compress_size for member in archive.infolist())
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > _BOMB and unpacked > _RATIO * packed:
        raise InputError(
            f"cannot read {source}: its {in_bytes(packed)} unpack to {in_bytes(unpacked)}, which "
            f"no file of numbers does; {remedy}"
        )
    if held:
        require_memory(unpacked, f"{source}, unpacked,", remedy)


def names_of(archive: zipfile.ZipFile) -> list[str]:
    """List the arrays of an archive.

    Parameters
    ----------
    archive : ZipFile
        Open archive.

    Returns
    -------
    list of str
        Their names, without the suffix ``.npy``.
    """
    return [name.removesuffix(".npy") for name in archive.namelist()]


def read_array(archive: zipfile.ZipFile, name: str, source: object, remedy: str) -> NDArray[Any]:
    """Read an array of an archive to its end, where its checksum is compared.

    Parameters
    ----------
    archive : ZipFile
        Open archive.
    name : str
        Name of the array.
    source : object
        The file, for messages.
    remedy : str
        What to do about a file that is not as it should be.

    Returns
    -------
    array
        Read-only.

    Raises
    ------
    InputError
        No such array, Python objects (they are not loaded, because they can run code), a header
        that is none or announces more than there is, damage.
    """
    try:
        member = archive.getinfo(f"{name}.npy")
    except KeyError:
        refuse(source, f"it lacks the array {name!r}", remedy)
    try:
        content = archive.read(member)
        stream = io.BytesIO(content)
        shape, in_columns, dtype = _header(stream)
    except InputError:
        raise
    except READING_ERRORS:
        refuse(source, f"the array {name!r} cannot be unpacked", remedy)
    _check_announced(name, shape, dtype, len(content) - stream.tell(), source, remedy)
    array: NDArray[Any] = np.frombuffer(content, dtype, math.prod(shape), stream.tell())
    return array.reshape(shape, order="F" if in_columns else "C")


class ArrayStream:
    """Read a one-dimensional array of an archive piece by piece.

    Parameters
    ----------
    archive : ZipFile
        Open archive.
    name : str
        Name of the array.
    source : object
        The file, for messages.
    remedy : str
        What to do about a file that is not as it should be.

    Raises
    ------
    InputError
        No such array, Python objects, a header that is none or announces more than there is.
    """

    def __init__(self, archive: zipfile.ZipFile, name: str, source: object, remedy: str) -> None:
        self._name, self._source, self._remedy = name, source, remedy
        try:
            member = archive.getinfo(f"{name}.npy")
        except KeyError:
            refuse(source, f"it lacks the array {name!r}", remedy)
        try:
            self._stream = archive.open(member)
            self.shape, _, self.dtype = _header(self._stream)
            there = member.file_size - self._stream.tell()
        except READING_ERRORS:
            refuse(source, f"the array {name!r} cannot be unpacked", remedy)
        _check_announced(name, self.shape, self.dtype, there, source, remedy)

    def read(self, number: int) -> NDArray[Any]:
        """Read the entries that come next; with the last of them the checksum is compared.

        Parameters
        ----------
        number : int
            How many.

        Returns
        -------
        (number,) array
            Read-only.

        Raises
        ------
        InputError
            Damage.
        """
        try:
            content = self._stream.read(number * self.dtype.itemsize)
            return np.frombuffer(content, self.dtype, number)
        except READING_ERRORS:
            refuse(self._source, f"the array {self._name!r} cannot be unpacked", self._remedy)


def read_arrays(
    stream: BinaryIO, names: Iterable[str], source: object, remedy: str
) -> dict[str, NDArray[Any]]:
    """Read those of some arrays that an npz file has.

    Parameters
    ----------
    stream : binary file
        The file.
    names : iterable of str
        Names of arrays.
    source : object
        The file, for messages.
    remedy : str
        What to do about a file that is not as it should be.

    Returns
    -------
    dict of str to array
        In the order of `names`.

    Raises
    ------
    InputError
        No npz file, one that unpacks to too much, Python objects, damage.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            check_unpacked_size(archive, source, remedy)
            there = set(names_of(archive))
            return {
                name: read_array(archive, name, source, remedy) for name in names if name in there
            }
    except InputError:
        raise
    except READING_ERRORS as error:
        raise InputError(
            f"cannot read {source}: it is no npz file, or is damaged or cut short; {remedy}"
        ) from error


READING_ERRORS = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, EOFError, OSError),
    # NumPy parses headers as Python; zipfile passes strings of bytes and dates on.
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RuntimeError),
    *(SyntaxError, tokenize.TokenError, RecursionError, NotImplementedError, MemoryError),
)
"""What zipfile, its decompressors and NumPy raise of a damaged archive."""


def _check_announced(
    name: str,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    there: int,
    source: object,
    remedy: str,
) -> None:
    """Refuse an array of objects, and one that is not as long as what follows its header."""
    if dtype.hasobject:
        raise InputError(
            f"cannot read {source}: {name!r} holds Python objects, which are not loaded because "
            f"they can run code; {remedy}"
        )
    announced = math.prod(shape)
    if not dtype.itemsize or announced * dtype.itemsize != there:
        refuse(
            source,
            f"the array {name!r} announces {announced:,} numbers of {dtype.itemsize} bytes, "
            f"but {there:,} bytes follow",
            remedy,
        )


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(stream)
    reader = _READERS.get(version)
    if reader is None:
        raise ValueError(f"version {version}")
    shape, in_columns, dtype = reader(stream, max_header_size=_LONGEST_HEADER)
    if any(length < 0 for length in shape):
        raise ValueError(shape)
    return shape, in_columns, dtype
