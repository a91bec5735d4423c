"""Count co-occurrences exactly, and add up counts of different texts."""

from repsearch.counts.counting import count
from repsearch.counts.counts import Counts
from repsearch.counts.merging import merge
from repsearch.counts.window import Window

__all__ = [
    "Counts",
    "Window",
    "count",
    "merge",
]
