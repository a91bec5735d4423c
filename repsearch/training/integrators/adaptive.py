"""Choose the size of steps of the gradient flow by the error they make."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from repsearch.errors import DivergenceError, InputError
from repsearch.training.arithmetic import devices
from repsearch.training.arithmetic.reproducible import combination
from repsearch.training.integrators.evaluated import Evaluated
from repsearch.training.integrators.mode_error import ModeScale
from repsearch.training.integrators.mode_error_on_device import DeviceModeScale
from repsearch.training.integrators.rounding import RoundingInError, TurnedStep, rounds_products
from repsearch.training.protocols import Objective
from repsearch.training.state import State

if TYPE_CHECKING:
    from torch import Tensor

# Hairer, Norsett and Wanner, Solving Ordinary Differential Equations I, II.4, and their dopri5.
_SAFETY, _LEAST, _MOST, _LEAST_ERROR = 0.9, 0.2, 10.0, 1e-4
# Smallest steps: relative to the time, below which time does not advance, and relative to the
# step first tried, below which weights change by less than their rounding.
_LEAST_OF_TIME, _LEAST_OF_FIRST = 1e-14, 1e-10
# Where rounding hides the error, a step grows by no more than so much.
_MOST_UNSEEN = 1.25


class FlowStep:
    """One step of dW/dt = -gradient / rate: the velocities it asks for and what it ends in.

    Parameters
    ----------
    objective : Objective
        What is minimised.
    state : State
        Where the step begins.
    limit : float
        Flow time it is not to go beyond.
    rtol : float
        Relative error of a step, by mode (`ModeScale`).

    Raises
    ------
    InputError
        Gradients that are drawn, a limit that is not ahead, a tolerance below
        the rounding of the weights.
    DivergenceError
        Weights or their gradient are not finite.
    """

    def __init__(self, objective: Objective, state: State, limit: float, rtol: float) -> None:
        import torch

        if objective.stochastic:
            raise InputError(
                "the objective draws its gradients, and an adaptive step would follow their "
                "noise; pass a full-batch objective, or use GradientDescent"
            )
        if not limit > state.time:
            raise InputError(f"limit is {limit!r}, but time is {state.time!r}; pass a later limit")
        least = torch.finfo(state.weights.dtype).eps
        if rtol < least:
            raise InputError(
                f"rtol is {rtol!r}, below the rounding of {state.weights.dtype}, {least:.1e}; "
                "pass a larger one, or weights in float64"
            )
        self.objective, self.state, self.limit, self.rtol = objective, state, float(limit), rtol
        known = isinstance(state, Evaluated) and state.objective is objective
        # The first velocity counts once in a run, so that a resumed one counts the same.
        self._evaluations = state.memory.get("evaluations", 1.0)
        self.first = state.velocity if known else self._velocity(state.weights)  # type: ignore[attr-defined]
        host = devices.on_host(state.weights)
        # A device was asked when the step that came here was accepted (`error_of`).
        for name, tensor in (("weights", state.weights), ("gradient", self.first)):
            if (host or not known) and not bool(torch.isfinite(tensor).all()):
                raise self.diverged(f"the {name} hold a number that is not finite")
        self.scale: ModeScale | DeviceModeScale = (ModeScale if host else DeviceModeScale)(
            state.weights, rtol
        )
        self.rounded = rounds_products(objective, state.weights)

    def turned(self) -> TurnedStep:
        """Make the same step from weights turned by an orthogonal matrix, all rounded anew.

        Returns
        -------
        TurnedStep
            With its own first velocity.
        """
        return TurnedStep(self.velocity, self.state)

    def allowed(self, change: Tensor) -> float:
        """Measure a change of the weights in units of the tolerance.

        Parameters
        ----------
        change : (V, d) or (2, V, d) tensor
            Of the shape of the weights.

        Returns
        -------
        float
            Relative to each mode's own size, over `rtol`.
        """
        return self.scale.relative(change) / self.rtol

    def error_of(self, change: Tensor, weights: Tensor, velocity: Tensor) -> float:
        """Measure the estimated error of a step, the one number that a step asks a device for.

        Parameters
        ----------
        change : (V, d) or (2, V, d) tensor
            The estimated error of the weights.
        weights, velocity : (V, d) or (2, V, d) tensor
            Where the step ends, and dW/dt there.

        Returns
        -------
        float
            Relative to each mode's own size; not finite where one of the three is not.
        """
        import torch

        if isinstance(self.scale, ModeScale):
            return self.scale.relative(change)
        found = self.scale.relative_on_device(change)
        good = torch.isfinite(weights).all() & torch.isfinite(velocity).all()
        return float(torch.where(good, found, math.nan))

    def velocity(self, weights: Tensor) -> Tensor:
        """Work out -gradient / rate.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) tensor
            W.

        Returns
        -------
        (V, d) or (2, V, d) tensor
            dW/dt.
        """
        self._evaluations += 1
        return self._velocity(weights)

    def _velocity(self, weights: Tensor) -> Tensor:
        return self.objective.gradient(weights, self.state.step) * (-1 / self.objective.rate)

    def diverged(self, cause: str) -> DivergenceError:
        """Make the error to raise, with the loss of the last good state.

        Parameters
        ----------
        cause : str
            What was seen.

        Returns
        -------
        DivergenceError
            To be raised by the caller.
        """
        state = self.state
        loss = self.objective.loss(state.weights, state.step)
        return DivergenceError(state.step, state.time, cause, loss=loss)

    def first_step(self, order: int) -> float:
        """Choose a step size to begin a run with.

        Hairer's rule (II.4), made free of units: 0.01 rtol of error is allowed,
        where the error is (h r)^order with r the larger of ||W'|| and
        ||W''||^(1/2), relative to W.

        Parameters
        ----------
        order : int
            The error is proportional to h^order.

        Returns
        -------
        float
            h, in flow time.
        """
        rate = self.scale.relative(self.first)
        remaining = self.limit - self.state.time
        if rate == 0:
            return min(remaining, 1.0)
        trial = min(0.01 / rate, remaining)
        ahead = self.velocity(combination((1, self.state.weights), (trial, self.first)))
        curvature = self.scale.relative(combination((1, ahead), (-1, self.first))) / trial
        rate = max(rate, math.sqrt(curvature)) if math.isfinite(curvature) else rate
        wanted: float = (0.01 * self.rtol) ** (1 / order) / rate
        return min(100 * trial, wanted)

    def arrived(
        self, weights: Tensor, velocity: Tensor, size: StepSize, **more: float
    ) -> Evaluated:
        """Make the state after the step.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) tensor
            Where the step ends.
        velocity : (V, d) or (2, V, d) tensor
            dW/dt there.
        size : StepSize
            Which has accepted the step.
        **more : float
            What else the integrator carries to the next step.

        Returns
        -------
        Evaluated
            One step later.
        """
        memory = {"evaluations": self._evaluations, **size.memory, **more}
        step = self.state.step + 1
        return Evaluated(
            weights, step, size.arrival, memory, velocity=velocity, objective=self.objective
        )


class StepSize:
    """The size of one step: what is tried, and what the next step begins with.

    A proportional-integral controller (Gustafsson; Hairer, Norsett and Wanner
    II.4, IV.2) for errors proportional to h^order.

    Parameters
    ----------
    flow : FlowStep
        The step.
    order : int
        5 for the estimate of a method of order 5 by one of order 4.
    first : float, optional
        Size to begin a run with, in flow time; `FlowStep.first_step` by default.
    """

    def __init__(self, flow: FlowStep, order: int, first: float | None = None) -> None:
        self._flow, self._memory = flow, flow.state.memory
        self._rounding = RoundingInError(self._memory) if flow.rounded else None
        self._integral = 0.2 / order
        self._proportional = 1 / order - 0.75 * self._integral
        self._wanted = self._memory.get("step_size") or first or flow.first_step(order)
        self._tried = self._wanted
        self._rejected = 0
        self._next: tuple[float, float] | None = None

    @property
    def reaches(self) -> bool:
        """Whether the step ends at the limit."""
        # A step longer by 1 % is better than a tiny step after this one.
        return 1.01 * self._wanted >= self._remaining

    @property
    def size(self) -> float:
        """The h that is tried now, in flow time."""
        return self._remaining if self.reaches else self._wanted

    @property
    def arrival(self) -> float:
        """Flow time after it, the limit itself where it is reached."""
        return self._flow.limit if self.reaches else self._flow.state.time + self._wanted

    @property
    def _remaining(self) -> float:
        return self._flow.limit - self._flow.state.time

    def at_most(self, largest: float) -> None:
        """Try no larger step than the method can take.

        Parameters
        ----------
        largest : float
            In flow time.
        """
        self._wanted = min(self._wanted, largest)

    def accepts(
        self, change: Tensor, weights: Tensor, velocity: Tensor, again: Callable[[], Tensor]
    ) -> bool:
        """Accept or reject a step by the error it has estimated, and set the size of the next.

        What rounding of products puts into the estimate is measured and taken off it, for
        shorter steps do not mend it (`repsearch.training.integrators.rounding`).

        Parameters
        ----------
        change : (V, d) or (2, V, d) tensor
            The estimated error of the weights.
        weights, velocity : (V, d) or (2, V, d) tensor
            Where the step ends, and dW/dt there.
        again : callable
            Estimates the error of the same step from `FlowStep.turned`, turned too.

        Returns
        -------
        bool
            Whether the step is accepted; if not, a smaller one is to be tried.

        Raises
        ------
        DivergenceError
            Steps have become too small to get on with.
        """
        error = whole = self._flow.error_of(change, weights, velocity) / self._flow.rtol
        floor = 0.0
        if self._rounding is not None:
            floor = self._rounding.floor(change, whole, self.size, self._flow.allowed, again)
            error = max(whole - floor, 0.0)
        if not error <= 1:
            self._reject(error)
            return False
        if self._rounding is not None:
            self._rounding.accepted(hidden=whole > 1)
        most = _MOST if floor <= error else _MOST_UNSEEN
        before = self._memory.get("error", _LEAST_ERROR)
        now = max(error, _LEAST_ERROR)
        factor = _SAFETY * error**-self._proportional * before**self._integral if error else most
        factor = min(max(factor, _LEAST), 1.0 if self._rejected else most)
        if self.size < self._wanted:
            # Cut short by the limit, a step says little about the next one.
            self._next = max(self.size * factor, self._wanted), before
        else:
            self._next = self.size * factor, now
        return True

    def _reject(self, error: float) -> None:
        # After a stage that is not finite, shrink by the largest factor allowed.
        shrink = _SAFETY * error**-self._proportional if math.isfinite(error) else _LEAST
        self._wanted = self.size * min(max(shrink, _LEAST), _SAFETY)
        self._rejected += 1
        time = self._flow.state.time
        if self._wanted < max(_LEAST_OF_TIME * time, _LEAST_OF_FIRST * self._tried):
            raise self._flow.diverged(
                f"the step size fell to {self._wanted:.3g} and the error is still {error:.3g} "
                "times what rtol allows"
            )

    @property
    def memory(self) -> dict[str, float]:
        """What the next step needs, once a step has been accepted."""
        if self._next is None:
            raise RuntimeError("no step has been accepted yet")
        size, error = self._next
        rejected = self._memory.get("rejected", 0.0) + self._rejected
        rounding = {} if self._rounding is None else self._rounding.memory
        return {"step_size": size, "error": error, "rejected": rejected, **rounding}


def check_rtol(rtol: float) -> None:
    """Refuse a relative tolerance that is none.

    Parameters
    ----------
    rtol : float
        Relative error of a step.

    Raises
    ------
    InputError
        A number that is not between 0 and 1.
    """
    if not 0 < rtol < 1:
        raise InputError(f"rtol is {rtol!r}; pass a number between 0 and 1, such as 1e-6")
