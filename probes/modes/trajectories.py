"""Two trajectories side by side: how far apart their leading modes are at each time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from probes.modes.bases import Real, share_words
from probes.modes.lineage import ModeTrajectory, basis_at
from probes.modes.subspaces import overlap, principal_angles, subspace_overlap, weighted_distance
from repsearch.errors import InputError


@dataclass(frozen=True, eq=False, repr=False)
class TrajectoryComparison:
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
        In radians.
    weighted_distances : (T,) float
        `weighted_distance` of all modes, with singular values: it does not
        depend on where k cuts, nor on small gaps.
    expected_overlap : float
        `subspace_overlaps` of random spans, k / V.
    coverage : (float, float)
        Share of each vocabulary that is shared.
    """

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

    def table(self) -> list[dict[str, float]]:
        """Rows for a CSV or JSON file, one a time."""
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
        At least one.
    k : int
        How many modes; there must be as many with a singular value above 0.

    Raises
    ------
    InputError
        No times, fewer than k modes, or bases that cannot be compared
        (`share_words`).
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
