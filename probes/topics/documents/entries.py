"""Compare words with others of the same frequency: entries of modes about their mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError

Real = NDArray[np.float64]


def frequency_blocks(frequencies: Real) -> NDArray[np.int64]:
    """Put words of about the same frequency together: within a factor of 2 of each other.

    The first block has the words that are more than half as frequent as the most frequent one,
    the next those that are more than a quarter, and so on.

    Parameters
    ----------
    frequencies : (V,) float
        P_i, shares of the text; not negative.

    Returns
    -------
    (V,) int64
        Block of each word, from 0 for the most frequent. Words that never occur are with the
        rarest that do.

    Examples
    --------
    >>> frequency_blocks(np.array([0.5, 0.2, 0.15, 0.15, 0.0])).tolist()
    [0, 1, 1, 1, 1]
    >>> frequency_blocks(np.array([0.3, 0.25, 0.25, 0.2])).tolist()
    [0, 0, 0, 0]
    """
    occur = frequencies > 0
    if not occur.any():
        return np.zeros(len(frequencies), dtype=np.int64)
    octaves = np.full(len(frequencies), np.inf)
    octaves[occur] = np.floor(np.log2(frequencies.max() / frequencies[occur]))
    octaves[~occur] = octaves[occur].max()
    _, blocks = np.unique(octaves, return_inverse=True)
    return blocks.astype(np.int64)


@dataclass(frozen=True, eq=False)
class ComparedEntries:
    """Entries of modes less their mean over words of the same frequency.

    Parameters
    ----------
    entries : (V, K) float
        R_ik = W_ik less the mean of W_jk over the words j of the block of i. 0 for a word that
        is alone in its block, as the few most frequent ones are: there is nothing to hold
        them against.
    frequencies : (V,) float
        P_i, which sum to 1.
    blocks : (V,) int
        Block of each word.
    spread : (K,) float
        Standard deviation of R_ik over the words of the text, each as often as it occurs.
    """

    entries: Real
    frequencies: Real
    blocks: NDArray[np.int64]
    spread: Real

    @classmethod
    def of(cls, rows: Real, frequencies: Real) -> ComparedEntries:
        """Take the means off.

        Parameters
        ----------
        rows : (V, K) float
            Entries of modes.
        frequencies : (V,) float
            Shares of the text, not negative, not all 0.

        Returns
        -------
        ComparedEntries

        Raises
        ------
        InputError
            No two words have a similar frequency.
        """
        shares = frequencies / frequencies.sum()
        blocks = frequency_blocks(shares)
        sizes = np.bincount(blocks)
        if sizes.max() < 2:
            raise InputError(
                "no two words of the modes have a similar frequency, so that none can be compared "
                "with others; take modes of more words"
            )
        means = np.zeros((len(sizes), rows.shape[1]))
        np.add.at(means, blocks, rows)
        entries = rows - (means / sizes[:, None])[blocks]
        entries[sizes[blocks] == 1] = 0.0  # not what rounding leaves
        mean = shares @ entries
        spread = np.sqrt(np.maximum(shares @ entries**2 - mean**2, 0.0))
        return cls(entries, shares, blocks, spread)

    def exchanged(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """Draw for each word another of the same frequency, no two the same.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of the random numbers.

        Returns
        -------
        (V,) int64
            The word that takes the place of each; those of a block change places.

        Examples
        --------
        >>> held = ComparedEntries.of(np.arange(4.0)[:, None], np.array([0.4, 0.4, 0.1, 0.1]))
        >>> sorted(held.exchanged(np.random.default_rng(0))[:2].tolist())
        [0, 1]
        """
        # Sorted by block, and by chance within it.
        drawn = np.lexsort((rng.random(len(self.blocks)), self.blocks))
        places = np.argsort(self.blocks, kind="stable")
        found = np.empty(len(self.blocks), dtype=np.int64)
        found[places] = drawn
        return found
