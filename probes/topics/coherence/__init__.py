"""Whether the words of a topic belong together, by how a corpus uses them."""

from probes.topics.coherence.above_chance import above_chance
from probes.topics.coherence.measures import Measure, coherence_of
from probes.topics.coherence.occurrences import Occurrences, in_counts, in_documents, in_windows
from probes.topics.coherence.table import CoherenceTable, TopicCoherence, coherence

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
