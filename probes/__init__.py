"""Ask questions of embeddings, whoever made them."""

from probes.analogy import AnalogyResult, FamilyScore, analogies, compare_analogies
from probes.modes import compare_trajectories, lineage, match_modes, overlap, principal_angles
from probes.relations.question_files import read_questions
from probes.relations.questions import Questions
from probes.relations.relation_files import google_relations, read_relations
from probes.relations.relations import Relations
from probes.relations.similarity_files import read_similarity, similarity_sets
from probes.relations.similarity_sets import SimilaritySet
from probes.shared.intervals import Interval
from probes.similarity.similarity import SimilarityResult, similarity
from probes.topics.topics import Topic, TopicTable, topics

__all__ = [
    "AnalogyResult",
    "FamilyScore",
    "Interval",
    "Questions",
    "Relations",
    "SimilarityResult",
    "SimilaritySet",
    "Topic",
    "TopicTable",
    "analogies",
    "compare_analogies",
    "compare_trajectories",
    "google_relations",
    "lineage",
    "match_modes",
    "overlap",
    "principal_angles",
    "read_questions",
    "read_relations",
    "read_similarity",
    "similarity",
    "similarity_sets",
    "topics",
]
