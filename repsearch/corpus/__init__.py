"""Encode documents as word ids, and split or subsample what was encoded."""

from repsearch.corpus.corpus import Corpus, CorpusSettings
from repsearch.corpus.encoding import encode
from repsearch.corpus.halves import split_corpus
from repsearch.corpus.phrases import Phrases, learn_phrases
from repsearch.corpus.subsampling import keep_probabilities, subsample
from repsearch.corpus.token_ids import TokenIds
from repsearch.corpus.vocabulary import Vocabulary, merge_vocabularies

__all__ = [
    "Corpus",
    "CorpusSettings",
    "Phrases",
    "TokenIds",
    "Vocabulary",
    "encode",
    "keep_probabilities",
    "learn_phrases",
    "merge_vocabularies",
    "split_corpus",
    "subsample",
]
