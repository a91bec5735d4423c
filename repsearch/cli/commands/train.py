"""Train word2vec or its quartic approximation from counts: ``repsearch train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from repsearch.cli import options, over_processes
from repsearch.cli.answer import give, say, tell_expected, tell_notes, wrote
from repsearch.cli.opened import COUNTS, counts_of
from repsearch.cli.unused import flags_of, given, refuse_unused
from repsearch.errors import InputError, ProcessLostError


def train(
    counts: Annotated[
        Path | None,
        typer.Argument(help=COUNTS, show_default=False),
    ] = None,
    out: options.RunFolder = Path("runs/train"),
    d: Annotated[int, typer.Option("--d", "-d", help="Dimension.")] = 100,
    loss: Annotated[
        Literal["quartic", "sgns"], typer.Option(help="The quartic loss, or word2vec's own.")
    ] = "quartic",
    weights: Annotated[
        Literal["setting31", "unweighted", "word2vec", "word2vec.c"],
        typer.Option(
            help="The paper's Setting 3.1; pairs as they are; the paper's formula for word2vec's "
            "subsampling and negative sampling; or these as word2vec.c and gensim do them."
        ),
    ] = "setting31",
    negatives: Annotated[float, typer.Option(help="Negative pairs per positive pair, k.")] = 1.0,
    subsample: options.Subsample = None,
    tied: options.Tied = True,
    init: options.Init = None,
    modes: Annotated[
        int | None,
        typer.Option(
            help="Train for twice the time that theory gives for learning so many modes; 20 by "
            "default, 5 for --loss sgns on a CPU.",
            show_default=False,
        ),
    ] = None,
    until: Annotated[
        float | None,
        typer.Option(
            help="Train up to this flow time instead; with momentum or adam, for so many steps.",
            show_default=False,
        ),
    ] = None,
    method: Annotated[
        Literal["runge-kutta", "chebyshev", "descent", "momentum", "adam"],
        typer.Option(
            help="Follow the flow by Dormand-Prince steps, by stabilised ones, or descend: "
            "plainly, with momentum 0.9, or by Adam. The time of the last two counts steps and is "
            "not the closed forms'."
        ),
    ] = "runge-kutta",
    rtol: Annotated[
        float | None,
        typer.Option(
            help="Relative error of a step of the flow, in every mode; 1e-4 by default, 1e-3 for "
            "--loss sgns on a CPU.",
            show_default=False,
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            help="Of descent; a tenth of the largest stable one by default, a hundredth with "
            "momentum, 0.001 for adam.",
            show_default=False,
        ),
    ] = None,
    decay: Annotated[
        Literal["none", "linear"],
        typer.Option(
            help="Whether the learning rate of momentum or adam falls to 0 at --until, in a line."
        ),
    ] = "none",
    force: Annotated[
        bool, typer.Option("--force", help="Descend even above the stability bound.")
    ] = False,
    pairs: Annotated[
        int | None,
        typer.Option(
            help="Descend on drawn pairs, so many positive ones a step, instead of on all.",
            show_default=False,
        ),
    ] = None,
    rows: Annotated[
        int | None,
        typer.Option(
            help="Times at which loss and modes are recorded; 200 by default, 50 for --loss sgns "
            "on a CPU.",
            show_default=False,
        ),
    ] = None,
    snapshots: Annotated[int, typer.Option(help="Times at which embeddings are kept.")] = 20,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with the run in --out where it stopped; one that has ended goes on to a "
            "later --until.",
        ),
    ] = False,
    dtype: Annotated[
        Literal["float64", "float32"] | None,
        typer.Option(
            help="Precision of the weights; float64 by default, and float32 for --loss sgns on a "
            "GPU from an --init of at least 1e-4.",
            show_default=False,
        ),
    ] = None,
    products: Annotated[
        Literal["full", "tf32", "bfloat16"] | None,
        typer.Option(
            help="Precision of the factors of products, of float32 on a GPU; tf32 there by "
            "default, otherwise full.",
            show_default=False,
        ),
    ] = None,
    device: options.Device = "cpu",
    threads: options.Threads = None,
    seed: options.Seed = 0,
    settings: options.Settings = None,
) -> None:
    """Train word2vec or its quartic approximation, and record what it learns when.

    Gradients are exact, over all pairs, unless --pairs is given. Times are those
    of the closed forms. A run that was stopped or killed goes on with --resume,
    to the same bits; 'repsearch compare' lays the closed form over it.

    Over processes: 'torchrun --nproc-per-node 2 -m repsearch train ...'.
    """
    from probes.studies.training_plan import (
        DESCENTS,
        OPTIMISERS,
        Plan,
        length_of,
        recorded,
        steps_of,
    )
    from probes.studies.training_plan import resume as go_on
    from repsearch.cli.bars import Bars
    from repsearch.training.store.manifest import MANIFEST
    from repsearch.training.store.run_store import check_new

    scale = options.size_of_start(init)
    if resume:
        _refuse_other_settings(out, until)
    else:
        check_new(out)
        if pairs is not None and not given("method"):
            method = "descent"
        _refuse_what_has_no_use(method, pairs, until)
    try:
        with Bars() as bars:
            over_processes.tell_processes()
            found = counts_of(counts)
            if resume:
                run = go_on(
                    out,
                    found,
                    until=until,
                    rows=200 if rows is None else rows,
                    snapshots=snapshots,
                    threads=threads,
                    progress=bars,
                    processes=over_processes.current(),
                )
            else:
                plan = Plan(
                    found,
                    d=d,
                    loss=loss,
                    weights=weights,
                    negatives=negatives,
                    subsample=subsample,
                    tied=tied,
                    scale=scale,
                    pairs=pairs,
                    seed=seed,
                )
                number, times, error, note = length_of(
                    loss,
                    device=device,
                    all_pairs=method not in DESCENTS,
                    modes=modes,
                    rows=rows,
                    rtol=rtol,
                    until=until,
                )
                tell_notes([note] if note else [])
                end = until
                if end is None:
                    end = plan.end(number, threads=threads, progress=bars)
                recorded(end, times, snapshots)  # says now what cannot be
                steps = steps_of(end) if method in OPTIMISERS else None
                integrator = plan.integrator(
                    method,
                    error,
                    learning_rate,
                    force=force,
                    steps=steps if decay == "linear" else None,
                )
                if device == "cpu":
                    expected = plan.expected(
                        end,
                        method=method,
                        rtol=error,
                        rows=times,
                        dtype=dtype or plan.precision(device),
                        threads=threads,
                    )
                    expected.check(
                        f"d = {d:,} of {len(found.words):,} words",
                        "take a smaller -d, --dtype float32, or fewer words (count -V)",
                    )
                    if over_processes.current() is None:  # it is of one process
                        tell_expected(expected)
                run = plan.train(
                    out,
                    until=end,
                    integrator=integrator,
                    rows=times,
                    snapshots=snapshots,
                    compute={
                        "device": device,
                        "dtype": dtype or plan.precision(device),
                        "products": products,
                        "threads": threads,
                    },
                    progress=bars,
                    processes=over_processes.current(),
                )
    except (KeyboardInterrupt, ProcessLostError):
        if (out / MANIFEST).exists():  # training had begun
            tell_notes(
                [
                    "stopped; what was trained is kept. Go on with the same counts and "
                    f"--resume --out {out}"
                ]
            )
        raise
    say(repr(run))
    tell_notes(run.notes)
    give(
        time=run.times[-1],
        clock=run.settings.clock,
        until=run.settings.until,
        finished=run.finished,
        steps=run.steps[-1],
        loss=run.series("loss")[-1],
        singular_values=run.singular_values()[-1],
        snapshot_times=run.snapshot_times,
    )
    wrote("Run", out)
    on = "" if counts is None else f" --counts {counts}"
    if run.settings.clock == "flow time":
        say(f"Beside theory: repsearch compare {out}{on}")
    else:
        say(f"Neighbours: repsearch ask {out} WORD")


def _refuse_what_has_no_use(method: str, pairs: int | None, until: float | None) -> None:
    """Refuse options of which one would win over the other, or that the method has no use for."""
    from probes.studies.training_plan import DESCENTS, OPTIMISERS

    if pairs is not None and method not in DESCENTS:
        raise InputError(
            f"--pairs descends on drawn pairs, and --method {method} follows the flow of all; "
            "drop one of them"
        )
    if method in OPTIMISERS:
        if until is None:
            raise InputError(
                f"--method {method} follows no flow, so that theory does not say when modes are "
                "learned; say for how many steps to train with --until"
            )
        if method == "adam":
            refuse_unused(("force",), "for a bound of stability, and none is known for adam")
    else:
        refuse_unused(("decay",), f"for momentum and adam, and the method is {method}")
    if until is not None:
        refuse_unused(("modes",), "for training without --until, which says when it ends")
    if method in DESCENTS:
        refuse_unused(("rtol",), "for steps of the flow, and descent has --learning-rate")
    else:
        refuse_unused(("learning_rate", "force"), f"for descent, and the method is {method}")


def _refuse_other_settings(folder: Path, until: float | None) -> None:
    """Refuse options that would change a run that goes on, and those of no use to it."""
    from probes.studies.training_plan import options_of_run
    from repsearch.training import TrainedTrajectory

    has = options_of_run(TrainedTrajectory(folder).settings)
    asked = given(*has)
    if other := [name for name, value in asked.items() if value != has[name]]:
        values = ", ".join(f"{flags_of([name])} {_typed(has[name])}" for name in other)
        raise InputError(
            f"{flags_of(other)} cannot change while a run goes on, and that in {folder} has "
            f"{values}; drop it, or train anew in another folder"
        )
    refuse_unused(("init", "modes"), "for a run that begins, and this one goes on")
    if until is None:
        refuse_unused(("rows", "snapshots"), "for what lies beyond the end, which --until gives")


def _typed(value: object) -> str:
    return "as its default" if value is None else str(value)
