"""Generate inputs of the theory with Hypothesis: texts, counts, spectra, starts, files.

Each function is named after what it makes, takes its options by keyword, and
shrinks towards few words, whole numbers and the identity matrix, so that a
counterexample can be read.
"""

from repsearch.extras import missing

try:
    import hypothesis  # noqa: F401
except ImportError as error:
    raise ImportError(str(missing("repsearch.testing.strategies", "hypothesis"))) from error

from repsearch.testing.strategies.concepts import SpikedData, concept_pairs, spiked_data
from repsearch.testing.strategies.damaged_files import DamagedFile, damaged_embedding_files
from repsearch.testing.strategies.matrices import count_matrices, counts, distributions
from repsearch.testing.strategies.spectra import (
    Operator,
    eigenvalues,
    product_of_reflections,
    rotations,
    symmetric_operators,
)
from repsearch.testing.strategies.text import corpora, documents, windows
from repsearch.testing.strategies.trajectories import (
    IntegratedTrajectory,
    aligned_modes,
    initialisations,
    times,
    trajectories,
)

__all__ = [
    "DamagedFile",
    "IntegratedTrajectory",
    "Operator",
    "SpikedData",
    "aligned_modes",
    "concept_pairs",
    "corpora",
    "count_matrices",
    "counts",
    "damaged_embedding_files",
    "distributions",
    "documents",
    "eigenvalues",
    "initialisations",
    "product_of_reflections",
    "rotations",
    "spiked_data",
    "symmetric_operators",
    "times",
    "trajectories",
    "windows",
]
