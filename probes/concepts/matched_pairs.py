"""Draw control families: each word of a family replaced by one of about its frequency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from probes.relations.relations import Pair
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError

NEAR = 1.25
"""A word of rank r gives way to one of rank between r / 1.25 and 1.25 r ..."""
LEAST = 20
"""... or within 20 places."""


def matched_pairs(
    embeddings: Embeddings, pairs: Sequence[Pair], *, families: int, seed: int
) -> Iterator[tuple[Pair, ...]]:
    """Draw families of random pairs that have the graph and the frequencies of a given one.

    Each distinct word is replaced everywhere by one word outside the family, so
    that hubs stay hubs. If the first words of a relation are rarer than the
    second, so are those of its controls: what a direction owes to frequency
    alone, it finds in these too.

    Parameters
    ----------
    embeddings : Embeddings
        V words, the most frequent first.
    pairs : sequence of (str, str)
        The family, all of its words in the vocabulary.
    families : int
        Number of families to draw.
    seed : int
        Seed of the words' choice.

    Yields
    ------
    tuple of (str, str)
        A family of as many pairs as given.

    Raises
    ------
    InputError
        Fewer words than twice those of the family have a vector other than zero.

    Examples
    --------
    >>> emb = Embeddings([f"w{k}" for k in range(100)], np.eye(100))
    >>> drawn = list(matched_pairs(emb, [("w3", "w50"), ("w4", "w50")], families=2, seed=0))
    >>> [len(pairs) for pairs in drawn], drawn[0][0][1] == drawn[0][1][1]  # the hub stays a hub
    ([2, 2], True)
    """
    words = tuple(dict.fromkeys(word for pair in pairs for word in pair))
    if families and not can_be_matched(embeddings, pairs):
        raise InputError(
            f"a vocabulary of {len(embeddings)} words cannot replace the {len(words)} words of a "
            "family; use a larger one, or no controls (controls=0, --controls 0)"
        )
    own = np.array([embeddings.index[word] for word in words], dtype=np.int64)
    rng = np.random.default_rng(seed)
    for _ in range(families):
        free = np.array(embeddings.has_direction)
        free[own] = False
        stand_in: dict[str, str] = {}
        # In random order, for early words leave fewer to those after them.
        for place in rng.permutation(len(words)):
            row = _near(free, int(own[place]), rng)
            free[row] = False
            stand_in[words[place]] = embeddings.words[row]
        yield tuple((stand_in[a], stand_in[b]) for a, b in pairs)


def can_be_matched(embeddings: Embeddings, pairs: Sequence[Pair]) -> bool:
    """Tell whether there are words enough for families of random pairs.

    Parameters
    ----------
    embeddings : Embeddings
        V words.
    pairs : sequence of (str, str)
        The family.

    Returns
    -------
    bool
        Whether words that have a vector, and not zeros, are at least twice as many as its distinct
        words.
    """
    return int(embeddings.has_direction.sum()) >= 2 * len({word for pair in pairs for word in pair})


def matched_rows(
    embeddings: Embeddings, pairs: Sequence[Pair], *, families: int, seed: int
) -> NDArray[np.int64]:
    """Draw families of random pairs, as rows of the embeddings.

    Parameters
    ----------
    embeddings : Embeddings
        V words, the most frequent first.
    pairs : sequence of (str, str)
        The family of N pairs, all of its words in the vocabulary.
    families : int
        Number of families to draw.
    seed : int
        Seed of the words' choice.

    Returns
    -------
    (families, N, 2) int
        The families of `matched_pairs`.

    Raises
    ------
    InputError
        Fewer words than twice those of the family have a vector other than zero.

    Examples
    --------
    >>> emb = Embeddings([f"w{k}" for k in range(100)], np.eye(100))
    >>> matched_rows(emb, [("w3", "w50"), ("w4", "w50")], families=5, seed=0).shape
    (5, 2, 2)
    """
    index = embeddings.index
    drawn = matched_pairs(embeddings, pairs, families=families, seed=seed)
    rows = [[(index[a], index[b]) for a, b in family] for family in drawn]
    return np.array(rows, dtype=np.int64).reshape(families, len(pairs), 2)


def _near(free: NDArray[np.bool_], row: int, rng: np.random.Generator) -> int:
    reach, rank = LEAST, row + 1
    factor = NEAR
    while True:
        begin = max(0, ceil(min(rank / factor, rank - reach)) - 1)
        end = int(max(rank * factor, rank + reach))
        candidates = np.flatnonzero(free[begin:end]) + begin
        if len(candidates):
            return int(rng.choice(candidates))
        reach, factor = 2 * reach, factor**2
