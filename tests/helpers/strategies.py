"""Hypothesis profile of the tests, strategies under short names, and a plain counter."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from repsearch.corpus.corpus import Corpus
from repsearch.counts.counts import Counts
from repsearch.counts.window import Weighting, Window
from repsearch.testing import strategies
from repsearch.testing.checks.counting import pair_counts
from repsearch.testing.counts_from import counts_from
from repsearch.testing.strategies import corpora, documents, windows

__all__ = [
    "WEIGHTINGS",
    "brute_force",
    "by_words",
    "corpora",
    "count_matrices",
    "counts_from",
    "distributions",
    "documents",
    "same_counts",
    "windows",
]

# Kernels are compiled during whichever example comes first.
settings.register_profile("repsearch", deadline=None)
settings.load_profile("repsearch")

WEIGHTINGS = get_args(Weighting)


def count_matrices(
    smallest: int = 1, largest: int = 7, *, zeros: bool = True
) -> st.SearchStrategy[NDArray[np.int64]]:
    return strategies.count_matrices(largest, min_size=smallest, zeros=zeros)


def distributions(smallest: int = 2, largest: int = 6) -> st.SearchStrategy[NDArray[np.float64]]:
    return strategies.distributions(largest, min_size=smallest)


def brute_force(corpus: Corpus, window: Window) -> NDArray[np.object_]:
    """The full matrix, pair by pair, in Python's own whole numbers."""
    tokens = [corpus.words[token] if token >= 0 else None for token in corpus.tokens.tolist()]
    texts = [tokens[begin:end] for begin, end in pairwise(corpus.offsets.tolist())]
    number = {word: k for k, word in enumerate(corpus.words)}
    matrix = np.zeros((len(number),) * 2, object)
    for (one, other), times in pair_counts(texts, window).items():
        matrix[number[one], number[other]] = times
    return matrix


def by_words(counts: Counts) -> dict[tuple[str, str], int]:
    """Positive entries of the full matrix under their words."""
    full = counts.matrix().tocoo()
    entries = zip(full.row.tolist(), full.col.tolist(), full.data.tolist(), strict=True)
    return {(counts.words[i], counts.words[j]): c for i, j, c in entries}


def same_counts(one: Counts, other: Counts) -> bool:
    """Whether the numbers are the same, bit by bit."""
    return (
        one.words == other.words
        and np.array_equal(one.word_counts, other.word_counts)
        and np.array_equal(one.indptr, other.indptr)
        and np.array_equal(one.columns, other.columns)
        and np.array_equal(one.values.astype(np.int64), other.values.astype(np.int64))
    )
