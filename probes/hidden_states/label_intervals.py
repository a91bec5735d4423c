"""Give intervals of what is read of several labels, which rest on the groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probes.hidden_states.groups import GroupedCodes
from probes.shared.effective_trials import groups, share_interval
from probes.shared.intervals import Interval
from probes.shared.resampling import Labels

Bools = NDArray[np.bool_]


def rows_interval(
    right: Bools, held: GroupedCodes, of: Bools | None = None, *, level: float
) -> Interval:
    """Give the share of rows that get their label, with its interval.

    Parameters
    ----------
    right : (n,) bool
        Which rows were given their label.
    held : GroupedCodes
        Labels and groups.
    of : (n,) bool, optional
        The rows that count, such as those of one label; all by default.
    level : float
        Nominal coverage.

    Returns
    -------
    Interval
        From effective numbers of trials, groups being what is independent.
    """
    mine = np.ones(len(right), dtype=bool) if of is None else of
    sizes = np.bincount(held.groups, mine, minlength=held.number)
    hits = np.bincount(held.groups, mine & right, minlength=held.number)
    stratum = groups(hits[sizes > 0], sizes[sizes > 0])
    return share_interval([stratum], [1.0], level=level, over="groups")


def balanced_interval(right: Bools, held: GroupedCodes, labels: int, *, level: float) -> Interval:
    """Give the balanced accuracy with its interval.

    Groups are members of one stratum, in which the rows of every label weigh as much.

    Parameters
    ----------
    right : (n,) bool
        Which rows were given their label.
    held : GroupedCodes
        Labels and groups.
    labels : int
        Number of labels.
    level : float
        Nominal coverage.

    Returns
    -------
    Interval

    Examples
    --------
    >>> held = GroupedCodes(np.repeat([0, 1, 2], 8), np.arange(24))
    >>> print(balanced_interval(np.arange(24) % 4 > 0, held, 3, level=0.95))
    0.750 [0.555, 0.888]
    """
    times = np.bincount(held.codes, minlength=labels)
    weight = len(right) / (labels * times[held.codes])
    together = groups(
        np.bincount(held.groups, weight * right, minlength=held.number),
        np.bincount(held.groups, weight, minlength=held.number),
    )
    return share_interval([together], [1.0], level=level, over="groups")


def majority_share(codes: Labels, folds: Labels) -> float:
    """Give the share of rows with the label that is the most frequent in the other folds.

    Parameters
    ----------
    codes : (n,) int
        Labels, from 0.
    folds : (n,) int
        Fold of each row.

    Returns
    -------
    float

    Examples
    --------
    >>> majority_share(np.array([0, 0, 1, 0]), np.array([0, 0, 1, 1]))
    0.75
    """
    right = 0
    for fold in range(int(folds.max()) + 1):
        most = int(np.bincount(codes[folds != fold]).argmax())
        right += int(np.count_nonzero(codes[folds == fold] == most))
    return right / len(codes)
