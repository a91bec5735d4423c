"""What the words of topics say: short labels, and topics that share words."""

from probes.topic_words.graph import TopicGraph, topic_graph
from probes.topic_words.labels import LabelTable, TopicLabel, topic_labels

__all__ = ["LabelTable", "TopicGraph", "TopicLabel", "topic_graph", "topic_labels"]
