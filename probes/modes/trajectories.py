"""Compare the leading modes of two trajectories at each time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from probes.modes.bases import Real, share_words
from probes.modes.lineage import ModeTrajectory, basis_at
from probes.modes.subspaces import overlap, principal_angles, subspace_overlap, weighted_distance
from probes.result import WIDTH, Result
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted
from repsearch.errors import InputError
from repsearch.storage.tables import Cell


@dataclass(frozen=True, eq=False, repr=False)
class TrajectoryComparison(Result):
    """Leading k modes of two trajectories at T times.

    Parameters
    ----------
    times : (T,) float
        The times.
    overlaps : (T, k, k) float
        (v_i . u_j)^2 of modes of the one and of the other.
    subspace_overlaps : (T,) float
        ||A^T B||_F^2 / k of the spans.
    distances : (T,) float
        Root mean squared sine of the principal angles.
    largest_angles : (T,) float
        Largest principal angles, in radians.
    weighted_distances : (T,) float
        `weighted_distance` of all modes, with singular values: it does not
        depend on where k cuts, nor on small gaps.
    expected_overlap : float
        `subspace_overlaps` of random spans, k / V.
    coverage : (float, float)
        Share of each vocabulary that is shared.

    Examples
    --------
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> flow = gradient_flow(BinaryAttributes([0.3, 0.2]).spectrum(), Aligned(0.01))
    >>> found = compare_trajectories(flow, flow, [1.0, 2.0], k=2)
    >>> found.subspace_overlaps.round(6).tolist(), found.expected_overlap
    ([1.0, 1.0], 0.5)
    """

    name = "trajectories"
    figure = "probes.figures.modes.trajectories:plot_trajectory_comparison"

    times: Real
    overlaps: Real
    subspace_overlaps: Real
    distances: Real
    largest_angles: Real
    weighted_distances: Real
    expected_overlap: float
    coverage: tuple[float, float]

    def __repr__(self) -> str:
        _, k, _ = self.overlaps.shape
        return (
            f"TrajectoryComparison({len(self.times)} times, {k} modes, overlap "
            f"{self.subspace_overlaps.min():.4f} to {self.subspace_overlaps.max():.4f}, by chance "
            f"{self.expected_overlap:.2g})"
        )

    def summary(self) -> str:
        """Say how near the spans are, at which time least, and how near random ones would be."""
        _, k, _ = self.overlaps.shape
        least = int(np.argmin(self.subspace_overlaps))
        value = float(self.subspace_overlaps[least])
        text = (
            f"Over {counted(len(self.times), 'time')} the spans of the leading "
            f"{counted(k, 'mode')} have an overlap of {value:.4f} to "
            f"{float(self.subspace_overlaps.max()):.4f} (random spans: "
            f"{self.expected_overlap:.2g}), the least at time {self.times[least]:.4g}, where the "
            f"largest angle is {np.degrees(self.largest_angles[least]):.3g} degrees."
        )
        if value < 2 * self.expected_overlap:
            text += " That is less than twice what random spans have, so it could be chance."
        if min(self.coverage) < 1:
            text += (
                f" The words shared are {self.coverage[0]:.0%} and {self.coverage[1]:.0%} of the "
                "vocabularies."
            )
        return text

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of times and modes, the words shared, and the null."""
        return {
            "times": len(self.times),
            "modes": self.overlaps.shape[1],
            "coverage_one": float(self.coverage[0]),
            "coverage_other": float(self.coverage[1]),
            "null": "random spans of as many modes, in closed form",
            "expected_overlap": float(self.expected_overlap),
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out one row for each time."""
        rows = [
            (
                f"{row['time']:.4g}",
                f"{row['subspace_overlap']:.4f}",
                f"{row['distance']:.3g}",
                f"{np.degrees(float(row['largest_angle'] or 0)):.3g}",
                f"{row['weighted_distance']:.3g}",
            )
            for row in self.table()
        ]
        head = ("time", "overlap", "distance", "angle (degrees)", "weighted distance")
        return fixed_width(head, rows, left=())

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each time; angles are in radians."""
        return [
            {
                "time": float(self.times[row]),
                "subspace_overlap": float(self.subspace_overlaps[row]),
                "distance": float(self.distances[row]),
                "largest_angle": float(self.largest_angles[row]),
                "weighted_distance": float(self.weighted_distances[row]),
            }
            for row in range(len(self.times))
        ]


def compare_trajectories(
    one: ModeTrajectory, other: ModeTrajectory, times: Iterable[float], *, k: int
) -> TrajectoryComparison:
    """Compare the leading k modes of two trajectories at given times.

    Parameters
    ----------
    one, other : object with `modes(t)`
        Both in the same time (`repsearch.dynamics.clock.flow_time` for steps of training);
        `words`, if both have them, say which rows belong together.
    times : iterable of float
        Times at which they are compared, at least one.
    k : int
        How many modes; there must be as many with a singular value above 0.

    Returns
    -------
    TrajectoryComparison
        Overlaps, distances and angles at each time.

    Raises
    ------
    InputError
        No times, fewer than k modes, or bases that cannot be compared
        (`share_words`).

    Examples
    --------
    A start at random forgets itself while the leading modes grow:

    >>> from repsearch import Aligned, Gaussian, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum = BinaryAttributes([0.3, 0.2]).spectrum()
    >>> aligned = gradient_flow(spectrum, Aligned(0.01))
    >>> random = gradient_flow(spectrum, Gaussian(0.01, seed=0))
    >>> found = compare_trajectories(aligned, random, [0.0, 20.0], k=1)
    >>> found.subspace_overlaps.round(2).tolist()
    [0.68, 1.0]
    """
    at = np.array([float(t) for t in times])
    if not len(at):
        raise InputError("there are no times; pass at least one")
    overlaps, numbers, weighted = [], [], []
    expected, coverage = 0.0, (1.0, 1.0)
    for t in at.tolist():
        first, second = basis_at(one, t), basis_at(other, t)
        if first is None or second is None or min(first.dimension, second.dimension) < k:
            have = [0 if found is None else found.dimension for found in (first, second)]
            raise InputError(
                f"at time {t:g} there are {have[0]} and {have[1]} modes with a positive singular "
                f"value, fewer than k = {k!r}; pass a smaller k"
            )
        shared = share_words(first.leading(k), second.leading(k))
        overlaps.append(overlap(shared.one, shared.other))
        angles = principal_angles(shared.one, shared.other)
        whole = subspace_overlap(shared.one, shared.other)
        numbers.append((whole.value, np.sqrt(np.mean(np.sin(angles) ** 2)), angles[-1]))
        weighted.append(weighted_distance(first, second))
        expected, coverage = whole.expected, shared.coverage
    columns = np.array(numbers).T
    return TrajectoryComparison(
        at,
        np.array(overlaps),
        columns[0],
        columns[1],
        columns[2],
        np.array(weighted),
        expected,
        coverage,
    )
