"""Evaluate kernels: functions that say how M* falls with distance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from repsearch.synthetic.checks import check_positive, check_whole
from repsearch.synthetic.world import Real

Kernel: TypeAlias = Callable[[Real], Real]
"""Values of M* at an array of distances."""


@dataclass(frozen=True)
class Exponential:
    """The exponential kernel amplitude exp(-distance / length).

    The kernel of arXiv 2602.15029, proposition 3.

    Parameters
    ----------
    length : float
        Distance over which it falls by a factor e; sigma in the paper. Its unit is that
        of positions, which run from -1 to 1.
    amplitude : float
        Value at distance 0.

    Raises
    ------
    InputError
        A number that is not positive.

    Examples
    --------
    >>> kernel = Exponential(length=0.5, amplitude=1.5)
    >>> kernel(np.array([0.0, 0.5, 1.0])).round(3)
    array([1.5  , 0.552, 0.203])
    """

    length: float = 0.5
    amplitude: float = 1.0

    def __post_init__(self) -> None:
        check_positive("length", self.length)
        check_positive("amplitude", self.amplitude)

    def __call__(self, distance: Real) -> Real:
        """Evaluate the kernel.

        Parameters
        ----------
        distance : array
            Distances, not negative.

        Returns
        -------
        array
            Values of M* at the distances, of the same shape.
        """
        return np.asarray(self.amplitude * np.exp(-distance / self.length))


@dataclass(frozen=True)
class PeriodicExponential:
    """The exponential kernel summed over all turns of a circle.

    amplitude sum_n exp(-|x + 2 n| / length) over all whole n (arXiv 2602.15029,
    corollary 2). The circle has circumference 2, that of positions from -1 to 1. In closed
    form it is amplitude cosh((1 - x) / length) / sinh(1 / length) for 0 <= x <= 1.

    Parameters
    ----------
    length : float
        Distance over which each term falls by a factor e; sigma in the paper.
    amplitude : float
        Value of each term at its own distance 0.

    Raises
    ------
    InputError
        A number that is not positive.

    Examples
    --------
    >>> kernel = PeriodicExponential(length=0.5)
    >>> kernel(np.array([0.0, 1.0])).round(3)
    array([1.037, 0.276])
    >>> kernel.eigenvalues(4).round(3)
    array([2.164, 0.762, 0.762, 0.462])
    """

    length: float = 0.5
    amplitude: float = 1.0

    def __post_init__(self) -> None:
        check_positive("length", self.length)
        check_positive("amplitude", self.amplitude)

    def __call__(self, distance: Real) -> Real:
        """Evaluate the kernel.

        Parameters
        ----------
        distance : array
            Distances along the circle, from 0 to 1.

        Returns
        -------
        array
            Values of M* at the distances, of the same shape.
        """
        x = distance / self.length
        turn = 2 / self.length
        # Both terms shrink, whereas cosh and sinh overflow for a short length.
        return np.asarray(self.amplitude * (np.exp(-x) + np.exp(x - turn)) / -np.expm1(-turn))

    def eigenvalues(self, size: int) -> Real:
        """Compute the eigenvalues of M* on L equally spaced places of the circle.

        amplitude (1 - q^2) / (1 - 2 q cos(2 pi n / L) + q^2), with
        q = exp(-2 / (length L)), for n = 0, 1, 1, 2, 2, ... waves around the
        circle (arXiv 2602.15029, corollary 2, with k = pi n).

        Parameters
        ----------
        size : int
            L, the number of places.

        Returns
        -------
        (L,) float64
            Eigenvalues, largest first.

        Raises
        ------
        InputError
            A size below 1.
        """
        check_whole("size", size, 1)
        step = 2 / (self.length * size)
        n = (np.arange(size) + 1) // 2
        # 1 - 2 q cos + q^2 = (1 - q)^2 + 4 q sin^2(half the angle) keeps its digits at q near 1.
        q = np.exp(-step)
        below = np.expm1(-step) ** 2 + 4 * q * np.sin(np.pi * n / size) ** 2
        return np.asarray(self.amplitude * -np.expm1(-2 * step) / below)
