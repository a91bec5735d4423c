"""Read rows of one tensor of a safetensors file, without the rest of the file."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings.formats.streams import reading
from repsearch.errors import InputError

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_LONGEST_HEADER = 100_000_000  # the limit of the format's own library
_POINTER = b"version https://git-lfs"


@dataclass(frozen=True)
class StoredTensor:
    """Locate a tensor in a safetensors file.

    Parameters
    ----------
    path : Path
        File that holds it.
    name : str
        Name of the tensor.
    dtype : str
        Type as the format writes it: ``"F32"``, ``"BF16"``, ...
    shape : tuple of int
        Lengths of its axes.
    offset : int
        Position of its first byte in the file.
    """

    path: Path
    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int

    def rows(self, which: NDArray[np.integer[Any]]) -> NDArray[np.floating[Any]]:
        """Read some rows of a tensor with two axes.

        Parameters
        ----------
        which : (n,) ndarray of int
            Numbers of the rows, from 0.

        Returns
        -------
        (n, d) ndarray
            The rows, float64 where the file has that, otherwise float32, which
            holds every float16 and every bfloat16 exactly.

        Raises
        ------
        InputError
            The numbers are of another type, as in quantised models.
        """
        if self.dtype not in _TYPES:
            raise InputError(
                f"the tensor {self.name!r} of {self.path} is {self.dtype}; use a copy of the model "
                f"that is not quantised ({', '.join(_TYPES)})"
            )
        kind = np.dtype(_TYPES[self.dtype])
        stored = np.memmap(self.path, dtype=kind, mode="r", offset=self.offset, shape=self.shape)
        taken = np.asarray(stored[which])
        if self.dtype == "BF16":  # the upper half of a float32
            return (taken.astype(np.uint32) << 16).view(np.float32)
        return taken.astype(np.float64 if self.dtype == "F64" else np.float32)


def stored_tensors(path: Path) -> dict[str, StoredTensor]:
    """Read the header of a safetensors file: what is in it, and where.

    Parameters
    ----------
    path : Path
        File to read.

    Returns
    -------
    dict of str to StoredTensor
        Tensors by name.

    Raises
    ------
    InputError
        The file is missing, cut short, or none of safetensors.
    """
    with reading(path) as stream:
        start = stream.read(8)
        if start and _POINTER.startswith(start):
            raise InputError(
                f"{path} is a pointer of Git LFS and not the file itself; fetch it with "
                "'git lfs pull'"
            )
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        text = stream.read(length) if length <= _LONGEST_HEADER else b""
    size = path.stat().st_size
    try:
        header = json.loads(text)
        found = {
            name: _tensor(path, name, entry, first=8 + length, size=size)
            for name, entry in header.items()
            if name != "__metadata__"
        }
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        raise InputError(
            f"cannot read {path}: it is no safetensors file, or is damaged or cut short; copy or "
            "download it anew"
        ) from error
    return found


def _tensor(path: Path, name: str, entry: dict[str, Any], *, first: int, size: int) -> StoredTensor:
    shape = tuple(int(axis) for axis in entry["shape"])
    begin, end = (int(place) for place in entry["data_offsets"])
    dtype = str(entry["dtype"])
    known = np.dtype(_TYPES[dtype]).itemsize if dtype in _TYPES else None
    fits = known is None or end - begin == known * math.prod(shape)
    if min(shape, default=0) < 0 or not 0 <= begin <= end <= size - first or not fits:
        raise ValueError(name)
    return StoredTensor(path, name, dtype, shape, first + begin)
