"""Read documents from files of any format and split them into words."""

from repsearch.text.files import TextFiles
from repsearch.text.tokenizers import LATIN, UNICODE, Tokenizer
from repsearch.text.wikipedia import wikipedia_articles

__all__ = [
    "LATIN",
    "UNICODE",
    "TextFiles",
    "Tokenizer",
    "wikipedia_articles",
]
