"""Measure what rounded products put into the estimated error of a step.

An adaptive step sees its error as a difference of velocities. Where factors of products are
rounded to 8 or 11 bits, that difference is of rounding long before it is of the step. Rounding of
a velocity is as large whatever the step, so shorter steps carry as much of it through a unit of
time, only more often: they do not make a run more exact, and a step is not to be shortened for it.

How large it is depends on the loss, the weights, the modes and, in a stiff direction, on how the
method carries it on, and so it is measured: turning W by an orthogonal O turns the flow of any
loss of W W^T (of A B^T, both turned) with it and changes nothing else, but every number is rounded
anew. The difference of two estimates from W and W O is rounding alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from repsearch.training.arithmetic.matrix_products import product
from repsearch.training.arithmetic.reproducible import combination
from repsearch.training.protocols import Objective
from repsearch.training.state import State

if TYPE_CHECKING:
    import torch
    from torch import Tensor

# A measured rounding holds for so many steps, of sizes that differ by so much.
_STEPS, _SIZES = 25, 2.0
# So many times the rounding measured are taken for rounding.
_CERTAIN = 2.0
# Below this share of the tolerance an estimate decides nothing, whatever it is made of.
_MATTERS = 0.1


def rounds_products(objective: Objective, weights: Tensor) -> bool:
    """Tell whether an objective rounds factors of products to less than the weights' precision.

    Parameters
    ----------
    objective : Objective
        One that says so has `eps`, the relative spacing of the numbers it multiplies.
    weights : tensor
        W.

    Returns
    -------
    bool
        Whether `eps` is above that of the weights.
    """
    import torch

    eps: float = getattr(objective, "eps", 0.0)
    return eps > float(torch.finfo(weights.dtype).eps)


class TurnedStep:
    """A step from W O, for an orthogonal O: what `FlowStep` gives a method, rounded anew.

    Parameters
    ----------
    velocity : callable
        From weights to dW/dt.
    state : State
        Where the step begins.
    """

    def __init__(self, velocity: Callable[[Tensor], Tensor], state: State) -> None:
        turn = rotation(state.weights)
        self.velocity = velocity
        self.state = State(turned(state.weights, turn), state.step, state.time)
        self.first = velocity(self.state.weights)


class RoundingInError:
    """The share of rounding in the estimated errors of a run's steps.

    Parameters
    ----------
    memory : mapping of str to float
        What is known from the steps before.
    """

    def __init__(self, memory: Mapping[str, float]) -> None:
        self._rate = memory.get("rounding", 0.0)
        self._size = memory.get("rounding_size", 0.0)
        self._age = memory.get("rounding_age", math.inf)
        self._hidden = memory.get("hidden", 0.0)

    def floor(
        self,
        change: Tensor,
        error: float,
        size: float,
        relative: Callable[[Tensor], float],
        again: Callable[[], Tensor],
    ) -> float:
        """Give how much of an estimated error may be rounding.

        Parameters
        ----------
        change : (V, d) or (2, V, d) tensor
            The estimate.
        error : float
            Its size in units of the tolerance.
        size : float
            h, in flow time.
        relative : callable
            Measures a change of the weights in units of the tolerance.
        again : callable
            Makes the same estimate from `TurnedStep`, turned.

        Returns
        -------
        float
            In units of the tolerance; 0 for an estimate too small to matter.
        """
        if not math.isfinite(error) or error < _MATTERS:
            return 0.0
        near = self._size / _SIZES <= size <= self._size * _SIZES
        if self._age >= _STEPS or not near:
            other = turned(again(), rotation(change).T)
            moved = combination((math.sqrt(0.5), other), (-math.sqrt(0.5), change))
            found = relative(moved)
            if not math.isfinite(found):
                return 0.0
            self._rate, self._size, self._age = found / size, size, 0.0
        return _CERTAIN * self._rate * size

    def accepted(self, *, hidden: bool) -> None:
        """Count a step.

        Parameters
        ----------
        hidden : bool
            Whether its estimated error was within the tolerance only less rounding.
        """
        self._age += 1
        self._hidden += hidden

    @property
    def memory(self) -> dict[str, float]:
        """What the next step needs."""
        found = {"rounding": self._rate, "rounding_size": self._size, "hidden": self._hidden}
        return found if self._age == math.inf else {**found, "rounding_age": self._age}


def turned(weights: Tensor, turn: Tensor) -> Tensor:
    """Multiply weights by a matrix from the right, unrounded.

    Parameters
    ----------
    weights : (V, d) or (2, V, d) tensor
        W.
    turn : (d, d) tensor
        O.

    Returns
    -------
    tensor
        W O.
    """
    return product(weights.reshape(-1, weights.shape[-1]), turn).reshape(weights.shape)


def rotation(weights: Tensor) -> Tensor:
    """Give the orthogonal matrix by which weights are turned.

    Parameters
    ----------
    weights : (V, d) or (2, V, d) tensor
        W.

    Returns
    -------
    (d, d) tensor
        Always the same for a dimension, as the weights are; drawn once.

    Examples
    --------
    >>> import torch
    >>> turn = rotation(torch.zeros(5, 3, dtype=torch.float64))
    >>> bool(torch.allclose(turn @ turn.T, torch.eye(3, dtype=torch.float64)))
    True
    """
    return _rotation(weights.shape[-1], weights.dtype, weights.device)


@lru_cache(maxsize=8)
def _rotation(d: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    import torch

    generator = torch.Generator().manual_seed(0)
    drawn = torch.randn((d, d), generator=generator, dtype=torch.float64)
    return torch.linalg.qr(drawn).Q.to(device, dtype)
