"""From the options of ``repsearch train`` to a run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.progress import Progress

if TYPE_CHECKING:
    from repsearch.dynamics.clock.batches import Batch
    from repsearch.target.weighting import Weighting
    from repsearch.training import Record, TrainedTrajectory
    from repsearch.training.objectives.losses import Loss
    from repsearch.training.protocols import Integrator

# A run shows how a mode settles if it goes on for as long again as it took to learn it.
_AFTERWARDS = 2.0


@dataclass(frozen=True)
class Plan:
    """What is to be trained.

    Parameters
    ----------
    counts : Counts
    d : int
    loss : {"quartic", "sgns"}
    weights : {"setting31", "unweighted", "word2vec"}
    negatives : float
    tied : bool
    scale : float
        Standard deviation of an entry of W(0).
    pairs : int, optional
        Positive pairs drawn a step; all pairs by default.
    seed : int
    """

    counts: Counts
    d: int
    loss: str
    weights: str
    negatives: float
    tied: bool
    scale: float
    pairs: int | None
    seed: int

    @cached_property
    def _loss(self) -> Loss:
        from repsearch.training import Quartic, Sgns

        return Quartic() if self.loss == "quartic" else Sgns()

    @cached_property
    def _weighting(self) -> Weighting:
        from repsearch.target.weighting import Setting31, Unweighted, Word2Vec

        kinds: dict[str, Any] = {
            "setting31": Setting31,
            "unweighted": Unweighted,
            "word2vec": Word2Vec,
        }
        weighting: Weighting = kinds[self.weights](negatives=self.negatives)
        return weighting

    @cached_property
    def _batch(self) -> Batch:
        from repsearch.dynamics import FullBatch, SampledPairs

        return FullBatch() if self.pairs is None else SampledPairs(self.pairs, self.negatives)

    def end(self, modes: int, threads: int | None, progress: Progress) -> float:
        """Twice the time that theory gives for learning so many modes, of a small start.

        Raises
        ------
        InputError
            Fewer modes than that ever grow.
        """
        from probes.theory_check import EarlyGrowth
        from repsearch import dynamics, eigenpairs

        growth = EarlyGrowth(self.counts, self._weighting, self._loss.expansion)
        number = min(modes, self.d, len(self.counts.words))
        by: Literal["value", "magnitude"] = "value" if self.tied else "magnitude"
        found = eigenpairs(
            growth, number, by=by, seed=self.seed, threads=threads, progress=progress
        )
        sizes = found.eigenvalues if self.tied else np.abs(found.eigenvalues)
        # A Gaussian start has about this much of each mode in its d columns.
        waits = dynamics.learning_times(sizes, np.full(number, self.scale * np.sqrt(self.d)))
        last = float(np.max(waits[np.isfinite(waits)], initial=0.0))
        if last <= 0:
            raise InputError(
                f"no mode grows from a start of {self.scale:g}; pass --until, or a smaller --init"
            )
        return _AFTERWARDS * last

    def integrator(
        self, method: str, rtol: float, learning_rate: float | None, *, force: bool
    ) -> Integrator:
        """The way to follow the flow, or to descend."""
        from repsearch.training import Chebyshev, GradientDescent, RungeKutta

        if method == "descent" or self.pairs is not None:
            return GradientDescent(learning_rate or self._stable_rate() / 10, force=force)
        if learning_rate is not None:
            raise InputError("--learning-rate is for --method descent; drop one of them")
        return Chebyshev(rtol=rtol) if method == "chebyshev" else RungeKutta(rtol=rtol)

    def train(
        self,
        folder: Path,
        *,
        until: float,
        integrator: Integrator,
        rows: int,
        snapshots: int,
        compute: dict[str, Any],
        progress: Progress,
    ) -> TrainedTrajectory:
        """Train, and record evenly over time."""
        from repsearch import Gaussian, training

        return training.train(
            self.counts,
            folder,
            d=self.d,
            until=until,
            start=Gaussian(self.scale, self.seed),
            loss=self._loss,
            weighting=self._weighting,
            tied=self.tied,
            batch=self._batch,
            integrator=integrator,
            record=recorded(until, rows, snapshots),
            compute=training.Compute(**compute),
            seed=self.seed,
            progress=progress,
        )

    def _stable_rate(self) -> float:
        from repsearch import training

        anything = training.GradientDescent(1.0, force=True)
        terms = training.pair_terms(self.counts, self._weighting)
        return training.check_learning_rate(
            anything, terms, self._loss, tied=self.tied, batch=self._batch
        )


def recorded(until: float, rows: int, snapshots: int, *, since: float = 0.0) -> Record:
    """Rows and snapshots evenly over a run, or over what it goes on for."""
    from repsearch import training

    if not since < until < np.inf:
        raise InputError(f"until is {until:g}; pass a flow time after {since:g}")

    def over(number: int) -> training.AtTimes:
        return training.AtTimes(tuple(np.linspace(since, until, number + 1)[1:].tolist()))

    return training.Record(when=over(rows), snapshots=over(snapshots))
