from .graph import CentralWord, TopicGraph, topic_graph
from .labels import LabelTable, TopicLabel, topic_labels
from .search import FoundTopic, TopicSearch, search_topics
from .stability import EndStability, ModeStability, StabilityTable, topic_stability
from .study import TopicStudy, topic_study
from .topics import Topic, TopicTable, topics
from .tree import Merge, Nearest, TopicTree, topic_tree

__all__ = [
    "CentralWord",
    "EndStability",
    "FoundTopic",
    "LabelTable",
    "Merge",
    "ModeStability",
    "Nearest",
    "StabilityTable",
    "Topic",
    "TopicGraph",
    "TopicLabel",
    "TopicSearch",
    "TopicStudy",
    "TopicTable",
    "TopicTree",
    "search_topics",
    "topic_graph",
    "topic_labels",
    "topic_stability",
    "topic_study",
    "topic_tree",
    "topics",
]
