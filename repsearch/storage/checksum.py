"""Check that a file has the bytes that it should."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.progress import Progress, silent

_DIGITS = {"sha256": 64, "sha1": 40}
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Checksum:
    """Hold the checksum of a file.

    Parameters
    ----------
    algorithm : {"sha256", "sha1"}
        Hash function.
    hex : str
        Digest in hexadecimal.

    Raises
    ------
    InputError
        Another algorithm, or not a digest of it.

    Examples
    --------
    >>> Checksum("sha1", "0" * 40) == Checksum("sha1", "1" * 40)
    False
    """

    algorithm: str
    hex: str

    def __post_init__(self) -> None:
        digits = _DIGITS.get(self.algorithm)
        if digits is None:
            raise InputError(f"no checksum {self.algorithm!r}: use one of {', '.join(_DIGITS)}")
        if re.fullmatch(f"[0-9a-f]{{{digits}}}", self.hex) is None:
            raise InputError(
                f"{self.hex!r} is not a {self.algorithm}: give {digits} digits, 0-9 and a-f"
            )

    def __str__(self) -> str:
        return f"{self.algorithm} {self.hex}"

    @classmethod
    def of(
        cls, path: Path | str, algorithm: str = "sha256", *, progress: Progress = silent
    ) -> Self:
        """Compute the checksum of a file.

        Parameters
        ----------
        path : Path or str
            File to read.
        algorithm : {"sha256", "sha1"}
            Hash function.
        progress : Progress
            Called with the bytes read.

        Returns
        -------
        Checksum
            Its checksum.
        """
        path = Path(path)
        # For telling files apart, not for security: SHA-1 is what Wikimedia publishes.
        digest = hashlib.new(algorithm, usedforsecurity=False)
        total = path.stat().st_size
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
                progress(f"checking {path.name}", stream.tell(), total, "bytes")
        return cls(algorithm, digest.hexdigest())


@dataclass(frozen=True, slots=True)
class Expected:
    """Hold what is known of a file before it is read.

    Parameters
    ----------
    size : int or None
        Size in bytes; None where that is not known.
    checksums : tuple of Checksum
        Checksums, all of which must agree with the file's.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.txt"
    ...     _ = path.write_text("cat")
    ...     Expected(size=4).fault(path)
    'expected 4 bytes, found 3'
    """

    size: int | None = None
    checksums: tuple[Checksum, ...] = ()

    def fault(self, path: Path, *, progress: Progress = silent) -> str | None:
        """Compare a file with what is expected of it.

        Parameters
        ----------
        path : Path
            File to check.
        progress : Progress
            Called with the bytes read.

        Returns
        -------
        str or None
            What is wrong with it; None when nothing is.
        """
        found = path.stat().st_size
        if self.size is not None and found != self.size:
            return f"expected {self.size} bytes, found {found}"
        for checksum in self.checksums:
            actual = Checksum.of(path, checksum.algorithm, progress=progress)
            if actual != checksum:
                return f"expected {checksum.algorithm} {checksum.hex}, found {actual.hex}"
        return None


def sha256_of_arrays(name: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Compute the SHA-256 of a name and of arrays with their names, types and shapes.

    Parameters
    ----------
    name : str
        What they are of.
    arrays : mapping of str to array
        In any order.

    Returns
    -------
    str
        Digest in hexadecimal.

    Examples
    --------
    >>> sha256_of_arrays("M*", {"values": np.zeros(2)})[:8]
    '643ca484'
    """
    hashed = hashlib.sha256()
    for piece in _pieces(name, arrays):
        hashed.update(piece)
    return hashed.hexdigest()


def crc32_of_arrays(name: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Compute the CRC-32 of a name and of arrays: twice as fast as SHA-256, for large ones.

    It tells damage, of which it misses one in four thousand millions and none of a single bit; it
    does not tell forgery.

    Parameters
    ----------
    name : str
        What they are of.
    arrays : mapping of str to array
        In any order.

    Returns
    -------
    str
        Eight digits in hexadecimal.

    Examples
    --------
    >>> crc32_of_arrays("M*", {"values": np.zeros(2)})
    '8cbae3b9'
    """
    found = 0
    for piece in _pieces(name, arrays):
        found = zlib.crc32(piece, found)
    return f"{found:08x}"


def _pieces(name: str, arrays: Mapping[str, NDArray[Any]]) -> Iterator[bytes | memoryview]:
    yield f"{name}\n".encode()
    for key in sorted(arrays):
        array = arrays[key]
        yield f"{key} {array.dtype.str} {array.shape}\n".encode()
        yield np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
