"""Schedule what happens in a run: at times of the flow, at steps, or at both.

A training loop asks for the next time and the next step after where it is, goes no
further than those, and asks `reached` when it has moved. Schedules join: ``a | b``.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from repsearch.checks import is_whole
from repsearch.dynamics.inputs.checks import check_positive, check_whole
from repsearch.dynamics.trajectory import Trajectory
from repsearch.errors import InputError

Moment = tuple[int, float]
BEFORE: Moment = (-1, -math.inf)
"""The step and the time that come before any run."""


class Schedule:
    """Steps and times at which something happens; by itself none.

    Examples
    --------
    >>> from repsearch.training import AtTimes, Every
    >>> both = Every(100) | AtTimes([0.5])
    >>> both.next_step(after=120), both.next_time(after=0.0)
    (200, 0.5)
    >>> both.reached(before=(120, 0.4), now=(130, 0.6))
    True
    """

    def next_time(self, after: float) -> float:
        """Give the first time later than another.

        Parameters
        ----------
        after : float
            Flow time.

        Returns
        -------
        float
            Flow time; inf where there is none.
        """
        return math.inf

    def next_step(self, after: float) -> float:
        """Give the first step later than another.

        Parameters
        ----------
        after : float
            Number of steps, -1 to ask for the start as well.

        Returns
        -------
        float
            Number of steps; inf where there is none.
        """
        return math.inf

    def reached(self, before: Moment, now: Moment) -> bool:
        """Tell whether a run that went from one moment to another is due.

        It is if a step or a time of the schedule lies after `before` and not after `now`.

        Parameters
        ----------
        before : (int, float)
            Steps and flow time where the run was; `BEFORE` to ask for the start itself.
        now : (int, float)
            Steps and flow time where it is.

        Returns
        -------
        bool
            Whether it is.
        """
        return self.next_step(before[0]) <= now[0] or self.next_time(before[1]) <= now[1]

    def __or__(self, other: Schedule) -> Schedule:
        return AnyOf((*_parts(self), *_parts(other)))


@dataclass(frozen=True)
class AtTimes(Schedule):
    """At given times of the flow.

    Parameters
    ----------
    times : (T,) sequence of float
        Flow times, increasing, not negative.

    Raises
    ------
    InputError
        No times, or some that do not increase, are negative or not finite.

    Examples
    --------
    >>> from repsearch.training import AtTimes
    >>> AtTimes([0.5, 2.0]).next_time(after=0.5)
    2.0
    """

    times: tuple[float, ...]

    def __post_init__(self) -> None:
        times = np.asarray(self.times, float)
        if times.ndim != 1 or not times.size or not np.isfinite(times).all() or times.min() < 0:
            raise InputError(f"times is {self.times!r}; pass at least one, finite and not negative")
        if (np.diff(times) <= 0).any():
            raise InputError("the times do not increase; sort them and drop repeated ones")
        object.__setattr__(self, "times", tuple(times.tolist()))

    def next_time(self, after: float) -> float:
        """Give the first of the times later than another.

        Parameters
        ----------
        after : float
            Flow time.

        Returns
        -------
        float
            Flow time; inf where there is none.
        """
        return _next(self.times, after)


@dataclass(frozen=True)
class AtSteps(Schedule):
    """After given numbers of steps.

    Parameters
    ----------
    steps : sequence of int
        Numbers of steps, increasing, not negative; 0 is the start.

    Raises
    ------
    InputError
        No steps, or some that do not increase, are negative or no whole numbers.

    Examples
    --------
    >>> from repsearch.training import AtSteps
    >>> AtSteps([0, 10, 100]).next_step(after=10)
    100
    """

    steps: tuple[int, ...]

    def __post_init__(self) -> None:
        steps = tuple(self.steps)
        if not steps or not all(is_whole(step) and step >= 0 for step in steps):
            raise InputError(f"steps is {self.steps!r}; pass whole numbers that are not negative")
        if any(later <= earlier for earlier, later in pairwise(steps)):
            raise InputError("the steps do not increase; sort them and drop repeated ones")
        object.__setattr__(self, "steps", tuple(int(step) for step in steps))

    def next_step(self, after: float) -> float:
        """Give the first of the steps later than another.

        Parameters
        ----------
        after : float
            Number of steps, -1 to ask for the start as well.

        Returns
        -------
        float
            Number of steps; inf where there is none.
        """
        return _next(self.steps, after)


@dataclass(frozen=True)
class Every(Schedule):
    """At the start and every so many steps from there.

    Parameters
    ----------
    steps : int
        How many.

    Raises
    ------
    InputError
        No whole number of at least 1.

    Examples
    --------
    >>> from repsearch.training import Every
    >>> Every(50).next_step(after=-1), Every(50).next_step(after=120)
    (0, 150)
    """

    steps: int

    def __post_init__(self) -> None:
        check_whole("steps", self.steps)

    def next_step(self, after: float) -> float:
        """Give the first multiple of `steps` later than a step.

        Parameters
        ----------
        after : float
            Number of steps, -1 to ask for the start as well.

        Returns
        -------
        float
            Number of steps.
        """
        return math.inf if math.isinf(after) else (math.floor(after) // self.steps + 1) * self.steps


@dataclass(frozen=True)
class LogSpaced(Schedule):
    """After numbers of steps that grow by a constant factor, rounded.

    Parameters
    ----------
    first, last : int
        Numbers of steps at the ends, both in it; the start is not.
    n : int
        How many, at most: where rounding makes two equal one is left.

    Raises
    ------
    InputError
        Ends in the wrong order, or a number below 1.

    Examples
    --------
    >>> from repsearch.training import LogSpaced
    >>> LogSpaced(1, 1000, 4).steps
    (1, 10, 100, 1000)
    """

    first: int
    last: int
    n: int

    def __post_init__(self) -> None:
        for name in ("first", "last", "n"):
            check_whole(name, getattr(self, name))
        if self.last <= self.first or self.n < 2:
            raise InputError(
                f"first is {self.first}, last is {self.last} and n is {self.n}; pass a last step "
                "beyond the first one and at least 2 of them"
            )

    def next_step(self, after: float) -> float:
        """Give the first of the steps later than another.

        Parameters
        ----------
        after : float
            Number of steps, -1 to ask for the start as well.

        Returns
        -------
        float
            Number of steps; inf where there is none.
        """
        return _next(self.steps, after)

    @cached_property
    def steps(self) -> tuple[int, ...]:
        """All of them, increasing."""
        grown = (
            round(self.first * (self.last / self.first) ** (i / (self.n - 1)))
            for i in range(1, self.n - 1)
        )
        return tuple(sorted({self.first, self.last, *grown}))


@dataclass(frozen=True)
class AnyOf(Schedule):
    """Whenever one of several is due; made by ``a | b``.

    Parameters
    ----------
    parts : sequence of Schedule
        The several.

    Raises
    ------
    InputError
        Something that is no schedule.
    """

    parts: tuple[Schedule, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))
        for part in self.parts:
            if not isinstance(part, Schedule):
                raise InputError(f"{part!r} is no schedule; pass one, such as Every(100)")

    def next_time(self, after: float) -> float:
        """Give the earliest of their next times.

        Parameters
        ----------
        after : float
            Flow time.

        Returns
        -------
        float
            Flow time; inf where there is none.
        """
        return min((part.next_time(after) for part in self.parts), default=math.inf)

    def next_step(self, after: float) -> float:
        """Give the earliest of their next steps.

        Parameters
        ----------
        after : float
            Number of steps, -1 to ask for the start as well.

        Returns
        -------
        float
            Number of steps; inf where there is none.
        """
        return min((part.next_step(after) for part in self.parts), default=math.inf)


def evenly(until: float, n: int) -> AtTimes:
    """Schedule so many times, evenly from until / n to `until`.

    Parameters
    ----------
    until : float
        The last flow time.
    n : int
        How many.

    Returns
    -------
    AtTimes
        n times.

    Raises
    ------
    InputError
        An end that is not positive, or n no whole number of at least 1.

    Examples
    --------
    >>> from repsearch.training import evenly
    >>> evenly(2.0, 4).times
    (0.5, 1.0, 1.5, 2.0)
    """
    check_positive("until", until)
    check_whole("n", n)
    return AtTimes(tuple(until * k / n for k in range(1, n + 1)))


def learning_time_schedule(
    learning: Trajectory | ArrayLike, *, points: int = 9, spread: float = 0.25
) -> AtTimes:
    """Schedule times around the predicted learning times, to see each mode appear.

    Parameters
    ----------
    learning : Trajectory or (n,) array
        A closed form, whose finite learning times tau_k are taken
        (`repsearch.dynamics.learning_times`), or times tau_k themselves.
    points : int
        How many around each, evenly from (1 - spread) tau_k to (1 + spread) tau_k. A mode
        rises within some multiples of 1 / lambda_k = tau_k / ln(lambda_k / s_k^2(0)).
    spread : float
        Above 0, below 1.

    Returns
    -------
    AtTimes
        The times around all modes, increasing.

    Raises
    ------
    InputError
        No learning time that is positive and finite, `points` or `spread` out of range.

    Examples
    --------
    >>> import math
    >>> from repsearch.training import learning_time_schedule
    >>> learning_time_schedule([4.0, 10.0, math.inf], points=3, spread=0.25).times
    (3.0, 4.0, 5.0, 7.5, 10.0, 12.5)
    """
    check_whole("points", points)
    check_positive("spread", spread)
    if spread >= 1:
        raise InputError(f"spread is {spread!r}; pass a share of the learning time, below 1")
    found = learning.learning_times if isinstance(learning, Trajectory) else learning
    times = np.asarray(found, float).ravel()
    times = times[np.isfinite(times) & (times > 0)]
    if not times.size:
        raise InputError(
            "none of the learning times is positive and finite: no mode is learned; record at "
            "times of your own, with AtTimes"
        )
    # A single point is the learning time itself.
    factors = 1 + (np.linspace(-spread, spread, points) if points > 1 else np.zeros(1))
    return AtTimes(tuple(np.unique(np.outer(times, factors)).tolist()))


def _parts(schedule: Schedule) -> Iterable[Schedule]:
    return schedule.parts if isinstance(schedule, AnyOf) else (schedule,)


def _next(increasing: Sequence[float], after: float) -> float:
    place = bisect_right(increasing, after)
    return increasing[place] if place < len(increasing) else math.inf
