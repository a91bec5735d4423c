"""Measure the coherence of topics: whether a corpus uses their words together."""

from probes.topics.coherence.measures import Measure, coherence_of
from probes.topics.coherence.occurrences import Occurrences, in_counts, in_documents, in_windows
from probes.topics.coherence.result import CoherenceTable, TopicCoherence, above_chance
from probes.topics.coherence.scoring import coherence

__all__ = [
    "CoherenceTable",
    "Measure",
    "Occurrences",
    "TopicCoherence",
    "above_chance",
    "coherence",
    "coherence_of",
    "in_counts",
    "in_documents",
    "in_windows",
]
