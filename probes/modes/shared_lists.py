"""How many words two topic lists have in common, beside lists of random words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.modes.bases import Real
from repsearch.errors import InputError

Ranks = NDArray[np.int64]
NEAR, LEAST = 1.25, 20
"""The word of rank r gives way to one of a rank within a factor 1.25, or within 20 places."""


@dataclass(frozen=True)
class ListMatch:
    """Two lists of the same length, of the words with the largest entries.

    Parameters
    ----------
    common : int
        Words that are on both.
    by_chance : float
        Mean of the same when the words of the second give way to random ones of about their
        frequency.
    p_value : float
        Share of such lists that have as many in common, (1 + n) / (1 + draws).
    """

    common: int
    by_chance: float
    p_value: float


def match_lists(
    one: Real, other: Real, *, words: int, draws: int, rng: np.random.Generator
) -> ListMatch:
    """Compare the words with the largest entries of two vectors.

    Parameters
    ----------
    one, other : (n,) float
        Entries of the same words, the most frequent first.
    words : int
        Length of the lists, at most n.
    draws : int
    rng : numpy.random.Generator

    Raises
    ------
    InputError
        Fewer words than the lists are long.
    """
    if words > len(one):
        raise InputError(
            f"lists of {words} words were asked for, of {len(one)} words; ask for fewer"
        )
    first, second = (np.argsort(-entries, kind="stable")[:words] for entries in (one, other))
    listed = np.zeros(len(one), bool)
    listed[first] = True
    if not other.any():
        # A mode without a partner has no list there.
        return ListMatch(0, 0.0, 1.0)
    common = int(listed[second].sum())
    by_chance = listed[stand_ins(second, len(one), draws=draws, rng=rng)].sum(axis=1)
    p_value = (1 + int(np.count_nonzero(by_chance >= common))) / (1 + draws)
    return ListMatch(common, float(by_chance.mean()), p_value)


def stand_ins(ranks: Ranks, n_words: int, *, draws: int, rng: np.random.Generator) -> Ranks:
    """Draw lists of different words of about the frequencies of given ones.

    Parameters
    ----------
    ranks : (m,) int
        Of the given words, from 0, the most frequent first.
    n_words : int
        At least m.
    draws : int
    rng : numpy.random.Generator

    Returns
    -------
    (draws, m) int
        Each row without repeats.
    """
    place = ranks + 1
    low = np.maximum(np.ceil(np.minimum(place / NEAR, place - LEAST)).astype(np.int64) - 1, 0)
    high = np.minimum(np.maximum(place * NEAR, place + LEAST).astype(np.int64), n_words)
    drawn = rng.integers(low, high, size=(draws, len(ranks)))
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
