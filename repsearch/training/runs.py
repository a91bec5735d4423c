"""Train from the counts to a folder that holds every step recorded, and go on with a run."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from repsearch.checks import is_whole
from repsearch.corpus.corpus import Corpus
from repsearch.counts.counts import Counts
from repsearch.dynamics import Clock, FullBatch, Gaussian, Given
from repsearch.dynamics.clock.batches import Batch
from repsearch.dynamics.starts import Start
from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.spectrum.spectrum import Spectrum
from repsearch.target.weighting import Setting31, Weighting
from repsearch.training.compute import Compute
from repsearch.training.initial_weights import initial_weights
from repsearch.training.integrators.adam import Adam
from repsearch.training.integrators.gradient_descent import GradientDescent
from repsearch.training.integrators.momentum import Momentum
from repsearch.training.integrators.runge_kutta import RungeKutta
from repsearch.training.integrators.stability import check_learning_rate
from repsearch.training.loop import take_steps
from repsearch.training.objectives.from_batch import objective_of
from repsearch.training.objectives.losses import CustomLoss, Loss, Quartic
from repsearch.training.processes.group import Processes
from repsearch.training.protocols import Integrator, Objective
from repsearch.training.record import Record
from repsearch.training.schedules import evenly
from repsearch.training.settings import Again, Settings, digest_of
from repsearch.training.state import State
from repsearch.training.store.run_store import RunStore
from repsearch.training.terms.pair_terms import pair_terms
from repsearch.training.trained_trajectory import TrainedTrajectory

_DEFAULT_ROWS = 200
_DEFAULT_SNAPSHOTS = 10


def train(
    counts: Counts,
    folder: Path | str,
    *,
    d: int,
    until: float | None = None,
    start: Start | None = None,
    contexts: Given | None = None,
    loss: Loss | None = None,
    weighting: Weighting | None = None,
    tied: bool = True,
    batch: Batch | None = None,
    integrator: Integrator | None = None,
    record: Record | None = None,
    compute: Compute | None = None,
    seed: int = 0,
    corpus: Corpus | None = None,
    spectrum: Spectrum | None = None,
    commit_seconds: float = 30.0,
    progress: Progress = silent,
    processes: Processes | None = None,
) -> TrainedTrajectory:
    """Train embeddings and keep what is learned, when.

    Parameters
    ----------
    counts : Counts
        Co-occurrence counts; they make the loss (arXiv 2502.09863, eqs. 1 and 3).
    folder : path
        Folder of the run, new or empty. Killed at any moment it holds every step of its
        manifest, and `resume` goes on to the same bits (on the CPU).
    d : int
        Dimension of the embeddings.
    until : float, optional
        Flow time at which to end, in the time of the closed forms
        (`repsearch.dynamics.clock`); steps for `Momentum` and `Adam`, which follow no flow.
        By default the end of the learning rate's schedule.
    start : Gaussian, Aligned or Given, optional
        W(0); ``Gaussian(1e-3, seed)`` by default.
    contexts : Given, optional
        W'(0) of untied weights; balanced with the words by default.
    loss : Loss, optional
        `Quartic` (the default), `Sgns` or a `CustomLoss`.
    weighting : Weighting, optional
        `Setting31` (the default), `Unweighted` or `Word2Vec`.
    tied : bool
        Whether contexts are the words, W' = W.
    batch : Batch, optional
        `FullBatch` (the default; exact gradients), `SampledPairs` or `StreamedPairs`.
    integrator : Integrator, optional
        `RungeKutta` by default; for drawn gradients a `GradientDescent`, `Momentum` or `Adam`
        must be given.
    record : Record, optional
        What to record when; by default loss and singular values at 200 times and
        the embeddings at ten.
    compute : Compute, optional
        Device and precision; float64 on the CPU by default.
    seed : int
        Seed of W(0) and of what is drawn.
    corpus : Corpus, optional
        The text, for `StreamedPairs`.
    spectrum : Spectrum, optional
        Eigenpairs of the target, for an aligned start.
    commit_seconds : float
        At most this much work, and what it takes to write it down, is lost by a kill.
    progress : Progress, optional
        Is told the flow time reached.
    processes : Processes, optional
        Others that work out their share of exact gradients, from `over_processes`. Their number
        changes no bit where all are on machines of one kind.

    Returns
    -------
    TrainedTrajectory
        The run, read from its folder.

    Raises
    ------
    InputError
        Arguments that do not fit together; a learning rate above the stability bound
        of the spectrum; a folder with other things in it, or in use.
    DivergenceError
        A step led to numbers that are not finite. The folder keeps all before it.
    ProcessLostError
        One of several processes ended before its time. The folder keeps all before it.

    Examples
    --------
    >>> import tempfile
    >>> import repsearch as rs
    >>> from repsearch import training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.4, 0.3]).sample(10_000, seed=0)
    >>> start, record = rs.Gaussian(1e-2), training.Record(when=training.evenly(20.0, 2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = training.train(counts, folder, d=2, until=20.0, start=start, record=record)
    ...     trained = run.singular_values()
    >>> exact = rs.gradient_flow(rs.eigenpairs(rs.mstar(counts), 4), start, d=2)
    >>> bool(abs(trained - exact.singular_values([0.0, 10.0, 20.0])).max() < 1e-5)
    True
    """
    if not is_whole(d) or d < 1:
        raise InputError(f"d is {d!r}; pass a whole number of at least 1")
    if not is_whole(seed) or seed < 0:
        raise InputError(f"seed is {seed!r}; pass a whole number of at least 0")
    loss, weighting, batch = loss or Quartic(), weighting or Setting31(), batch or FullBatch()
    compute = compute or Compute()
    if integrator is None:
        if not isinstance(batch, FullBatch):
            raise InputError(
                "gradients are drawn, so there is no flow to follow; pass an integrator, "
                "GradientDescent(learning_rate), Momentum(learning_rate) or Adam()"
            )
        integrator = RungeKutta()
    weights = initial_weights(
        start or Gaussian(1e-3, seed),
        counts.words,
        d,
        tied=tied,
        compute=compute,
        contexts=contexts,
        spectrum=spectrum,
    )
    terms = pair_terms(counts, weighting, compute.dtype)
    if isinstance(integrator, GradientDescent | Momentum):
        check_learning_rate(integrator, terms, loss, tied=tied, batch=batch)
    objective = objective_of(
        terms,
        loss,
        batch,
        weighting,
        tied=tied,
        compute=compute,
        seed=seed,
        corpus=corpus,
        d=d,
        processes=processes,
    )
    _check_fits(integrator, objective)
    until = _end_time(until, integrator, objective)
    record = record or _default_record(until)
    settings = Settings(
        dimension=d,
        loss=loss,
        weighting=weighting,
        tied=tied,
        batch=batch,
        integrator=integrator,
        compute=compute,
        until=until,
        seed=seed,
        rate=objective.rate,
        rows=record.when,
        snapshots=record.snapshots,
        measures=record.names,
        counts=digest_of(counts),
        gradient=_way(objective),
        counts_file="" if counts.file is None else str(counts.file),
    )
    state = State(weights)
    with RunStore.create(Path(folder), settings.to_json(), counts.words, state) as writer:
        take_steps(
            writer, state, objective, settings, record, counts.words, commit_seconds, progress
        )
    again = [
        given
        for given in (loss, spectrum, getattr(integrator, "spectrum", None))
        if isinstance(given, CustomLoss | Spectrum)
    ]
    return TrainedTrajectory(folder, again=again)


def resume(
    folder: Path | str,
    counts: Counts,
    *,
    until: float | None = None,
    again: Iterable[Again] = (),
    record: Record | None = None,
    corpus: Corpus | None = None,
    threads: int | None = None,
    commit_seconds: float = 30.0,
    progress: Progress = silent,
    processes: Processes | None = None,
) -> TrainedTrajectory:
    """Go on with a run that was stopped, or further with one that has ended.

    Parameters
    ----------
    folder : path
        Folder of the run.
    counts : Counts
        Those it was begun with.
    until : float, optional
        A later end in flow time, of a run to be prolonged.
    again : iterable of CustomLoss or Spectrum
        The loss of your own, and the spectrum of an integrator, that the run was made
        with, if it was: they are not stored.
    record : Record, optional
        What to record, if there was anything but loss and singular values: functions and
        spectra are not stored. When is taken from the run; of one that is prolonged, from
        both.
    corpus : Corpus, optional
        The text, for `StreamedPairs`.
    threads : int, optional
        Threads on the CPU, on whose number nothing depends; as many as the run had by default.
    commit_seconds : float
        At most this much work, and what it takes to write it down, is lost by a kill.
    progress : Progress, optional
        Is told the flow time reached.
    processes : Processes, optional
        Others that work out their share of exact gradients, from `over_processes`. Their number
        changes no bit where all are on machines of one kind.

    Returns
    -------
    TrainedTrajectory
        The run, read from its folder.

    Raises
    ------
    InputError
        Other counts, a loss or a record that is not the run's, a damaged folder,
        or one that another process writes.
    DivergenceError
        A step led to numbers that are not finite. The folder keeps all before it.
    ProcessLostError
        One of several processes ended before its time. The folder keeps all before it.

    Examples
    --------
    >>> import tempfile
    >>> from repsearch import training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.4, 0.3]).sample(10_000, seed=0)
    >>> record = training.Record(when=training.evenly(2.0, 2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = training.train(counts, folder, d=2, until=2.0, record=record)
    ...     training.resume(folder, counts, until=4.0).times.tolist()
    [0.0, 1.0, 2.0, 4.0]
    """
    writer, state = RunStore.resume(Path(folder))
    with writer:
        settings = Settings.from_json(writer.settings, again)
        if settings.counts != digest_of(counts):
            raise InputError(f"{folder} was trained on other counts than these; pass those")
        shape = (len(counts.words), settings.dimension)
        if tuple(state.weights.shape) != (shape if settings.tied else (2, *shape)):
            raise InputError(
                f"the weights in {folder} have shape {tuple(state.weights.shape)}, not what its "
                "settings say; restore it from a copy, or train again in a new folder"
            )
        if until is not None:
            settings = settings.prolonged(until, record)
        if threads is not None:
            settings = replace(settings, compute=replace(settings.compute, threads=threads))
        recording = settings.recording(record)
        objective = objective_of(
            pair_terms(counts, settings.weighting, settings.compute.dtype),
            settings.loss,
            settings.batch,
            settings.weighting,
            tied=settings.tied,
            compute=settings.compute,
            seed=settings.seed,
            corpus=corpus,
            d=settings.dimension,
            processes=processes,
        )
        if until is not None:
            _end_time(until, settings.integrator, objective)
        # They are read on the host.
        device = settings.compute.torch_device
        state = replace(
            state,
            weights=state.weights.to(device),
            moments={name: moment.to(device) for name, moment in state.moments.items()},
        )
        if not settings.gradient.endswith(_way(objective)):
            # Another machine, or another version.
            ways = filter(None, (settings.gradient, _way(objective)))
            settings = replace(settings, gradient=", then ".join(ways))
        # Last, so that a run that cannot go on is left as it was.
        changed = settings.to_json()
        if changed != writer.settings:
            writer.change(changed)
        take_steps(
            writer, state, objective, settings, recording, counts.words, commit_seconds, progress
        )
    return TrainedTrajectory(folder, again=again)


def _way(objective: Objective) -> str:
    """Say what makes the gradients."""
    return str(getattr(objective, "way", ""))


def _check_fits(integrator: Integrator, objective: Objective) -> None:
    """Refuse drawn gradients for an integrator that follows exact ones."""
    if objective.stochastic and not integrator.stochastic:
        raise InputError(
            f"{type(integrator).__name__} follows the flow of exact gradients, and drawn ones are "
            "not; pass GradientDescent(learning_rate), Momentum(learning_rate) or Adam(), or "
            "FullBatch()"
        )


def _end_time(until: float | None, integrator: Integrator, objective: Objective) -> float:
    """Give the time at which training ends."""
    last = math.inf
    if isinstance(integrator, GradientDescent):
        clock = integrator.clock(objective)
        last = float(clock.time(clock.total_steps))
    elif isinstance(integrator, Momentum | Adam):
        last = Clock(1.0, integrator.learning_rate).total_steps
        until = last if until is None else until
        if not (1 <= until < math.inf and until == int(until)):
            raise InputError(
                f"until is {until!r}; {type(integrator).__name__} follows no flow, so pass the "
                "number of steps after which training ends"
            )
    if until is None:
        until = last
    if not 0 < until < math.inf:
        raise InputError(
            f"until is {until!r}; pass the flow time at which training ends, twice the last "
            "learning time for example (`gradient_flow(...).learning_times`)"
        )
    if until > last:
        raise InputError(
            f"until is {until:g}, but the learning rate's schedule ends at "
            f"{'step' if isinstance(integrator, Momentum | Adam) else 'time'} {last:g}; pass "
            "an earlier end, or a longer schedule"
        )
    return float(until)


def _default_record(until: float) -> Record:
    """Record loss and singular values at 200 times, embeddings at ten."""
    return Record(
        when=evenly(until, _DEFAULT_ROWS),
        snapshots=evenly(until, _DEFAULT_SNAPSHOTS),
    )
