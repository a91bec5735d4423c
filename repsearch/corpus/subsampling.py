"""Subsample frequent words before windows are placed."""

from __future__ import annotations

import hashlib
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch.checks import is_whole, number_of_threads
from repsearch.corpus.corpus import Corpus
from repsearch.corpus.token_check import check_tokens
from repsearch.errors import InputError

_STRETCH = 1 << 20


def keep_probabilities(word_counts: ArrayLike, threshold: float = 1e-4) -> NDArray[np.float64]:
    """Compute the probability that word2vec's subsampling keeps an occurrence of a word.

    min(1, t/f + sqrt(t/f)) with f the word's relative frequency (word2vec.c; arXiv
    2502.09863, appendix A.3). The paper that introduced subsampling prints
    sqrt(t/f) alone; the program of its authors does this.

    Parameters
    ----------
    word_counts : (V,) array_like of int
        Occurrences of each word; a word that never occurs has 1.
    threshold : float
        Threshold t. All occurrences of words with a relative frequency below
        about 2.6 t are kept.

    Returns
    -------
    (V,) float64
        Probability of each word's occurrences to be kept.

    Raises
    ------
    InputError
        A threshold that is not positive; negative counts.

    Examples
    --------
    >>> keep_probabilities([900, 90, 10], threshold=0.01).round(3).tolist()
    [0.117, 0.444, 1.0]
    """
    if not 0 < threshold < math.inf:
        raise InputError(f"threshold is {threshold!r}; pass a positive number such as 1e-4")
    counts = np.asarray(word_counts, float)
    if not (counts >= 0).all():
        raise InputError(
            f"word_counts holds {counts[~(counts >= 0)].flat[0]:g}; pass occurrences of words, "
            "0 or more"
        )
    # Above a ratio of 1 the probability is 1, as it is for a word that never occurs.
    ratio = np.divide(threshold * counts.sum(), counts, out=np.ones_like(counts), where=counts > 0)
    kept: NDArray[np.float64] = np.minimum(1.0, ratio + np.sqrt(ratio))
    return kept


def subsample(
    corpus: Corpus, threshold: float = 1e-4, *, seed: int = 0, threads: int | None = None
) -> Corpus:
    """Drop occurrences of frequent words at random, as word2vec does.

    The words left move together, so that windows reach farther, and documents
    keep their boundaries. Whether an occurrence is kept depends only on the seed,
    its place in the corpus and its word's frequency: the result is the same to the
    bit on any number of threads, and a larger threshold keeps all that a
    smaller one does. A word out of the vocabulary that keeps its place still does.

    Parameters
    ----------
    corpus : Corpus
        Corpus to thin out.
    threshold : float
        Threshold t of `keep_probabilities`.
    seed : int
        Seed of the random numbers.
    threads : int, optional
        Number of threads; all processors by default.

    Returns
    -------
    Corpus
        What is kept, in memory, with the same vocabulary in the same order (no
        longer exactly that of frequency; a rare word can be lost altogether).
        `word_counts` are those of what is left, `n_words_read` is that of the
        whole text.

    Raises
    ------
    InputError
        A threshold that is not positive, a bad seed or number of threads, a damaged corpus.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat " * 500 + "owl"], vocabulary_size=None)
    >>> thinned = subsample(corpus, threshold=1e-3)
    >>> corpus.word_counts.tolist(), thinned.word_counts.tolist()
    ([500, 500, 1], [19, 35, 1])
    """
    if not is_whole(seed) or seed < 0:
        raise InputError(f"seed is {seed!r}; pass a whole number of at least 0")
    threads = number_of_threads(threads)
    check_tokens(corpus)
    probabilities = keep_probabilities(corpus.word_counts, threshold)
    # Bounds on 53 random bits below which an occurrence is kept; the last is for the id -1,
    # which always is.
    bounds = np.append(np.ceil(probabilities * 2.0**53), 2.0**53).astype(np.uint64)
    start = np.random.SeedSequence(int(seed)).generate_state(1, np.uint64)[0]
    offsets = np.asarray(corpus.offsets, np.int64)

    def thin(documents: tuple[int, int]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        first, last = documents
        kept = np.empty(int(offsets[last] - offsets[first]), np.int32)
        lengths = np.empty(last - first, np.int64)
        n = _thin(corpus.tokens, offsets, first, last, bounds, start, kept, lengths)
        return kept[:n].copy(), lengths

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(thin, _stretches(offsets)))
    tokens = np.concatenate([np.empty(0, np.int32), *(kept for kept, _ in parts)])
    lengths = np.concatenate([np.zeros(1, np.int64), *(lengths for _, lengths in parts)])
    left = np.cumsum(lengths)
    counts = np.bincount(tokens[tokens >= 0], minlength=len(corpus.words))
    hashed = hashlib.sha256("\n".join(corpus.words).encode())
    hashed.update(left.astype("<i8", copy=False).data)
    hashed.update(tokens.astype("<i4", copy=False).data)
    return replace(
        corpus,
        word_counts=counts.astype(np.int64),
        tokens=tokens,
        offsets=left,
        digest=hashed.hexdigest(),
        folder=None,
        token_sum=None,
    )


def _stretches(offsets: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Split into runs of whole documents, of about a million tokens or one longer document."""
    bounds = [0]
    size = len(offsets) - 1
    while bounds[-1] < size:
        low = bounds[-1]
        high = int(np.searchsorted(offsets, offsets[low] + _STRETCH, side="right")) - 1
        bounds.append(min(max(high, low + 1), size))
    return list(pairwise(bounds))


@numba.njit(cache=True, nogil=True)
def _thin(
    tokens: NDArray[np.int32],
    offsets: NDArray[np.int64],
    first: int,
    last: int,
    bounds: NDArray[np.uint64],
    start: np.uint64,
    kept: NDArray[np.int32],
    lengths: NDArray[np.int64],
) -> int:
    """Copy the occurrences that are kept of documents [first, last); return their number.

    The random number of a place is that of the SplitMix64 generator at that step
    (Steele, Lea and Flood 2014), which can be computed without those before it.
    """
    n = 0
    for document in range(first, last):
        n_before = n
        for place in range(offsets[document], offsets[document + 1]):
            word = tokens[place]
            z = start + np.uint64(place + 1) * np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z = z ^ (z >> np.uint64(31))
            kept[n] = word  # overwritten by the next one unless it is kept
            if (z >> np.uint64(11)) < bounds[word]:
                n += 1
        lengths[document - first] = n - n_before
    return n
