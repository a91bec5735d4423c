"""Which modes tied and untied models learn, and in what order."""

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
    """What models of dimension d learn from a small start, tied and untied.

    Parameters
    ----------
    eigenvalues : (K,) array
        Of a symmetric target, in any order: all of them, or those of largest
        magnitude.
    d : int
        Dimension.

    Returns
    -------
    LearningOrder
        Modes are numbered as in `eigenvalues`; of equal ones the first is named first.

    Raises
    ------
    InputError
        Eigenvalues that are not finite, or a `d` that is no whole number from 1 on.
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
