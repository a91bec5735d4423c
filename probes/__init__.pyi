from .analogy import AnalogyResult, FamilyScore, analogies, compare_analogies
from .modes import compare_trajectories, lineage, match_modes, overlap, principal_angles
from .relations.question_files import read_questions
from .relations.questions import Questions
from .relations.relation_files import google_relations, read_relations
from .relations.relations import Relations
from .relations.similarity_files import read_similarity, similarity_sets
from .relations.similarity_sets import SimilaritySet
from .shared.intervals import Interval
from .similarity.similarity import SimilarityResult, similarity
from .topics.topics import Topic, TopicTable, topics

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
