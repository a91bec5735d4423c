"""Check word ids before compiled code takes them for places in its arrays, and sum them up."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

BLOCK = 4096
"""Word ids of a block of `block_sums`."""


def multipliers(n: int) -> NDArray[np.uint64]:
    """Compute the first odd multipliers of the checksum of word ids.

    Those are ``z | 1`` for the numbers z of the SplitMix64 generator with seed 0 (Steele, Lea
    and Flood, OOPSLA 2014).

    Parameters
    ----------
    n : int
        How many.

    Returns
    -------
    (n,) uint64
        The multipliers.

    Examples
    --------
    >>> [hex(m) for m in multipliers(2).tolist()]
    ['0xe220a8397b1dcdaf', '0x6e789e6aa1b965f5']
    """
    z = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))) | np.uint64(1)


@numba.njit(cache=True, nogil=True)
def block_sums(
    tokens: NDArray[np.int32],
    n_words: int,
    small: NDArray[np.uint32],
    sums: NDArray[np.uint64],
) -> int:
    """Check word ids for their range, and sum them up in blocks, each id times its multiplier.

    Parameters
    ----------
    tokens : (n,) int32
        Word ids; -1 for a word out of the vocabulary.
    n_words : int
        Number of words.
    small : (BLOCK,) uint32
        An odd multiplier for each place in a block.
    sums : (ceil(n / BLOCK),) uint64
        Array that gets the sum over each block of (id + 1) times multiplier, modulo 2^64.

    Returns
    -------
    int
        The first place whose id is no word's and not -1; -1 where there is none.
    """
    for block in range(len(sums)):
        begin = block * BLOCK
        part = tokens[begin : begin + BLOCK]
        lowest = np.int32(0)
        highest = np.int32(-1)
        total = np.uint64(0)
        for k in range(len(part)):
            word = part[k]
            lowest = min(lowest, word)
            highest = max(highest, word)
            total += np.uint64(np.uint32(word + np.int32(1))) * np.uint64(small[k])
        sums[block] = total
        if lowest < -1 or highest >= n_words:
            for k in range(len(part)):
                if part[k] < -1 or part[k] >= n_words:
                    return begin + k
    return -1
