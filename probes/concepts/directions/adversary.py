"""A fresh classifier set on embeddings, before and after a concept was erased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from probes.shared.intervals import Interval, check_level, multiplicities
from probes.shared.resampling import bootstrap_interval, check_draws
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]
RESAMPLES = 2000


@dataclass(frozen=True)
class Adversary:
    """What a logistic regression makes of vectors and two labels.

    Parameters
    ----------
    chance : float
        Accuracy of always giving the more frequent label.
    in_sample : float
        Accuracy on the vectors it was fitted to.
    loss : float
        Mean log-loss there, in nats, without the penalty.
    constant_loss : float
        That of a constant, the entropy of the labels. After least-squares
        erasure no linear classifier has a smaller `loss`.
    held_out : Interval
        Accuracy on groups that neither classifier nor erasure has seen.
    """

    chance: float
    in_sample: float
    loss: float
    constant_loss: float
    held_out: Interval

    def __str__(self) -> str:
        return (
            f"logistic regression: {self.in_sample:.3f} right in sample, {self.held_out} on "
            f"held-out groups, {self.chance:.3f} by chance"
        )


@one_blas_thread()
def adversary(
    X: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike,
    *,
    erasure: Any = None,
    C: float = 1.0,
    folds: int = 5,
    seed: int = 0,
    level: float = 0.95,
) -> Adversary:
    """Fit a fresh logistic regression and see how often it is right.

    Vectors are centred and scaled to a mean squared length of d, by what was
    fitted to, so that `C` means the same for all embeddings. In the folds the
    erasure is fitted to the training part alone: fitted to all vectors it makes
    the classes of a held-out part differ in the opposite way to those of the
    rest, and accuracy falls below chance.

    Parameters
    ----------
    X : (n, d) array_like
        Word vectors.
    y : (n,) array_like
        Two labels.
    groups : (n,) array_like
        Rows of one group stay together, such as the two words of a pair.
    erasure : transformer, optional
        As in scikit-learn, with ``fit(X, y)`` and ``transform(X)``; none by default.
    C : float, default 1.0
        Inverse strength of the classifier's penalty.
    folds : int, default 5
        Of the cross-validation; at most as many as there are groups.
    seed : int, default 0
        Of the interval's bootstrap over groups.
    level : float, default 0.95
        Nominal coverage.

    Raises
    ------
    InputError
        Shapes do not fit, the labels are not two, or a number is out of range.
    """
    check_level(level)
    check_draws(name="folds", draws=folds, least=2, seed=seed)
    rows, labels, together = np.asarray(X, dtype=np.float64), np.asarray(y), np.asarray(groups)
    if rows.ndim != 2 or labels.shape != (len(rows),) or together.shape != (len(rows),):
        raise InputError(
            f"vectors of shape {rows.shape}, labels {labels.shape} and groups {together.shape} do "
            "not fit; pass (n, d), (n,) and (n,)"
        )
    classes, codes = np.unique(labels, return_inverse=True)
    _, numbers = np.unique(together, return_inverse=True)
    if len(classes) != 2 or numbers.max() < 1:
        raise InputError(
            f"there are {len(classes)} labels and {numbers.max() + 1} groups; pass two labels and "
            "at least two groups"
        )
    decision = _decision(rows, codes, rows, erasure, C)
    right = np.zeros(len(rows))
    parts = GroupKFold(n_splits=min(folds, int(numbers.max()) + 1))
    for train, test in parts.split(rows, codes, numbers):
        if len(set(codes[train])) < 2:
            raise InputError(
                "a fold has one label only in its training part; use more groups or fewer folds"
            )
        found = _decision(rows[train], codes[train], rows[test], erasure, C)
        right[test] = (found > 0) == codes[test]
    share = float(codes.mean())
    signed = np.where(codes == 1, decision, -decision)
    return Adversary(
        chance=max(share, 1 - share),
        in_sample=float(np.mean((decision > 0) == codes)),
        loss=float(np.mean(np.logaddexp(0.0, -signed))),
        constant_loss=float(-share * np.log(share) - (1 - share) * np.log1p(-share)),
        held_out=_interval(right, numbers, seed=seed, level=level),
    )


def _decision(train: Real, codes: NDArray[np.integer], test: Real, erasure: Any, C: float) -> Real:
    """Log-odds for the test rows."""
    if erasure is not None:
        fitted = clone(erasure).fit(train, codes)
        train, test = fitted.transform(train), fitted.transform(test)
    centre = train.mean(axis=0)
    size = float(np.sqrt(np.mean((train - centre) ** 2))) or 1.0
    model = LogisticRegression(C=C, max_iter=5000).fit((train - centre) / size, codes)
    return np.asarray(model.decision_function((test - centre) / size))


def _interval(right: Real, numbers: NDArray[np.integer], *, seed: int, level: float) -> Interval:
    count = int(numbers.max()) + 1
    correct = np.bincount(numbers, weights=right, minlength=count)
    sizes = np.bincount(numbers, minlength=count)
    times = multiplicities(count, RESAMPLES, np.random.default_rng(seed))
    return bootstrap_interval(
        float(right.mean()),
        (times @ correct) / (times @ sizes),
        trials=[count],
        level=level,
        over=f"{count} groups",
    )
