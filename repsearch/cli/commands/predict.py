"""Predict what a model learns, and when: ``repsearch predict``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from repsearch.cli import options
from repsearch.cli.unused import refuse_unused
from repsearch.errors import InputError


def predict(
    source: Annotated[
        Path | None,
        typer.Argument(
            help="Counts file, or a spectrum file of 'repsearch solve'; 'carried', the counts that "
            "come with the package, by default.",
            show_default=False,
        ),
    ] = None,
    d: Annotated[
        int | None,
        typer.Option(
            "--d",
            "-d",
            help="Dimension of the model; 200, or as many as there are words, or as the spectrum "
            "file has.",
            show_default=False,
        ),
    ] = None,
    init: options.Init = None,
    tied: options.Tied = True,
    steps: Annotated[
        float | None, typer.Option(help="Length of the training, in steps.", show_default=False)
    ] = None,
    time: Annotated[
        float | None, typer.Option(help="The same in flow time.", show_default=False)
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(help="A tenth of the largest stable one by default.", show_default=False),
    ] = None,
    loss: Annotated[
        Literal["quartic", "sgns"], typer.Option(help="The quartic loss, or word2vec's own.")
    ] = "quartic",
    batch: Annotated[
        Literal["sum", "mean", "positives", "pairs"],
        typer.Option(
            help="The loss of a step: the sum over all pairs (eqs. 1 and 3); their mean, also "
            "over pairs drawn uniformly; or, for pairs drawn as word2vec does, the mean over "
            "the positive ones or over all."
        ),
    ] = "sum",
    negatives: Annotated[float, typer.Option(help="Negative pairs per positive pair, k.")] = 1.0,
    modes: Annotated[int, typer.Option(help="How many modes to show; the files have all.")] = 10,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Folder for the table (CSV, JSON) and the figures.",
            show_default=False,
            callback=options.tried_folder,
        ),
    ] = None,
    threads: options.Threads = None,
    settings: options.Settings = None,
) -> None:
    """Predict what a model learns and when: eigenvalues, learning times, topics.

    For gradient descent under the paper's Setting 3.1 from a small random
    start, where each mode is learned at a time of its own.
    """
    from probes.studies import prediction
    from repsearch import Spectrum
    from repsearch.cli.bars import Bars
    from repsearch.cli.finish import tell, tell_notes
    from repsearch.cli.opened import counts_of, spectrum_of
    from repsearch.spectrum.positive import DEFAULT_DIMENSION

    if modes < 1:
        raise InputError(f"--modes is {modes}; show at least 1")
    scale = options.size_of_start(init)
    with Bars() as bars:
        of_file = source is not None and Spectrum.is_at(source)
        if source is not None and of_file:
            refuse_unused(("threads",), "for counts, and a spectrum needs no solving")
            if batch not in ("positives", "pairs"):
                refuse_unused(
                    ("negatives",),
                    "for counts, or --batch positives and pairs; a spectrum has its own",
                )
            known = prediction.modes_of_spectrum(spectrum_of(source))
        else:
            known = prediction.modes_of_counts(
                counts_of(source),
                d=d,
                negatives=negatives,
                tied=tied,
                threads=threads,
                progress=bars,
            )
        setup = prediction.Setup(
            d=known.spectrum.dimension if d is None else d,
            scale=scale,
            tied=tied,
            loss=prediction.loss_called(loss),
            batch=prediction.batch_called(
                batch, n_words=len(known.spectrum.words), negatives=negatives
            ),
            learning_rate=learning_rate,
        )
        found = prediction.predict(known, setup, steps=steps, time=time, shown=modes)
    if d is None and known.spectrum.dimension < DEFAULT_DIMENSION and not of_file:
        tell_notes(
            [
                f"a model of d = {known.spectrum.dimension:,} instead of the "
                f"{DEFAULT_DIMENSION} of the default, for there are no more words"
            ]
        )
    tell(found, out)
