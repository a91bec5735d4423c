"""Set M* of a corpus beside a language model: its matrices of words and its layers."""

from probes.model_theory.concept_signal import ConceptPrediction
from probes.model_theory.mode_shares import ModesPresent
from probes.model_theory.overlaps import SpaceOverlaps
from probes.model_theory.study import TheoryBeside, theory_beside
from probes.model_theory.word_spaces import WordSpaces

__all__ = [
    "ConceptPrediction",
    "ModesPresent",
    "SpaceOverlaps",
    "TheoryBeside",
    "WordSpaces",
    "theory_beside",
]
