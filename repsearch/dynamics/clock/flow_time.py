"""Convert optimiser steps to the time of the gradient flow, and back.

Every closed form here is in the time t of dW/dt = (1/2) (M* - W W^T) W or, with
untied weights, dA/dt = (1/2) (M* - A B^T) B and its mirror image (arXiv
2502.09863, Lemma 3.1). A training loop moves in steps. Near the origin a loss
sum_ij [Psi+_ij P_ij f+(x_ij) + Psi-_ij P_i P_j f-(x_ij)] with x_ij = w_i.w'_j has
the gradient H_ij (x_ij - target_ij) with respect to x_ij, H_ij = c G_ij, where c
is the curvature of f+- at 0. A step at learning rate eta is therefore a flow
time of 4 c G eta (tied: w_i enters twice) or 2 c G eta (untied), times the part of
the sum over pairs that a batch is in expectation. The derivation of each case is in
docs/time.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch.dynamics.clock.batches import Batch, FullBatch
from repsearch.dynamics.clock.loss_expansion import QUARTIC, LossExpansion
from repsearch.dynamics.inputs.checks import check_positive
from repsearch.errors import InputError

LearningRate: TypeAlias = float | Sequence[tuple[float, ...]]


@dataclass(frozen=True)
class Clock:
    """Flow time as a function of optimiser steps: `rate` times the sum of learning rates.

    Parameters
    ----------
    rate : float
        Flow time of a step at learning rate 1.
    learning_rate : float or sequence of tuples
        A constant; or the stretches of a schedule, (steps, learning rate) or,
        where it changes linearly, (steps, first, last). Training ends with the
        last stretch, whose number of steps may be infinite.

    Raises
    ------
    InputError
        `rate` is not positive, or the schedule has a stretch that cannot be.

    Examples
    --------
    >>> from repsearch.dynamics import Clock
    >>> decaying = Clock(rate=2.0, learning_rate=[(100, 0.1, 0.0)])
    >>> decaying.time([0, 50, 100]).round(3).tolist()
    [0.0, 7.5, 10.0]
    >>> decaying.steps([7.5, 11.0]).round(3).tolist()
    [50.0, inf]
    """

    rate: float
    learning_rate: LearningRate = 1.0

    def __post_init__(self) -> None:
        check_positive("rate", self.rate)
        object.__setattr__(self, "learning_rate", _stretches(self.learning_rate))

    @property
    def stretches(self) -> tuple[tuple[float, float, float], ...]:
        """The schedule as (steps, first learning rate, last learning rate)."""
        return self.learning_rate  # type: ignore[return-value]  # made so in __post_init__

    @property
    def total_steps(self) -> float:
        """Steps of the whole training, infinite for a constant learning rate."""
        return math.fsum(steps for steps, _, _ in self.stretches)

    def time(self, steps: ArrayLike) -> NDArray[np.float64]:
        """Give the flow time after a number of steps.

        Parameters
        ----------
        steps : array_like of float
            Numbers of steps, of any shape.

        Returns
        -------
        array of float64
            Flow times, of that shape; after the end of training, that of the end.

        Raises
        ------
        InputError
            A negative number of steps, or NaN.
        """
        given = _not_negative("steps", steps)
        area = np.zeros(given.shape)
        begin = 0.0
        for length, first, last in self.stretches:
            inside = np.clip(given - begin, 0.0, length)
            # An infinite stretch has no slope, and inf * 0 is not 0.
            change = (last - first) / length * inside / 2 if first != last else 0.0
            area = area + inside * (first + change)
            begin += length
        return np.asarray(self.rate * area)

    def steps(self, times: ArrayLike) -> NDArray[np.float64]:
        """Give the steps after which a flow time is reached, the inverse of `time`.

        Parameters
        ----------
        times : array_like of float
            Flow times, of any shape.

        Returns
        -------
        array of float64
            Numbers of steps, in general not whole, of that shape; infinite where training ends
            before.

        Raises
        ------
        InputError
            A negative time, or NaN.
        """
        sought = _not_negative("times", times) / self.rate
        found = np.zeros(sought.shape)
        before = 0.0
        for length, first, last in self.stretches:
            area = math.inf if math.isinf(length) else length * (first + last) / 2
            rest = np.clip(sought - before, 0.0, None)
            reached = rest >= area
            inside = np.where(reached, 0.0, rest)
            slope = (last - first) / length
            # The root of first u + slope u^2 / 2 = inside that does not cancel.
            root = first + np.sqrt(np.maximum(first**2 + 2 * slope * inside, 0.0))
            part = 2 * inside / np.where(inside > 0, root, 1.0)
            found = found + np.where(rest > 0, np.where(reached, length, part), 0.0)
            before += area
        # Rounding must not put the last step out of reach.
        return np.asarray(np.where(sought > before * (1 + 8 * np.finfo(float).eps), np.inf, found))


def clock(
    learning_rate: LearningRate,
    *,
    loss: LossExpansion = QUARTIC,
    tied: bool = True,
    weight: float = 1.0,
    batch: Batch | None = None,
) -> Clock:
    """Make the clock of gradient descent without momentum or weight decay.

    Parameters
    ----------
    learning_rate : float or sequence of tuples
        A constant, or the stretches of a schedule, as `Clock` takes them.
    loss : LossExpansion
        `QUARTIC`, `SGNS` or the user's own. For losses other than the quartic
        one the clock is that of the loss near the origin, |w_i.w'_j| << 1.
    tied : bool
        Whether words and contexts share their vectors, W' = W.
    weight : float
        The g of Setting 3.1, G_ij = g. For other weightings, the weight w that
        is taken for the unit of the weighted flow
        dW/dt = (1/2) ((G/w) o (M* - W W^T)) W, for example the mean of G; the
        entry (i, j) alone then goes at G_ij / w of the speed of this clock.
    batch : Batch, optional
        How a step draws on pairs; the sum over all by default.

    Returns
    -------
    Clock
        Whose rate is 4 c w b (tied) or 2 c w b (untied), with the curvature c of the loss and
        the scale b of the batch.

    Raises
    ------
    InputError
        A number that is out of range.

    Examples
    --------
    >>> from repsearch.dynamics import SGNS, clock
    >>> float(clock(0.1).time(30)), float(clock(0.1, loss=SGNS, tied=False).time(30))
    (6.0, 1.5)
    """
    check_positive("weight", weight)
    scale = (batch or FullBatch()).scale
    return Clock((4.0 if tied else 2.0) * loss.curvature * weight * scale, learning_rate)


def _stretches(learning_rate: LearningRate) -> tuple[tuple[float, float, float], ...]:
    """Check a learning rate, and give it as stretches."""
    if isinstance(learning_rate, int | float | np.number):
        check_positive("learning_rate", float(learning_rate))
        return ((math.inf, float(learning_rate), float(learning_rate)),)
    found = []
    for number, stretch in enumerate(learning_rate):
        if len(stretch) not in (2, 3):
            raise InputError(
                f"stretch {number} of the schedule is {stretch!r}; pass (steps, learning rate) "
                "or (steps, first, last)"
            )
        steps, first, last = float(stretch[0]), float(stretch[1]), float(stretch[-1])
        endless = math.isinf(steps) and number == len(learning_rate) - 1 and first == last
        if not steps > 0 or not (math.isfinite(steps) or endless):
            raise InputError(
                f"stretch {number} of the schedule has {steps!r} steps; pass a positive number, "
                "infinite only for a constant last stretch"
            )
        if not (0 <= first < math.inf and 0 <= last < math.inf and first + last > 0):
            raise InputError(
                f"stretch {number} of the schedule has learning rates {first!r} to {last!r}; "
                "pass finite ones that are not negative and not both 0"
            )
        found.append((steps, first, last))
    if not found:
        raise InputError("the schedule is empty; pass at least one stretch")
    return tuple(found)


def _not_negative(name: str, numbers: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(numbers, float)
    wrong = array[~(array >= 0)]
    if wrong.size:
        raise InputError(f"{name} has {float(wrong.flat[0])!r}; pass numbers that are not negative")
    return array
