"""All that a run depends on but its weights, as its manifest keeps it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

import numpy as np

from repsearch.counts.counts import Counts
from repsearch.dynamics.clock.batches import Batch
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.target.weighting import Weighting
from repsearch.training.compute import Compute
from repsearch.training.objectives.losses import CustomLoss, Loss
from repsearch.training.protocols import Integrator
from repsearch.training.record import Record
from repsearch.training.schedules import Schedule
from repsearch.training.store import settings_json

Again: TypeAlias = CustomLoss | Spectrum
"""What a manifest only describes, so that it has to be given again with a run."""


@dataclass(frozen=True)
class Settings:
    """What a run was asked for.

    Parameters
    ----------
    dimension : int
        d.
    loss : Loss
    weighting : Weighting
    tied : bool
    batch : Batch
    integrator : Integrator
    compute : Compute
    until : float
        Flow time at which it ends.
    seed : int
    rate : float
        Flow time of a step at learning rate 1.
    rows, snapshots : Schedule
        When something is recorded, and when all embeddings are kept.
    measures : tuple of str
        Quantities that are recorded besides loss and singular values.
    counts : str
        SHA-256 of the counts.
    """

    dimension: int
    loss: Loss
    weighting: Weighting
    tied: bool
    batch: Batch
    integrator: Integrator
    compute: Compute
    until: float
    seed: int
    rate: float
    rows: Schedule
    snapshots: Schedule
    measures: tuple[str, ...]
    counts: str

    def to_json(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            field.name: settings_json.to_json(getattr(self, field.name)) for field in fields(self)
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], again: Iterable[Again] = ()) -> Settings:
        """Read back; `again` is what a manifest does not hold.

        Raises
        ------
        InputError
            Something unknown, or not given again.
        """
        return cls(**settings_json.from_json(dict(stored), again=again))

    def prolonged(self, until: float, record: Record | None) -> Settings:
        """The same with a later end, recorded when `record` says as well.

        Raises
        ------
        InputError
            An earlier end.
        """
        if until < self.until:
            raise InputError(
                f"until is {until:g}, but the run goes to {self.until:g}; pass a later time"
            )
        if record is None:
            return replace(self, until=until)
        rows, snapshots = self.rows | record.when, self.snapshots | record.snapshots
        return replace(self, until=until, rows=rows, snapshots=snapshots)

    def recording(self, record: Record | None) -> Record:
        """What to record when going on.

        Raises
        ------
        InputError
            Other quantities than the run has.
        """
        plain = Record(when=self.rows, snapshots=self.snapshots)
        given = (
            plain if record is None else replace(record, when=self.rows, snapshots=self.snapshots)
        )
        if given.names != self.measures:
            raise InputError(
                f"the run records {', '.join(self.measures) or 'nothing more'} besides loss and "
                f"singular values, and the record given has {', '.join(given.names) or 'nothing'}; "
                "pass the record it was begun with"
            )
        return given


def digest_of(counts: Counts) -> str:
    """SHA-256 of words and counts, in hexadecimal."""
    found = hashlib.sha256("\n".join(counts.words).encode())
    for array in (counts.word_counts, counts.indptr, counts.columns):
        found.update(np.ascontiguousarray(array).data)
    found.update(np.ascontiguousarray(counts.values, np.int64).data)
    return found.hexdigest()
