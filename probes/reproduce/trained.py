"""Train word2vec, its quartic approximation and what lies between, beside the closed form."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from probes.reproduce.fewer_words import leading_words
from probes.reproduce.settings import Settings
from repsearch.counts.counts import Counts
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.progress import Progress
from repsearch.storage.tables import write_json
from repsearch.target.by_name import WeightsName

if TYPE_CHECKING:
    from repsearch.training import TrainedTrajectory

CURVES = "curves.json"
MOMENTS = ("moment-1.safetensors", "moment-2.safetensors", "moment-3.safetensors")
EXPLAINED = "1 − half of the share of M* explained"
OWN_FALL = "left of its own fall to its lowest"
_SNAPSHOTS = 24
_RTOL = 1e-3
_MODES = 20
_SMALLEST_IN_FLOAT32 = 1e-4


@dataclass(frozen=True)
class Model:
    """What is trained.

    Parameters
    ----------
    loss : {"quartic", "sgns"}
        The loss.
    weights : {"setting31", "word2vec"}
        Weights of pairs.
    start : {"small", "large"}
        Which of the two starts.

    Examples
    --------
    >>> RUNS["qwem-small"].loss
    'quartic'
    """

    loss: Literal["quartic", "sgns"]
    weights: WeightsName
    start: Literal["small", "large"]


RUNS = {
    "qwem-small": Model("quartic", "setting31", "small"),
    "word2vec-small": Model("sgns", "word2vec", "small"),
    "qwem-large": Model("quartic", "setting31", "large"),
    "word2vec-large": Model("sgns", "word2vec", "large"),
    "quartic-only": Model("quartic", "word2vec", "small"),
    "setting31-only": Model("sgns", "setting31", "small"),
}
"""The runs of figures 1, 2 and 7."""


def train_run(
    place: Path, counts: Counts, settings: Settings, progress: Progress, *, run: str
) -> None:
    """Train one of `RUNS`, or go on with it, and keep its curves beside the closed form's.

    Parameters
    ----------
    place : Path
        Folder of the stage; a run that was interrupted goes on from there, unless it is damaged.
    counts : Counts
        All counts.
    settings : Settings
        Settled.
    progress : Progress
        Told how far it is.
    run : str
        Name of the run.
    """
    from probes.studies.training_plan import Plan

    model, d = RUNS[run], settings.train_d
    words, modes, rows = settings.train_words, settings.train_modes, settings.rows
    assert words is not None
    assert d is not None
    assert modes is not None
    assert rows is not None
    few = leading_words(counts, words)
    scale = settings.of_start(model.start)
    folder = place / "run"
    trained = _gone_on_with(folder, few, progress)
    if trained is None:
        plan = Plan(
            few,
            d=d,
            loss=model.loss,
            weights=model.weights,
            # M* and its closed form have as many negatives as positives everywhere here.
            negatives=settings.negatives if model.weights == "word2vec" else 1.0,
            tied=True,
            scale=scale,
            pairs=None,
            seed=settings.seed,
        )
        trained = plan.train(
            folder,
            until=plan.end(modes, threads=settings.threads, progress=progress),
            integrator=plan.integrator("chebyshev", _RTOL, None, force=False),
            rows=rows,
            snapshots=min(_SNAPSHOTS, rows),
            compute={
                "device": settings.device,
                "dtype": "float32" if scale >= _SMALLEST_IN_FLOAT32 else "float64",
                "products": None,
                "threads": settings.threads,
            },
            progress=progress,
        )
    write_json(_curves(trained, few), place / CURVES)
    _save_moments(trained, place)


def _gone_on_with(folder: Path, counts: Counts, progress: Progress) -> TrainedTrajectory | None:
    """Go on with a run that was interrupted; None where there is none that is whole."""
    from probes.studies.training_plan import resume
    from repsearch.training.store.run_files import DamagedFileError
    from repsearch.training.store.stored_run import StoredRun

    if (folder / "manifest.json").exists():
        try:
            whole: StoredRun = StoredRun(folder)
            whole.verify()
            return resume(folder, counts, progress=progress)
        except DamagedFileError:
            pass
    if folder.exists():
        shutil.rmtree(folder)
    return None


def _curves(run: TrainedTrajectory, counts: Counts) -> dict[str, Any]:
    """Singular values and loss over time, beside the closed form of the run's own M*."""
    from probes.theory_check import compare
    from repsearch import mstar

    modes = min(_MODES, run.dimension)
    found = compare(run, counts, n_modes=modes)
    norm = mstar(counts, run.settings.weighting).squared_norm
    curves, loss = found.curves, found.loss_curve
    error = curves.median()
    learned = [mode.predicted.time for mode in found.learning if mode.predicted is not None]
    shown, what = shown_loss(loss.measured, norm, explained=found.exact)
    overlap = float(np.mean(found.overlaps.overlaps[-1][:5, :5].sum(axis=1)))
    return {
        "words": len(counts.words),
        "d": run.dimension,
        "steps": int(run.steps[-1]),
        "times": curves.times.tolist(),
        "measured": curves.measured.tolist(),
        "predicted": curves.predicted.tolist(),
        "loss_times": loss.times.tolist(),
        "loss": shown.tolist(),
        "loss_is": what,
        "predicted_loss": (
            shown_loss(loss.predicted, norm, explained=True)[0].tolist() if found.exact else None
        ),
        "error": [error.value, error.low, error.high],
        "exact": found.exact,
        "first_learned": min(learned) if learned else None,
        "top_5_overlap": overlap if modes >= 5 else None,
        "summary": found.summary(),
    }


def shown_loss(
    loss: NDArray[np.float64], norm: float, *, explained: bool
) -> tuple[NDArray[np.float64], str]:
    """Bring a loss to the scale on which a figure shows it, 1 at W = 0.

    Parameters
    ----------
    loss : (T,) float
        0 at W = 0, in units of the quartic loss.
    norm : float
        Squared norm of M*.
    explained : bool
        Whether it is the quartic loss with equal weights of pairs, which falls by half of the
        share of M* that is explained. Of any other loss there is no such law, and what is left of
        its own fall is shown.

    Returns
    -------
    values : (T,) float
        On the scale.
    what : str
        Name of the scale.

    Examples
    --------
    >>> shown_loss(np.array([0.0, -1.0, -2.0]), 8.0, explained=True)[0].tolist()
    [1.0, 0.75, 0.5]
    >>> shown_loss(np.array([0.0, -1.0, -2.0]), 8.0, explained=False)[0].tolist()
    [1.0, 0.5, 0.0]
    """
    if explained:
        return 1 + 2 * loss / norm, EXPLAINED
    lowest = float(loss.min())
    return (1 - loss / lowest if lowest < 0 else np.ones(len(loss))), OWN_FALL


def _save_moments(run: TrainedTrajectory, place: Path) -> None:
    """Keep W at three moments, on the principal axes of the last one."""
    times = np.asarray(run.snapshot_times, float)
    snapshots = {time: run.embeddings(float(time)) for time in times.tolist()}
    squares = {
        time: np.linalg.svd(one.vectors, compute_uv=False) ** 2 for time, one in snapshots.items()
    }
    first = np.array([one[0] for one in squares.values()])
    share = np.array([one[0] / max(one.sum(), 1e-300) for one in squares.values()])
    chosen = three_moments(times, first, share)
    axes = np.linalg.svd(snapshots[chosen[-1]].vectors.astype(float), full_matrices=False)[2].T
    for name, time in zip(MOMENTS, chosen, strict=True):
        one = snapshots[time]
        turned = one.vectors.astype(float) @ axes
        Embeddings(one.words, turned, f"t = {time:.6g}").save(place / name)


def three_moments(
    times: NDArray[np.float64], first: NDArray[np.float64], share: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Choose three moments: before the first mode is learned, when it stands alone, the end.

    Parameters
    ----------
    times : (T,) float
        Increasing, at least three of them after 0.
    first : (T,) float
        Square of the first singular value.
    share : (T,) float
        What it is of the sum of all.

    Returns
    -------
    (float, float, float)
        One of `times` each, increasing.

    Raises
    ------
    InputError
        Fewer than three times.

    Examples
    --------
    >>> times, first = np.arange(1.0, 6.0), np.array([0.0, 0.1, 5.0, 6.0, 6.0])
    >>> three_moments(times, first, np.array([0.2, 0.5, 0.9, 0.6, 0.4]))
    (2.0, 3.0, 5.0)
    """
    if len(times) < 3:
        raise InputError(f"{len(times)} moments were kept, and three are shown; record more rows")
    inner = np.arange(1, len(times) - 1)
    learned = inner[first[inner] >= first[-1] / 2]
    candidates = learned if len(learned) else inner
    alone = int(candidates[np.argmax(share[candidates])])
    before = np.arange(alone)
    early = before[first[before] <= 0.02 * first[-1]]
    return (
        float(times[early[-1] if len(early) else 0]), float(times[alone]), float(times[-1])
    )  # fmt: skip


def trainers() -> dict[str, Any]:
    """Give the function that trains each of `RUNS`, by the name of its stage.

    Returns
    -------
    dict of str to callable
    """
    return {f"run-{name}": partial(train_run, run=name) for name in RUNS}
