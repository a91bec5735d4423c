"""Train a fresh classifier on embeddings, to test what an erasure has left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from probes.concepts.quantities import quantity_rows, quantity_text
from probes.result import WIDTH, Result
from probes.shared.effective_trials import groups as in_groups
from probes.shared.effective_trials import share_interval
from probes.shared.intervals import Interval, check_level
from probes.shared.resampling import check_draws
from probes.shared.wording import with_interval
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Adversary(Result):
    """How well a fresh logistic regression tells two labels from vectors.

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
    settings : dict
        Numbers of vectors and groups, erasure, penalty, folds and level.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(40) % 2
    >>> X = rng.normal(size=(40, 3)) + 4 * y[:, None]
    >>> found = adversary(X, y, groups=np.arange(40))
    >>> print(found.held_out, found.in_sample, found.chance)
    1.000 [0.912, 1.000] 1.0 0.5
    """

    name = "adversary"

    chance: float
    in_sample: float
    loss: float
    constant_loss: float
    held_out: Interval

    settings: dict[str, Cell]

    @property
    def succeeds(self) -> bool:
        """Whether the interval on held-out groups lies above chance."""
        return self.held_out.low > self.chance

    def summary(self) -> str:
        """Say whether the classifier does better than chance.

        Returns
        -------
        str
            One paragraph.
        """
        erased = self.settings["erasure"]
        of = f"vectors after {erased}" if erased else "the vectors"
        verdict = (
            "it tells the labels apart"
            if self.succeeds
            else "no better than chance, to the accuracy of this test"
        )
        return (
            f"A fresh logistic regression on {of} is right on {with_interval(self.held_out, '.0%')}"
            f" of held-out groups, where always giving the more frequent label is right on "
            f"{self.chance:.0%}: {verdict}. A classifier that is not linear may find more."
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each quantity.

        Returns
        -------
        list of dict
            Accuracies and losses.
        """
        return quantity_rows(self._numbers)

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of vectors and groups, and the settings.

        Returns
        -------
        dict
            Name to value.
        """
        return dict(self.settings)

    def text(self, width: int = WIDTH) -> str:
        """Lay the quantities out.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal; the table has its own width.

        Returns
        -------
        str
            A table.
        """
        return quantity_text(self._numbers)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the accuracy on held-out groups beside chance.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from probes.drawing.interval_rows import plot_intervals

        return plot_intervals(
            {"held-out groups": self.held_out},
            label="accuracy of a logistic regression (dotted: chance)",
            reference=self.chance,
            ax=ax,
        )

    @property
    def _numbers(self) -> dict[str, Interval | float | None]:
        return {
            "accuracy, held-out groups": self.held_out,
            "accuracy, in sample": self.in_sample,
            "accuracy by chance": self.chance,
            "log-loss, in sample": self.loss,
            "log-loss of a constant": self.constant_loss,
        }


@one_blas_thread()
def adversary(
    X: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike,
    *,
    erasure: Any = None,
    C: float = 1.0,
    folds: int = 5,
    level: float = 0.95,
) -> Adversary:
    """Fit a fresh logistic regression, and count how often it is right.

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
        Group of each row; rows of one group stay together, such as the two words of a pair.
    erasure : transformer, optional
        What is applied first, with ``fit(X, y)`` and ``transform(X)`` as in scikit-learn, such as
        `LeastSquaresErasure`; nothing by default.
    C : float, default 1.0
        Inverse strength of the classifier's penalty.
    folds : int, default 5
        Folds of the cross-validation; at most as many as there are groups.
    level : float, default 0.95
        Nominal coverage of the interval, which rests on the number of independent answers
        that the groups are worth (`probes.shared.effective_trials`).

    Returns
    -------
    Adversary

    Raises
    ------
    InputError
        Shapes do not fit, the labels are not two, or a number is out of range.

    Examples
    --------
    >>> from probes.concepts import LeastSquaresErasure
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(60) % 2
    >>> X = rng.normal(size=(60, 3)) + 3 * y[:, None]
    >>> groups = np.arange(60) // 2
    >>> adversary(X, y, groups).succeeds
    True
    >>> adversary(X, y, groups, erasure=LeastSquaresErasure()).succeeds
    False
    """
    check_level(level)
    check_draws(name="folds", draws=folds, least=2, seed=0)
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
        held_out=_interval(right, numbers, level=level),
        settings={
            "vectors": len(rows),
            "groups": int(numbers.max()) + 1,
            "erasure": "" if erasure is None else type(erasure).__name__,
            "C": C,
            "folds": parts.get_n_splits(),
            "level": level,
        },
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


def _interval(right: Real, numbers: NDArray[np.integer], *, level: float) -> Interval:
    count = int(numbers.max()) + 1
    found = in_groups(
        np.bincount(numbers, weights=right, minlength=count),
        np.bincount(numbers, minlength=count),
    )
    return share_interval([found], [1.0], level=level, over="groups")
