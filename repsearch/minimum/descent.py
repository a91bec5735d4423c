"""Descend a loss from given weights, look for a saddle where that ends, and leave it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from repsearch.errors import ProcessLostError
from repsearch.minimum.certificate import curvature, doubt, short_step, suspicious
from repsearch.minimum.gauge import principal_axes
from repsearch.minimum.lbfgs import Memory, norm_of
from repsearch.minimum.line_search import Place, search
from repsearch.minimum.minimum import Certificate, Status
from repsearch.minimum.objective import ScaledObjective
from repsearch.minimum.scaling import scaling_at
from repsearch.progress import Progress
from repsearch.training.arithmetic.matrix_products import Workers
from repsearch.training.protocols import ExactObjective

PAIRS = 12
"""Steps that L-BFGS keeps, at most."""
_FEWEST, _ROOM = 5, 3 << 29
"""Fewer are kept where 12 would take more bytes than this, down to 5: 100,000 words, d = 200."""
_LAST = 5
_LEAST_GAIN = {"float32": 1e-7, "float64": 1e-13}
"""Share of the loss gained so far that is worth another iteration."""
_ROUNDING = {"float32": 3e-9, "float64": 1e-15}
"""Error of a loss relative to itself: most of that of its terms cancels in their sum."""
_SHORTEST, _FARTHEST = 6, 8
"""Most quarterings and doublings of the step away from a saddle."""


@dataclass(frozen=True)
class Limits:
    """When to stop.

    Parameters
    ----------
    iterations : int
        Most iterations.
    seconds : float
        No iteration is begun after so many.
    tolerance : float
        Norm of the gradient relative to the start.
    """

    iterations: int
    seconds: float
    tolerance: float


@dataclass(eq=False)
class Descent:
    """One minimisation and its history.

    Parameters
    ----------
    objective : ExactObjective
        The exact loss of weights.
    words, contexts : (V,) float64
        Weights of words and contexts that the scaling goes by.
    ridge : float
        Half of this times the sum of squares of all weights is added to the loss.
    zero_loss : float
        Loss of embeddings of 0.
    limits : Limits
        When to stop.
    dtype : {"float32", "float64"}
        Precision.
    seed : int
        Seed of the directions along which the curvature is measured.
    workers : Workers
        Threads that add up.
    progress : Progress
        Is told iterations.
    """

    objective: ExactObjective
    words: NDArray[np.float64]
    contexts: NDArray[np.float64]
    ridge: float
    zero_loss: float
    limits: Limits
    dtype: str
    seed: int
    workers: Workers
    progress: Progress
    losses: list[float] = field(default_factory=list)
    gradients: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    evaluations: int = 0
    left: int = 0
    begin: float = field(default_factory=time.perf_counter)
    _here: Place = field(init=False)

    @property
    def relative(self) -> NDArray[np.float64]:
        """Norms of the gradient relative to the start, or to the largest from a saddle."""
        return np.array(self.gradients) / (self._reference or 1.0)

    def run(self, weights: Tensor) -> tuple[Tensor, Status, Certificate]:
        """Minimise, measure the curvature, and go on from a saddle while that is allowed.

        Parameters
        ----------
        weights : (V, d) or (2, V, d) tensor
            Where it begins.

        Returns
        -------
        weights : tensor
            Where it ends, in principal axes, of the same type.
        status : Status
            Why it ended.
        certificate : Certificate
            What vouches for a minimum.
        """
        while True:
            scaled, place, status = self._descend(weights)
            weights = principal_axes(scaled.scaling.weights(place.scaled)).to(weights)
            if status == "interrupted":
                return weights, status, self._certificate({}, 0.0)
            scaled = self._scaled_at(weights)
            try:
                found, unclear, lower = self._look_around(scaled, weights)
            except (KeyboardInterrupt, ProcessLostError):
                return weights, "interrupted", self._certificate({}, 0.0)
            finally:
                self.evaluations += scaled.evaluations
            certificate = self._certificate(found, unclear)
            if not certificate.saddle:
                return weights, status, certificate
            if lower is None:
                return weights, self._over() or "stalled", certificate
            self.left += 1
            weights = scaled.scaling.weights(lower.scaled)
            self._note(lower)

    def _over(self) -> Status | None:
        """Give the limit that is reached, if one is."""
        if len(self.losses) - 1 >= self.limits.iterations:
            return "out of iterations"
        if time.perf_counter() - self.begin >= self.limits.seconds:
            return "out of time"
        return None

    @property
    def _reference(self) -> float:
        first = self.gradients[0]
        return max(self.gradients) if self._spent(first, self.losses[0]) else first

    def _spent(self, gradient: float, loss: float) -> bool:
        """Whether next to nothing is left to gain: g^2 / 2 of a loss whose curvature is 1."""
        gained = abs(self.zero_loss - loss) or abs(loss)
        return gradient**2 / 2 <= _LEAST_GAIN[self.dtype] * gained

    def _scaled_at(self, weights: Tensor) -> ScaledObjective:
        scaling = scaling_at(weights, self.words, self.contexts, self.ridge)
        return ScaledObjective(self.objective, scaling, self.workers, self.ridge)

    def _note(self, place: Place) -> float:
        gradient = norm_of(place.gradient, self.workers)
        self.losses.append(place.loss)
        self.gradients.append(gradient)
        self.seconds.append(time.perf_counter() - self.begin)
        self._tell()
        return gradient

    def _tell(self) -> None:
        done, most = len(self.losses) - 1, self.limits.iterations
        self.progress(f"minimising | loss {self.losses[-1]:.6g}", done, most, "iterations")

    def _descend(self, weights: Tensor) -> tuple[ScaledObjective, Place, Status]:
        """Descend until the gradient is small, nothing is gained, or a limit is reached."""
        scaled = self._scaled_at(weights)
        scaled_weights = scaled.scaling.scaled(weights)
        place = Place(scaled_weights, *scaled.at(scaled_weights))
        if not self.losses:
            self._note(place)
        self._here = place
        try:
            status = self._iterate(scaled, Memory(_pairs_for(scaled_weights), self.workers))
        except (KeyboardInterrupt, ProcessLostError):
            status = "interrupted"
        self.evaluations += scaled.evaluations
        return scaled, self._here, status

    def _iterate(self, scaled: ScaledObjective, memory: Memory) -> Status:
        while True:
            place = self._here
            gradient = norm_of(place.gradient, self.workers)
            if gradient <= self.limits.tolerance * self._reference or self._spent(
                gradient, place.loss
            ):
                return "converged"
            if over := self._over():
                return over
            direction = memory.direction(place.gradient)
            after = search(scaled, place, direction, rounding=_ROUNDING[self.dtype])
            if after is None:
                if not len(memory):
                    return "stalled"
                memory.clear()
                continue
            memory.add(after.scaled - place.scaled, after.gradient - place.gradient)
            self._here = after
            self._note(after)

    def _look_around(
        self, scaled: ScaledObjective, weights: Tensor
    ) -> tuple[dict[str, float], float, Place | None]:
        """Measure the curvature; where it is negative, and it may go on, give a lower place."""
        z = scaled.scaling.scaled(weights)
        place = Place(z, *scaled.at(z))
        along = suspicious(scaled, place, self.seed)
        found = {name: curvature(scaled, place, one) for name, one in along.items()}
        unclear = doubt(place, found, rounding=_ROUNDING[self.dtype])
        worst = min(found, key=found.__getitem__)
        if found[worst] >= -unclear or self._over():
            return found, unclear, None
        return found, unclear, _away(scaled, place, along[worst])

    def _certificate(self, found: dict[str, float], unclear: float) -> Certificate:
        last = min(_LAST, len(self.losses) - 1)
        gained = self.zero_loss - self.losses[-1]
        decrease = (self.losses[-1 - last] - self.losses[-1]) / gained if gained > 0 else math.inf
        return Certificate(float(self.relative[-1]), decrease, last, found, unclear, self.left)


def _pairs_for(weights: Tensor) -> int:
    """Give how many steps are kept of weights of this size."""
    bytes_ = int(weights.numel() * weights.element_size())
    return max(_FEWEST, min(PAIRS, _ROOM // (2 * bytes_)))


def _away(scaled: ScaledObjective, place: Place, direction: Tensor) -> Place | None:
    """Go along a direction of negative curvature, to either side, as long as the loss falls."""

    def at(step: float) -> Place:
        there = place.scaled + step * direction
        return Place(there, *scaled.at(there))

    step = short_step(place.scaled)
    for _ in range(_SHORTEST):
        loss, side, best = min(
            ((one.loss, way, one) for way in (step, -step) for one in (at(way),)),
            key=lambda found: found[0],
        )
        if loss < place.loss:
            break
        step /= 4
    else:
        return None
    for _ in range(_FARTHEST):
        side *= 2
        farther = at(side)
        if not farther.loss < best.loss:
            break
        best = farther
    return best
