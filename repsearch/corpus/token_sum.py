"""Sum up word ids, so that a change in ``tokens.i32`` shows (docs/formats.md)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from repsearch.kernels.word_ids import BLOCK, block_sums, multipliers

_BLOCKS = 256  # that a thread sums up at once


class TokenSum:
    """Sum up word ids in blocks, the checksum of ``tokens.i32`` (docs/formats.md).

    Block b of 4,096 ids adds its sum of (id + 1) m_k, k from 0 the place in the block and m_k
    the lower half of multiplier k, times multiplier b; all modulo 2^64. Multipliers are odd,
    so that a change of one id always shows, and other changes but for one in about 2^32.

    Parameters
    ----------
    n_words : int
        Number of words, which ids must be below.
    """

    def __init__(self, n_words: int) -> None:
        self._n_words = n_words
        self._small = multipliers(BLOCK).astype(np.uint32)
        self._begun: NDArray[np.int32] = np.empty(0, np.int32)
        self._blocks: list[NDArray[np.uint64]] = []

    def add(self, tokens: NDArray[np.int32], pool: ThreadPoolExecutor | None = None) -> int | None:
        """Sum up the ids that come next.

        Parameters
        ----------
        tokens : (n,) int32
            Word ids.
        pool : ThreadPoolExecutor, optional
            Threads that sum up blocks; the sums do not depend on them.

        Returns
        -------
        int or None
            The first place among them with an id that is no word's and not -1, or None.
        """
        # The end of the block begun before, then whole blocks, then the beginning of another.
        first = min(-len(self._begun) % BLOCK, len(tokens))
        last = first + (len(tokens) - first) // BLOCK * BLOCK
        bad = None
        for begin, end in ((0, first), (first, last), (last, len(tokens))):
            part = np.ascontiguousarray(tokens[begin:end], np.int32)
            if end == begin:
                continue
            whole = begin == first and end == last
            if not whole:
                part = self._begun = np.concatenate([self._begun, part])
            sums = np.empty(-(-len(part) // BLOCK), np.uint64)
            found = self._summed(part, sums, pool)
            if found >= 0 and bad is None:
                bad = found if whole else found - (len(part) - (end - begin))
                bad += begin
            if whole or len(part) == BLOCK:
                self._blocks.append(sums)
                self._begun = self._begun[:0]
        return bad

    def _summed(
        self, part: NDArray[np.int32], sums: NDArray[np.uint64], pool: ThreadPoolExecutor | None
    ) -> int:
        """Sum up blocks, and return the first place of a bad id, or -1."""
        if pool is None or len(sums) < 2 * _BLOCKS:
            return int(block_sums(part, self._n_words, self._small, sums))

        def of_some(first: int) -> int:
            ids = part[first * BLOCK : (first + _BLOCKS) * BLOCK]
            some = sums[first : first + _BLOCKS]
            found = int(block_sums(ids, self._n_words, self._small, some))
            return found if found < 0 else first * BLOCK + found

        every = pool.map(of_some, range(0, len(sums), _BLOCKS))
        return min((found for found in every if found >= 0), default=-1)

    def value(self) -> int:
        """Give the checksum of all that was added.

        Returns
        -------
        int
            A number of 64 bits.
        """
        sums = np.empty(-(-len(self._begun) // BLOCK), np.uint64)
        block_sums(self._begun, self._n_words, self._small, sums)
        total = np.concatenate([*self._blocks, sums])
        return int((total * multipliers(len(total))).sum(dtype=np.uint64))
