"""List, label, score and link the words at the ends of modes, and look for them elsewhere."""

from probes.topics.graph import CentralWord, TopicGraph, topic_graph
from probes.topics.labels import LabelTable, TopicLabel, topic_labels
from probes.topics.stability import EndStability, ModeStability, StabilityTable, topic_stability
from probes.topics.study import TopicStudy, topic_study
from probes.topics.topics import Topic, TopicTable, topics

__all__ = [
    "CentralWord",
    "EndStability",
    "LabelTable",
    "ModeStability",
    "StabilityTable",
    "Topic",
    "TopicGraph",
    "TopicLabel",
    "TopicStudy",
    "TopicTable",
    "topic_graph",
    "topic_labels",
    "topic_stability",
    "topic_study",
    "topics",
]
