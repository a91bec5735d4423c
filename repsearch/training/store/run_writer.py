"""Write a run so that it can be killed at any moment.

A commit is all or nothing: rows, snapshots and the state since the one before count from
the moment the manifest is replaced. What comes after is trained again, to the same bits.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch.checks import is_whole
from repsearch.errors import InputError
from repsearch.training.state import State
from repsearch.training.store.manifest import Entry, Manifest
from repsearch.training.store.run_files import write_rows, write_state
from repsearch.training.store.stored_run import read_rows


class RunWriter:
    """The one writer of a run; made by `RunStore`, used in a ``with`` statement.

    What is not committed when it is closed is dropped.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    manifest : Manifest
        What it holds.
    state : State
        Of its last commit.
    held : ExitStack
        Lets another writer in when it is closed.
    """

    def __init__(self, folder: Path, manifest: Manifest, state: State, held: ExitStack) -> None:
        self.folder = folder
        self._manifest = manifest
        self._shape = state.weights.shape
        self._number = manifest.commit
        self._held = held
        self._closed = False
        self._columns = dict(manifest.columns)
        self._rows: list[dict[str, NDArray[Any]]] = []
        self._snapshots: list[Entry] = []

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the run, as JSON."""
        return self._manifest.settings

    @property
    def last_row(self) -> int:
        """Steps of the last row, committed or not; -1 before the first."""
        if self._rows:
            return int(self._rows[-1]["step"])
        return self._manifest.records[-1].step if self._manifest.records else -1

    @property
    def last_snapshot(self) -> int:
        """Steps of the last snapshot, committed or not; -1 before the first."""
        entries = self._snapshots or self._manifest.snapshots
        return entries[-1].step if entries else -1

    def row(self, step: int, time: float, values: Mapping[str, ArrayLike]) -> None:
        """Record values, which the next commit writes.

        Parameters
        ----------
        step : int
            Steps taken, more than at the last row.
        time : float
            Flow time reached.
        values : mapping of str to float or array
            The same names and shapes in all rows of a run. They are stored as float64.

        Raises
        ------
        InputError
            A step that is not later, a time that is not finite, other names or shapes.
        """
        self._check_later("row", step, self.last_row)
        check_time(time)
        row: dict[str, NDArray[Any]] = {
            name: np.array(value, np.float64) for name, value in values.items()
        }
        columns = {name: value.shape for name, value in row.items()}
        if columns.keys() & {"step", "time"}:
            raise InputError("a value is named 'step' or 'time', which every row has; rename it")
        if self.last_row < 0:
            self._columns = columns
        elif columns != self._columns:
            raise InputError(
                f"the row of step {step} has values of shapes {columns}, the rows before have "
                f"{self._columns}; record the same in all of a run"
            )
        self._rows.append({"step": np.array(step, np.int64), "time": np.array(time), **row})

    def snapshot(self, state: State) -> None:
        """Write the weights, to be part of the run with the next commit.

        Parameters
        ----------
        state : State
            Later than the last snapshot.

        Raises
        ------
        InputError
            Not later than the last snapshot, weights of another shape, no way to write.
        """
        self._check_later("snapshot", state.step, self.last_snapshot)
        self._check_state(state)
        name = file_name("snapshot", state.step)
        bare = State(state.weights, state.step, state.time)
        self._snapshots.append(write_state(self.folder, name, bare))

    def take_back(self, step: int) -> None:
        """Drop rows and snapshots of later steps that no commit has made part of the run.

        Parameters
        ----------
        step : int
            The last step of which rows and snapshots stay.
        """
        self._rows = [row for row in self._rows if int(row["step"]) <= step]
        self._snapshots = [entry for entry in self._snapshots if entry.step <= step]

    def commit(self, state: State) -> None:
        """Make all rows and snapshots so far, and this state, part of the run.

        Parameters
        ----------
        state : State
            Where training has got to.

        Raises
        ------
        InputError
            A state of before the last row or snapshot, weights of another shape, a file of
            the run that is gone, no way to write; the run stays as it was, and the commit may
            be tried again.
        """
        self._check_state(state)
        reached = max(self.last_row, self.last_snapshot, self._manifest.states[-1].step)
        if state.step < reached:
            raise InputError(
                f"the state is of step {state.step}, but step {reached} is in the run already; "
                "commit the state that training has reached"
            )
        # Each attempt has a number of its own: one that failed late may have replaced the
        # manifest already, and then its files must not be overwritten.
        self._number += 1
        old, number = self._manifest, self._number
        state_entry = write_state(self.folder, file_name("state", number), state)
        new = replace(
            old,
            commit=number,
            columns=self._columns,
            records=self._merged(number),
            states=(*old.states, state_entry)[-2:],
            snapshots=(*old.snapshots, *self._snapshots),
        )
        if lost := [e.file for e in new.entries if not (self.folder / e.file).exists()]:
            raise InputError(
                f"{self.folder / lost[0]} was written and is gone: the folder was removed or "
                "emptied during the run; train again in a new folder"
            )
        new.write(self.folder)
        self._manifest, self._rows, self._snapshots = new, [], []
        kept = {entry.file for entry in new.entries}
        for entry in (*old.states, *old.records):
            if entry.file not in kept:
                # The next writer removes what could not be removed now.
                with suppress(OSError):
                    (self.folder / entry.file).unlink()

    def change(self, settings: Mapping[str, Any]) -> None:
        """Replace the settings, at once: a later end of the run, for example.

        Parameters
        ----------
        settings : mapping
            JSON.

        Raises
        ------
        InputError
            Settings that are no JSON, no way to write.
        """
        self._check_open()
        check_settings(settings)
        changed = replace(self._manifest, settings=dict(settings))
        changed.write(self.folder)
        self._manifest = changed

    def close(self) -> None:
        """Let another writer in."""
        self._closed = True
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _merged(self, number: int) -> tuple[Entry, ...]:
        """Merge the new rows with record files before that are no longer.

        So n rows lie in at most log2(n) + 1 files, and each is written log2(n) times.
        """
        if not self._rows:
            return self._manifest.records
        kept, merged, rows = list(self._manifest.records), list[Entry](), len(self._rows)
        while kept and kept[-1].rows <= rows:
            merged.insert(0, kept.pop())
            rows += merged[0].rows
        new = {name: np.stack([row[name] for row in self._rows]) for name in self._rows[0]}
        before = read_rows(self.folder, self._columns, merged)
        joined = {name: np.concatenate([before[name], new[name]]) for name in new}
        return (*kept, write_rows(self.folder, file_name("records", number), joined))

    def _check_later(self, what: str, step: int, last: int) -> None:
        if not is_whole(step) or step <= last:
            raise InputError(
                f"a {what} of step {step!r} comes after that of step {last}; pass whole numbers "
                "that increase, and none that the run has already"
            )

    def _check_open(self) -> None:
        if self._closed:
            raise InputError(f"the writer of {self.folder} is closed; resume the run")

    def _check_state(self, state: State) -> None:
        self._check_open()
        check_time(state.time)
        if state.weights.shape != self._shape:
            raise InputError(
                f"the weights have shape {tuple(state.weights.shape)}, those of the run "
                f"{tuple(self._shape)}; begin another run for them"
            )


def check_settings(settings: Mapping[str, Any]) -> None:
    """Refuse settings that JSON would not give back.

    Parameters
    ----------
    settings : mapping
        Settings of a run.

    Raises
    ------
    InputError
        Values that JSON lacks, keys that are no str, tuples.
    """
    try:
        text = json.dumps(dict(settings), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the settings are no JSON: {error}; pass them through to_json first"
        ) from error
    if json.loads(text) != dict(settings):
        raise InputError(
            "the settings would not come back as they are (keys that are no str, tuples); pass "
            "them through to_json first"
        )


def check_time(time: float) -> None:
    """Refuse a time that is not finite.

    Parameters
    ----------
    time : float
        Flow time.

    Raises
    ------
    InputError
        An infinity or NaN.
    """
    if not math.isfinite(time):
        raise InputError(f"the time is {time!r}; commit only what is finite")


def file_name(what: str, number: int) -> str:
    """Give the name of a file of a run.

    Parameters
    ----------
    what : {"state", "records", "snapshot"}
        What it holds.
    number : int
        Commit, or step of a snapshot.

    Returns
    -------
    str
        Its name in the folder of the run.
    """
    return f"{what}-{number:08d}.safetensors"
