"""Expand a loss at the origin: what it factorises there, and with which weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch.errors import InputError


@dataclass(frozen=True)
class LossExpansion:
    """First and second derivatives at 0 of the two halves of a loss.

    Any loss E_+[f+(w.w')] + E_-[f-(w.w')] is a weighted factorisation near the
    origin (arXiv 2502.09863, appendix D: complete the square of its expansion).

    Parameters
    ----------
    positive : (float, float)
        f+'(0) and f+''(0), for the pairs that co-occur.
    negative : (float, float)
        f-'(0) and f-''(0), for the independent pairs.

    Raises
    ------
    InputError
        A second derivative is negative or both are 0: the expansion has no
        minimum.

    Examples
    --------
    >>> from repsearch.dynamics import SGNS, LossExpansion
    >>> squared = LossExpansion(positive=(-1.0, 1.0), negative=(0.0, 1.0))  # x^2/2 - x and x^2/2
    >>> squared.curvature, SGNS.curvature
    (1.0, 0.25)
    >>> SGNS.target([0.3, 0.1], [0.1, 0.3]).round(6).tolist()  # 2 (.3 - .1) / (.3 + .1), ...
    [1.0, -1.0]
    """

    positive: tuple[float, float]
    negative: tuple[float, float]

    def __post_init__(self) -> None:
        numbers = (*self.positive, *self.negative)
        if not all(math.isfinite(number) for number in numbers):
            raise InputError(f"the derivatives at 0 are {numbers}; pass finite numbers")
        if min(self.positive[1], self.negative[1]) < 0 or self.curvature == 0:
            raise InputError(
                f"the second derivatives at 0 are {self.positive[1]} and {self.negative[1]}; "
                "pass a loss that is convex at 0 in one of its halves and not concave in the other"
            )

    @property
    def curvature(self) -> float:
        """Mean of the two second derivatives, 1/2 for the quartic loss and 1/4 for SGNS."""
        return (self.positive[1] + self.negative[1]) / 2

    def target(self, positive: ArrayLike, negative: ArrayLike) -> NDArray[np.float64]:
        """Work out what the loss factorises near the origin.

        M* of arXiv 2502.09863, eq. (5), for the quartic loss and for SGNS; in general
        -(f+' Psi+P + f-' Psi-PP) / (f+'' Psi+P + f-'' Psi-PP), derivatives at 0.

        Parameters
        ----------
        positive, negative : array_like of float
            Psi+P and Psi-PP, of equal shape.

        Returns
        -------
        array of float64
            The target, of that shape.
        """
        p, n = np.asarray(positive, float), np.asarray(negative, float)
        slope = self.positive[0] * p + self.negative[0] * n
        target: NDArray[np.float64] = -slope / (self.positive[1] * p + self.negative[1] * n)
        return target

    def weight(self, positive: ArrayLike, negative: ArrayLike) -> NDArray[np.float64]:
        """Work out the weights of that factorisation, in units of `curvature`.

        G = Psi+P + Psi-PP of arXiv 2502.09863, eq. (5), wherever the two second derivatives are
        equal, as in the quartic loss and SGNS.

        Parameters
        ----------
        positive, negative : array_like of float
            Psi+P and Psi-PP, of equal shape.

        Returns
        -------
        array of float64
            The weights, of that shape.
        """
        p, n = np.asarray(positive, float), np.asarray(negative, float)
        weight: NDArray[np.float64] = (self.positive[1] * p + self.negative[1] * n) / self.curvature
        return weight


QUARTIC = LossExpansion((-1.0, 0.5), (1.0, 0.5))
"""x^2/4 - x and x^2/4 + x (eq. 3)."""
SGNS = LossExpansion((-0.5, 0.25), (0.5, 0.25))
"""log(1 + e^-x) and log(1 + e^x) (eq. 1): half of the quartic loss near the origin."""
