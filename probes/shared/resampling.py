"""What is resampled and what is flipped: groups of pairs that have a word in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch.checks import is_whole
from repsearch.errors import InputError

Real = NDArray[np.float64]
Labels = NDArray[np.int64]


def components(pairs: Sequence[tuple[str, str]]) -> Labels:
    """Number the connected components of the graph whose edges are the pairs.

    Two pairs that share a word, directly or by way of other pairs, are not
    independent of each other. Splits, resamples and flips therefore take whole
    components.

    Parameters
    ----------
    pairs : sequence of (str, str)
        N pairs.

    Returns
    -------
    ndarray of int64, shape (N,)
        Component of each pair, numbered from 0 in the order of the pairs.
    """
    graph = nx.Graph(list(pairs))
    found: dict[str, int] = {}
    for number, words in enumerate(nx.connected_components(graph)):
        found.update(dict.fromkeys(words, number))
    given = [found[a] for a, _ in pairs]
    renumbered = {number: place for place, number in enumerate(dict.fromkeys(given))}
    return np.array([renumbered[number] for number in given], dtype=np.int64)


def indicator(groups: Labels) -> Real:
    """(N, C) matrix with a one where a pair belongs to a group."""
    return np.asarray(groups[:, None] == np.arange(groups.max(initial=-1) + 1), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Flips:
    """Signs for groups: the null that the order within pairs means nothing.

    Parameters
    ----------
    signs : ndarray of float64, shape (B, C)
        Each +1 or −1, the first group's always +1: to flip all is to flip none.
    exact : bool
        Whether these are all 2^(C − 1) ways, the unflipped one among them.
    """

    signs: Real
    exact: bool

    def p_value(self, observed: float, null: ArrayLike) -> float:
        """Share of flips whose statistic is as large as the observed one or larger.

        Of drawn flips the observed one counts as one more, so that the test
        keeps its level (Phipson and Smyth 2010).
        """
        values = np.asarray(null, dtype=np.float64)
        # Rounding must not make the unflipped arrangement smaller than itself.
        room = 1e-12 * max(abs(observed), float(np.abs(values).max(initial=0.0)))
        above = int(np.count_nonzero(values >= observed - room))
        return above / len(values) if self.exact else (1 + above) / (1 + len(values))


def flips(groups: int, *, most: int, seed: int) -> Flips:
    """All sign flips of `groups` groups where there are at most `most`, else that many drawn.

    Parameters
    ----------
    groups : int
        C, at least 1.
    most : int
        Flips at most.
    seed : int
        Of the draw.
    """
    if groups - 1 <= 30 and 2 ** (groups - 1) <= most:
        codes = np.arange(2 ** (groups - 1))
        bits = (codes[:, None] >> np.arange(groups - 1)) & 1
        rest, exact = 1.0 - 2.0 * bits, True
    else:
        rng = np.random.default_rng(seed)
        rest, exact = 1.0 - 2.0 * rng.integers(2, size=(most, groups - 1)), False
    return Flips(np.hstack([np.ones((len(rest), 1)), rest]), exact)


def check_draws(*, name: str, draws: int, least: int, seed: int) -> None:
    """Refuse a seed, or a number of draws, that cannot be used.

    Raises
    ------
    InputError
        With the value.
    """
    if not is_whole(seed) or seed < 0:
        raise InputError(f"a seed is a whole number from 0 up; got {seed!r}")
    if not is_whole(draws) or draws < least:
        raise InputError(f"{name} is a whole number of at least {least}; got {draws!r}")
