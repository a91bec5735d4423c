"""Hold all that a run depends on but its weights, as its manifest keeps it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from repsearch.counts.counts import Counts
from repsearch.dynamics.clock.batches import Batch
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.storage.layout import short
from repsearch.target.weighting import Weighting
from repsearch.training.compute import Compute
from repsearch.training.integrators.adam import Adam
from repsearch.training.integrators.momentum import Momentum
from repsearch.training.objectives.losses import CustomLoss, Loss
from repsearch.training.protocols import Integrator
from repsearch.training.schedules import Schedule
from repsearch.training.store import settings_json
from repsearch.training.store.fitting import misfit

if TYPE_CHECKING:
    from repsearch.training.record import Record

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
        f+ and f-.
    weighting : Weighting
        Psi+ and Psi-.
    tied : bool
        Whether words and contexts share their vectors.
    batch : Batch
        How a step draws on pairs.
    integrator : Integrator
        How steps are taken.
    compute : Compute
        Device and precision.
    until : float
        Time at which it ends, of its `clock`.
    seed : int
        Seed of W(0) and of what is drawn.
    rate : float
        Flow time of a step at learning rate 1.
    rows, snapshots : Schedule
        When something is recorded, and when all embeddings are kept.
    measures : tuple of str
        Quantities that are recorded besides loss and singular values.
    counts : str
        SHA-256 of the counts, in hexadecimal.
    gradient : str
        What made the gradients, such as ``"tiles"`` or ``"fused kernel"``: it follows from
        the others and from the machine. Empty for runs of versions that did not keep it.
    counts_file : str
        Where the counts lay; empty where they were made in the same program. It may have been
        moved: the checksum tells.
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
    gradient: str = ""
    counts_file: str = ""

    @property
    def clock(self) -> Literal["flow time", "steps"]:
        """What time counts in the run: flow time, or steps where the integrator follows no flow."""
        return "steps" if isinstance(self.integrator, Momentum | Adam) else "flow time"

    def to_json(self) -> dict[str, Any]:
        """Give the settings as the manifest stores them.

        Returns
        -------
        dict
            What `json.dumps` takes.
        """
        return {
            field.name: settings_json.to_json(getattr(self, field.name)) for field in fields(self)
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], again: Iterable[Again] = ()) -> Settings:
        """Read settings back.

        Parameters
        ----------
        stored : mapping
            From `to_json`.
        again : iterable of CustomLoss or Spectrum
            What a manifest only describes.

        Returns
        -------
        Settings
            Equal to those that were stored.

        Raises
        ------
        InputError
            Something unknown, or not given again.
        """
        read = settings_json.from_json({"gradient": "", "counts_file": "", **stored}, again=again)
        names = {field.name for field in fields(cls)}
        odd = sorted(names ^ set(read)) if isinstance(read, dict) else ["settings"]
        wrong = odd[0] if odd else misfit(cls, read)
        if wrong is not None:
            raise InputError(
                f"the run's settings lack {wrong}, or hold it as what it cannot be; restore the "
                "folder from a copy, or train again in a new one"
            )
        for name in ("dimension", "until", "rate"):
            if not 0 < read[name] < math.inf:
                raise InputError(
                    f"the run's settings hold {short(read[name])} as {name}; restore the folder "
                    "from a copy, or train again in a new one"
                )
        return cls(**read)

    def prolonged(self, until: float, record: Record | None) -> Settings:
        """Give the same settings with a later end, recorded when `record` says as well.

        Parameters
        ----------
        until : float
            Flow time at which it ends.
        record : Record or None
            Its schedules are joined to those of the run.

        Returns
        -------
        Settings
            With the later end.

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
        """Tell what to record when going on.

        Parameters
        ----------
        record : Record or None
            What the run was begun with, where that was more than loss and singular values.

        Returns
        -------
        Record
            With the schedules of the run.

        Raises
        ------
        InputError
            Other quantities than the run has.
        """
        # Here, for measuring needs torch, which those who read a run need not have.
        from repsearch.training.record import Record

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
    """Work out the SHA-256 of words and counts.

    Parameters
    ----------
    counts : Counts
        Of a corpus.

    Returns
    -------
    str
        In hexadecimal.
    """
    found = hashlib.sha256("\n".join(counts.words).encode())
    for array in (counts.word_counts, counts.indptr, counts.columns):
        found.update(np.ascontiguousarray(array).data)
    for side in (counts.values, counts.above):
        if side is not None:
            found.update(np.ascontiguousarray(side, np.int64).data)
    return found.hexdigest()
