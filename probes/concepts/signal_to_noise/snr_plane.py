"""Signal-to-noise ratio against training time, and on the plane of time and dimension."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from probes.concepts.differences import difference_vectors
from probes.concepts.principal_axes import on_principal_axes
from probes.concepts.signal_to_noise.published_snr import PublishedSnr, published_of
from probes.concepts.signal_to_noise.signal import FLIPS, Signal, signals
from probes.concepts.signal_to_noise.truncation import (
    checked_dims,
    truncated_grams,
    with_dimension,
)
from probes.relations.relations import Pair
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError

Real = NDArray[np.float64]


class OverTime(Protocol):
    """Embeddings over time: a closed-form `Trajectory` or a `TrainedTrajectory`."""

    def embeddings(self, time: float) -> Embeddings:
        """W at one time."""


@dataclass(frozen=True)
class SnrPlane:
    """Signal of one family on the plane of training time and dimension.

    Parameters
    ----------
    family : str
        Its name.
    times : tuple of float
        Flow times.
    dims : tuple of int
        Numbers of columns.
    signals : tuple of tuple of Signal
        By time, then by dimension.
    published : tuple of tuple of PublishedSnr
        The paper's ratio, likewise.
    """

    family: str
    times: tuple[float, ...]
    dims: tuple[int, ...]
    signals: tuple[tuple[Signal, ...], ...]
    published: tuple[tuple[PublishedSnr, ...], ...]

    @property
    def shares(self) -> Real:
        """(T, D) shares of the mean."""
        return np.array([[one.share.value for one in row] for row in self.signals])


def snr_plane(
    trajectory: OverTime,
    pairs: Iterable[Pair],
    times: Sequence[float],
    dims: Iterable[int] | None = None,
    *,
    name: str = "",
    seed: int = 0,
    level: float = 0.95,
    draws: int = FLIPS,
) -> SnrPlane:
    """Signal of a family at several times of training and in several dimensions.

    At each time the embeddings are turned to their principal axes and cut to
    the first d of them. For the closed form these are the modes learned by
    then.

    Parameters
    ----------
    trajectory : Trajectory or TrainedTrajectory
        Embeddings over time.
    pairs : iterable of (str, str)
        The family.
    times : sequence of float
        Flow times; of a trained run those of its snapshots.
    dims : iterable of int, optional
        As in `snr_curve`; ``[d]`` with all columns gives the signal against
        time alone.
    name : str, optional
        Of the family.
    seed, level, draws
        As in `signal`.

    Raises
    ------
    InputError
        There is no time, or as in `snr_curve`.
    """
    at = tuple(float(time) for time in times)
    if not at:
        raise InputError("there is no time to look at; pass at least one")
    pairs, columns = tuple(pairs), None if dims is None else tuple(dims)
    found: list[tuple[Signal, ...]] = []
    paper: list[tuple[PublishedSnr, ...]] = []
    used: tuple[int, ...] = ()
    for time in at:
        turned = on_principal_axes(trajectory.embeddings(time))
        here = difference_vectors(turned, pairs, name=name)
        used = checked_dims(columns, here.dimension)
        grams = truncated_grams(here.vectors, used)
        row = signals(grams, here, seed=seed, level=level, draws=draws)
        found.append(tuple(with_dimension(one, d) for one, d in zip(row, used, strict=True)))
        paper.append(tuple(published_of(g, dimension=d) for g, d in zip(grams, used, strict=True)))
    return SnrPlane(name, at, used, tuple(found), tuple(paper))
