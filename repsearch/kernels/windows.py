"""Windows on a stretch of text as word2vec lays them, and how many pairs they give."""

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
    """Pairs in which each word is the centre, in expectation over dropping and windows.

    A neighbour at place s < t counts a_s a_t times the chance that a window reaches over
    the places between that are kept. Summed over s, that follows a recursion in t.

    Parameters
    ----------
    tokens, offsets
        Of the corpus.
    kept : (V,) float64
        a, the chance of an occurrence to stay.
    reach : (L,) float64
        Chance that a window reaches distance 1 to L.

    Returns
    -------
    (V,) float64
        Without subsampling the row sums of the counts, over the weight at distance 1.
    """
    partners = np.zeros(len(kept))
    # Expected number of places that stay and have m others that stay between them and here.
    behind = np.zeros(len(reach))
    for document in range(len(offsets) - 1):
        begin, end = offsets[document], offsets[document + 1]
        for step in (1, -1):
            behind[:] = 0
            place = begin if step == 1 else end - 1
            for _ in range(end - begin):
                word = tokens[place]
                # A word out of the vocabulary takes a place and makes no pair.
                stays = kept[word] if word >= 0 else 1.0
                if word >= 0:
                    partners[word] += stays * (reach * behind).sum()
                for m in range(len(reach) - 1, 0, -1):
                    behind[m] += stays * (behind[m - 1] - behind[m])
                behind[0] += stays * ((1.0 if word >= 0 else 0.0) - behind[0])
                place += step
    return partners


@numba.njit(cache=True, nogil=True)
def _random_bits(key: np.uint64, place: int) -> np.uint64:
    """53 bits of SplitMix64 at a place."""
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
    """Neighbours and centres of all pairs whose centre is at a place in [first, last).

    Parameters
    ----------
    tokens, offsets
        Of the corpus.
    bounds : (V + 1,) uint64
        An occurrence stays if its 53 random bits are below that of its word.
    reach : (L,) float64
        Chance that a window reaches distance 1 to L.
    keeping, reaching : uint64
        Keys of the random numbers for dropping and for windows.
    first, last : int
        Places in the text.
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
    stay = np.empty(high - low, np.int64)
    starts = np.empty(high - low, np.int64)  # where the document of each begins among them
    n, start = 0, 0
    for place in range(low, high):
        while place >= offsets[document + 1]:
            document += 1
            start = n
        if _random_bits(keeping, place) < bounds[tokens[place]]:
            stay[n], starts[n] = place, start
            n += 1
    most = 2 * size * (last - first)
    neighbours, centres = np.empty(most, np.int64), np.empty(most, np.int64)
    n_pairs = 0
    for k in range(n):
        centre = tokens[stay[k]]
        if centre < 0 or stay[k] < first or stay[k] >= last:
            continue
        drawn = _random_bits(reaching, stay[k]) * 2.0**-53
        width = 0
        while width < size and drawn < reach[width]:
            width += 1
        for other in range(max(starts[k], k - width), min(k + width + 1, n)):
            # The other's document is the centre's or a later one.
            if other != k and starts[other] == starts[k] and tokens[stay[other]] >= 0:
                neighbours[n_pairs], centres[n_pairs] = tokens[stay[other]], centre
                n_pairs += 1
    return neighbours[:n_pairs].copy(), centres[:n_pairs].copy()
