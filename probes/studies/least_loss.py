"""Find embeddings at the minimum of a loss that is called by its name, and write them down."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from repsearch.progress import Progress, silent
from repsearch.target.by_name import WeightsName, weighting_called

if TYPE_CHECKING:
    from repsearch import Counts, Minimum

LossName = Literal["sgns", "quartic"]


def least_loss(
    counts: Counts,
    d: int,
    *,
    loss: LossName = "sgns",
    weights: WeightsName = "word2vec.c",
    negatives: float = 5.0,
    subsample: float | None = None,
    compute: dict[str, Any] | None = None,
    progress: Progress = silent,
    **solver: Any,
) -> Minimum:
    """Minimise a loss by its name.

    Parameters
    ----------
    counts : Counts
        Co-occurrence counts.
    d : int
        Dimension of the embeddings.
    loss : {"sgns", "quartic"}
        word2vec's loss, or the quartic one.
    weights : {"setting31", "unweighted", "word2vec", "word2vec.c"}
        Weights of pairs.
    negatives : float
        Negative pairs per positive pair, k.
    subsample : float, optional
        Threshold of subsampling of weights that have it.
    compute : dict, optional
        Keywords of `repsearch.training.Compute`: device and precision.
    progress : Progress
        Is told how far it is.
    **solver
        Other arguments of `repsearch.minimise`.

    Returns
    -------
    Minimum
        Embeddings and what vouches for them.

    Raises
    ------
    InputError
        An argument out of range, or no torch.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> least_loss(counts, 2, weights="unweighted", negatives=1).status
    'converged'
    """
    from repsearch.minimum import minimise
    from repsearch.training import Compute, Quartic, Sgns

    return minimise(
        counts,
        d,
        loss=Sgns() if loss == "sgns" else Quartic(),
        weighting=weighting_called(weights, negatives=negatives, subsample=subsample),
        compute=Compute(**(compute or {"dtype": "float32"})),
        progress=progress,
        **solver,
    )


def save_least_loss(found: Minimum, path: Path) -> list[Path]:
    """Write embeddings, contexts of untied weights beside them, and how they were found.

    Parameters
    ----------
    found : Minimum
        From `least_loss`.
    path : Path
        File of the embeddings, whose suffix tells the format.

    Returns
    -------
    list of Path
        The files, that of the history (JSON) last.

    Raises
    ------
    InputError
        A file that cannot be written.
    """
    from probes.studies.over_time import Snapshot, save_snapshot, stem_of
    from repsearch.storage.tables import write_json

    names = save_snapshot(Snapshot(float("inf"), found.embeddings, found.contexts), path)
    history = path.with_name(f"{stem_of(path)}-history.json")
    write_json(facts(found), history)
    return [*(path.parent / str(name) for name in names.values()), history]


def facts(found: Minimum) -> dict[str, Any]:
    """Give loss, history, status and certificate, as JSON can hold them.

    Parameters
    ----------
    found : Minimum
        From `least_loss`.

    Returns
    -------
    dict
        Name to value.
    """
    return {
        "loss": found.loss,
        "zero_loss": found.zero_loss,
        "status": found.status,
        "iterations": found.iterations,
        "evaluations": found.evaluations,
        "losses": found.losses.tolist(),
        "gradients": found.gradients.tolist(),
        "seconds": found.seconds.tolist(),
        "certificate": {**asdict(found.certificate), "saddle": found.certificate.saddle},
    }
