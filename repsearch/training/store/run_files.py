"""Read and write the files of a run, of which those count that the manifest names.

Each is named with its SHA-256. Every file appears whole under a new name, and the manifest
is replaced last: whoever is killed leaves the folder as the manifest before describes it. In
a folder there are

- ``manifest.json``: settings, the list of all other files, and a checksum of itself;
- ``words.txt``: the vocabulary, one word a line, UTF-8, no newline at the end;
- ``state-N.safetensors``, of the last two commits: ``weights`` in their own type, ``step``,
  ``time`` and ``memory.NAME``, one number each, and ``moment.NAME``, of the shape and type of
  the weights. N counts commits;
- ``snapshot-N.safetensors``: the same without memory and moments, N is the step;
- ``records-N.safetensors``: a tensor (rows, ...) a column, ``step`` (int64) and ``time``
  among them, all others float64.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from repsearch.errors import InputError
from repsearch.storage.atomic import replacing
from repsearch.storage.layout import Field, check_arrays
from repsearch.training.state import State
from repsearch.training.store.manifest import FORMAT, OWN_NAME, REMEDY, Entry, Manifest

WORDS = "words.txt"
_MEMORY, _MOMENT = "memory.", "moment."


class DamagedFileError(InputError):
    """A file of a run is missing, or is not the one that the manifest describes."""


def write_file(folder: Path, name: str, content: bytes) -> str:
    """Write a file, safely on the disk before this returns.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    name : str
        Name of the file.
    content : bytes
        What it is to hold.

    Returns
    -------
    str
        Its SHA-256, in hexadecimal.

    Raises
    ------
    InputError
        No way to write.
    """
    with replacing(folder / name) as stream:
        stream.write(content)
    return hashlib.sha256(content).hexdigest()


def read_file(folder: Path, entry: Entry) -> bytes:
    """Read a file of the manifest.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    entry : Entry
        The file as the manifest describes it.

    Returns
    -------
    bytes
        What it holds.

    Raises
    ------
    DamagedFileError
        It is missing, or its checksum is wrong.
    InputError
        It cannot be read.
    """
    path = folder / entry.file
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DamagedFileError(
            f"{path}, which the manifest names, is missing; open the run again if it is still "
            f"being written, otherwise {REMEDY}"
        ) from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; check the folder") from error
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise DamagedFileError(f"{path} is damaged: its checksum is wrong; {REMEDY}")
    return content


def read_tensors(folder: Path, entry: Entry) -> dict[str, NDArray[Any]]:
    """Read a safetensors file of the manifest.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    entry : Entry
        The file as the manifest describes it.

    Returns
    -------
    dict of str to array
        The tensors by their names.

    Raises
    ------
    DamagedFileError
        It is missing, its checksum is wrong, or it is no safetensors.
    InputError
        It cannot be read.
    """
    try:
        found: dict[str, NDArray[Any]] = safetensors.numpy.load(read_file(folder, entry))
    # The others are of numbers that NumPy or the library lacks.
    except (SafetensorError, TypeError, AttributeError, KeyError) as error:
        raise DamagedFileError(f"{folder / entry.file} is no safetensors; train again") from error
    return found


def read_row(
    folder: Path, entry: Entry, row: int, shape: tuple[int, int], *, contexts: bool = False
) -> NDArray[Any]:
    """Read one word's weights from a snapshot by their place in the file.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    entry : Entry
        The snapshot as the manifest describes it. Its checksum is not looked at, for that
        would read all of it.
    row : int
        Row of the word.
    shape : (int, int)
        V and d.
    contexts : bool, default False
        Whether the row is of W', where that is not W.

    Returns
    -------
    (d,) array
        In the type they were trained in.

    Raises
    ------
    DamagedFileError
        It is missing, cut short, of another shape, or the row has a number that is not finite.
    """
    path = folder / entry.file
    try:
        with safe_open(path, framework="numpy") as tensors:
            weights = tensors.get_slice("weights")
            there = tuple(weights.get_shape())
            found = np.asarray(weights[row] if len(there) == 2 else weights[int(contexts), row])
    except (SafetensorError, OSError, TypeError, AttributeError, KeyError) as error:
        raise DamagedFileError(
            f"{path} is missing, or no whole safetensors; open the run again if it is still being "
            f"written, otherwise {REMEDY}"
        ) from error
    whole = there in (shape, (2, *shape)) and found.dtype in (np.float32, np.float64)
    if not whole or not np.isfinite(found).all():
        raise DamagedFileError(
            f"{path} has a number that is not finite, or not {shape[0]} words in {shape[1]} "
            f"dimensions; {REMEDY}"
        )
    return found


def check_state(tensors: Mapping[str, NDArray[Any]], source: Path) -> None:
    """Check the arrays of a state or snapshot.

    Parameters
    ----------
    tensors : mapping of str to array
        As they were read.
    source : Path
        The file, for messages.

    Raises
    ------
    DamagedFileError
        Naming the field and what is wrong with it.
    """
    untied = tensors["weights"].ndim == 3 if "weights" in tensors else False
    shape = (2, "V", "d") if untied else ("V", "d")
    memory = [name for name in tensors if name.startswith(_MEMORY)]
    moments = [name for name in tensors if name.startswith(_MOMENT)]
    layout = (
        Field("weights", ("float32", "float64"), shape, large=True),
        *(Field(name, ("float32", "float64"), shape, large=True) for name in moments),
        Field("step", ("int64",), (1,), low=0),
        Field("time", ("float64",), (1,), low=0),
        *(Field(name, ("float64",), (1,), large=True) for name in memory),
    )
    try:
        check_arrays(layout, tensors, source, REMEDY)
    except InputError as error:
        raise DamagedFileError(str(error)) from error


def write_rows(folder: Path, name: str, rows: Mapping[str, NDArray[Any]]) -> Entry:
    """Write recorded rows.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    name : str
        Name of the file.
    rows : mapping of str to (rows, ...) array
        A column for each quantity, ``step`` and ``time`` among them.

    Returns
    -------
    Entry
        The file, for the manifest.

    Raises
    ------
    InputError
        No way to write.
    """
    # One key of metadata only: the library writes several in random order, and bytes would differ.
    content = safetensors.numpy.save(dict(rows), {"format": f"{FORMAT}-records"})
    step, time = rows["step"], rows["time"]
    digest = write_file(folder, name, content)
    return Entry(name, digest, int(step[-1]), float(time[-1]), len(step))


def write_state(folder: Path, name: str, state: State) -> Entry:
    """Write weights and moments in their own type, step, time and memory, all to the bit.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    name : str
        Name of the file.
    state : State
        What is written.

    Returns
    -------
    Entry
        The file, for the manifest.

    Raises
    ------
    InputError
        No way to write.
    """
    tensors = {
        "weights": np.ascontiguousarray(state.weights.detach().cpu().numpy()),
        "step": np.array([state.step], np.int64),
        "time": np.array([state.time], np.float64),
        **{f"{_MEMORY}{key}": np.array([value], np.float64) for key, value in state.memory.items()},
        **{
            f"{_MOMENT}{key}": np.ascontiguousarray(value.detach().cpu().numpy())
            for key, value in state.moments.items()
        },
    }
    content = safetensors.numpy.save(tensors, {"format": f"{FORMAT}-state"})
    return Entry(name, write_file(folder, name, content), int(state.step), float(state.time))


def read_state(folder: Path, entry: Entry) -> State:
    """Read what `write_state` wrote.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    entry : Entry
        The file as the manifest describes it.

    Returns
    -------
    State
        With the weights on the CPU.

    Raises
    ------
    DamagedFileError
        It is missing, its checksum is wrong, or it is no safetensors.
    InputError
        It cannot be read.
    """
    import torch

    tensors = read_tensors(folder, entry)
    check_state(tensors, folder / entry.file)
    weights = torch.from_numpy(tensors["weights"])
    step, time = int(tensors["step"][0]), float(tensors["time"][0])
    moments = {
        name.removeprefix(_MOMENT): torch.from_numpy(value)
        for name, value in tensors.items()
        if name.startswith(_MOMENT)
    }
    return State(weights, step, time, _memory(tensors), moments)


def read_memory(folder: Path, entry: Entry) -> dict[str, float]:
    """Read what the integrator carried, of what `write_state` wrote; this needs no torch.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    entry : Entry
        The file as the manifest describes it.

    Returns
    -------
    dict of str to float
        As in `State.memory`.

    Raises
    ------
    DamagedFileError
        It is missing, its checksum is wrong, or it is no safetensors.
    InputError
        It cannot be read.
    """
    tensors = read_tensors(folder, entry)
    check_state(tensors, folder / entry.file)
    return _memory(tensors)


def _memory(tensors: Mapping[str, NDArray[Any]]) -> dict[str, float]:
    return {
        name.removeprefix(_MEMORY): float(value[0])
        for name, value in tensors.items()
        if name.startswith(_MEMORY)
    }


def leftovers(folder: Path, keep: Manifest | None) -> Iterator[Path]:
    """Find files of this format that the manifest does not name: of a writer that was killed.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    keep : Manifest or None
        Names the files that stay.

    Yields
    ------
    Path
        A file that may be removed.
    """
    names = {entry.file for entry in keep.entries} if keep else set()
    half = re.compile(rf"\.(manifest\.json|{OWN_NAME.pattern})\.\w+\.tmp")
    for path in sorted(folder.iterdir()):
        own = OWN_NAME.fullmatch(path.name) and path.name not in names
        if own or half.fullmatch(path.name):
            yield path
