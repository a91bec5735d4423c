"""What a probe is given: an embedding file, a spectrum, a run at some time, a language model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repsearch.errors import InputError

if TYPE_CHECKING:
    from probes import Relations
    from repsearch import Embeddings

Source = Annotated[
    Path,
    typer.Argument(
        help="Embeddings (word2vec text or binary, GloVe, safetensors, npz), a spectrum, the "
        "folder of 'repsearch train', or that of a Hugging Face model.",
        show_default=False,
    ),
]
Time = Annotated[
    float | None,
    typer.Option(
        help="Flow time of a run's snapshot, the nearest one is taken; the last by default.",
        show_default=False,
    ),
]
RelationFile = Annotated[
    Path | None,
    typer.Option(
        "--relations",
        help="Word pairs by family (TSV, JSON, ':' sections, or a BATS folder); Google's by "
        "default.",
        show_default=False,
    ),
]
Families = Annotated[
    str | None,
    typer.Option(help="Only these families, joined by commas.", show_default=False),
]
KeepCase = Annotated[
    bool, typer.Option("--keep-case", help="Do not lower-case the words of the relations.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", help="Folder for tables (CSV, JSON) and figures.", show_default=False
    ),
]


def embeddings_of(source: Path, time: float | None) -> Embeddings:
    """Open what a probe is given.

    Raises
    ------
    InputError
        No such file, or a time for what has none.
    """
    from repsearch import Embeddings, Spectrum
    from repsearch.embeddings.huggingface import huggingface_embeddings, is_model_folder

    if not source.exists():
        raise InputError(f"{source} does not exist; pass embeddings, a spectrum or a folder")
    if is_model_folder(source):
        if time is not None:
            raise InputError(f"--time is for a run, and {source} is a model's folder; drop it")
        return huggingface_embeddings(source)
    if source.is_dir():
        import numpy as np

        from repsearch.training import TrainedTrajectory

        run = TrainedTrajectory(source)
        times = run.snapshot_times
        if not len(times):
            raise InputError(f"{source} has no snapshot yet; train on, or probe a file")
        nearest = times[-1] if time is None else times[np.argmin(np.abs(times - time))]
        return run.embeddings(float(nearest))
    if time is not None:
        raise InputError(f"--time is for a run, and {source} is a file; drop it")
    return Spectrum.open(source).embeddings() if Spectrum.is_at(source) else Embeddings.open(source)


def relations_of(path: Path | None, families: str | None, *, keep_case: bool) -> Relations:
    """Open the relations asked for."""
    import probes
    from probes.relations.relation_files import read_relation_folder

    if path is None:
        found = probes.google_relations(lowercase=not keep_case)
    elif path.is_dir():
        found = read_relation_folder(path, lowercase=not keep_case)
    else:
        found = probes.read_relations(path, lowercase=not keep_case)
    if families is None:
        return found
    return found.select(name.strip() for name in families.split(","))
