"""Keep rows of one group together: folds, and shuffles of what is known of each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, lgamma

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from probes.shared.resampling import Labels


def joined_groups(groups: Labels, alike: Labels) -> tuple[Labels, int]:
    """Join the groups that have equal rows.

    Parameters
    ----------
    groups : (n,) int
        Group of each row, from 0.
    alike : (n,) int
        The same number for equal rows, from 0.

    Returns
    -------
    groups : (n,) int
        The same where equal rows are in one group already.
    equal : int
        Rows that are equal to one of another group.
    """
    number, kinds = int(groups.max()) + 1, int(alike.max()) + 1
    pairs = np.unique(np.stack([groups, alike]), axis=1)
    shared = np.bincount(pairs[1], minlength=kinds) > 1
    if not shared.any():
        return groups, 0
    links = coo_array(
        (np.ones(pairs.shape[1]), (pairs[0], number + pairs[1])), (number + kinds,) * 2
    )
    together = connected_components(links, directed=False)[1][groups]
    _, renumbered = np.unique(together, return_inverse=True)
    return renumbered.astype(np.int64), int(np.count_nonzero(shared[alike]))


def spread_evenly(kinds: Labels, folds: int, rng: np.random.Generator) -> Labels:
    """Give each of several things a fold, those of one kind in turn and in random order.

    Parameters
    ----------
    kinds : (n,) int
        Kind of each, from 0.
    folds : int
        Number of folds.
    rng : numpy.random.Generator
        Source of the random numbers.

    Returns
    -------
    (n,) int64
        Fold of each, from 0.
    """
    order = np.concatenate(
        [rng.permutation(np.flatnonzero(kinds == kind)) for kind in range(int(kinds.max()) + 1)]
    )
    found = np.empty(len(kinds), dtype=np.int64)
    found[order] = np.arange(len(kinds)) % folds
    return found


@dataclass(frozen=True, eq=False)
class GroupedCodes:
    """What is known of n rows, as numbers for equal values, and their groups.

    Parameters
    ----------
    codes : (n,) int
        The same number for equal values, from 0.
    groups : (n,) int
        Group of each row, numbered from 0.
    equal : int
        Rows that are equal to one of another group of those given, with which theirs was joined.

    Examples
    --------
    >>> held = GroupedCodes(np.array([0, 0, 1, 1, 2, 2]), np.array([0, 0, 1, 1, 2, 2]))
    >>> held.number, held.grouped, held.constant.tolist()
    (3, True, [True, True, True])
    """

    codes: Labels
    groups: Labels
    equal: int = 0

    @property
    def number(self) -> int:
        """Number of groups."""
        return int(self.groups.max()) + 1

    @property
    def grouped(self) -> bool:
        """Whether a group holds more than one row."""
        return self.number < len(self.groups)

    @property
    def constant(self) -> NDArray[np.bool_]:
        """(G,) whether all rows of a group have one value."""
        lowest = np.full(self.number, np.iinfo(np.int64).max)
        highest = np.full(self.number, -1)
        np.minimum.at(lowest, self.groups, self.codes)
        np.maximum.at(highest, self.groups, self.codes)
        return np.asarray(lowest == highest)

    @property
    def kinds(self) -> Labels:
        """(G,) the code of each group, and one more than all codes for those of several."""
        first = np.full(self.number, -1)
        first[self.groups] = self.codes
        return np.where(self.constant, first, int(self.codes.max()) + 1).astype(np.int64)

    def joined(self, alike: Labels) -> GroupedCodes:
        """Join the groups that have equal rows.

        Parameters
        ----------
        alike : (n,) int
            The same number for equal rows, from 0.

        Returns
        -------
        GroupedCodes
        """
        groups, equal = joined_groups(self.groups, alike)
        return replace(self, groups=groups, equal=equal)

    def group_folds(self, folds: int, *, seed: int, evenly: bool) -> Labels:
        """Assign rows to folds; groups stay whole.

        Parameters
        ----------
        folds : int
            Number of folds, at most as many as groups.
        seed : int
            Seed of the assignment.
        evenly : bool
            Whether groups of each code are spread evenly.

        Returns
        -------
        (n,) int64
        """
        kinds = self.kinds if evenly else np.zeros(self.number, dtype=np.int64)
        found: Labels = spread_evenly(kinds, folds, np.random.default_rng([seed, 0]))[self.groups]
        return found

    def row_folds(self, folds: int, *, seed: int, evenly: bool) -> Labels:
        """Assign rows to folds whatever their group.

        Parameters
        ----------
        folds : int
            Number of folds.
        seed : int
            Seed of the assignment.
        evenly : bool
            Whether rows of each code are spread evenly.

        Returns
        -------
        (n,) int64
        """
        kinds = self.codes if evenly else np.zeros(len(self.codes), dtype=np.int64)
        return spread_evenly(kinds, folds, np.random.default_rng([seed, 1]))

    def shuffles(self, strata: Labels, *, number: int, seed: int) -> Labels:
        """Shuffle values in ways that leave the structure of the groups as it is.

        Values of groups with one value pass from group to group within a stratum; in other
        groups they are shuffled among the rows.

        Parameters
        ----------
        strata : (n,) int
            Stratum of each row, one for a whole group: the folds where these were made from the
            values, so that every shuffle has in each fold what the truth has there.
        number : int
            Number of shuffles B.
        seed : int
            Seed of the shuffles.

        Returns
        -------
        (B, n) int64
            For each row the row whose value it gets.
        """
        rng = np.random.default_rng([seed, 2])
        taken = np.tile(np.arange(len(self.codes)), (number, 1))
        first = np.full(self.number, -1)
        first[self.groups[::-1]] = np.arange(len(self.codes))[::-1]
        source = np.tile(np.arange(self.number), (number, 1))
        constant, stratum = self.constant, strata[first]
        for one in range(int(strata.max()) + 1):
            here = np.flatnonzero(constant & (stratum == one))
            source[:, here] = rng.permuted(source[:, here], axis=1)
        moved = constant[self.groups]
        taken[:, moved] = first[source[:, self.groups[moved]]]
        for group in np.flatnonzero(~constant):
            here = np.flatnonzero(self.groups == group)
            taken[:, here] = rng.permuted(taken[:, here], axis=1)
        return taken

    def log_arrangements(self, strata: Labels) -> float:
        """Logarithm of the number of ways in which the values can fall.

        Parameters
        ----------
        strata : (n,) int
            As for `shuffles`.

        Returns
        -------
        float
        """
        constant, kinds = self.constant, self.kinds
        stratum = np.zeros(self.number, dtype=np.int64)
        stratum[self.groups] = strata
        ways = 0.0
        for one in range(int(strata.max()) + 1):
            ways += _log_orders(kinds[constant & (stratum == one)])
        for group in np.flatnonzero(~constant):
            ways += _log_orders(self.codes[self.groups == group])
        return ways

    def least_p(self, strata: Labels, shuffles: int) -> float:
        """Give the least p-value that so few arrangements, or shuffles, allow.

        Parameters
        ----------
        strata : (n,) int
            As for `shuffles`.
        shuffles : int
            How many are drawn.

        Returns
        -------
        float
        """
        return max(1 / (1 + shuffles), exp(-self.log_arrangements(strata)))

    def control_groups(self, number: int, *, seed: int) -> Labels:
        """Draw for each group another whose value its rows get in a control task.

        Parameters
        ----------
        number : int
            Number of tasks.
        seed : int
            Seed of the draws.

        Returns
        -------
        (number, n) int64
            A row of the group drawn, for each row: the same for all rows of a group.
        """
        rng = np.random.default_rng([seed, 3])
        chosen = np.empty(self.number, dtype=np.int64)
        for group in range(self.number):
            chosen[group] = rng.choice(np.flatnonzero(self.groups == group))
        order = rng.permuted(np.tile(np.arange(self.number), (number, 1)), axis=1)
        return np.asarray(chosen[order][:, self.groups])


def p_value(observed: float, null: Sequence[float] | NDArray[np.float64]) -> float:
    """Give the share of shuffles that do as well, the truth counted as one of them.

    Parameters
    ----------
    observed : float
        Score of the truth.
    null : (B,) sequence of float
        Scores of shuffles.

    Returns
    -------
    float
        Above 0, at most 1.

    References
    ----------
    Phipson and Smyth 2010, Statistical Applications in Genetics and Molecular Biology 9.

    Examples
    --------
    >>> p_value(0.9, [0.5, 0.9, 0.3])
    0.5
    """
    values = np.asarray(null, dtype=np.float64)
    room = 1e-12 * max(1.0, abs(observed))
    return float((1 + np.count_nonzero(values >= observed - room)) / (1 + len(values)))


def _log_orders(codes: Labels) -> float:
    """Logarithm of the number of different orders of codes."""
    if not len(codes):
        return 0.0
    _, times = np.unique(codes, return_counts=True)
    return lgamma(len(codes) + 1) - sum(lgamma(int(many) + 1) for many in times)
