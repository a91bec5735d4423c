"""Make one page of finished runs: of the study of a text, and of training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probes.report.numbers import listed_numbers
from probes.report.write import LAYOUT, read_layout, write_page
from probes.studies.run_folder import COUNTS, RECORD, check_part, read_record
from probes.studies.runs import names_of
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.target.weighting import Setting31

if TYPE_CHECKING:
    from repsearch.training import TrainedTrajectory

_MOST_TIMES = 100
_CURVES = 40


def page_of_runs(folders: Sequence[Path], path: Path) -> Path:
    """Write the page of one run anew, or one page of several runs.

    Parameters
    ----------
    folders : sequence of Path
        Of ``repsearch run`` or ``repsearch demo``; beside one of these, also of
        ``repsearch train``.
    path : Path
        File to write.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        A folder that is no finished run, that is damaged, or two of one name; training runs
        alone.
    """
    names = names_of(folders)
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"{folder} is no folder of a run; check the path")
    trained = [folder for folder in folders if _is_training(folder)]
    studies = [folder for folder in folders if folder not in trained]
    if not studies:
        raise InputError(
            "these are training runs, which a page shows beside a run of a text; pass one of "
            "'repsearch run' or 'demo' as well, or compare them with 'repsearch compare'"
        )
    solved = []
    for folder in studies:
        if not (folder / RECORD).exists() and (folder / LAYOUT).exists():
            raise InputError(f"{folder} holds a run that did not end; run it again")
        check_part(folder / LAYOUT)
        if trained:
            check_part(folder / "spectrum.safetensors")
            spectrum = Spectrum.open(folder / "spectrum.safetensors")
            solved.append((spectrum, _counts_digest(folder)))
    laid = []
    for name, folder in zip(names, folders, strict=True):
        found = _trained(folder, solved) if folder in trained else read_layout(folder)
        laid.append({**found, "name": name})
    return write_page(laid, path)


def _is_training(folder: Path) -> bool:
    return (folder / "manifest.json").exists()


def _counts_digest(folder: Path) -> str | None:
    """SHA-256 of the counts that a run is of, from its record, or of those that lie in it."""
    from repsearch import Counts
    from repsearch.training.settings import digest_of

    record = read_record(folder)
    if record is not None and COUNTS in record:
        return str(record[COUNTS])
    path = folder / "counts.npz"
    if not path.exists():
        return None
    check_part(path)
    return digest_of(Counts.open(path))


def _trained(folder: Path, solved: Sequence[tuple[Spectrum, str | None]]) -> dict[str, Any]:
    """Lay out what a training run recorded, with its closed form where the eigenpairs are known."""
    from probes.emergence import theory_of_run
    from probes.theory_check.trained_run import check_clock
    from repsearch.training import TrainedTrajectory

    run = TrainedTrajectory(folder)
    check_clock(run, "drawn over flow time in a report")
    at = _kept(len(run.times))
    times, values = run.times[at], run.singular_values()[at]
    if not len(times):
        raise InputError(f"{folder} has recorded nothing yet; train on")
    moving: dict[str, Any] = {
        "times": listed_numbers(times.tolist()),
        "loss": listed_numbers(run.loss()[at].tolist()),
        "singular_values": [listed_numbers(row) for row in values[:, :_CURVES].T.tolist()],
    }
    facts = _facts(run)
    spectrum, why_not = _eigenpairs(run, solved)
    if spectrum is None:
        facts["Closed form"] = f"not drawn: {why_not}"
    else:
        theory = theory_of_run(run, spectrum)
        after = times >= theory.began
        curves = theory.squares(times[after]) ** 0.5
        gap: list[float | None] = [None] * int((~after).sum())
        moving["predicted"] = [gap + listed_numbers(row) for row in curves.T.tolist()]
        facts["Closed form"] = (
            f"of {spectrum.target} of the same counts, from the run’s snapshot at t = "
            f"{theory.began:.3g}, nothing fitted"
        )
        if run.settings.loss.name != "quartic":
            facts["Closed form"] += (
                "; it is that of the quartic loss, which this loss is near the origin alone"
            )
    number = run.dimension
    return {
        "kind": "trained",
        "title": "a training run",
        "facts": facts,
        "findings": [
            f"{run.settings.loss.name} trained with {number} dimensions to flow time "
            f"{times[-1]:.3g}: the largest singular value went from {values[0].max():.3g} to "
            f"{values[-1].max():.3g}."
        ],
        "moving": moving,
        "concepts": None,
        "compared": {"eigenvalues": []},
    }


def _eigenpairs(
    run: TrainedTrajectory, solved: Sequence[tuple[Spectrum, str | None]]
) -> tuple[Spectrum | None, str]:
    """The eigenpairs of a run's own matrix among those of studies, or why there are none.

    A study solves M* of its counts under Setting 3.1, with as many negatives as positives. That is
    the matrix of a run on the same counts with the same weights, and of no other.
    """
    if not run.settings.tied or not len(run.snapshot_times):
        return None, "that needs tied weights and a snapshot"
    if run.settings.weighting != Setting31():
        return None, f"its weights of pairs are not {Setting31()}, of which the M* beside it is"
    same_words = [one for one in solved if one[0].words == run.words]
    for spectrum, digest in same_words:
        if digest == run.settings.counts:
            return spectrum, ""
    if not same_words:
        return None, "no run beside it has the same words"
    if all(digest is None for _, digest in same_words):
        return None, "what counts the run beside it is of is not recorded; run that again"
    return None, "the run beside it is of other counts"


def _facts(run: TrainedTrajectory) -> dict[str, str]:
    settings = run.settings
    return {
        "Loss": settings.loss.name,
        "Weights of pairs": repr(settings.weighting),
        "Words and contexts": "tied" if settings.tied else "untied",
        "Dimensions": f"{run.dimension:,}",
        "Words": f"{len(run.words):,}",
        "Steps": f"{int(run.steps[-1]):,}",
        "Seed": str(settings.seed),
        "Ended": "yes" if run.finished else "not yet",
    }


def _kept(number: int) -> list[int]:
    """As many rows as a picture can show, evenly among all."""
    if number <= _MOST_TIMES:
        return list(range(number))
    return sorted({round((number - 1) * k / (_MOST_TIMES - 1)) for k in range(_MOST_TIMES)})
