"""Predict held-out rows by ridge regression, its penalty chosen on the other folds alone."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from probes.shared.resampling import Labels
from repsearch.progress import Progress, silent

Real = NDArray[np.float64]
RATIOS = tuple(10.0**power for power in range(-3, 4))
"""Penalties, over the mean squared singular value of the training rows about their mean."""
_COLUMNS = 1_500
"""Columns of targets at a time, for the memory of their predictions."""


class Fit:
    """Ridge regressions of the same rows under every penalty, for any targets.

    Parameters
    ----------
    rows : (n, d) float
        Training rows.

    Examples
    --------
    >>> rows = np.array([[0.0], [1.0], [2.0]])
    >>> fit = Fit(rows)
    >>> fit.predict(np.array([[3.0]]), np.array([[0.0], [1.0], [2.0]]), ratio=1e-9).round(3)
    array([[3.]])
    """

    def __init__(self, rows: Real) -> None:
        self.mean = rows.mean(axis=0)
        left, values, right = linalg.svd(rows - self.mean, full_matrices=False)
        kept = values > 1e-12 * max(float(values.max(initial=0.0)), 1e-300)
        self.left, self.values, self.right = left[:, kept], values[kept], right[kept]
        self.unit = float(np.mean(self.values**2)) if kept.any() else 1.0

    def predict(self, rows: Real, targets: Real, *, ratio: float) -> Real:
        """Predict the targets of new rows.

        Parameters
        ----------
        rows : (n', d) float
            New rows.
        targets : (n, m) float
            Targets of the training rows.
        ratio : float
            Penalty over the mean squared singular value.

        Returns
        -------
        (n', m) float
        """
        [found] = self.predictions(rows, targets, [ratio])
        return found

    def predictions(self, rows: Real, targets: Real, ratios: list[float]) -> list[Real]:
        """Predict under several penalties.

        Parameters
        ----------
        rows, targets
            As for `predict`.
        ratios : list of float
            Penalties over the mean squared singular value.

        Returns
        -------
        list of (n', m) float
        """
        mean = targets.mean(axis=0)
        along = self.left.T @ (targets - mean)
        new = (rows - self.mean) @ self.right.T
        return [
            mean + (new * (self.values / (self.values**2 + ratio * self.unit))) @ along
            for ratio in ratios
        ]


def held_out_ridge(
    rows: Real,
    targets: Real,
    folds: Labels,
    *,
    weights: Real | None = None,
    progress: Progress = silent,
) -> tuple[Real, NDArray[np.int64]]:
    """Predict the targets of each fold from the others, with the penalty that these choose.

    For each fold that is held out, every other fold is predicted from the rest of them under
    each penalty, and the penalty with the least squared error there is taken: nothing of a fold
    enters what predicts it. All targets of a task have one penalty.

    Parameters
    ----------
    rows : (n, d) float
        States.
    targets : (T, n, k) float
        k targets of each of T tasks, such as labels in several shuffles.
    folds : (n,) int
        Fold of each row, from 0; at least two.
    weights : (T, F, k) float, optional
        Weight of each target in the error, by fold held out; 1 by default.
    progress : Progress
        Told how many fits are done.

    Returns
    -------
    predictions : (T, n, k) float
        Of each row from the folds that it is not in.
    chosen : (F, T) int
        Place in `RATIOS` of the penalty of each fold and task.

    References
    ----------
    Varma and Simon 2006, BMC Bioinformatics 7, 91 (nested cross-validation).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = rng.normal(size=(40, 3))
    >>> predicted, _ = held_out_ridge(rows, rows[None, :, :1] @ [[2.0]], np.arange(40) % 4)
    >>> bool(np.corrcoef(predicted[0, :, 0], rows[:, 0])[0, 1] > 0.99)
    True
    """
    tasks, _, k = targets.shape
    number = int(folds.max()) + 1
    ratios = list(RATIOS)
    weigh = np.ones((tasks, number, k)) if weights is None else weights
    step = max(1, _COLUMNS // k)
    errors = np.zeros((number, len(ratios), tasks))
    # Of two folds left out either is predicted from the same fit for the other's sake.
    pairs = list(combinations(range(number), 2)) if number > 2 else []
    for done, (one, other) in enumerate(pairs):
        progress("ridge", done, len(pairs) + number, "fits")
        train = (folds != one) & (folds != other)
        fit = Fit(rows[train])
        for first in range(0, tasks, step):
            part = targets[first : first + step]
            flat = _flat(part[:, train])
            for held, scored in ((one, other), (other, one)):
                test = folds == scored
                for place, found in enumerate(fit.predictions(rows[test], flat, ratios)):
                    off = (found.reshape(-1, len(part), k) - _by_row(part[:, test])) ** 2
                    errors[held, place, first : first + step] += np.einsum(
                        "ntk,tk->t", off, weigh[first : first + step, held]
                    )
    # With two folds there is nothing to choose by, and the middle one is taken.
    chosen = errors.argmin(axis=1) if pairs else np.full((number, tasks), len(ratios) // 2)
    predictions = np.empty(targets.shape)
    for fold in range(number):
        progress("ridge", len(pairs) + fold, len(pairs) + number, "fits")
        train, test = folds != fold, folds == fold
        fit = Fit(rows[train])
        for place in np.unique(chosen[fold]).tolist():
            mine = np.flatnonzero(chosen[fold] == place)
            for first in range(0, len(mine), step):
                some = mine[first : first + step]
                found = fit.predict(rows[test], _flat(targets[some][:, train]), ratio=ratios[place])
                predictions[np.ix_(some, np.flatnonzero(test))] = found.reshape(
                    -1, len(some), k
                ).transpose(1, 0, 2)
    progress("ridge", len(pairs) + number, len(pairs) + number, "fits")
    return predictions, chosen


def _by_row(targets: Real) -> Real:
    return targets.transpose(1, 0, 2)


def _flat(targets: Real) -> Real:
    """(T, n, k) as columns of n rows."""
    return np.ascontiguousarray(_by_row(targets)).reshape(targets.shape[1], -1)
