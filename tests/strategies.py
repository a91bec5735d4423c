"""Random corpora, windows and counts, and a counter too plain to be wrong."""

from __future__ import annotations

import string
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy import sparse

from repsearch.corpus import Corpus
from repsearch.counts import Counts
from repsearch.encoding import encode
from repsearch.window import Window

# Kernels are compiled during whichever example comes first.
settings.register_profile("repsearch", deadline=None)
settings.load_profile("repsearch")

WEIGHTINGS = ("linear", "flat", "harmonic")


def documents(letters: int = 6, longest: int = 12, most: int = 6) -> st.SearchStrategy[list[str]]:
    """Texts of which each word is a letter, one word or more in all."""
    word = st.sampled_from(string.ascii_lowercase[:letters])
    document = st.lists(word, max_size=longest).map(" ".join)
    return st.lists(document, min_size=1, max_size=most).filter(lambda texts: any(texts))


@st.composite
def corpora(draw: st.DrawFn, texts: st.SearchStrategy[list[str]] | None = None) -> Corpus:
    """Encoded texts, with words left out in either way, or none."""
    found = draw(documents() if texts is None else texts)
    distinct = len({word for text in found for word in text.split()})
    return encode(
        found,
        vocabulary_size=draw(st.none() | st.integers(1, distinct)),
        out_of_vocabulary=draw(st.sampled_from(["remove", "keep-place"])),
    )


def windows(largest: int = 8) -> st.SearchStrategy[Window]:
    return st.builds(Window, st.integers(1, largest), st.sampled_from(WEIGHTINGS))


@st.composite
def count_matrices(
    draw: st.DrawFn, smallest: int = 1, largest: int = 7, *, zeros: bool = True
) -> NDArray[np.int64]:
    """Symmetric whole numbers, at least one of them positive."""
    size = draw(st.integers(smallest, largest))
    least = 0 if zeros else 1
    entry = st.integers(least, 12) | st.integers(least, 10**6)
    half = np.tril(draw(hnp.arrays(np.int64, (size, size), elements=entry)))
    if not half.any():
        half[-1, 0] = 1
    return half + np.tril(half, -1).T


def distributions(smallest: int = 2, largest: int = 6) -> st.SearchStrategy[NDArray[np.float64]]:
    """Symmetric P without zeros, which sums to 1."""
    return count_matrices(smallest, largest, zeros=False).map(lambda c: c / c.sum())


def counts_from(
    matrix: NDArray[np.int64],
    *,
    words: Sequence[str] | None = None,
    word_counts: Sequence[int] | None = None,
    window: Window | None = None,
    corpora: tuple[str, ...] = ("made",),
    tokenizer: str = "latin",
    out_of_vocabulary: str = "remove",
) -> Counts:
    """Counts with a given full matrix, over the words w0, w1, ... by default."""
    size = len(matrix)
    lower = sparse.csr_array(np.tril(matrix))
    lower.eliminate_zeros()
    lower.sort_indices()
    occurrences = matrix.sum(axis=1) + 1 if word_counts is None else np.array(word_counts)
    fits = lower.data.max(initial=0) < 2**32
    return Counts(
        words=tuple(f"w{k}" for k in range(size)) if words is None else tuple(words),
        word_counts=occurrences.astype(np.int64),
        indptr=lower.indptr.astype(np.int64),
        columns=lower.indices.astype(np.int32),
        values=lower.data.astype(np.uint32) if fits else lower.data.astype(np.int64),
        window=window or Window(2),
        tokenizer=tokenizer,
        out_of_vocabulary=out_of_vocabulary,
        n_words_read=int(occurrences.sum()),
        n_documents=1,
        corpora=corpora,
    )


def brute_force(corpus: Corpus, window: Window) -> NDArray[np.object_]:
    """The full matrix, pair by pair, in Python's own whole numbers."""
    matrix = np.zeros((len(corpus.words),) * 2, object)
    for begin, end in pairwise(corpus.offsets.tolist()):
        places = corpus.tokens[begin:end].tolist()
        for here, one in enumerate(places):
            for there, other in enumerate(places):
                distance = abs(here - there)
                if 1 <= distance <= window.size and one >= 0 and other >= 0:
                    matrix[one, other] += window.weights[distance - 1]
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
