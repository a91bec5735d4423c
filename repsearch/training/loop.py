"""Take steps to the end of a run, and record on the way."""

from __future__ import annotations

import time
from typing import Literal

import torch

from repsearch.errors import DivergenceError
from repsearch.progress import Progress
from repsearch.training.arithmetic import devices
from repsearch.training.integrators.evaluated import Evaluated
from repsearch.training.protocols import Objective
from repsearch.training.record import Record
from repsearch.training.recorded import recorded
from repsearch.training.settings import Settings
from repsearch.training.state import State
from repsearch.training.store.run_writer import RunWriter


def take_steps(
    writer: RunWriter,
    state: State,
    objective: Objective,
    settings: Settings,
    record: Record,
    words: tuple[str, ...],
    commit_seconds: float,
    progress: Progress,
) -> None:
    """Step to the end; what is recorded depends on the state alone, not on when it is written.

    Parameters
    ----------
    writer : RunWriter
        Where rows, snapshots and states go.
    state : State
        Where the run stands.
    objective : Objective
        What is minimised.
    settings : Settings
        The integrator, the end, and when something is recorded.
    record : Record
        What is recorded.
    words : tuple of str
        The vocabulary, V words.
    commit_seconds : float
        Seconds of work after which the run is written down.
    progress : Progress
        Is told the flow time reached.

    Raises
    ------
    DivergenceError
        A step led to numbers that are not finite.
    """
    if writer.last_row < 0:
        record_state(
            writer, record, state, objective, words, settings.clock, row=True, snapshot=True
        )
        writer.commit(state)
    committed = time.monotonic()
    while state.time < settings.until:
        limit = min(
            settings.until,
            settings.rows.next_time(state.time),
            settings.snapshots.next_time(state.time),
        )
        try:
            progress("training", state.time, settings.until, settings.clock)
            after = settings.integrator.step(objective, state, limit)
            # Of an adaptive step a device has been asked already.
            asked = isinstance(after, Evaluated) and not devices.on_host(after.weights)
            if not asked and not bool(torch.isfinite(after.weights).all()):
                raise DivergenceError(after.step, after.time, _cause(objective, state))
            moved = (state.step, state.time), (after.step, after.time)
            ended = after.time >= settings.until
            row = ended or settings.rows.reached(*moved)
            snapshot = ended or settings.snapshots.reached(*moved)
            record_state(
                writer, record, after, objective, words, settings.clock, row=row, snapshot=snapshot
            )
        except BaseException:
            # Divergence, an interruption, a full memory: all that was good is kept. What was
            # half recorded of the step is dropped with it, and done again by who goes on.
            writer.take_back(state.step)
            writer.commit(state)
            raise
        state = after
        if ended or snapshot or time.monotonic() - committed >= commit_seconds:
            try:
                writer.commit(state)
            except KeyboardInterrupt:
                writer.commit(state)
                raise
            committed = time.monotonic()
    progress("training", settings.until, settings.until, settings.clock)


def record_state(
    writer: RunWriter,
    record: Record,
    state: State,
    objective: Objective,
    words: tuple[str, ...],
    clock: Literal["flow time", "steps"],
    *,
    row: bool,
    snapshot: bool,
) -> None:
    """Measure the state, keep it as far as it is due, and call who asked to be told.

    Parameters
    ----------
    writer : RunWriter
        Where rows and snapshots go.
    record : Record
        What is recorded.
    state : State
        Where the run stands.
    objective : Objective
        What is minimised.
    words : tuple of str
        The vocabulary, V words.
    clock : {"flow time", "steps"}
        What the time of the run counts.
    row : bool
        Whether a row is due.
    snapshot : bool
        Whether a snapshot is due.
    """
    values = record.measure(state, objective, words) if row else {}
    if row:
        writer.row(state.step, state.time, values)
    if snapshot:
        writer.snapshot(state)
    if row and record.callbacks:
        moment = recorded(state, values, words, clock)
        for callback in record.callbacks:
            callback(moment)


def _cause(objective: Objective, before: State) -> str:
    loss = objective.loss(before.weights, before.step)
    largest = float(before.weights.abs().max())
    return (
        f"the loss was {loss:.6g} and the largest weight {largest:.3g} before this step, so the "
        "step was too long; pass a smaller learning rate, or an integrator that chooses its steps"
    )
