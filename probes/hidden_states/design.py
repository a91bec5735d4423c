"""Split hidden states by group, and shuffle their labels in ways that respect the groups."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import lgamma, log
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probes.hidden_states.checked import checked_column, numbered
from probes.hidden_states.groups import joined_groups, spread_evenly
from probes.shared.resampling import Flips, Labels, flips
from repsearch.errors import InputError

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Shuffles:
    """Labels as they could have been if they had nothing to do with the states.

    Parameters
    ----------
    codes : (B, n) bool
        Labels of the rows, in each of B shuffles.
    folds : (B, n) int
        The fold of each row; it goes with the labels where these pass from group to group.
    exact : bool
        Whether these are all ways, the true one among them.
    """

    codes: Bools
    folds: Labels
    exact: bool

    def p_value(self, observed: float, null: NDArray[np.float64]) -> float:
        """Give the share of shuffles that are as good as the truth or better.

        Parameters
        ----------
        observed : float
            The score of the true labels.
        null : (B,) float
            The score of each shuffle.

        Returns
        -------
        float
            Above 0, at most 1.
        """
        return Flips(np.ones((len(null), 1)), self.exact).p_value(observed, null)


@dataclass(frozen=True, eq=False)
class StateDesign:
    """Labels, groups and pairs of n rows.

    Parameters
    ----------
    classes : tuple of two str
        The labels, sorted, as text.
    codes : (n,) bool
        Whether a row has the second.
    groups : (n,) int
        Group of each row, numbered from 0.
    units : (n,) int
        Pair of each row, or the row itself where there are none, numbered from 0.
    paired : bool
        Whether each unit is a pair.
    equal : int
        Rows that are equal to one of another group of those given, with which theirs was joined.

    Examples
    --------
    >>> labels, groups = ["no", "yes", "no", "yes"], ["a", "a", "b", "b"]
    >>> design = StateDesign.of(labels, groups, None, rows=4)
    >>> design.classes, design.number, design.grouped, design.kinds
    (('no', 'yes'), 2, True, array([2, 2]))
    """

    classes: tuple[str, str]
    codes: Bools
    groups: Labels
    units: Labels
    paired: bool
    equal: int = 0

    @classmethod
    def of(
        cls, labels: ArrayLike, groups: ArrayLike | None, pairs: ArrayLike | None, *, rows: int
    ) -> StateDesign:
        """Check and number what was given.

        Parameters
        ----------
        labels : (n,) array_like
            Two labels.
        groups : (n,) array_like or None
            Group of each row; None makes each pair or row a group.
        pairs : (n,) array_like or None
            Pair of each row; None where there are none.
        rows : int
            Number of states n.

        Returns
        -------
        StateDesign

        Raises
        ------
        InputError
            Not one entry for each of the rows, not two labels, or a pair that is none.
        """
        classes, codes = np.unique(checked_column("labels", labels, rows), return_inverse=True)
        if len(classes) != 2:
            shown = ", ".join(repr(str(one)) for one in classes[:5])
            raise InputError(f"there are {len(classes)} labels ({shown}); pass two of them")
        units = numbered("pairs", pairs, rows)
        together = numbered("groups", groups, rows) if groups is not None else units
        first, second = str(classes[0]), str(classes[1])
        made = cls((first, second), codes.astype(bool), together, units, pairs is not None)
        if pairs is not None:
            made._check_pairs(np.asarray(pairs))
        return made

    def joined(self, alike: Labels) -> StateDesign:
        """Join the groups that have equal rows.

        Parameters
        ----------
        alike : (n,) int
            The same number for equal rows, from 0.

        Returns
        -------
        StateDesign
            The same where equal rows are in one group already.
        """
        groups, equal = joined_groups(self.groups, alike)
        return self if equal == 0 else replace(self, groups=groups, equal=equal)

    @property
    def number(self) -> int:
        """Number of groups."""
        return int(self.groups.max(initial=-1)) + 1

    @property
    def kinds(self) -> Labels:
        """(G,) Kind of each group: 0 and 1 for those of one label, 2 for those with both."""
        sizes, ones = self._sizes
        return np.where(ones == 0, 0, np.where(ones == sizes, 1, 2)).astype(np.int64)

    @property
    def grouped(self) -> bool:
        """Whether a group holds more than one row, or one pair."""
        return self.number <= int(self.units.max())

    @property
    def log_arrangements(self) -> float:
        """Logarithm of the number of ways in which the labels can fall, less the swap of all."""
        sizes, ones = self._sizes
        balanced, uneven, constant = self._parts
        ways = max(0, len(balanced) - 1) * log(2)
        ways += _log_choices(len(constant), int(np.count_nonzero(ones[constant])))
        return ways + sum(_log_choices(int(sizes[g]), int(ones[g])) for g in uneven)

    def group_folds(self, folds: int, *, seed: int) -> Labels:
        """Assign rows to folds; groups stay whole, and each kind is spread evenly.

        Parameters
        ----------
        folds : int
            Number of folds.
        seed : int
            Seed of the assignment.

        Returns
        -------
        (n,) int
            Fold of each row, numbered from 0.

        Raises
        ------
        InputError
            Without some fold a single label is left.
        """
        of_groups = spread_evenly(self.kinds, folds, np.random.default_rng([seed, 0]))
        fold_of_rows: Labels = of_groups[self.groups]
        for fold in range(folds):
            left = self.codes[fold_of_rows != fold]
            if left.all() or not left.any():
                gone = self.classes[0 if left.all() else 1]
                raise InputError(
                    f"with groups held out no row is labelled {gone!r}; pass at least two groups "
                    f"with each label{' (equal rows are of one group)' * (self.equal > 0)}"
                )
        return fold_of_rows

    def row_folds(self, folds: int, *, seed: int) -> Labels:
        """Assign rows to folds whatever their group; pairs stay whole, labels are spread evenly.

        Parameters
        ----------
        folds : int
            Number of folds.
        seed : int
            Seed of the assignment.

        Returns
        -------
        (n,) int
            Fold of each row, numbered from 0.
        """
        label = np.zeros(int(self.units.max()) + 1, dtype=np.int64)
        if not self.paired:
            label[self.units] = self.codes
        found: Labels = spread_evenly(label, folds, np.random.default_rng([seed, 1]))[self.units]
        return found

    def shuffles(self, folds: Labels, *, most: int, seed: int) -> Shuffles:
        """Shuffle labels in the ways that leave the states' own structure as it is.

        Labels of groups with one label pass from group to group. Groups with as
        many rows of one label as of the other are flipped as a whole, so that a
        direction of its own in each group is part of the null. In other groups
        labels are shuffled among the rows.

        Parameters
        ----------
        folds : (n,) int
            Fold of each row, those of `group_folds`.
        most : int
            Shuffles at most; fewer where all ways are fewer.
        seed : int
            Seed of the shuffles.

        Returns
        -------
        Shuffles
        """
        balanced, uneven, constant = self._parts
        drawn = flips(max(1, len(balanced)), most=most, seed=seed)
        rng = np.random.default_rng([seed, 2])
        exact = drawn.exact and not len(uneven) and not len(constant)
        signs = drawn.signs
        if not exact and len(signs) < most:
            signs = signs[rng.integers(len(signs), size=most)]
        codes = np.tile(self.codes, (len(signs), 1))
        of_rows = np.tile(folds, (len(signs), 1))
        flipped = np.zeros((len(signs), self.number), dtype=bool)
        if len(balanced):
            flipped[:, balanced] = signs < 0
        codes ^= flipped[:, self.groups]
        for group in uneven:
            here = np.flatnonzero(self.groups == group)
            codes[:, here] = rng.permuted(codes[:, here], axis=1)
        if len(constant):
            source = np.tile(np.arange(self.number), (len(signs), 1))
            source[:, constant] = rng.permuted(source[:, constant], axis=1)
            group_code = np.zeros(self.number, dtype=bool)
            group_fold = np.zeros(self.number, dtype=np.int64)
            group_code[self.groups], group_fold[self.groups] = self.codes, folds
            moved = np.isin(self.groups, constant)
            taken = source[:, self.groups[moved]]
            codes[:, moved], of_rows[:, moved] = group_code[taken], group_fold[taken]
        return Shuffles(codes, of_rows, exact)

    def control_codes(self, number: int, *, seed: int) -> Bools:
        """Draw labels of control tasks: one for each group, or the order of each group's pairs.

        Parameters
        ----------
        number : int
            Number of tasks.
        seed : int
            Seed of the labels.

        Returns
        -------
        (number, n) bool
            Half of the groups have either label.
        """
        rng = np.random.default_rng([seed, 3])
        half = np.tile(np.arange(self.number) < self.number // 2, (number, 1))
        of_groups: Bools = rng.permuted(half, axis=1)[:, self.groups]
        return of_groups ^ self.codes if self.paired else of_groups

    @property
    def _sizes(self) -> tuple[Labels, Labels]:
        sizes = np.bincount(self.groups)
        ones = np.bincount(self.groups, weights=self.codes).astype(np.int64)
        return sizes, ones

    @property
    def _parts(self) -> tuple[Labels, Labels, Labels]:
        """Groups that are balanced, uneven, and of one label."""
        sizes, ones = self._sizes
        mixed = self.kinds == 2
        even = mixed & (2 * ones == sizes)
        return np.flatnonzero(even), np.flatnonzero(mixed & ~even), np.flatnonzero(~mixed)

    def _check_pairs(self, given: NDArray[Any]) -> None:
        sizes = np.bincount(self.units)
        ones = np.bincount(self.units, weights=self.codes)
        lowest = np.full(len(sizes), len(self.groups))
        highest = np.zeros(len(sizes), dtype=np.int64)
        np.minimum.at(lowest, self.units, self.groups)
        np.maximum.at(highest, self.units, self.groups)
        for wrong, reason in (
            ((sizes != 2) | (ones != 1), "is not one row of each label"),
            (lowest != highest, "lies in two groups"),
        ):
            if wrong.any():
                row = int(np.argmax(wrong[self.units]))
                raise InputError(f"the pair {str(given[row])!r} {reason}; mend it or leave it out")


def _log_choices(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
