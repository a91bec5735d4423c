"""Continue modes from one moment to the next: which column goes on as which, and its sign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]
_HALF = 0.5
"""A squared overlap above this has no equal among orthonormal columns, neither way."""


@dataclass(frozen=True, eq=False)
class Continued:
    """How the columns of one moment go on as those of another.

    Parameters
    ----------
    order : (r,) ndarray of int
        The column here that goes on as column k there.
    signs : (r,) ndarray of float
        1 or -1: what it is multiplied by so that its overlap is not negative.
    overlaps : (r,) ndarray of float
        That overlap, from 0 to 1.
    """

    order: NDArray[np.int64]
    signs: Real
    overlaps: Real


def continued(here: Real, there: Real) -> Continued:
    """Match orthonormal columns to others.

    Columns with an overlap above 1/sqrt(2) in size are one mode: no other column can have as
    much with either of them, so these matches are settled by themselves. The others, whose
    direction turned too far in between to be known again, are assigned to each other with the
    largest sum of squared overlaps.

    Parameters
    ----------
    here, there : (V, r) ndarray of float64
        Orthonormal columns of the same words.

    Returns
    -------
    Continued
        The order, signs and overlaps of `here` for `there`.

    Examples
    --------
    >>> turned = np.array([[0.6, -0.8], [0.8, 0.6]])
    >>> found = continued(turned, np.eye(2))
    >>> found.order.tolist(), found.signs.tolist(), found.overlaps.tolist()
    ([1, 0], [-1.0, 1.0], [0.8, 0.8])
    """
    overlaps = there.T @ here
    squares = overlaps**2
    order = np.full(len(squares), -1)
    sure = np.argwhere(squares > _HALF)
    order[sure[:, 0]] = sure[:, 1]
    left = np.flatnonzero(order < 0)
    free = np.setdiff1d(np.arange(len(squares)), order)
    if len(left):
        rows, columns = linear_sum_assignment(squares[np.ix_(left, free)], maximize=True)
        order[left[rows]] = free[columns]
    chosen = overlaps[np.arange(len(order)), order]
    signs = np.where(chosen < 0, -1.0, 1.0)
    return Continued(order, signs, np.minimum(np.abs(chosen), 1.0))


def settled_signs(columns: Real) -> Real:
    """Choose signs that do not depend on who worked the columns out.

    Parameters
    ----------
    columns : (V, r) ndarray of float64
        Vectors.

    Returns
    -------
    (r,) ndarray of float64
        1 or -1, such that the entry of each that is largest in size is positive; of equal ones
        the first.

    Examples
    --------
    >>> settled_signs(np.array([[0.6, -0.8], [-0.8, 0.6]])).tolist()
    [-1.0, -1.0]
    """
    largest = np.argmax(np.abs(columns), axis=0)
    return np.where(columns[largest, np.arange(columns.shape[1])] < 0, -1.0, 1.0)


@dataclass(frozen=True, eq=False)
class _Link:
    """Columns of each moment from the last back to `place`; vectors and values of that one."""

    place: int
    columns: tuple[Continued, ...]
    left: Real
    values: Real


class ModeChain:
    """Modes whose columns continue from the last of several moments back to the first.

    What is asked first does not matter: each moment is continued from the one after it, back
    from the last, and only orders, signs and overlaps are kept, beside the vectors of one moment.

    Parameters
    ----------
    decomposed : callable
        Gives left singular vectors (V, r) and values (r,), decreasing, of the moment of a
        number, to the same bits whenever it is called.
    number : int
        How many moments there are.

    Examples
    --------
    The larger mode of the last moment was the smaller one before, and had the other sign:

    >>> moments = [(-np.eye(2)[:, ::-1], np.array([3.0, 2.0])), (np.eye(2), np.array([5.0, 4.0]))]
    >>> left, values = ModeChain(lambda place: moments[place], 2).modes(0)
    >>> left.tolist(), values.tolist()
    ([[1.0, 0.0], [0.0, 1.0]], [2.0, 3.0])
    """

    def __init__(self, decomposed: Callable[[int], tuple[Real, Real]], number: int) -> None:
        self._decomposed = decomposed
        self._number = number
        self._link: _Link | None = None

    def modes(self, place: int) -> tuple[Real, Real]:
        """Give vectors and values of a moment in their continued order.

        Parameters
        ----------
        place : int
            Number of the moment, from 0.

        Returns
        -------
        left : (V, r) ndarray of float64
            Orthonormal columns.
        values : (r,) ndarray of float64
            Their values.
        """
        link = self._back_to(place)
        if place == link.place:
            return link.left.copy(), link.values.copy()
        left, values = self._decomposed(place)
        step = link.columns[self._number - 1 - place]
        return left[:, step.order] * step.signs, values[step.order]

    def overlaps(self) -> Real:
        """Give the overlap of each column with that of the moment after.

        Returns
        -------
        (number - 1, r) ndarray of float64
            From 0 to 1; no row where there are fewer than two moments.
        """
        if not self._number:
            return np.zeros((0, 0))
        columns = self._back_to(0).columns
        # The last moment, which is the first of the columns, has none after it.
        found = [step.overlaps for step in columns[:0:-1]]
        return np.array(found).reshape(len(found), len(columns[0].order))

    @one_blas_thread()
    def _back_to(self, place: int) -> _Link:
        """Continue columns back to a moment, where that is not done yet."""
        last = self._number - 1
        if self._link is None:
            left, values = self._decomposed(last)
            signs = settled_signs(left)
            order = np.arange(left.shape[1])
            first = Continued(order, signs, np.ones(len(order)))
            self._link = _Link(last, (first,), left * signs, values)
        while self._link.place > place:
            link = self._link
            left, values = self._decomposed(link.place - 1)
            step = continued(left, link.left)
            # As a whole, so that an interruption leaves the chain as it was.
            self._link = _Link(
                link.place - 1,
                (*link.columns, step),
                left[:, step.order] * step.signs,
                values[step.order],
            )
        return self._link
