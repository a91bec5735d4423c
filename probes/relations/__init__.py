"""Read what is asked: relations as families of word pairs, analogy questions, similarity sets."""

from probes.relations.question_files import read_questions
from probes.relations.questions import Questions
from probes.relations.relation_files import google_relations, read_relations
from probes.relations.relation_folders import read_relation_folder
from probes.relations.relations import Pair, Relations
from probes.relations.similarity_files import read_similarity, similarity_sets
from probes.relations.similarity_sets import SimilaritySet

__all__ = [
    "Pair",
    "Questions",
    "Relations",
    "SimilaritySet",
    "google_relations",
    "read_questions",
    "read_relation_folder",
    "read_relations",
    "read_similarity",
    "similarity_sets",
]
