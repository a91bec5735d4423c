"""Find relations as directions: difference vectors, estimators, tests, signal against noise."""

from probes.concepts.angles import FEWEST_FOR_ANGLES, ConceptAngle, ConceptAngles, concept_angles
from probes.concepts.causal import CausalFamily, CausalGeometry, causal_geometry
from probes.concepts.coverage import (
    Coverage,
    FamilyCoverage,
    Unanswerable,
    coverage,
    pair_graph,
    unanswerable,
)
from probes.concepts.differences import Differences, difference_vectors
from probes.concepts.directions.adversary import Adversary, adversary
from probes.concepts.directions.erasure import LeastSquaresErasure
from probes.concepts.directions.estimators import (
    ConceptDirection,
    DiscriminantDirection,
    LogisticDirection,
    MeanDifference,
    PrincipalDirection,
    RidgeDirection,
)
from probes.concepts.directions.held_out import HeldOut, held_out
from probes.concepts.directions.inner_product import CausalInnerProduct, whitened
from probes.concepts.directions.saved import RelationDirections, relation_directions
from probes.concepts.directions.steering import project_out, steer
from probes.concepts.localisation import Localisation, inverse_participation_ratio, localise
from probes.concepts.matched_pairs import matched_pairs
from probes.concepts.principal_axes import on_principal_axes
from probes.concepts.probe import ConceptProbe, probe_concepts
from probes.concepts.profile import ConceptProfile
from probes.concepts.profile_table import ConceptProfiles
from probes.concepts.profiling import profiles
from probes.concepts.signal_to_noise.accuracy import accuracy_curves
from probes.concepts.signal_to_noise.detectability import detectability
from probes.concepts.signal_to_noise.published_snr import PublishedSnr, published_snr
from probes.concepts.signal_to_noise.signal import (
    FEWEST_GROUPS,
    Signal,
    null_share_quantile,
    signal,
)
from probes.concepts.signal_to_noise.snr_curve import SnrCurve, snr_curve
from probes.concepts.signal_to_noise.snr_curves import SnrCurves, snr_curves
from probes.concepts.signal_to_noise.snr_plane import SnrPlane, snr_plane
from probes.concepts.signal_to_noise.truncation import PAPER_DIMS
from probes.concepts.spiked_families import SpikedFamilies, spiked_families
from probes.concepts.spiked_family import SpikedFamily

__all__ = [
    "FEWEST_FOR_ANGLES",
    "FEWEST_GROUPS",
    "PAPER_DIMS",
    "Adversary",
    "CausalFamily",
    "CausalGeometry",
    "CausalInnerProduct",
    "ConceptAngle",
    "ConceptAngles",
    "ConceptDirection",
    "ConceptProbe",
    "ConceptProfile",
    "ConceptProfiles",
    "Coverage",
    "Differences",
    "DiscriminantDirection",
    "FamilyCoverage",
    "HeldOut",
    "LeastSquaresErasure",
    "Localisation",
    "LogisticDirection",
    "MeanDifference",
    "PrincipalDirection",
    "PublishedSnr",
    "RelationDirections",
    "RidgeDirection",
    "Signal",
    "SnrCurve",
    "SnrCurves",
    "SnrPlane",
    "SpikedFamilies",
    "SpikedFamily",
    "Unanswerable",
    "accuracy_curves",
    "adversary",
    "causal_geometry",
    "concept_angles",
    "coverage",
    "detectability",
    "difference_vectors",
    "held_out",
    "inverse_participation_ratio",
    "localise",
    "matched_pairs",
    "null_share_quantile",
    "on_principal_axes",
    "pair_graph",
    "probe_concepts",
    "profiles",
    "project_out",
    "published_snr",
    "relation_directions",
    "signal",
    "snr_curve",
    "snr_curves",
    "snr_plane",
    "spiked_families",
    "steer",
    "unanswerable",
    "whitened",
]
