"""Whether a file holds the bytes that it should."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from repsearch.errors import InputError
from repsearch.progress import Progress, silent

_DIGITS = {"sha256": 64, "sha1": 40}
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a file's bytes hash to.

    Parameters
    ----------
    algorithm : str
        ``"sha256"`` or ``"sha1"``.
    hex : str
        The digest, in hexadecimal.

    Raises
    ------
    InputError
        Another algorithm, or not a digest of it.
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

    @classmethod
    def of(
        cls, path: Path | str, algorithm: str = "sha256", *, progress: Progress = silent
    ) -> Self:
        """Checksum of the file `path`."""
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
    """What is known beforehand of a file.

    Parameters
    ----------
    size : int or None
        How many bytes; None where that is not known.
    checksums : tuple of Checksum
        All of them must agree.
    """

    size: int | None = None
    checksums: tuple[Checksum, ...] = ()

    def fault(self, path: Path, *, progress: Progress = silent) -> str | None:
        """What is wrong with the file `path`; None when nothing is."""
        found = path.stat().st_size
        if self.size is not None and found != self.size:
            return f"expected {self.size} bytes, found {found}"
        for checksum in self.checksums:
            actual = Checksum.of(path, checksum.algorithm, progress=progress)
            if actual != checksum:
                return f"expected {checksum.algorithm} {checksum.hex}, found {actual.hex}"
        return None
