"""Hold words with their vectors, and read and write files of them."""

from repsearch.embeddings.embeddings import Embeddings
from repsearch.embeddings.errors import UnknownWordError
from repsearch.embeddings.huggingface import huggingface_embeddings

__all__ = ["Embeddings", "UnknownWordError", "huggingface_embeddings"]
