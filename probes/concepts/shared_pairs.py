"""Count the pairs that two families have in common, and say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from probes.drawing.labels import family_label
from probes.relations.relations import Pair
from probes.shared.wording import counted, listed

_NAMED = 5


@dataclass(frozen=True)
class SharedPairs:
    """Pairs that stand in two families, in either order.

    Parameters
    ----------
    first, second : str
        Names of the families.
    number : int
        How many pairs they share, 1 at least.
    of_smaller : int
        Pairs of the smaller of the two.
    """

    first: str
    second: str
    number: int
    of_smaller: int

    def __str__(self) -> str:
        part = "all" if self.number == self.of_smaller else f"{self.number}"
        both = f"{family_label(self.first)} and {family_label(self.second)}"
        return f"{both} ({part} of {self.of_smaller})"


def shared_pairs(families: Mapping[str, Sequence[Pair]]) -> tuple[SharedPairs, ...]:
    """Find the families that have pairs in common.

    Parameters
    ----------
    families : mapping of str to sequence of (str, str)
        Pairs by family.

    Returns
    -------
    tuple of SharedPairs
        One for each two families that share a pair, in the order of the families.

    Examples
    --------
    >>> capitals = [("athens", "greece"), ("paris", "france")]
    >>> found = shared_pairs({"common": capitals[:1], "world": capitals, "other": [("a", "b")]})
    >>> print(*found)
    common and world (all of 1)
    """
    edges = {name: {frozenset(pair) for pair in pairs} for name, pairs in families.items()}
    return tuple(
        SharedPairs(one, other, number, min(len(edges[one]), len(edges[other])))
        for one, other in combinations(edges, 2)
        if (number := len(edges[one] & edges[other]))
    )


def about_shared_pairs(found: Sequence[SharedPairs]) -> str:
    """Warn that families are not independent of each other.

    Parameters
    ----------
    found : sequence of SharedPairs
        What `shared_pairs` found.

    Returns
    -------
    str
        A sentence or two; empty where there are none.

    Examples
    --------
    >>> print(about_shared_pairs([SharedPairs("common", "world", 6, 6)]))
    Families share pairs: common and world (all of 6). What they have in common says nothing.
    """
    if not found:
        return ""
    named = listed([str(one) for one in found[:_NAMED]])
    more = len(found) - _NAMED
    rest = f", and {counted(more, 'further two', 'further twos')}" if more > 0 else ""
    return f"Families share pairs: {named}{rest}. What they have in common says nothing."
