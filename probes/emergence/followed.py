"""Hold what is followed over time: embeddings, a run or a closed form, with its theory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from probes.concepts.signal_to_noise.over_time import OverTime
from probes.emergence.theory import Theory, is_exact, theory_of
from probes.theory_check.trained_run import check_clock
from repsearch.dynamics import Vanishing
from repsearch.dynamics.flow import gradient_flow
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum

if TYPE_CHECKING:
    from repsearch.training.trained_trajectory import TrainedTrajectory

_TIMES = 32
_SPREAD = 1.1
"""How far before the first learning time and after the last one times are still dense."""


@dataclass(frozen=True, eq=False, repr=False)
class Followed:
    """Embeddings, or embeddings over time with the closed form that belongs to them.

    Parameters
    ----------
    source : Embeddings, Trajectory, TrainedTrajectory or Theory
        What is asked.
    times : tuple of float, optional
        Flow times at which it is asked, increasing; by default those of a run's snapshots or
        of a closed form. None of embeddings.
    theory : Theory, optional
        The closed form to set beside it.
    exact : bool, default True
        Whether the theory is that of the very loss and weights of pairs that were trained.
    lacking : str, optional
        Why a run has no theory beside it, and what would give it one; a sentence.

    Raises
    ------
    InputError
        Times for embeddings, none at all for anything else, or times that do not increase.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum = BinaryAttributes([0.5, 0.3]).spectrum()
    >>> Followed(spectrum.embeddings(2))
    <Embeddings 'M*', 4 words, 2 dimensions, float64>
    """

    source: Embeddings | OverTime
    times: tuple[float, ...] | None = None
    theory: Theory | None = None
    exact: bool = True
    lacking: str = ""

    def __post_init__(self) -> None:
        at = tuple(time for time in times_of(self.source, self.times) if time is not None)
        object.__setattr__(self, "times", at or None)

    @cached_property
    def final(self) -> Embeddings:
        """Embeddings at the last of the times."""
        return embeddings_at(self.source, times_of(self.source, self.times)[-1])

    def __repr__(self) -> str:
        if self.times is None:
            return repr(self.final)
        return f"{self.final!r} at the last of {len(self.times)} times"


def followed_run(
    run: TrainedTrajectory, *, times: Sequence[float] | None = None, theory: Theory | None = None
) -> Followed:
    """Follow a trained run at its snapshots.

    Parameters
    ----------
    run : TrainedTrajectory
        With a snapshot at least.
    times : sequence of float, optional
        Flow times, of which the nearest snapshots are taken; all snapshots by default.
    theory : Theory, optional
        The closed form to set beside it, of `theory_of_run` or `theory_of_counts`.

    Returns
    -------
    Followed
        The run at these snapshots.

    Raises
    ------
    InputError
        The run has no snapshot, or its time is not the flow's.

    Examples
    --------
    >>> import tempfile
    >>> from repsearch import Gaussian, training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> record = training.Record(when=training.evenly(1.0, 2), snapshots=training.evenly(1.0, 4))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = training.train(
    ...         counts, f"{folder}/run", d=2, until=1.0, start=Gaussian(1e-3, 0), record=record
    ...     )
    ...     followed_run(run, times=[0.2, 0.6, 2.0]).times
    (0.25, 0.5, 1.0)
    """
    check_clock(run, "followed in flow time")
    kept = run.snapshot_times
    if not len(kept):
        raise InputError(f"{run.folder} has no snapshot yet; train on, or probe embeddings")
    if times is not None:
        wanted = np.array(times)
        kept = kept[np.unique(np.abs(kept - wanted[:, None]).argmin(axis=1))]
    return Followed(run, tuple(kept.tolist()), theory, exact=is_exact(run))


def followed_closed_form(
    spectrum: Spectrum, *, scale: float, seed: int = 0, times: Sequence[float] | None = None
) -> Followed:
    """Follow the closed form of a spectrum from the limit of a small random start.

    Parameters
    ----------
    spectrum : Spectrum
        Leading eigenpairs of the target, by value.
    scale : float
        Standard deviation of an entry of W(0).
    seed : int, default 0
        Seed of W(0).
    times : sequence of float, optional
        Flow times, increasing; by default 32. The first is half of the first learning time,
        before anything is learned, the last one and a half of the last learning time. The others
        lie in between, evenly in the logarithm, while modes are learned.

    Returns
    -------
    Followed
        The closed form, which is its own theory.

    Raises
    ------
    InputError
        No mode is learned from such a start, or times that do not increase.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum = BinaryAttributes([0.5, 0.3]).spectrum()
    >>> found = followed_closed_form(spectrum, scale=1e-3)
    >>> len(found.times), found.theory is found.source
    (32, True)
    """
    theory = theory_of(gradient_flow(spectrum, Vanishing(scale, seed)))
    if times is None:
        waits = theory.learning_times
        waits = waits[np.isfinite(waits) & (waits > 0)]
        if not len(waits):
            raise InputError(f"no mode is learned from a start of size {scale:g}; pass another")
        times = _covering(float(waits.min()), float(waits.max()))
    return Followed(theory, tuple(times), theory)


def _covering(first: float, last: float) -> list[float]:
    """Choose times from before the first mode is learned to after the last."""
    # A mode rises within a factor of about 1 ± 1 / log(eigenvalue / s_0^2) of its learning time.
    dense = np.geomspace(first / _SPREAD, last * _SPREAD, _TIMES - 2)
    return [first / 2, *dense.tolist(), 1.5 * last]


def times_of(
    source: Embeddings | OverTime, times: Sequence[float] | None
) -> tuple[float | None, ...]:
    """Give the times to look at, checked.

    Parameters
    ----------
    source : Embeddings, Trajectory, TrainedTrajectory or Theory
        What is looked at.
    times : sequence of float, optional
        Flow times; by default those of a run's snapshots, or of the closed form.

    Returns
    -------
    tuple of float or None
        Increasing; (None,) of embeddings.

    Raises
    ------
    InputError
        Times for embeddings, none at all, or times that do not increase.
    """
    if isinstance(source, Embeddings):
        if times is not None:
            raise InputError("embeddings have no training time; leave times out, or pass a run")
        return (None,)
    if times is None:
        times = getattr(source, "snapshot_times", getattr(source, "times", ()))
    at = tuple(float(time) for time in times)
    if not at or any(later <= earlier for earlier, later in pairwise(at)):
        raise InputError(f"the times {list(at)} are none or do not increase; sort them")
    return at


def embeddings_at(source: Embeddings | OverTime, time: float | None) -> Embeddings:
    """Give the embeddings of a source at one of its times.

    Parameters
    ----------
    source : Embeddings, Trajectory, TrainedTrajectory or Theory
        What is looked at.
    time : float or None
        Flow time; None of embeddings.

    Returns
    -------
    Embeddings
        Those of that time.
    """
    if isinstance(source, Embeddings):
        return source
    assert time is not None
    return source.embeddings(time)
