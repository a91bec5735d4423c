"""Define losses of pairs of words, f+ for those that co-occur and f- for independent ones.

L = sum_ij Psi+_ij P_ij f+(x_ij) + Psi-_ij P_i P_j f-(x_ij), x_ij = w_i . w'_j.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from repsearch import dynamics
from repsearch.dynamics import LossExpansion
from repsearch.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor


@runtime_checkable
class Loss(Protocol):
    """Two functions of the inner product x of a word and a context, elementwise.

    Examples
    --------
    >>> import torch
    >>> from repsearch.training import Quartic, Sgns
    >>> x = torch.tensor([0.0, 1.0])
    >>> [half.tolist() for half in Quartic().values(x)]  # f+ and f-
    [[0.0, -0.75], [0.0, 1.25]]
    >>> Sgns().expansion.curvature, Quartic().expansion.curvature
    (0.25, 0.5)
    """

    @property
    def name(self) -> str:
        """How it is written into a run's manifest."""

    @property
    def expansion(self) -> LossExpansion:
        """Derivatives at 0: what the loss factorises near the origin, and its clock."""

    def values(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate both halves.

        Parameters
        ----------
        x : tensor
            Inner products, of any shape.

        Returns
        -------
        positive, negative : tensor
            f+(x) and f-(x).
        """

    def slopes(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate the derivatives of both halves.

        Parameters
        ----------
        x : tensor
            Inner products, of any shape.

        Returns
        -------
        positive, negative : tensor
            f+'(x) and f-'(x).
        """


@dataclass(frozen=True)
class Quartic:
    """x^2/4 - x and x^2/4 + x: the quartic loss of QWEM (arXiv 2502.09863, eq. 3).

    Examples
    --------
    >>> import torch
    >>> from repsearch.training import Quartic
    >>> [half.tolist() for half in Quartic().slopes(torch.tensor([0.0, 2.0]))]
    [[-1.0, 0.0], [1.0, 2.0]]
    """

    name: str = field(default="quartic", init=False)

    @property
    def expansion(self) -> LossExpansion:
        """The loss itself."""
        return dynamics.QUARTIC

    @property
    def at_zero(self) -> tuple[float, float]:
        """f+(0) and f-(0)."""
        return 0.0, 0.0

    def values(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate x^2/4 - x and x^2/4 + x.

        Parameters
        ----------
        x : tensor
            Inner products, of any shape.

        Returns
        -------
        positive, negative : tensor
            f+(x) and f-(x).
        """
        quarter = x * x / 4
        return quarter - x, quarter + x

    def slopes(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate x/2 - 1 and x/2 + 1.

        Parameters
        ----------
        x : tensor
            Inner products, of any shape.

        Returns
        -------
        positive, negative : tensor
            f+'(x) and f-'(x).
        """
        half = x / 2
        return half - 1, half + 1


@dataclass(frozen=True)
class Sgns:
    """log(1 + e^-x) and log(1 + e^x): skip-gram with negative sampling.

    arXiv 2502.09863, eq. (1); ln 2 + half of the quartic loss + O(x^4) near the origin.

    Examples
    --------
    >>> import torch
    >>> from repsearch.training import Sgns
    >>> [round(half.item(), 4) for half in Sgns().values(torch.tensor(0.0))]
    [0.6931, 0.6931]
    """

    name: str = field(default="sgns", init=False)

    @property
    def expansion(self) -> LossExpansion:
        """Half of the quartic loss near the origin."""
        return dynamics.SGNS

    @property
    def at_zero(self) -> tuple[float, float]:
        """f+(0) and f-(0)."""
        return math.log(2), math.log(2)

    def values(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate log(1 + e^-x) and log(1 + e^x), without overflow.

        Parameters
        ----------
        x : tensor
            Inner products, of any shape.

        Returns
        -------
        positive, negative : tensor
            f+(x) and f-(x).
        """
        import torch

        softplus = torch.nn.functional.softplus
        return softplus(-x), softplus(x)

    def slopes(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate sigma(x) - 1 and sigma(x).

        Parameters
        ----------
        x : tensor
            Inner products, of any shape.

        Returns
        -------
        positive, negative : tensor
            f+'(x) and f-'(x).
        """
        import torch

        return -torch.sigmoid(-x), torch.sigmoid(x)


@dataclass(frozen=True)
class CustomLoss:
    """A loss of your own; what it factorises near the origin follows from its derivatives.

    Parameters
    ----------
    positive, negative : callable
        f+ and f-, from a tensor to a tensor of the same shape, elementwise, twice
        differentiable by autograd.
    name : str
        For manifests and figures.

    Raises
    ------
    InputError
        A function that is not elementwise, or not convex at 0 in at least one half.

    Examples
    --------
    >>> from repsearch.training import CustomLoss
    >>> squares = CustomLoss(lambda x: (1 - x) ** 2 / 2, lambda x: x**2 / 2, name="squares")
    >>> squares.expansion
    LossExpansion(positive=(-1.0, 1.0), negative=(0.0, 1.0))
    """

    positive: Callable[[Tensor], Tensor]
    negative: Callable[[Tensor], Tensor]
    name: str = "custom"

    def __post_init__(self) -> None:
        import torch

        probe = torch.linspace(-1, 1, 6, dtype=torch.float64).reshape(2, 3)
        for half, function in (("positive", self.positive), ("negative", self.negative)):
            whole = function(probe)
            if whole.shape != probe.shape or not torch.equal(function(probe[:1]), whole[:1]):
                raise InputError(
                    f"{half} of the loss {self.name!r} is not elementwise; pass a function that "
                    "gives a tensor of the shape of its argument"
                )
        _ = self.expansion

    @cached_property
    def expansion(self) -> LossExpansion:
        """Derivatives at 0, by automatic differentiation (arXiv 2502.09863, appendix D)."""
        return LossExpansion(_derivatives(self.positive), _derivatives(self.negative))

    def values(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate both halves.

        Parameters
        ----------
        x : tensor
            Inner products, of any shape.

        Returns
        -------
        positive, negative : tensor
            f+(x) and f-(x).
        """
        return self.positive(x), self.negative(x)

    def slopes(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate the derivatives of both halves, by automatic differentiation.

        Parameters
        ----------
        x : tensor
            Inner products, of any shape.

        Returns
        -------
        positive, negative : tensor
            f+'(x) and f-'(x).
        """
        return _slope(self.positive, x), _slope(self.negative, x)


def _slope(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    import torch

    with torch.enable_grad():
        at = x.detach().requires_grad_()
        # A function that does not depend on x at all, f- = 0 say, has no graph.
        total = function(at).sum() + 0 * at.sum()
        (slope,) = torch.autograd.grad(total, at)
    return slope


def _derivatives(function: Callable[[Tensor], Tensor]) -> tuple[float, float]:
    import torch

    zero = torch.zeros((), dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(function(zero) + 0 * zero, zero, create_graph=True)
    (second,) = torch.autograd.grad(first + 0 * zero, zero)
    return float(first.detach()), float(second)
