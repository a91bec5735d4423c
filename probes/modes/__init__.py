"""Modes of two bases compared, and modes followed through training."""

from probes.modes.bases import Basis, SharedWords, basis, share_words
from probes.modes.clusters import clusters, distinguishable_gap, sine_bounds, uncut
from probes.modes.lineage import (
    Crossing,
    ModeTrajectory,
    births,
    crossings,
    deaths,
    lineage,
    mode_path,
)
from probes.modes.matching import ModeMatching, ModePair, match_modes
from probes.modes.stability import topic_stability
from probes.modes.stability_table import EndStability, ModeStability, StabilityTable
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
    "EndStability",
    "ModeMatching",
    "ModePair",
    "ModeStability",
    "ModeTrajectory",
    "SharedWords",
    "StabilityTable",
    "SubspaceOverlap",
    "TrajectoryComparison",
    "basis",
    "births",
    "clusters",
    "compare_trajectories",
    "crossings",
    "deaths",
    "distinguishable_gap",
    "lineage",
    "match_modes",
    "mode_path",
    "overlap",
    "principal_angles",
    "share_words",
    "sine_bounds",
    "subspace_distance",
    "subspace_overlap",
    "topic_stability",
    "uncut",
    "weighted_distance",
]
