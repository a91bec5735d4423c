"""Write and read files of a target's decomposition: safetensors with a checksum."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_safetensors

from repsearch.errors import InputError
from repsearch.storage.atomic import replacing
from repsearch.storage.checksum import sha256_of_arrays
from repsearch.storage.memory import require_memory

VERSION = 1
_UNREADABLE = (SafetensorError, OSError, KeyError, TypeError, AttributeError)
"""What safetensors raises of a damaged file; AttributeError of numbers that NumPy lacks (F8)."""


def write_tensors(path: str | Path, form: str, target: str, tensors: dict[str, Any]) -> None:
    """Write a file.

    Parameters
    ----------
    path : path
        Final name; it appears when the file is whole.
    form : str
        What the metadata call the format.
    target : str
        Name of the target.
    tensors : dict of str to array
        All arrays, words among them.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    metadata = {
        "format": form,
        "version": str(VERSION),
        "target": target,
        "sha256": sha256_of_arrays(target, tensors),
    }
    with replacing(path) as stream:
        stream.write(_in_order(to_safetensors(tensors, metadata)))


def format_of(path: str | Path) -> str | None:
    """Look up what the metadata of a file call its format.

    Parameters
    ----------
    path : path
        File to look at.

    Returns
    -------
    str or None
        None also where there is no such file.
    """
    try:
        with safe_open(path, "numpy") as file:
            return (file.metadata() or {}).get("format")
    except (SafetensorError, OSError):
        return None


def read_tensors(path: Path, form: str, what: str) -> tuple[str, dict[str, NDArray[Any]]]:
    """Read a file and hold it to its checksum.

    Parameters
    ----------
    path : Path
        File to read.
    form : str
        What the metadata call the format.
    what : str
        What the file is in messages, such as "spectrum".

    Returns
    -------
    target : str
        Name of the target.
    tensors : dict of str to array
        All arrays, unchecked but for the checksum.

    Raises
    ------
    InputError
        No such file, one of another format or version, or a damaged one.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist; check the path")
    if path.is_dir():
        raise InputError(f"{path} is a folder; give the {what} file in it")
    require_memory(path.stat().st_size, str(path), "take one of fewer words or eigenpairs")
    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != form:
                raise InputError(f"{path} is no {what}; make one with 'repsearch solve'")
            if metadata["version"] != str(VERSION):
                raise InputError(
                    f"{path} is a {what} of version {metadata['version']:.20}, this "
                    f"program reads version {VERSION}; solve again"
                )
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if metadata["sha256"] != sha256_of_arrays(metadata["target"], tensors):
            raise InputError(f"{path} is damaged: its checksum is wrong; solve again")
    except PermissionError:
        raise InputError(f"cannot read {path}: no permission") from None
    except _UNREADABLE as error:
        raise InputError(f"{path} is damaged or is no {what}; solve again") from error
    return metadata["target"], tensors


def joined(words: tuple[str, ...]) -> NDArray[np.uint8]:
    """Join words by line feeds, as the files hold them.

    Parameters
    ----------
    words : tuple of str
        The vocabulary.

    Returns
    -------
    (n,) uint8
        UTF-8.
    """
    return np.frombuffer("\n".join(words).encode("utf-8"), np.uint8)


def _in_order(file: bytes) -> bytes:
    """The same safetensors file with a sorted header; the library's order varies."""
    length = int.from_bytes(file[:8], "little")
    header = json.dumps(
        json.loads(file[8 : 8 + length]), ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )
    return file[:8] + header.encode("utf-8").ljust(length) + file[8 + length :]
