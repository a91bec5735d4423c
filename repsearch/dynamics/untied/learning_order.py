"""Tell which modes tied and untied models learn, and in what order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.dynamics.inputs.checks import checked_eigenvalues
from repsearch.dynamics.inputs.numpy_or_torch import Array, as_float64
from repsearch.errors import InputError


@dataclass(frozen=True, eq=False)
class LearningOrder:
    """Which modes tied and untied models learn from a small start, first to last.

    Parameters
    ----------
    untied : (<= d,) int
        Modes, by |eigenvalue|; one that is 0 is never learned.
    tied : (<= d,) int
        Positive ones alone, by value.

    Examples
    --------
    >>> from repsearch.dynamics import learning_order
    >>> order = learning_order([3.0, 1.0, -2.0], d=2)
    >>> order.tied.tolist(), order.untied.tolist(), order.first_difference
    ([0, 1], [0, 2], 1)
    >>> order.only_tied.tolist(), order.only_untied.tolist()
    ([1], [2])
    """

    untied: NDArray[np.intp]
    tied: NDArray[np.intp]

    @property
    def first_difference(self) -> int | None:
        """The first place at which the two learn different modes, counted from 0, or None."""
        if np.array_equal(self.untied, self.tied):
            return None
        both = min(len(self.untied), len(self.tied))
        differ = np.flatnonzero(self.untied[:both] != self.tied[:both])
        return int(differ[0]) if len(differ) else both

    @property
    def only_untied(self) -> NDArray[np.intp]:
        """Modes that the untied model learns and the tied one does not."""
        return self.untied[~np.isin(self.untied, self.tied)]

    @property
    def only_tied(self) -> NDArray[np.intp]:
        """Modes that the tied model learns and the untied one has no dimension left for."""
        return self.tied[~np.isin(self.tied, self.untied)]


def learning_order(eigenvalues: Array, d: int) -> LearningOrder:
    """Tell what models of dimension d learn from a small start, tied and untied.

    A tied model learns the positive eigenvalues in decreasing order (arXiv 2502.09863,
    Lemma 3.1). An untied one learns by |eigenvalue|, a negative one with B = -A.

    Parameters
    ----------
    eigenvalues : (K,) array
        Eigenvalues of a symmetric target, in any order: all of them, or those of largest
        magnitude.
    d : int
        Dimension of the embeddings.

    Returns
    -------
    LearningOrder
        Modes are numbered as in `eigenvalues`; of equal ones the first is named first.

    Raises
    ------
    InputError
        Eigenvalues that are not finite, or a `d` that is no whole number from 1 on.

    Examples
    --------
    >>> from repsearch.dynamics import learning_order
    >>> learning_order([3.0, 1.0, -2.0], d=3).untied.tolist()
    [0, 2, 1]
    """
    values = checked_eigenvalues(as_float64(eigenvalues))
    if not is_whole(d) or d < 1:
        raise InputError(f"d is {d!r}; pass a whole number of at least 1")
    untied = np.argsort(-np.abs(values), kind="stable")
    tied = np.argsort(-values, kind="stable")
    return LearningOrder(
        untied=untied[values[untied] != 0][:d],
        tied=tied[values[tied] > 0][:d],
    )
