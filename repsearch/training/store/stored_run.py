"""Read a run as it lies on the disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.storage.layout import Field, check_arrays, words_of
from repsearch.training.state import State
from repsearch.training.store.manifest import REMEDY, Entry, Manifest
from repsearch.training.store.run_files import (
    DamagedFileError,
    check_state,
    read_file,
    read_memory,
    read_row,
    read_state,
    read_tensors,
)


class StoredRun:
    """A run up to its last commit; it may still be going on.

    Parameters
    ----------
    folder : Path or str
        Folder of the run.

    Raises
    ------
    InputError
        No run there, a manifest that is damaged or of a newer version, a file that is
        missing. Reading anything later checks the checksum of its file.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.manifest = Manifest.read(self.folder)
        while lost := self._first_missing():
            now = Manifest.read(self.folder)
            # A commit in between may have merged files, so read the manifest again.
            if now == self.manifest:
                read_file(self.folder, lost)
            self.manifest = now

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings that the run was created with, as JSON."""
        return self.manifest.settings

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The V words of the vocabulary."""
        path = self.folder / self.manifest.words.file
        content = np.frombuffer(read_file(self.folder, self.manifest.words), np.uint8)
        return words_of(content, path, REMEDY)

    @property
    def step(self) -> int:
        """Steps of the last commit."""
        return self.manifest.states[-1].step

    @property
    def time(self) -> float:
        """Flow time of the last commit."""
        return self.manifest.states[-1].time

    def rows(self) -> dict[str, NDArray[Any]]:
        """Read all recorded rows.

        Returns
        -------
        dict of str to (rows, ...) array
            A column for each quantity, ``step`` and ``time`` among them.

        Raises
        ------
        InputError
            A file is damaged or cannot be read.
        """
        return read_rows(self.folder, self.manifest.columns, self.manifest.records)

    @property
    def snapshot_steps(self) -> NDArray[np.int64]:
        """(S,) steps of the snapshots, increasing."""
        return np.array([entry.step for entry in self.manifest.snapshots], np.int64)

    @property
    def snapshot_times(self) -> NDArray[np.float64]:
        """(S,) flow times of the snapshots."""
        return np.array([entry.time for entry in self.manifest.snapshots], np.float64)

    def snapshot(self, step: int) -> NDArray[np.floating]:
        """Read the weights after a step.

        Parameters
        ----------
        step : int
            One of `snapshot_steps`.

        Returns
        -------
        (V, d) or (2, V, d) array
            In the type they were trained in.

        Raises
        ------
        InputError
            There is no snapshot of this step, or its file is damaged.
        """
        entry = self._snapshot_entry(step)
        tensors = read_tensors(self.folder, entry)
        check_state(tensors, self.folder / entry.file)
        return tensors["weights"]

    def _snapshot_entry(self, step: int) -> Entry:
        for entry in self.manifest.snapshots:
            if entry.step == step:
                return entry
        known = ", ".join(str(entry.step) for entry in self.manifest.snapshots) or "none"
        raise InputError(f"{self.folder} has no snapshot of step {step}; those it has: {known}")

    def snapshot_row(
        self, step: int, row: int, dimension: int, *, contexts: bool = False
    ) -> NDArray[np.floating]:
        """Read one word's weights after a step, without the others and without a checksum.

        Parameters
        ----------
        step : int
            One of `snapshot_steps`.
        row : int
            Row of the word.
        dimension : int
            d.
        contexts : bool, default False
            Whether the row is of W', where that is not W.

        Returns
        -------
        (d,) array
            In the type they were trained in.

        Raises
        ------
        InputError
            There is no snapshot of this step, or its file is not as the manifest describes it.
        """
        shape = (len(self.words), dimension)
        entry = self._snapshot_entry(step)
        return read_row(self.folder, entry, row, shape, contexts=contexts)

    @property
    def memory(self) -> dict[str, float]:
        """What the integrator carried at the last commit."""
        return read_memory(self.folder, self.manifest.states[-1])

    @property
    def last_state(self) -> State:
        """The state of the last commit, on the CPU; it alone needs torch."""
        return read_state(self.folder, self.manifest.states[-1])

    def verify(self) -> None:
        """Check the checksum of every file.

        Raises
        ------
        InputError
            Naming all that are damaged.
        """
        damaged = []
        for entry in self.manifest.entries:
            try:
                read_file(self.folder, entry)
            except DamagedFileError:
                damaged.append(entry.file)
        if damaged:
            raise DamagedFileError(
                f"{self.folder} is damaged: {', '.join(damaged)} missing or with a wrong checksum; "
                "restore from a copy, or train again in a new folder"
            )

    def __repr__(self) -> str:
        return (
            f"StoredRun({str(self.folder)!r}, step {self.step:,}, time {self.time:.6g}, "
            f"{sum(entry.rows for entry in self.manifest.records):,} rows, "
            f"{len(self.snapshot_steps):,} snapshots)"
        )

    def _first_missing(self) -> Entry | None:
        return next((e for e in self.manifest.entries if not (self.folder / e.file).exists()), None)


def read_rows(
    folder: Path, columns: Mapping[str, tuple[int, ...]], records: Iterable[Entry]
) -> dict[str, NDArray[Any]]:
    """Read the rows of some of a run's record files, one after the other.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    columns : mapping of str to tuple of int
        The shape of a recorded value of each name.
    records : iterable of Entry
        The files.

    Returns
    -------
    dict of str to (rows, ...) array
        A column for each quantity, ``step`` and ``time`` among them.

    Raises
    ------
    InputError
        A file is damaged or cannot be read.
    """
    empty: dict[str, NDArray[Any]] = {
        "step": np.zeros(0, np.int64),
        "time": np.zeros(0),
        **{name: np.zeros((0, *shape)) for name, shape in columns.items()},
    }
    layout = (
        Field("step", ("int64",), ("rows",), low=0, order="increasing"),
        Field("time", ("float64",), ("rows",), low=0, order="increasing"),
        *(
            Field(name, ("float64",), ("rows", *shape), large=True)
            for name, shape in columns.items()
        ),
    )
    parts = [empty]
    for entry in records:
        part = read_tensors(folder, entry)
        check_arrays(layout, part, folder / entry.file, REMEDY, {"rows": entry.rows})
        parts.append(part)
    return {name: np.concatenate([part[name] for part in parts]) for name in empty}
