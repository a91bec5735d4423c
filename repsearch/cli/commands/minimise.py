"""Find embeddings at the minimum of word2vec's loss, from counts: ``repsearch minimise``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from repsearch.cli import options
from repsearch.cli.answer import give, say, tell_dry, tell_expected, wrote
from repsearch.cli.opened import COUNTS, counts_of, size_of_counts
from repsearch.cli.over_processes import check_none_lost, current, tell_processes
from repsearch.errors import InputError

# Many converge before the last iteration; weights, gradient and two of the pairs of L-BFGS are
# there at least.
_USUAL_SHARE, _HELD = 0.7, 6


def minimise(
    counts: Annotated[
        Path | None,
        typer.Argument(help=COUNTS, show_default=False),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            help="Embeddings to write: .vec, .bin, .glove, .safetensors or .npz; untied, contexts "
            "go beside them, and so does the history (JSON).",
            callback=options.tried_file,
        ),
    ] = Path("embeddings.safetensors"),
    d: Annotated[int, typer.Option("--d", "-d", help="Dimension.")] = 200,
    loss: Annotated[
        Literal["sgns", "quartic"], typer.Option(help="word2vec's own loss, or the quartic one.")
    ] = "sgns",
    weights: Annotated[
        Literal["setting31", "unweighted", "word2vec", "word2vec.c"],
        typer.Option(
            help="The paper's Setting 3.1; pairs as they are; the paper's formula for word2vec's "
            "subsampling and negative sampling; or these as word2vec.c and gensim do them."
        ),
    ] = "word2vec.c",
    negatives: Annotated[float, typer.Option(help="Negative pairs per positive pair, k.")] = 5.0,
    subsample: options.Subsample = None,
    tied: Annotated[
        bool,
        typer.Option("--tied/--untied", help="Whether words and contexts have the same vectors."),
    ] = False,
    ridge: Annotated[
        float,
        typer.Option(
            help="Half of this times the sum of squares of all weights is added to the loss, "
            "against modes of chance."
        ),
    ] = 0.0,
    iterations: Annotated[int, typer.Option(help="Most iterations.")] = 100,
    seconds: Annotated[
        float | None,
        typer.Option(help="No iteration is begun after so many.", show_default=False),
    ] = None,
    tolerance: Annotated[
        float, typer.Option(help="Gradient at which it has converged, relative to the start.")
    ] = 0.01,
    dtype: options.DType = "float32",
    device: options.Device = "cpu",
    threads: options.Threads = None,
    seed: options.Seed = 0,
    dry_run: options.DryRun = False,
    settings: options.Settings = None,
) -> None:
    """Find the embeddings at which word2vec's loss is least, exactly and from counts.

    In seconds what training reaches in many minutes. It ends with a certificate: how far the
    gradient fell, and whether the point may be a saddle. Ctrl-C ends it with the best so far.

    Over processes: 'torchrun --nproc-per-node 2 -m repsearch minimise ...'.
    """
    from probes.studies.estimates import training
    from probes.studies.least_loss import facts, least_loss, save_least_loss
    from repsearch.cli.bars import Bars
    from repsearch.embeddings.formats import format_to_write

    format_to_write(out)  # says now that there is no such format
    with Bars() as bars:
        tell_processes()
        size = size_of_counts(counts)
        expected = None
        if device == "cpu":
            expected = training(
                size,
                d,
                gradients=_USUAL_SHARE * iterations,
                loss=loss,
                by_tiles=weights in ("word2vec", "word2vec.c"),
                dtype=dtype,
                tied=tied,
                held=_HELD,
                threads=threads,
            )
            expected.check(
                f"d = {d:,} of {size.words:,} words",
                "take a smaller -d, or fewer words (count -V)",
            )
        elif dry_run:
            raise InputError("--dry-run knows how long it takes on the CPU alone; leave it out")
        if dry_run:
            tell_dry(expected)
            return
        if current() is None:  # it is of one process
            tell_expected(expected)
        opened = counts_of(counts)
        found = least_loss(
            opened,
            d,
            loss=loss,
            weights=weights,
            negatives=negatives,
            subsample=subsample,
            tied=tied,
            ridge=ridge,
            iterations=iterations,
            **({} if seconds is None else {"seconds": seconds}),
            tolerance=tolerance,
            compute={"device": device, "dtype": dtype, "threads": threads},
            seed=seed,
            progress=bars,
            processes=current(),
        )
        files = save_least_loss(found, out)
    say(found.summary())
    give(summary=found.summary(), **facts(found))
    *vectors, history = files
    wrote("Embeddings", *vectors)
    wrote("History", history)
    check_none_lost()
