"""Count the words that two topic lists have in common, beside frequency-matched random ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.modes.bases import Real
from repsearch.errors import InputError

Ranks = NDArray[np.int64]
NEAR, LEAST = 1.25, 20
"""A word of rank r is replaced by one of a rank within a factor 1.25, or within 20 places."""


@dataclass(frozen=True)
class ListOverlap:
    """Overlap of two lists of equal length, of the words with the largest entries.

    Parameters
    ----------
    common : int
        Words that are on both.
    by_chance : float
        Mean of the same when the words of the second are replaced by random ones of about
        their frequency.
    p_value : float
        Share of such lists that have as many in common, (1 + n) / (1 + permutations).

    Examples
    --------
    >>> ListOverlap(common=6, by_chance=0.03, p_value=0.001).common
    6
    """

    common: int
    by_chance: float
    p_value: float


def list_overlap(
    first: Real, second: Real, *, words: int, permutations: int, rng: np.random.Generator
) -> ListOverlap:
    """Compare the words with the largest entries of two vectors.

    Parameters
    ----------
    first, second : (n,) float
        Entries of the same words, the most frequent first.
    words : int
        Length of the lists, at most n.
    permutations : int
        Random lists of the null.
    rng : numpy.random.Generator
        Source of the random lists.

    Returns
    -------
    ListOverlap
        Words in common, and by chance.

    Raises
    ------
    InputError
        Fewer words than the lists are long.

    Examples
    --------
    >>> entries = np.random.default_rng(0).normal(size=400)
    >>> rng = np.random.default_rng(1)
    >>> found = list_overlap(entries, entries, words=5, permutations=99, rng=rng)
    >>> found.common, found.p_value
    (5, 0.01)
    """
    if words > len(first):
        raise InputError(
            f"lists of {words} words were asked for, of {len(first)} words; ask for fewer"
        )
    here, there = (np.argsort(-entries, kind="stable")[:words] for entries in (first, second))
    listed = np.zeros(len(first), bool)
    listed[here] = True
    if not second.any():
        # A mode without a partner has no list there.
        return ListOverlap(0, 0.0, 1.0)
    common = int(listed[there].sum())
    by_chance = listed[
        frequency_matched(there, len(first), permutations=permutations, rng=rng)
    ].sum(axis=1)
    p_value = (1 + int(np.count_nonzero(by_chance >= common))) / (1 + permutations)
    return ListOverlap(common, float(by_chance.mean()), p_value)


def frequency_matched(
    ranks: Ranks, n_words: int, *, permutations: int, rng: np.random.Generator
) -> Ranks:
    """Draw lists of different words of about the frequencies of given ones.

    Parameters
    ----------
    ranks : (m,) int
        Ranks of the given words, from 0, the most frequent first.
    n_words : int
        Words to draw from, at least m.
    permutations : int
        How many lists.
    rng : numpy.random.Generator
        Source of the words.

    Returns
    -------
    (permutations, m) int
        Ranks; each row is without repeats.

    Examples
    --------
    >>> ranks = np.array([0, 500])
    >>> drawn = frequency_matched(ranks, 1000, permutations=50, rng=np.random.default_rng(0))
    >>> drawn.shape, bool(drawn[:, 0].max() <= 20), bool(drawn[:, 1].min() >= 400)
    ((50, 2), True, True)
    """
    place = ranks + 1
    low = np.maximum(np.ceil(np.minimum(place / NEAR, place - LEAST)).astype(np.int64) - 1, 0)
    high = np.minimum(np.maximum(place * NEAR, place + LEAST).astype(np.int64), n_words)
    drawn = rng.integers(low, high, size=(permutations, len(ranks)))
    while True:
        order = np.argsort(drawn, axis=1, kind="stable")
        ordered = np.take_along_axis(drawn, order, axis=1)
        repeats = np.zeros(drawn.shape, bool)
        np.put_along_axis(repeats, order[:, 1:], ordered[:, 1:] == ordered[:, :-1], axis=1)
        if not repeats.any():
            return drawn
        # Windows hold 21 words or more, or all there are, so that long lists widen them.
        low, high = np.maximum(low - 1, 0), np.minimum(high + 1, n_words)
        again = rng.integers(low, high, size=drawn.shape)
        drawn = np.where(repeats, again, drawn)
