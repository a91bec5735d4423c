"""Begin a run, or go on with one: the two ways to become its one writer."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from repsearch.errors import InputError
from repsearch.storage.locking import locked
from repsearch.storage.refusals import explaining_write_errors
from repsearch.training.state import State
from repsearch.training.store.manifest import MANIFEST, Entry, Manifest
from repsearch.training.store.run_files import (
    WORDS,
    DamagedFileError,
    leftovers,
    read_state,
    write_file,
    write_rows,
    write_state,
)
from repsearch.training.store.run_writer import RunWriter, check_settings, check_time, file_name
from repsearch.training.store.stored_run import StoredRun, read_rows

_LOG = logging.getLogger(__name__)

_FIRST = file_name("state", 0)
_HIDDEN = re.compile(r"\..*\.tmp|\.lock.*")


class RunStore:
    """The two ways to become the one writer of a run."""

    @staticmethod
    def create(
        folder: Path | str, settings: Mapping[str, Any], words: Sequence[str], state: State
    ) -> RunWriter:
        """Begin a run.

        Parameters
        ----------
        folder : Path or str
            New or empty.
        settings : mapping
            JSON (`repsearch.training.store.settings_json.to_json`).
        words : sequence of str
            The vocabulary, V of them.
        state : State
            Before the first step.

        Returns
        -------
        RunWriter
            The one writer of the run.

        Raises
        ------
        InputError
            A folder that holds something, settings that are no JSON, words that do not
            fit the weights, no way to write.
        """
        folder = Path(folder)
        check_settings(settings)
        content = _encoded(words, state)
        with explaining_write_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        check_new(folder)
        with ExitStack() as stack:
            stack.enter_context(locked(folder))
            check_new(folder)  # another writer may have been faster
            _clear(folder, None)
            first = write_state(folder, _FIRST, state)
            entry = Entry(WORDS, write_file(folder, WORDS, content))
            manifest = Manifest(dict(settings), {}, 0, entry, (first,), (), ())
            manifest.write(folder)
            return RunWriter(folder, manifest, state, stack.pop_all())

    @staticmethod
    def resume(folder: Path | str) -> tuple[RunWriter, State]:
        """Go on with a run from its last commit.

        Of the last two states the older is taken when the newer is damaged, with a
        warning; the run then goes back to what it was at that step.

        Parameters
        ----------
        folder : Path or str
            Folder of the run.

        Returns
        -------
        writer : RunWriter
            The one writer of the run.
        state : State
            Where it goes on.

        Raises
        ------
        InputError
            No run there, or a damaged one; another writer is at work; both states are damaged.
        """
        folder = Path(folder)
        StoredRun(folder)  # says what is wrong before a lock is made anywhere
        with ExitStack() as stack:
            stack.enter_context(locked(folder))
            manifest = StoredRun(folder).manifest
            try:
                state = read_state(folder, manifest.states[-1])
            except DamagedFileError as error:
                if len(manifest.states) == 1:
                    raise
                state = read_state(folder, manifest.states[-2])
                warnings.warn(f"{error}; going on from step {state.step}", stacklevel=2)
                manifest = _rewound(folder, manifest)
            _clear(folder, manifest)
            _LOG.info("going on with %s from step %d, time %g", folder, state.step, state.time)
            return RunWriter(folder, manifest, state, stack.pop_all()), state


def _rewound(folder: Path, manifest: Manifest) -> Manifest:
    """Put the run back to what it was at the state before the last."""
    kept, number = manifest.states[-2], manifest.commit + 1
    rows = read_rows(folder, manifest.columns, manifest.records)
    early = {name: column[rows["step"] <= kept.step] for name, column in rows.items()}
    records = (
        (write_rows(folder, file_name("records", number), early),) if len(early["step"]) else ()
    )
    snapshots = tuple(entry for entry in manifest.snapshots if entry.step <= kept.step)
    new = replace(manifest, commit=number, states=(kept,), records=records, snapshots=snapshots)
    new.write(folder)
    return new


def check_new(folder: Path) -> None:
    """Refuse a folder in which there is more than a creation that was killed has left.

    Parameters
    ----------
    folder : Path
        Folder for a new run; it need not exist.

    Raises
    ------
    InputError
        It holds a run, or anything else.
    """
    if not folder.exists():
        return
    with explaining_write_errors(folder):
        names = sorted(path.name for path in folder.iterdir())
    if MANIFEST in names:
        raise InputError(f"{folder} holds a run already; resume it, or choose a new folder")
    others = [name for name in names if not _HIDDEN.fullmatch(name)]
    # A creation writes the state first, so words.txt alone is of another origin.
    if others and others not in ([_FIRST], [_FIRST, WORDS]):
        raise InputError(f"{folder} holds {others[0]!r}; choose a new or empty folder")


def _clear(folder: Path, keep: Manifest | None) -> None:
    with explaining_write_errors(folder):
        for path in leftovers(folder, keep):
            path.unlink(missing_ok=True)


def _encoded(words: Sequence[str], state: State) -> bytes:
    shape = tuple(state.weights.shape)
    if len(shape) not in (2, 3) or shape[-2] != len(words):
        raise InputError(
            f"the weights have shape {shape} and there are {len(words)} words; pass (V, d) or "
            "(2, V, d) weights with a row for each word"
        )
    for word in words:
        if not word or "\n" in word:
            raise InputError(f"the word {word!r} is empty or holds a newline; rename it")
    check_time(state.time)
    return "\n".join(words).encode("utf-8")
