"""Make one page of finished runs: of the study of a text, and of training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probes.report.numbers import listed_numbers
from probes.report.write import LAYOUT, read_layout, write_page
from probes.studies.run_folder import RECORD, check_part
from probes.studies.runs import names_of
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum

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
    spectra = []
    for folder in studies:
        if not (folder / RECORD).exists() and (folder / LAYOUT).exists():
            raise InputError(f"{folder} holds a run that did not end; run it again")
        check_part(folder / LAYOUT)
        if trained:
            check_part(folder / "spectrum.safetensors")
            spectra.append(Spectrum.open(folder / "spectrum.safetensors"))
    laid = []
    for name, folder in zip(names, folders, strict=True):
        found = _trained(folder, spectra) if folder in trained else read_layout(folder)
        laid.append({**found, "name": name})
    return write_page(laid, path)


def _is_training(folder: Path) -> bool:
    return (folder / "manifest.json").exists()


def _trained(folder: Path, spectra: Sequence[Spectrum]) -> dict[str, Any]:
    """Lay out what a training run recorded, with its closed form where the eigenpairs are known."""
    from probes.emergence import theory_of_run
    from repsearch.training import TrainedTrajectory

    run = TrainedTrajectory(folder)
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
    spectrum = next((one for one in spectra if one.words == run.words), None)
    if spectrum is None:
        facts["Closed form"] = "not drawn: no run beside it has the same words"
    elif not run.settings.tied or not len(run.snapshot_times):
        facts["Closed form"] = "not drawn: that needs tied weights and a snapshot"
    else:
        theory = theory_of_run(run, spectrum)
        after = times >= theory.began
        curves = theory.squares(times[after]) ** 0.5
        gap: list[float | None] = [None] * int((~after).sum())
        moving["predicted"] = [gap + listed_numbers(row) for row in curves.T.tolist()]
        facts["Closed form"] = (
            f"of {spectrum.target}, from the run’s snapshot at t = {theory.began:.3g}, nothing "
            "fitted; of another loss or other weights of pairs it is no test"
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
