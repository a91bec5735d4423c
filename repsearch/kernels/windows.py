"""Sample word2vec's random windows, and compute how many pairs they give, compiled."""

from __future__ import annotations

from typing import TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

Ids: TypeAlias = NDArray[np.int64]
Real: TypeAlias = NDArray[np.float64]


@numba.njit(cache=True, nogil=True)
def expected_partners(
    tokens: NDArray[np.int32], offsets: Ids, kept: Real, reach: Real
) -> NDArray[np.float64]:
    """Compute the expected number of pairs in which each word is the centre.

    The expectation is over subsampling and random windows. A neighbour at place s < t
    counts a_s a_t times the probability that a window reaches over the places between
    that are kept. Summed over s, that follows a recursion in t.

    Parameters
    ----------
    tokens : (n,) int32
        Word ids of the corpus; -1 for a word out of the vocabulary.
    offsets : (n_documents + 1,) int64
        Bounds of documents.
    kept : (V,) float64
        Probability a of each word's occurrences to be kept.
    reach : (L,) float64
        Probability that a window reaches distance 1 to L.

    Returns
    -------
    (V,) float64
        Expected pairs; without subsampling the row sums of the counts, divided by the
        weight at distance 1.

    Examples
    --------
    >>> tokens, offsets = np.array([0, 1, 0], np.int32), np.array([0, 3])
    >>> expected_partners(tokens, offsets, np.ones(2), np.array([1.0, 0.5])).tolist()
    [3.0, 2.0]
    """
    partners = np.zeros(len(kept))
    # Expected number of kept places with m other kept places between them and here.
    behind = np.zeros(len(reach))
    for document in range(len(offsets) - 1):
        begin, end = offsets[document], offsets[document + 1]
        for step in (1, -1):
            behind[:] = 0
            place = begin if step == 1 else end - 1
            for _ in range(end - begin):
                word = tokens[place]
                # A word out of the vocabulary has a place but no pairs.
                here = kept[word] if word >= 0 else 1.0
                if word >= 0:
                    partners[word] += here * (reach * behind).sum()
                for m in range(len(reach) - 1, 0, -1):
                    behind[m] += here * (behind[m - 1] - behind[m])
                behind[0] += here * ((1.0 if word >= 0 else 0.0) - behind[0])
                place += step
    return partners


@numba.njit(cache=True, nogil=True)
def _random_bits(key: np.uint64, place: int) -> np.uint64:
    """Return the 53 random bits of SplitMix64 at a place."""
    z = key + np.uint64(place + 1) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))) >> np.uint64(11)


@numba.njit(cache=True, nogil=True)
def lay_windows(
    tokens: NDArray[np.int32],
    offsets: Ids,
    bounds: NDArray[np.uint64],
    reach: Real,
    keeping: np.uint64,
    reaching: np.uint64,
    first: int,
    last: int,
) -> tuple[Ids, Ids]:
    """Sample the pairs whose centre is at a place in [first, last).

    Parameters
    ----------
    tokens : (n,) int32
        Word ids of the corpus; -1 for a word out of the vocabulary.
    offsets : (n_documents + 1,) int64
        Bounds of documents.
    bounds : (V + 1,) uint64
        Bound of each word: an occurrence is kept if its 53 random bits are below it.
    reach : (L,) float64
        Probability that a window reaches distance 1 to L.
    keeping, reaching : uint64
        Keys of the random numbers for subsampling and for windows.
    first, last : int
        Bounds of the centres' places among the tokens.

    Returns
    -------
    neighbours, centres : (n_pairs,) int64
        Word ids of each pair.
    """
    size = len(reach)
    document = np.searchsorted(offsets, first, side="right") - 1
    low, found = first, 0
    while low > offsets[document] and found < size:
        low -= 1
        if _random_bits(keeping, low) < bounds[tokens[low]]:
            found += 1
    end = offsets[np.searchsorted(offsets, last - 1, side="right")]
    high, found = last, 0
    while high < end and found < size:
        if _random_bits(keeping, high) < bounds[tokens[high]]:
            found += 1
        high += 1
    kept_places = np.empty(high - low, np.int64)
    starts = np.empty(high - low, np.int64)  # first kept place of the document of each
    n, start = 0, 0
    for place in range(low, high):
        while place >= offsets[document + 1]:
            document += 1
            start = n
        if _random_bits(keeping, place) < bounds[tokens[place]]:
            kept_places[n], starts[n] = place, start
            n += 1
    most = 2 * size * (last - first)
    neighbours, centres = np.empty(most, np.int64), np.empty(most, np.int64)
    n_pairs = 0
    for k in range(n):
        centre = tokens[kept_places[k]]
        if centre < 0 or kept_places[k] < first or kept_places[k] >= last:
            continue
        drawn = _random_bits(reaching, kept_places[k]) * 2.0**-53
        width = 0
        while width < size and drawn < reach[width]:
            width += 1
        for other in range(max(starts[k], k - width), min(k + width + 1, n)):
            # The other's document is the centre's or a later one.
            if other != k and starts[other] == starts[k] and tokens[kept_places[other]] >= 0:
                neighbours[n_pairs], centres[n_pairs] = tokens[kept_places[other]], centre
                n_pairs += 1
    return neighbours[:n_pairs].copy(), centres[:n_pairs].copy()
