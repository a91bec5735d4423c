"""Read documents from files of any format and split them into words."""

from repsearch.text.files import TextFiles
from repsearch.text.record import TextRecord
from repsearch.text.tokenizers import LATIN, SPLIT, TURKISH, UNICODE, Tokenizer
from repsearch.text.wikipedia import wikipedia_articles

__all__ = [
    "LATIN",
    "SPLIT",
    "TURKISH",
    "UNICODE",
    "TextFiles",
    "TextRecord",
    "Tokenizer",
    "wikipedia_articles",
]
