"""Weigh topics in documents: which have one, which are typical, how values of a field differ."""

from probes.topics.documents.by_value import TopicsByValue, ValueOfTopic, topics_by_value
from probes.topics.documents.documents import Documents
from probes.topics.documents.representatives import (
    Representative,
    TopicDocuments,
    representatives,
)
from probes.topics.documents.result import DocumentTopics
from probes.topics.documents.scoring import document_topics
from probes.topics.documents.weights import Weights

__all__ = [
    "DocumentTopics",
    "Documents",
    "Representative",
    "TopicDocuments",
    "TopicsByValue",
    "ValueOfTopic",
    "Weights",
    "document_topics",
    "representatives",
    "topics_by_value",
]
