"""Score held-out states by their direction, for many labellings of the same states."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from probes.concepts.directions.estimators import ConceptDirection, MeanDifference
from probes.shared.resampling import Labels
from repsearch.progress import Progress, silent

Real = NDArray[np.float64]
Bools = NDArray[np.bool_]
_AT_ONCE = 4_000_000  # numbers in a temporary array


def rights(
    rows: Real,
    estimator: ConceptDirection,
    codes: Bools,
    folds: Labels,
    progress: Progress = silent,
) -> Bools:
    """Tell whether each row gets its label from the direction of the other folds.

    Parameters
    ----------
    rows : (n, d) float
        States.
    estimator : ConceptDirection
        What makes the direction, fitted anew for each fold of each labelling; mean
        differences are made by products, all labellings at once.
    codes : (B, n) bool
        Labels of the rows, in each of B labellings.
    folds : (B, n) int
        The fold of each row, numbered from 0.
    progress : Progress
        What is told how many labellings are done.

    Returns
    -------
    (B, n) bool
        Where the other folds have a single label there is no direction, and all
        rows are given the first label.
    """
    fast = type(estimator) is MeanDifference
    step = max(1, _AT_ONCE // max(rows.shape)) if fast else 1
    found = np.zeros(codes.shape, dtype=bool)
    for first in range(0, len(codes), step):
        progress("states", first, len(codes), "labellings")
        part = slice(first, first + step)
        if fast:
            found[part] = _by_products(rows, codes[part], folds[part])
        else:
            found[first] = _by_fits(rows, estimator, codes[first], folds[first])
    progress("states", len(codes), len(codes), "labellings")
    return found


def balanced(right: Bools, codes: Bools) -> Real:
    """Take the mean over the two labels of the share of rows that are right.

    Parameters
    ----------
    right : (B, n) bool
        Which rows were given their label, in each of B labellings.
    codes : (B, n) bool
        The labels.

    Returns
    -------
    (B,) float
        1/2 by chance, whatever the labels' numbers.

    Examples
    --------
    >>> codes = np.array([[True, False, False, False]])
    >>> balanced(~codes, codes)  # always saying the frequent label is worth nothing
    array([0.5])
    """
    of_ones = (right & codes).sum(axis=1) / np.maximum(codes.sum(axis=1), 1)
    of_zeros = (right & ~codes).sum(axis=1) / np.maximum((~codes).sum(axis=1), 1)
    return np.asarray((of_ones + of_zeros) / 2)


def _by_fits(rows: Real, estimator: ConceptDirection, codes: Bools, folds: Labels) -> Bools:
    given = np.zeros(len(rows), dtype=bool)
    for fold in range(int(folds.max()) + 1):
        train = folds != fold
        if codes[train].any() and not codes[train].all():
            fitted = clone(estimator).fit(rows[train], codes[train])
            given[~train] = fitted.decision_function(rows[~train]) > 0
    return np.asarray(given == codes)


def _by_products(rows: Real, codes: Bools, folds: Labels) -> Bools:
    given = np.zeros(codes.shape, dtype=bool)
    for fold in range(int(folds.max()) + 1):
        train = folds != fold
        ones, zeros = train & codes, train & ~codes
        many, few = ones.sum(axis=1), zeros.sum(axis=1)
        both = (many > 0) & (few > 0)
        second = (ones / np.maximum(many, 1)[:, None]) @ rows
        first = (zeros / np.maximum(few, 1)[:, None]) @ rows
        along = second - first
        threshold = np.einsum("bd,bd->b", along, second + first) / 2
        beyond = (along @ rows.T > threshold[:, None]) & both[:, None]
        given = np.where(train, given, beyond)
    return np.asarray(given == codes)
