"""Work out what several figures are made of: spectra, the minimum of word2vec's loss."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from probes.reproduce.settings import Settings
from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.progress import Progress

if TYPE_CHECKING:
    from repsearch import Embeddings, Spectrum

SPECTRUM = "spectrum.safetensors"
EMBEDDINGS = "embeddings.safetensors"


def solve_modes(place: Path, counts: Counts, settings: Settings, progress: Progress) -> None:
    """Solve for the eigenpairs of M* that the figures use, the positive ones.

    Parameters
    ----------
    place : Path
        Folder of the stage.
    counts : Counts
        The counts.
    settings : Settings
        Settled.
    progress : Progress
        Told how far it is.
    """
    from repsearch import mstar

    _solve(place, mstar(counts, dtype="float32"), _columns(settings), settings, progress)


def solve_ppmi(place: Path, counts: Counts, settings: Settings, progress: Progress) -> None:
    """Solve for the leading eigenpairs of PPMI.

    Parameters
    ----------
    place : Path
        Folder of the stage.
    counts : Counts
        The counts.
    settings : Settings
        Settled.
    progress : Progress
        Told how far it is.
    """
    from repsearch import shifted_ppmi

    _solve(place, shifted_ppmi(counts, dtype="float32"), settings.d or 1, settings, progress)


def solve_pmi(place: Path, counts: Counts, settings: Settings, progress: Progress) -> None:
    """Solve for the leading eigenpairs of PMI, a pair that was never seen having ln 1e-25.

    Parameters
    ----------
    place : Path
        Folder of the stage.
    counts : Counts
        The counts.
    settings : Settings
        Settled.
    progress : Progress
        Told how far it is.
    """
    from repsearch import pmi

    _solve(place, pmi(counts, dtype="float32"), settings.d or 1, settings, progress)


def find_minimum(place: Path, counts: Counts, settings: Settings, progress: Progress) -> None:
    """Find the embeddings at the minimum of word2vec's loss as the paper has it.

    Tied, with the paper's formula for subsampling and negative sampling.

    Parameters
    ----------
    place : Path
        Folder of the stage.
    counts : Counts
        The counts.
    settings : Settings
        Settled.
    progress : Progress
        Told how far it is.
    """
    from probes.studies.least_loss import facts, least_loss
    from repsearch.storage.tables import write_json

    found = least_loss(
        counts,
        settings.d or 1,
        loss="sgns",
        weights="word2vec",
        negatives=settings.negatives,
        compute={"dtype": "float32", "device": settings.device, "threads": settings.threads},
        tied=True,
        seed=settings.seed,
        progress=progress,
    )
    found.embeddings.save(place / EMBEDDINGS)
    kept = facts(found)
    # The same work takes other times, and stages are to be the same bits twice.
    kept.pop("seconds")
    write_json(kept, place / "minimum.json")


def spectrum_in(place: Path) -> Spectrum:
    """Open the spectrum of a stage.

    Parameters
    ----------
    place : Path
        Its folder.

    Returns
    -------
    Spectrum
    """
    from repsearch import Spectrum

    return Spectrum.open(place / SPECTRUM)


def minimum_in(place: Path) -> Embeddings:
    """Open the minimum of word2vec's loss, on principal axes.

    Parameters
    ----------
    place : Path
        Folder of its stage.

    Returns
    -------
    Embeddings
    """
    from probes.concepts import on_principal_axes
    from repsearch import Embeddings

    return on_principal_axes(Embeddings.open(place / EMBEDDINGS))


def _solve(
    place: Path, target: object, number: int, settings: Settings, progress: Progress
) -> None:
    from repsearch import eigenpairs

    found = eigenpairs(
        target,  # type: ignore[arg-type]
        number,
        dtype="float32",
        threads=settings.threads,
        seed=settings.seed,
        progress=progress,
    )
    if found.n_positive < 1:
        raise InputError(f"{found.target} has no positive eigenvalue, so it has no embeddings")
    found.leading(found.n_positive).save(place / SPECTRUM)


def _columns(settings: Settings) -> int:
    return max(settings.d or 1, settings.columns or 1)
