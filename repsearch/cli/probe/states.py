"""``repsearch probe states``: a direction in hidden states of whatever model, by their labels."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from repsearch.cli import options
from repsearch.cli.probe import source as given
from repsearch.errors import InputError

if TYPE_CHECKING:
    from probes.concepts import ConceptDirection

_ARRAYS = ("states", "labels", "groups", "pairs")


def states(
    file: Annotated[
        Path,
        typer.Argument(
            help="An .npz file: states (n, d), labels (n,) of two kinds, and, where there are "
            "such, groups (n,) and pairs (n,).",
            show_default=False,
        ),
    ],
    estimator: Annotated[
        Literal["mean-difference", "principal", "discriminant", "ridge", "logistic"],
        typer.Option(help="What makes the direction; the first is by far the fastest."),
    ] = "mean-difference",
    folds: Annotated[int, typer.Option(help="Of the cross-validation over groups.")] = 5,
    permutations: Annotated[int, typer.Option(help="Shuffles of the labels.")] = 999,
    controls: Annotated[int, typer.Option(help="Control tasks: random labels by group.")] = 50,
    out: given.Out = None,
    seed: options.Seed = 0,
) -> None:
    """Look for the direction of two labels in hidden states, on groups never seen.

    Rows of one group (a word, the template of a sentence) are never on both sides of a
    split. 'pairs' numbers contrast pairs, of one row with each label.
    """
    from probes.hidden_states import probe_hidden_states
    from repsearch.cli.bars import Bars
    from repsearch.storage.tables import write_table

    arrays = _read(file)
    with Bars() as bars:
        found = probe_hidden_states(
            arrays["states"],
            arrays["labels"],
            groups=arrays.get("groups"),
            pairs=arrays.get("pairs"),
            estimator=_estimator(estimator),
            folds=folds,
            permutations=permutations,
            controls=controls,
            seed=seed,
            progress=bars,
        )
    console = Console(highlight=False, markup=False)
    console.print(str(found), soft_wrap=True)
    console.print(found.finding(), soft_wrap=True)
    if out is not None:
        write_table(found.table(), out, "states")
        console.print(f"Tables: {out.resolve()}", soft_wrap=True)


def _estimator(name: str) -> ConceptDirection:
    from probes import concepts

    return {
        "mean-difference": concepts.MeanDifference,
        "principal": concepts.PrincipalDirection,
        "discriminant": concepts.DiscriminantDirection,
        "ridge": concepts.RidgeDirection,
        "logistic": concepts.LogisticDirection,
    }[name]()


def _read(path: Path) -> dict[str, Any]:
    """The arrays of the file, without pickle.

    Raises
    ------
    InputError
        It is no such file, or lacks states or labels.
    """
    import numpy as np

    from repsearch.embeddings.formats.streams import reading

    with reading(path) as stream:
        try:
            archive = np.load(stream, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise InputError(
                    f"cannot read {path}: it holds a single array; save it with "
                    "numpy.savez(file, states=..., labels=...)"
                )
            with archive:
                arrays = {name: archive[name] for name in _ARRAYS if name in archive.files}
                names = ", ".join(archive.files)
        except InputError:
            raise
        except ValueError as error:  # what NumPy raises for pickled objects
            raise InputError(
                f"cannot read {path}: it is no npz file, or holds Python objects, which are not "
                "loaded because they can run code; save arrays of numbers or strings"
            ) from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            raise InputError(
                f"cannot read {path}: it is damaged or cut short; copy or make it anew"
            ) from error
    for name in ("states", "labels"):
        if name not in arrays:
            raise InputError(
                f"{path} lacks the array {name!r} (it has {names or 'none'}); save it with "
                "numpy.savez(file, states=..., labels=...)"
            )
    return arrays
