"""Steer a causal language model along relations, and erase them in it: ``repsearch steer``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from repsearch.cli import options
from repsearch.errors import InputError


def steer(
    model: Annotated[
        Path,
        typer.Argument(
            help="Causal model: a folder in the Hugging Face layout with weights in safetensors, "
            "or a GGUF file.",
            show_default=False,
        ),
    ],
    relations: Annotated[
        Path | None,
        typer.Option(
            help="Word pairs by family: TSV, CSV, JSON, ':' sections, or a folder such as BATS; "
            "Google's by default.",
            show_default=False,
        ),
    ] = None,
    families: Annotated[
        str | None,
        typer.Option(help="Only these families, joined by commas.", show_default=False),
    ] = None,
    layers: Annotated[
        str | None,
        typer.Option(
            help="Layers that are changed, one at a time, L1,L2,...; 0 is the input. A third, two "
            "thirds and all of the way by default.",
            show_default=False,
        ),
    ] = None,
    doses: Annotated[
        str, typer.Option(help="How much is added, D1,D2,..., in lengths of a state there.")
    ] = "-0.5,-0.25,-0.1,0.1,0.25,0.5",
    direction: Annotated[
        Literal["states", "unembedding"],
        typer.Option(
            help="Mean differences of states where the words are read, or of the rows that "
            "predict them."
        ),
    ] = "states",
    template: Annotated[
        list[str] | None,
        typer.Option(
            help="Sentence that ends with {}; what stands before it is a prompt. May be given "
            "several times; three by default.",
            show_default=False,
        ),
    ] = None,
    folds: Annotated[int, typer.Option(help="Folds of the pairs at most.", min=2)] = 5,
    permutations: Annotated[int, typer.Option(help="Random directions.", min=19)] = 39,
    dtype: Annotated[
        Literal["float32", "bfloat16"], typer.Option(help="Precision of the model.")
    ] = "float32",
    device: options.Device = "cpu",
    out: options.ResultFolder = None,
    seed: Annotated[int, typer.Option(help="Seed of all that is drawn at random.", min=0)] = 0,
) -> None:
    """Add the direction of a relation inside a causal model, project it out, erase it.

    Measured is the next word: the log-odds of the words of pairs that the direction was not made
    from, and what else changes, beside random directions of the same length. After an erasure a
    fresh classifier is trained.
    """
    from probes.interventions import steering
    from repsearch.cli.bars import Bars
    from repsearch.cli.finish import tell
    from repsearch.cli.given import relations_of
    from repsearch.language_models import TEMPLATES, CausalModel

    numbers = _doses(doses)
    places = None if layers is None else _layers(layers)
    asked = relations_of(relations, families)
    with Bars() as bars:
        opened = CausalModel.open(model, device=device, dtype=dtype)
        found = steering(
            opened,
            asked,
            layers=places,
            doses=numbers,
            direction=direction,
            templates=template or TEMPLATES,
            folds=folds,
            permutations=permutations,
            seed=seed,
            progress=bars,
        )
    tell(found, out, source=opened)


def _doses(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"--doses is {text!r}; write numbers such as -0.5,0.5") from None


def _layers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"--layers is {text!r}; write whole numbers such as 6,12") from None
