"""Follow the signal-to-noise ratio of a family over training time and dimension."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from probes.concepts.differences import difference_vectors
from probes.concepts.principal_axes import on_principal_axes
from probes.concepts.signal_to_noise.over_time import OverTime
from probes.concepts.signal_to_noise.published_snr import PublishedSnr, published_of
from probes.concepts.signal_to_noise.signal import FLIPS, Signal, signals
from probes.concepts.signal_to_noise.snr_curve import signal_row
from probes.concepts.signal_to_noise.truncation import (
    checked_dims,
    truncated_grams,
    with_dimension,
)
from probes.relations.relations import Pair
from probes.result import WIDTH, Result
from probes.shared.several_tests import is_finding
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, with_interval
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]


@dataclass(frozen=True)
class SnrPlane(Result):
    """Signal of one family on the plane of training time and dimension.

    Parameters
    ----------
    family : str
        Name of the family.
    times : tuple of float
        Flow times.
    dims : tuple of int
        Numbers of columns.
    signals : tuple of tuple of Signal
        Signals by time, then by dimension.
    published : tuple of tuple of PublishedSnr
        The paper's ratio, likewise.
    settings : dict
        Flips, level and seed.

    Examples
    --------
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> flow = gradient_flow(world.spectrum(), Aligned(1e-3), d=4)
    >>> plane = snr_plane(flow, world.relations["attribute 2"], [2.0, 20.0], [2, 4])
    >>> plane.shares.shape, round(float(plane.shares[-1, -1]), 6)
    ((2, 2), 1.0)
    """

    name = "snr-plane"
    figure = "probes.figures.relations.snr_curves:plot_snr_plane"

    family: str
    times: tuple[float, ...]
    dims: tuple[int, ...]
    signals: tuple[tuple[Signal, ...], ...]
    published: tuple[tuple[PublishedSnr, ...], ...]
    settings: dict[str, Cell] = field(repr=False)

    @property
    def shares(self) -> Real:
        """(T, D) Shares of the mean."""
        return np.array([[one.share.value for one in row] for row in self.signals])

    def summary(self) -> str:
        """Say when and in which dimension the share is largest, and what it is at the end.

        Returns
        -------
        str
            One paragraph.
        """
        row, column = np.unravel_index(int(np.argmax(self.shares)), self.shares.shape)
        best, last = self.signals[int(row)][int(column)], self.signals[-1][-1]
        text = (
            f"The common share of a squared difference of {self.family or 'the family'} is largest "
            f"at time {self.times[int(row)]:.3g} in {counted(best.dimension, 'column')}, where it "
            f"is {with_interval(best.share, '.0%')}; it is the largest of "
            f"{counted(self.shares.size, 'estimate')} and so on the high side. At time "
            f"{self.times[-1]:.3g} in {counted(last.dimension, 'column')} it is "
            f"{with_interval(last.share, '.0%')} (p = {last.p_value:.2g})."
        )
        if not is_finding(last.p_value):
            text += " That could be chance."
        return text

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each time and number of columns.

        Returns
        -------
        list of dict
            Time, and the columns of `SnrCurve`'s table.
        """
        return [
            {"time": time, **signal_row(found, paper)}
            for time, row, papers in zip(self.times, self.signals, self.published, strict=True)
            for found, paper in zip(row, papers, strict=True)
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the family, numbers of pairs and groups, and the settings.

        Returns
        -------
        dict
            Name to value.
        """
        found = self.signals[-1][-1]
        return {
            "family": self.family,
            "pairs": found.pairs,
            "groups": found.groups,
            "times": len(self.times),
            "dims": len(self.dims),
            "null": "order flipped within pairs, by groups without a common word",
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out the shares, times by rows and numbers of columns by columns.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal; the table has its own width.

        Returns
        -------
        str
            A table.
        """
        rows = [
            (f"{time:.3g}", *(f"{share:.2f}" for share in row))
            for time, row in zip(self.times, self.shares.tolist(), strict=True)
        ]
        return fixed_width(("time", *(f"d = {d:,}" for d in self.dims)), rows, left=())


def snr_plane(
    trajectory: OverTime,
    pairs: Iterable[Pair],
    times: Sequence[float],
    dims: Iterable[int] | None = None,
    *,
    name: str = "",
    seed: int = 0,
    level: float = 0.95,
    permutations: int = FLIPS,
) -> SnrPlane:
    """Estimate the signal of a family at several times of training and in several dimensions.

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
        Numbers of columns, increasing; by default those of the paper's figure 4 that there are,
        and all. ``[d]`` with all columns gives the signal against time alone.
    name : str, optional
        Name of the family.
    seed : int, default 0
        Seed of the flips.
    level : float, default 0.95
        Nominal coverage of the intervals.
    permutations : int, default 2000
        Flips of the null at most.

    Returns
    -------
    SnrPlane

    Raises
    ------
    InputError
        There is no time, dimensions do not increase or are out of range, or all pairs are
        joined by common words.

    Examples
    --------
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> flow = gradient_flow(world.spectrum(), Aligned(1e-3), d=4)
    >>> plane = snr_plane(flow, world.relations["attribute 1"], [5.0], [4], name="first")
    >>> print(plane)
    time  d = 4
    -----------
       5   1.00
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
        row = signals(grams, here, seed=seed, level=level, permutations=permutations)
        found.append(tuple(with_dimension(one, d) for one, d in zip(row, used, strict=True)))
        paper.append(tuple(published_of(g, dimension=d) for g, d in zip(grams, used, strict=True)))
    settings: dict[str, Cell] = {"permutations": permutations, "level": level, "seed": seed}
    return SnrPlane(name, at, used, tuple(found), tuple(paper), settings)
