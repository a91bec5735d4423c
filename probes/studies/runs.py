"""Open folders of trained runs for a comparison with the closed form."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from repsearch.errors import InputError

if TYPE_CHECKING:
    from repsearch import Counts
    from repsearch.training import TrainedTrajectory


def names_of(folders: Sequence[Path]) -> list[str]:
    """Give runs the names of their folders.

    Parameters
    ----------
    folders : sequence of Path
        One for each run.

    Returns
    -------
    list of str
        The last part of each path.

    Raises
    ------
    InputError
        Two of them are the same.

    Examples
    --------
    >>> names_of([Path("runs/quartic"), Path("runs/sgns")])
    ['quartic', 'sgns']
    """
    names = [folder.resolve().name for folder in folders]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two runs are called {name!r}; rename one of the folders")
    return names


def run_of_counts(folder: Path, counts: Counts) -> TrainedTrajectory:
    """Open a run that was trained on given counts.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    counts : Counts
        What it is said to have been trained on.

    Returns
    -------
    TrainedTrajectory
        The run.

    Raises
    ------
    InputError
        There is no such run, or it was trained on other counts.
    """
    from probes.theory_check.trained_run import check_counts
    from repsearch.training import TrainedTrajectory

    run = TrainedTrajectory(folder)
    check_counts(run, counts)
    return run
