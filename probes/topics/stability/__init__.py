"""Measure the stability of topics: which modes and lists of words other bases have too."""

from probes.topics.stability.comparison import topic_stability
from probes.topics.stability.result import EndStability, ModeStability, StabilityTable

__all__ = ["EndStability", "ModeStability", "StabilityTable", "topic_stability"]
