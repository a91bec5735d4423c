"""Open folders of trained runs for a comparison with the closed form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def counts_of_run(run: TrainedTrajectory) -> Counts | None:
    """Find the counts that a run was trained on.

    They are looked for where they lay, then in and beside the run's folder, then among those
    that the package carries. The checksum that the run keeps tells them from others.

    Parameters
    ----------
    run : TrainedTrajectory
        A run of `repsearch.training`.

    Returns
    -------
    Counts or None
        None where they are in none of these places.
    """
    from repsearch.training.settings import digest_of

    lay = Path(run.settings.counts_file) if run.settings.counts_file else None
    here = run.folder.resolve()
    for found in _opened([lay, *_archives(here), *_archives(here.parent)], run.words):
        if digest_of(found) == run.settings.counts:
            return found
    return None


def counts_of_runs(folders: Sequence[Path]) -> Counts:
    """Find the counts that runs of one corpus were trained on.

    Parameters
    ----------
    folders : sequence of Path
        Folders of runs; those of the first are looked for.

    Returns
    -------
    Counts
        As `counts_of_run` finds them.

    Raises
    ------
    InputError
        They are in none of the places, or there is no such run.
    """
    from repsearch.training import TrainedTrajectory

    run = TrainedTrajectory(folders[0])
    found = counts_of_run(run)
    if found is None:
        lay = run.settings.counts_file
        where = f"not at {lay} any more, nor" if lay else "not"
        raise InputError(
            f"the counts that {folders[0]} was trained on are {where} in or beside its folder; "
            "give them (--counts)"
        )
    return found


def counts_beside(file: Path, words: Sequence[str]) -> list[Counts]:
    """Find counts with the same words in the folder of a file.

    Parameters
    ----------
    file : Path
        Such as a spectrum.
    words : sequence of str
        Its vocabulary.

    Returns
    -------
    list of Counts
        Of those in the folder, each with the path of its file.
    """
    return list(_opened(_archives(file.resolve().parent), words, carried=False))


def _archives(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.npz"))


def _opened(
    paths: Sequence[Path | None], words: Sequence[str], *, carried: bool = True
) -> Iterator[Counts]:
    """Counts files with these words; what is no such file is passed over."""
    from repsearch import Counts
    from repsearch.data import carried_counts

    for path in dict.fromkeys(paths):
        if path is None:
            continue
        try:
            found = Counts.open(path)
        except InputError:
            continue
        if found.words == tuple(words):
            yield found
    if carried and (found := carried_counts()).words == tuple(words):
        yield found


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
