"""List, label, judge and link the words at the ends of modes."""

from probes.topics.graph import TopicGraph, topic_graph
from probes.topics.labels import LabelTable, TopicLabel, topic_labels
from probes.topics.topics import Topic, TopicTable, topics

__all__ = [
    "LabelTable",
    "Topic",
    "TopicGraph",
    "TopicLabel",
    "TopicTable",
    "topic_graph",
    "topic_labels",
    "topics",
]
