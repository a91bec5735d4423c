"""Follow the closed form from a start of a given size, as far as its first modes are learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from probes.reproduce.have import Have
from repsearch.errors import InputError

if TYPE_CHECKING:
    from repsearch import Trajectory

SHOWN = 20
"""Modes whose singular values figures show."""


@dataclass(frozen=True)
class Followed:
    """The closed form with the times at which it is shown.

    Parameters
    ----------
    flow : Trajectory
        From a Gaussian start, of all words.
    times : (T,) float
        From before the first mode is learned to after the twentieth.
    unit : float
        The first learning time.
    """

    flow: Trajectory
    times: NDArray[np.float64]
    unit: float


def followed(have: Have, size: float, number: int) -> Followed:
    """Follow the closed form of the leading d modes.

    Parameters
    ----------
    have : Have
        What there is.
    size : float
        Singular values of the start, about.
    number : int
        How many times.

    Returns
    -------
    Followed

    Raises
    ------
    InputError
        No mode is learned from such a start.
    """
    from repsearch import Gaussian, gradient_flow

    d = have.d
    flow = gradient_flow(have.modes, Gaussian(size / np.sqrt(d), have.settings.seed), d=d)
    first, last = learning_span(flow.learning_times[:SHOWN])
    return Followed(flow, np.geomspace(first / 4, 2 * last, number), first)


def learning_span(waits: NDArray[np.float64]) -> tuple[float, float]:
    """Give the first and the last time at which a mode is learned.

    Parameters
    ----------
    waits : (K,) float
        Learning times: 0 of a mode that is there from the start, inf of one that is never learned.

    Returns
    -------
    (float, float)
        Both positive and finite.

    Raises
    ------
    InputError
        There is no such time.

    Examples
    --------
    >>> learning_span(np.array([0.0, 2.0, np.inf, 3.0, 0.0]))
    (2.0, 3.0)
    """
    learned = waits[np.isfinite(waits) & (waits > 0)]
    if not len(learned):
        raise InputError("no mode is learned from such a start; pass a smaller one (small, large)")
    return float(learned.min()), float(learned.max())
