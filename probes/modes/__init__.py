"""Compare and match the modes of two bases, follow them through training, fit how they fall."""

from probes.modes.bases import Basis, SharedWords, basis, share_words
from probes.modes.clusters import clusters, distinguishable_gap, sine_bounds, uncut
from probes.modes.lineage import (
    Crossing,
    ModeLineage,
    ModeTrajectory,
    births,
    crossings,
    deaths,
    lineage,
    mode_path,
)
from probes.modes.matching import ModeMatching, ModePair, match_modes
from probes.modes.power_law import PowerLaw, fit_power_law
from probes.modes.subspaces import (
    SubspaceOverlap,
    overlap,
    principal_angles,
    subspace_distance,
    subspace_overlap,
    weighted_distance,
)
from probes.modes.trajectories import TrajectoryComparison, compare_trajectories

__all__ = [
    "Basis",
    "Crossing",
    "ModeLineage",
    "ModeMatching",
    "ModePair",
    "ModeTrajectory",
    "PowerLaw",
    "SharedWords",
    "SubspaceOverlap",
    "TrajectoryComparison",
    "basis",
    "births",
    "clusters",
    "compare_trajectories",
    "crossings",
    "deaths",
    "distinguishable_gap",
    "fit_power_law",
    "lineage",
    "match_modes",
    "mode_path",
    "overlap",
    "principal_angles",
    "share_words",
    "sine_bounds",
    "subspace_distance",
    "subspace_overlap",
    "uncut",
    "weighted_distance",
]
