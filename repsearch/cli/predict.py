"""``repsearch predict``: what a model learns, and when."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from repsearch.cli import options
from repsearch.errors import InputError

if TYPE_CHECKING:
    from probes.studies.prediction.prediction import Known, Prediction
    from repsearch.cli.bars import Bars
    from repsearch.dynamics.clock.batches import Batch

BatchName = Literal["sum", "mean", "positives", "pairs"]
_NARROWEST = 80
_DIMENSION = 200
_FEWEST_FOR_LANCZOS = 50
_BEFORE = 5.0
_POINTS = 300
_BATCHES = {
    "sum": "sum over all pairs",
    "mean": "mean over all pairs",
    "positives": "pairs drawn, mean over the positive ones",
    "pairs": "pairs drawn, mean over all of them",
}
_LOSSES = {"quartic": "quartic loss", "sgns": "SGNS loss"}


def predict(
    source: Annotated[
        Path | None,
        typer.Argument(
            help="Counts file, or a spectrum file of 'repsearch solve'; the carried counts by "
            "default.",
            show_default=False,
        ),
    ] = None,
    d: Annotated[
        int | None,
        typer.Option(
            "--d",
            "-d",
            help="Dimension of the model; 200, or as many as the spectrum file has.",
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
        BatchName,
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
        ),
    ] = None,
    threads: options.Threads = None,
    settings: options.Settings = None,
) -> None:
    """Predict what a model learns and when: eigenvalues, learning times, topics.

    For gradient descent under the paper's Setting 3.1 from a small random
    start, where each mode is learned at a time of its own.
    """
    from probes.studies.prediction.prediction import Setup, predicted
    from probes.studies.prediction.table import PredictionTable
    from repsearch.cli.bars import Bars
    from repsearch.dynamics.clock.loss_expansion import QUARTIC, SGNS
    from repsearch.storage.tables import write_table

    _check(modes, steps, time)
    scale = options.size_of_start(init)
    with Bars() as bars:
        known = _known(source, d, negatives, tied=tied, threads=threads, bars=bars)
        setup = Setup(
            d=known.spectrum.dimension if d is None else d,
            scale=scale,
            tied=tied,
            loss=QUARTIC if loss == "quartic" else SGNS,
            batch=_batch(batch, len(known.spectrum.words), negatives),
            learning_rate=learning_rate,
        )
        found = predicted(known, setup)
        if steps is not None:
            time = float(found.clock.time(steps))
        by_default = " (a tenth of the largest stable one)" if learning_rate is None else ""
        table = PredictionTable(
            found,
            f"{_LOSSES[loss]}, {_BATCHES[batch]}, learning rate "
            f"{found.learning_rate:.3g}{by_default}",
            time,
        )
        if out is not None:
            bars("table and figures", 0, 1, "folders")
            write_table(table.rows(), out, "modes")
            _draw(found, out)
            bars("table and figures", 1, 1, "folders")
    console = Console(highlight=False, markup=False)
    console.print("\n".join(table.text(modes, max(console.width, _NARROWEST))), soft_wrap=True)
    if out is not None:
        console.print(f"Files: {out.resolve()}", soft_wrap=True)


def _check(modes: int, steps: float | None, time: float | None) -> None:
    if modes < 1:
        raise InputError(f"--modes is {modes}; show at least 1")
    if steps is not None and time is not None:
        raise InputError("--steps and --time both say how long training is; give one of them")
    for name, length in (("--steps", steps), ("--time", time)):
        if length is not None and not 0 <= length < math.inf:
            raise InputError(f"{name} is {length}; pass a finite number of at least 0")


def _known(
    source: Path | None,
    d: int | None,
    negatives: float,
    *,
    tied: bool,
    threads: int | None,
    bars: Bars,
) -> Known:
    """Open a spectrum, or find that of counts."""
    from probes.studies.prediction.prediction import Known
    from repsearch import Counts, Setting31, Spectrum, eigenpairs, mstar
    from repsearch.data import carried_counts

    if source is not None and Spectrum.is_at(source):
        spectrum = Spectrum.open(source)
        values = spectrum.eigenvalues.astype(float)
        rest = max(spectrum.squared_norm - float(values @ values), 0.0)
        unknown = math.sqrt(rest) if len(values) < len(spectrum.words) else 0.0
        return Known(spectrum, min(float(values.min()), -unknown), unknown)
    counts = carried_counts() if source is None else Counts.open(source)
    target = mstar(counts, Setting31(negatives), dtype="float32")
    shared: dict[str, Any] = {"by": "magnitude", "threads": threads, "progress": bars}
    spectrum = eigenpairs(
        target, _DIMENSION if d is None else d, **shared | ({"by": "value"} if tied else {})
    )
    if tied:
        bars.prefix = "lowest: "
        few = len(counts.words) < _FEWEST_FOR_LANCZOS
        end = eigenpairs(target, 1, method="dense" if few else "krylov", **shared)
        bars.prefix = ""
    else:
        end = spectrum
    # Where the one farthest from 0 is positive, it bounds the lowest, and that will do.
    return Known(spectrum, -float(abs(end.eigenvalues).max()), beyond=0.0)


def _batch(name: BatchName, n_words: int, negatives: float) -> Batch:
    from repsearch.dynamics.clock.batches import FullBatch, MeanOverPairs, SampledPairs

    if name == "sum":
        return FullBatch()
    if name == "mean":
        return MeanOverPairs(n_words)
    # Of a mean, the size of the batch does not matter.
    return SampledPairs(1, negatives, "mean" if name == "pairs" else "mean over positives")


def _draw(found: Prediction, folder: Path) -> None:
    """Curves from the median start, where there is anything to learn."""
    import numpy as np
    from matplotlib.figure import Figure

    from probes.figures import plot_loss_curve, plot_singular_values, save_figure
    from repsearch.dynamics import Aligned
    from repsearch.dynamics.flow import gradient_flow

    waits = found.times[1][np.isfinite(found.times[1]) & (found.times[1] > 0)]
    if not len(waits):
        return
    # Nothing happens long before the first mode is learned.
    times = np.geomspace(waits.min() / _BEFORE, 2 * waits.max(), _POINTS)
    start = Aligned(tuple(found.start[1].tolist()))
    flow = gradient_flow(found.spectrum, start, times=times)
    for name, plot in (("singular-values", plot_singular_values), ("loss", plot_loss_curve)):
        figure = plot(flow).get_figure(root=True)
        assert isinstance(figure, Figure)
        save_figure(figure, folder, name)
