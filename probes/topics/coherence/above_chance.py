"""Which topics are coherent above chance, many of them judged at once."""

from __future__ import annotations

from collections.abc import Mapping

from scipy.stats import false_discovery_control

from probes.shared.intervals import check_level
from probes.topics.coherence.table import CoherenceTable


def above_chance(table: CoherenceTable, *, level: float = 0.05) -> Mapping[str, bool]:
    """Topics whose coherence random topics do not reach, by name.

    Those with an adjusted p of at most `level` (Benjamini and Hochberg 1995, JRSS B 57): of
    the topics called coherent, at most that share are so by chance, in the mean.

    Parameters
    ----------
    table : CoherenceTable
        Of `probes.topics.coherence`.
    level : float
        Between 0 and 1.

    Raises
    ------
    InputError
        The level is out of range.
    """
    check_level(level)
    adjusted = false_discovery_control([topic.p for topic in table.topics])
    return {topic.name: bool(p <= level) for topic, p in zip(table.topics, adjusted, strict=True)}
