"""``repsearch probe emergence``: when relations become directions, and analogies are answered."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich.console import Console

from repsearch.cli import options
from repsearch.cli.probe import source as given
from repsearch.errors import InputError

if TYPE_CHECKING:
    from probes.concepts.signal_to_noise.snr_plane import OverTime
    from probes.emergence import DelocalisedNoise, Emergence, LinearTimes, Theory
    from probes.emergence.result import Measure
    from probes.figures.relations.emergence import Against
    from repsearch import Embeddings
    from repsearch.cli.bars import Bars
    from repsearch.training.trained_trajectory import TrainedTrajectory

_TIMES = 16
_FEWEST_TIMES = 3


class _Followed(NamedTuple):
    """What is probed: embeddings, or something with embeddings at times; and its theory."""

    source: Embeddings | OverTime
    final: Embeddings
    times: list[float] | None
    theory: Theory | None
    exact: bool = True


def emergence(
    source: given.Source,
    relations: given.RelationFile = None,
    families: given.Families = None,
    times: Annotated[
        str | None,
        typer.Option(
            help="Flow times, T1,T2,... or first:last:number; of a run the nearest snapshots are "
            "taken, all by default.",
            show_default=False,
        ),
    ] = None,
    dims: Annotated[
        str | None,
        typer.Option(help="Numbers of leading columns, D1,D2,...", show_default=False),
    ] = None,
    counts: Annotated[
        Path | None,
        typer.Option(
            help="Counts that a run was trained on: lays the closed form over it.",
            show_default=False,
        ),
    ] = None,
    spectrum: Annotated[
        Path | None,
        typer.Option(
            help="The same from a spectrum file; what of the start lies outside is left out.",
            show_default=False,
        ),
    ] = None,
    init: Annotated[
        float | None,
        typer.Option(
            help="Size of W(0): follow the closed form of a spectrum from there.",
            show_default=False,
        ),
    ] = None,
    keep_case: given.KeepCase = False,
    out: given.Out = None,
    seed: options.Seed = 0,
) -> None:
    """Follow analogies over training time and dimension: answers, ranks, margins, directions.

    Of a run or a closed form, also says when each relation becomes a direction, and when
    the modes are learned that the direction lives on.
    """
    from probes.emergence import delocalised_noise, linear_times
    from probes.emergence import emergence as measured
    from probes.emergence.wording import beside_theory, findings, noise_in_words
    from repsearch import Embeddings
    from repsearch.cli.bars import Bars

    asked = given.relations_of(relations, families, keep_case=keep_case)
    linear, predicted = None, None
    with Bars() as bars:
        what, final, at, theory, exact = _opened(source, times, counts, spectrum, init, seed, bars)
        columns = _dims(dims, final.dimension, several=at is not None)
        found = measured(what, asked, times=at, dims=columns, seed=seed, progress=bars)
        if at is not None and len(at) >= _FEWEST_TIMES:
            assert not isinstance(what, Embeddings)  # these have no times
            linear = linear_times(what, asked, theory=theory, times=at, seed=seed)
        if theory is not None and theory is not what:
            bars.prefix = "theory: "
            predicted = measured(theory, asked, times=at, dims=columns, seed=seed, progress=bars)
    noise = delocalised_noise(final, asked, dims=found.dims, seed=seed)
    console = Console(highlight=False, markup=False)
    texts = [repr(final), str(found)]
    if linear is not None:
        texts += [str(linear), findings(found, linear, seed=seed)]
    if predicted is not None:
        texts.append(beside_theory(found, predicted, exact=exact))
    texts.append(noise_in_words(noise))
    console.print("\n".join(texts), soft_wrap=True)
    if out is not None:
        _write(found, predicted, linear, noise, out)
        console.print(f"Files: {out.resolve()}", soft_wrap=True)


def _opened(
    source: Path,
    times: str | None,
    counts: Path | None,
    spectrum: Path | None,
    init: float | None,
    seed: int,
    bars: Bars,
) -> _Followed:
    """Open a run, a spectrum or embeddings, with the theory that belongs to it.

    Raises
    ------
    InputError
        Options that are for another kind of source.
    """
    from repsearch import Spectrum
    from repsearch.embeddings.huggingface import is_model_folder

    if counts is not None and spectrum is not None:
        raise InputError("--counts and --spectrum both give the closed form; give one of them")
    if source.is_dir() and not is_model_folder(source):
        if init is not None:
            raise InputError(f"--init is for a spectrum, and {source} is a run; drop it")
        return _run(source, times, counts, spectrum, bars)
    if counts is not None or spectrum is not None:
        raise InputError(f"--counts and --spectrum are for a run, which {source} is not; drop them")
    if init is not None:
        if not Spectrum.is_at(source):
            raise InputError(f"--init is for a spectrum, which {source} is not; drop it")
        return _closed_form(source, times, options.size_of_start(init), seed)
    if times is not None:
        raise InputError(
            f"--times is for a run, or a spectrum with --init, and {source} has no time; drop it"
        )
    if Spectrum.is_at(source):
        opened = Spectrum.open(source)
        # Of a target with fewer positive eigenvalues than the file has, all that can be embedded.
        found = opened.embeddings(max(1, opened.n_positive))
    else:
        found = given.embeddings_of(source, None)
    return _Followed(found, found, None, None)


def _run(
    folder: Path, times: str | None, counts: Path | None, spectrum: Path | None, bars: Bars
) -> _Followed:
    import numpy as np

    from probes.emergence.theory import departs
    from repsearch.training.trained_trajectory import TrainedTrajectory

    run = TrainedTrajectory(folder)
    kept = run.snapshot_times
    if not len(kept):
        raise InputError(f"{folder} has no snapshot yet; train on, or probe a file")
    if times is not None:
        wanted = np.array(options.times_of(times))
        kept = kept[np.unique(np.abs(kept - wanted[:, None]).argmin(axis=1))]
    at = kept.tolist()
    theory = _theory(run, folder, counts, spectrum, bars)
    return _Followed(run, run.embeddings(at[-1]), at, theory, exact=not departs(run))


def _theory(
    run: TrainedTrajectory,
    folder: Path,
    counts: Path | None,
    spectrum: Path | None,
    bars: Bars,
) -> Theory | None:
    """The closed form from the run's start, where counts or spectrum are given."""
    from probes.emergence.theory import check_tied, theory_of_run
    from repsearch import Counts, Spectrum, eigenpairs, mstar
    from repsearch.training.settings import digest_of

    if spectrum is not None:
        return theory_of_run(run, Spectrum.open(spectrum))
    if counts is None:
        return None
    found = Counts.open(counts)
    if run.settings.counts != digest_of(found):
        raise InputError(
            f"{folder} was trained on other counts than {counts}; pass those it was trained on"
        )
    check_tied(run)
    target = mstar(found, run.settings.weighting)
    pairs = eigenpairs(target, min(run.dimension, len(run.words)), progress=bars)
    return theory_of_run(run, pairs, matrix=target)


def _closed_form(source: Path, times: str | None, scale: float, seed: int) -> _Followed:
    """The closed form of a spectrum from a small start."""
    import numpy as np

    from probes.emergence import theory_of
    from repsearch import Spectrum, Vanishing, gradient_flow

    theory = theory_of(gradient_flow(Spectrum.open(source), Vanishing(scale, seed)))
    if times is not None:
        at = options.times_of(times)
    else:
        waits = theory.learning_times
        waits = waits[np.isfinite(waits) & (waits > 0)]
        if not len(waits):
            raise InputError(f"no mode of {source} is learned from --init {scale:g}; pass another")
        at = np.geomspace(waits.min() / 2, 1.5 * waits.max(), _TIMES).tolist()
    return _Followed(theory, theory.embeddings(at[-1]), at, theory)


def _dims(text: str | None, dimension: int, *, several: bool) -> tuple[int, ...] | None:
    """Read numbers of columns; by default few where there are several times.

    Raises
    ------
    InputError
        They are no numbers.
    """
    if text is None:
        # At each of several times, powers of four show the course; at one, the default is finer.
        powers = {4**k for k in range(1, 8) if 4**k < dimension}
        return tuple(sorted(powers | {dimension})) if several else None
    try:
        found = tuple(int(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or any(b <= a for a, b in pairwise(found)):
        raise InputError(f"--dims is {text!r}; write increasing whole numbers such as 4,16,64")
    return found


def _write(
    found: Emergence,
    predicted: Emergence | None,
    linear: LinearTimes | None,
    noise: tuple[DelocalisedNoise, ...],
    folder: Path,
) -> None:
    """Tables, and the figures that there is something for."""
    from typing import cast

    import numpy as np
    from matplotlib.figure import Figure

    from probes.figures import (
        plot_emergence,
        plot_linear_times,
        plot_share_plane,
        save_figure,
    )
    from repsearch.storage.tables import write_table

    write_table(found.table(predicted), folder, "emergence")
    write_table([one.cells() for one in noise], folder, "noise")
    sides: list[Against] = ["time"] if len(found.times) > 1 else []
    sides += ["d"] if len(found.dims) > 1 else []
    drawn: dict[str, tuple[Measure, ...]] = {
        "": ("share", "accuracy"),
        "-answers": ("reciprocal_rank", "margin"),
    }
    for against in sides:
        for name, measures in drawn.items():
            figure = plot_emergence(found, predicted, against=against, measures=measures)
            save_figure(figure, folder, f"emergence-{against}{name}")
    if len(sides) > 1 and any(np.isfinite(one.values("share")).all() for one in found.families):
        save_figure(plot_share_plane(found), folder, "plane")
    if linear is None:
        return
    write_table(linear.table(), folder, "linear")
    for which in ("growth", "linear"):
        if any(getattr(one, which) and one.learning for one in linear.families):
            scatter = plot_linear_times(linear, which=which).get_figure(root=True)
            save_figure(cast(Figure, scatter), folder, f"{which}-times")
