"""Read the learning rate of a step from a schedule."""

from __future__ import annotations

from repsearch.dynamics import Clock
from repsearch.dynamics.clock.flow_time import LearningRate
from repsearch.errors import InputError


def settled(learning_rate: LearningRate) -> LearningRate:
    """Check a learning rate, and give it in the one form that settings compare.

    Parameters
    ----------
    learning_rate : float or sequence of tuples
        A constant, or the stretches of a schedule.

    Returns
    -------
    float or tuple of tuples
        Of floats.

    Raises
    ------
    InputError
        A rate that is not positive, a schedule with a stretch that cannot be.

    Examples
    --------
    >>> settled([[10, 1], [5, 1, 0]])
    ((10.0, 1.0), (5.0, 1.0, 0.0))
    """
    Clock(1.0, learning_rate)
    if isinstance(learning_rate, int | float):
        return float(learning_rate)
    # Lists, such as JSON has, would make two equal settings unequal.
    return tuple(tuple(float(x) for x in row) for row in learning_rate)


def largest(learning_rate: LearningRate) -> float:
    """Give the largest rate of a schedule.

    Parameters
    ----------
    learning_rate : float or sequence of tuples
        A constant, or the stretches of a schedule.

    Returns
    -------
    float
        eta.
    """
    return max(max(first, last) for _, first, last in Clock(1.0, learning_rate).stretches)


def rate_of(learning_rate: LearningRate, step: int) -> float:
    """Give the learning rate of the step after `step` steps.

    Where it changes linearly it is that in the middle of the step, so that the sum over steps
    is the area under the schedule.

    Parameters
    ----------
    learning_rate : float or sequence of tuples
        A constant, or the stretches of a schedule.
    step : int
        Steps taken so far.

    Returns
    -------
    float
        eta.

    Raises
    ------
    InputError
        The schedule has ended.

    Examples
    --------
    >>> [rate_of([(2, 0.5), (2, 0.5, 0.0)], step) for step in range(4)]
    [0.5, 0.5, 0.375, 0.125]
    """
    begin, total, found = 0.0, 0.0, False
    for length, first, last in Clock(1.0, learning_rate).stretches:
        low, high = max(step, begin), min(step + 1, begin + length)
        if low < high:
            middle = (low + high) / 2 - begin
            slope = (last - first) / length
            total, found = total + (high - low) * (first + slope * middle), True
        begin += length
    if not found:
        raise InputError(
            f"the schedule of learning rates ends after {begin:g} steps; {step} are taken"
        )
    return total
