"""Hold words with their vectors, and read and write files of them."""

from repsearch.embeddings.alignment import Alignment, align
from repsearch.embeddings.approximate import NeighbourIndex, Recall
from repsearch.embeddings.embeddings import Embeddings
from repsearch.embeddings.errors import UnknownWordError
from repsearch.embeddings.huggingface import huggingface_embeddings
from repsearch.embeddings.lookup import WordsFound, look_up

__all__ = [
    "Alignment",
    "Embeddings",
    "NeighbourIndex",
    "Recall",
    "UnknownWordError",
    "WordsFound",
    "align",
    "huggingface_embeddings",
    "look_up",
]
