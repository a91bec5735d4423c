from .graph import CentralWord, TopicGraph, topic_graph
from .labels import LabelTable, TopicLabel, topic_labels
from .stability import EndStability, ModeStability, StabilityTable, topic_stability
from .study import TopicStudy, topic_study
from .topics import Topic, TopicTable, topics

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
