"""Words with their vectors, and the files that hold them."""

from repsearch.embeddings.embeddings import Embeddings
from repsearch.embeddings.errors import UnknownWordError

__all__ = ["Embeddings", "UnknownWordError"]
