"""Find directions of descent from the last steps and changes of the gradient: L-BFGS.

Nocedal and Wright (2006), algorithm 7.4. Directions are combinations of the vectors kept,
so that all is worked out from their inner products (Chen, Wang and Zhou 2014,
"Large-scale L-BFGS using MapReduce") and each vector is read twice an iteration.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from repsearch.training.arithmetic.reproducible import one_torch_thread

_CHUNK = 1 << 18
"""Numbers of a vector that are taken to float64 at a time."""


class Memory:
    """The last steps and changes of the gradient, with their inner products.

    Parameters
    ----------
    pairs : int
        How many of each are kept.

    Examples
    --------
    >>> memory = Memory(5)
    >>> memory.direction(torch.tensor([1.0, 2.0], dtype=torch.float64)).tolist()
    [-1.0, -2.0]
    >>> memory.add(torch.tensor([1.0, 0.0]).double(), torch.tensor([4.0, 0.0]).double())
    True
    >>> memory.direction(torch.tensor([1.0, 2.0], dtype=torch.float64)).tolist()
    [-0.25, -0.5]
    """

    def __init__(self, pairs: int) -> None:
        self._pairs = pairs
        self._steps: list[Tensor] = []
        self._changes: list[Tensor] = []
        self._gram: NDArray[np.float64] = np.zeros((0, 0))

    def __len__(self) -> int:
        return len(self._steps)

    def clear(self) -> None:
        """Forget all."""
        self._steps, self._changes, self._gram = [], [], np.zeros((0, 0))

    def add(self, step: Tensor, change: Tensor) -> bool:
        """Keep a step and the change of the gradient over it, if the loss is convex along it.

        Parameters
        ----------
        step, change : tensor
            Of one shape; they are kept, not copied.

        Returns
        -------
        bool
            Whether they were kept.
        """
        curvature, length, bend = inner([step, step, change], [change, step, change])
        if not curvature > 1e-8 * np.sqrt(length * bend):
            return False
        number = len(self)
        keep = np.arange(2 * number)
        if number == self._pairs:
            keep = np.delete(keep, [0, number])
            del self._steps[0], self._changes[0]
            number -= 1
        old = self._steps + self._changes
        with_step = inner(old, [step] * len(old))
        with_change = inner(old, [change] * len(old))
        kept = self._gram[np.ix_(keep, keep)]
        # Order: the steps, the changes; the new ones at the end of each.
        order = [*range(number), 2 * number, *range(number, 2 * number), 2 * number + 1]
        gram = np.zeros((2 * number + 2,) * 2)
        gram[: 2 * number, : 2 * number] = kept
        gram[: 2 * number, 2 * number] = gram[2 * number, : 2 * number] = with_step
        gram[: 2 * number, -1] = gram[-1, : 2 * number] = with_change
        gram[2 * number, 2 * number], gram[-1, -1] = length, bend
        gram[2 * number, -1] = gram[-1, 2 * number] = curvature
        self._gram = gram[np.ix_(order, order)]
        self._steps.append(step)
        self._changes.append(change)
        return True

    def direction(self, gradient: Tensor) -> Tensor:
        """Give -H g, H being the approximate inverse of the Hessian.

        Parameters
        ----------
        gradient : tensor
            g.

        Returns
        -------
        tensor
            A direction of descent; -g where nothing is kept.
        """
        m = len(self)
        if m == 0:
            return -gradient
        vectors = [*self._steps, *self._changes]
        gram = np.zeros((2 * m + 1,) * 2)
        gram[:-1, :-1] = self._gram
        gram[:-1, -1] = gram[-1, :-1] = inner(vectors, [gradient] * len(vectors))
        factors = np.zeros(2 * m + 1)
        factors[-1] = -1.0
        alphas = np.zeros(m)
        for k in reversed(range(m)):
            alphas[k] = factors @ gram[:, k] / gram[k, m + k]
            factors[m + k] -= alphas[k]
        factors *= gram[m - 1, 2 * m - 1] / gram[2 * m - 1, 2 * m - 1]
        for k in range(m):
            factors[k] += alphas[k] - factors @ gram[:, m + k] / gram[k, m + k]
        total = gradient * float(factors[-1])
        part = torch.empty_like(total)
        for factor, vector in zip(factors[:-1].tolist(), vectors, strict=True):
            total.add_(torch.mul(vector, factor, out=part))
        return total


@one_torch_thread()
def inner(first: list[Tensor], second: list[Tensor]) -> NDArray[np.float64]:
    """Work out the inner products of tensors, pair by pair, in float64.

    Parameters
    ----------
    first, second : list of tensor
        As many of each, all of one shape.

    Returns
    -------
    (n,) float64
        The inner products, the same to the bit on any number of threads.
    """
    if not first:
        return np.zeros(0)
    found = [
        torch.stack(
            [
                torch.dot(a.double(), b.double())
                for a, b in zip(
                    one.reshape(-1).split(_CHUNK), other.reshape(-1).split(_CHUNK), strict=True
                )
            ]
        ).sum()
        for one, other in zip(first, second, strict=True)
    ]
    products: NDArray[np.float64] = torch.stack(found).cpu().numpy()
    return products


def norm_of(tensor: Tensor) -> float:
    """Give the norm of a tensor, the same to the bit on any number of threads."""
    return float(np.sqrt(inner([tensor], [tensor])[0]))
