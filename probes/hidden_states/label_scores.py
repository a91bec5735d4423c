"""Give rows their labels from folds that they are not in, and score them label by label."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from probes.hidden_states.ridge import RATIOS, held_out_ridge
from probes.shared.resampling import Labels
from repsearch.progress import Progress, silent

Real = NDArray[np.float64]
Classifier = Literal["ridge", "logistic"]
_STRENGTHS = (1e-2, 1e-1, 1.0, 1e1, 1e2)
"""Inverse penalties of the logistic regression, of states whose rows have mean square 1."""


def given_labels(
    rows: Real,
    codes: Labels,
    folds: Labels,
    *,
    labels: int,
    classifier: Classifier,
    progress: Progress = silent,
) -> tuple[Labels, Labels, tuple[float, ...]]:
    """Predict the label of each row from the other folds, for many labellings.

    Ridge (one against rest): each label is regressed on for itself, and a row gets the label whose
    prediction is the largest multiple of its share among the training rows, so that frequent
    labels have no advantage. Logistic: one multinomial regression in which all labels weigh
    the same. The penalty is chosen on the training folds alone.

    Parameters
    ----------
    rows : (n, d) float
        States.
    codes : (T, n) int
        Labels of the rows, from 0, in each of T labellings.
    folds : (n,) int
        Fold of each row.
    labels : int
        Number of labels K.
    classifier : {"ridge", "logistic"}
        What predicts.
    progress : Progress
        Told how many fits are done.

    Returns
    -------
    balanced : (T, n) int
        The label that each row gets where labels weigh the same.
    plain : (T, n) int
        The same where they weigh as often as they occur; of the logistic regression as before.
    penalties : tuple of float
        What was chosen for each fold of the first labelling.
    """
    if classifier == "logistic":
        return _logistic(rows, codes, folds, labels, progress)
    targets = (codes[:, :, None] == np.arange(labels)).astype(np.float64)
    number = int(folds.max()) + 1
    shares = np.stack([targets[:, folds != fold].mean(axis=1) for fold in range(number)], axis=1)
    there = shares > 0
    weights = np.where(there, 1 / np.where(there, shares, 1.0), 0.0)
    found, chosen = held_out_ridge(rows, targets, folds, weights=weights, progress=progress)
    of_rows = there[:, folds]
    plain = np.where(of_rows, found, -np.inf).argmax(axis=2)
    balanced = np.where(of_rows, found * weights[:, folds], -np.inf).argmax(axis=2)
    return balanced, plain, tuple(RATIOS[place] for place in chosen[:, 0])


def recalls(given: Labels, codes: Labels, labels: int) -> Real:
    """Give for each label the share of its rows that get it.

    Parameters
    ----------
    given, codes : (T, n) int
        Labels given and true, in each of T labellings.
    labels : int
        Number of labels K.

    Returns
    -------
    (T, K) float
        Their mean is the balanced accuracy, 1/K by chance whatever the labels' numbers.

    Examples
    --------
    >>> recalls(np.zeros((1, 4), int), np.array([[0, 0, 0, 1]]), 2)
    array([[1., 0.]])
    """
    mine = codes[:, :, None] == np.arange(labels)
    right = (given == codes)[:, :, None] & mine
    return np.asarray(right.sum(axis=1) / np.maximum(mine.sum(axis=1), 1))


def confusion(given: Labels, codes: Labels, labels: int) -> NDArray[np.int64]:
    """Count how often each label was taken for each.

    Parameters
    ----------
    given, codes : (n,) int
        Labels given and true.
    labels : int
        Number of labels K.

    Returns
    -------
    (K, K) int64
        A row for each true label.

    Examples
    --------
    >>> confusion(np.array([0, 1, 1]), np.array([0, 0, 1]), 2)
    array([[1, 1],
           [0, 1]])
    """
    counted = np.bincount(codes * labels + given, minlength=labels**2)
    return counted.reshape(labels, labels).astype(np.int64)


def _logistic(
    rows: Real, codes: Labels, folds: Labels, labels: int, progress: Progress
) -> tuple[Labels, Labels, tuple[float, ...]]:
    number = int(folds.max()) + 1
    scaled = rows / (np.sqrt(np.mean(np.sum(rows**2, axis=1))) or 1.0)
    given = np.zeros(codes.shape, dtype=np.int64)
    first: list[float] = []
    for task, mine in enumerate(codes):
        progress("logistic", task, len(codes), "labellings")
        right = np.zeros((number, len(_STRENGTHS)))
        for one in range(number):
            for other in range(one + 1, number) if number > 2 else ():
                train = (folds != one) & (folds != other)
                for place, strength in enumerate(_STRENGTHS):
                    found = _fitted(scaled[train], mine[train], strength, scaled)
                    for held, scored in ((one, other), (other, one)):
                        test = folds == scored
                        share = recalls(found[None, test], mine[None, test], labels)
                        right[held, place] += share.sum()
        # Of equally good ones the strongest penalty, which comes first.
        best = right.argmax(axis=1) if number > 2 else np.full(number, 2)
        for fold in range(number):
            train, test = folds != fold, folds == fold
            strength = _STRENGTHS[best[fold]]
            given[task, test] = _fitted(scaled[train], mine[train], strength, scaled[test])
        if task == 0:
            first = [_STRENGTHS[place] for place in best]
    progress("logistic", len(codes), len(codes), "labellings")
    return given, given, tuple(first)


def _fitted(rows: Real, codes: Labels, strength: float, new: Real) -> Labels:
    if len(np.unique(codes)) < 2:
        return np.full(len(new), codes[0] if len(codes) else 0, dtype=np.int64)
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=300, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found: Labels = model.fit(rows, codes).predict(new)
    return found
