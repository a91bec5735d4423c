"""Small runs that several tests train, and all that a run holds as bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import repsearch as rs
from repsearch import Counts, training
from repsearch.testing.counts_from import counts_from
from repsearch.training.store.stored_run import StoredRun

SIZE = 30


def small_counts(size: int = SIZE, seed: int = 0) -> Counts:
    """Counts with two topics and pairs that were never seen."""
    rng = np.random.default_rng(seed)
    topics = rng.dirichlet(np.full(size, 0.3), 3)
    mean = 4000 * topics.T @ topics + 0.3
    drawn = np.triu(rng.poisson(mean))
    return counts_from(drawn + np.triu(drawn, 1).T)


def spectrum_of(counts: Counts, size: int = SIZE) -> rs.Spectrum:
    return rs.eigenpairs(rs.mstar(counts), size, method="dense", dtype="float64")


def usual(until: float, rows: int = 12, snapshots: int = 3) -> training.Record:
    return training.Record(
        when=training.evenly(until, rows), snapshots=training.evenly(until, snapshots)
    )


def contents(folder: Path) -> dict[str, Any]:
    """All that a run holds."""
    run = StoredRun(folder)
    run.verify()
    state = run.last_state
    return {
        "words": run.words,
        "rows": {name: column.tobytes() for name, column in run.rows().items()},
        "snapshots": {
            (int(step), float(at)): run.snapshot(int(step)).tobytes()
            for step, at in zip(run.snapshot_steps, run.snapshot_times, strict=True)
        },
        "state": (state.weights.numpy().tobytes(), state.step, state.time, dict(state.memory)),
    }
