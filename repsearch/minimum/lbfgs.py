"""Find directions of descent from the last steps and changes of the gradient: L-BFGS.

Nocedal and Wright (2006), algorithm 7.4. Directions are combinations of the vectors kept,
so that all is worked out from their inner products (Chen, Wang and Zhou 2014,
"Large-scale L-BFGS using MapReduce") and each vector is read three times an iteration.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from repsearch.training.arithmetic import devices
from repsearch.training.arithmetic.matrix_products import Workers, sum_in_order

_ON_HOST, _ON_DEVICE = 1 << 15, 1 << 20
"""Numbers of each vector that a task takes: on the CPU what its cache holds of 24 vectors."""


class Memory:
    """The last steps and changes of the gradient, with their inner products.

    Parameters
    ----------
    pairs : int
        How many of each are kept.
    workers : Workers
        Threads that add up and combine.

    Examples
    --------
    >>> from repsearch.training import Compute
    >>> memory = Memory(5, Workers(Compute()))
    >>> memory.direction(torch.tensor([1.0, 2.0], dtype=torch.float64)).tolist()
    [-1.0, -2.0]
    >>> memory.add(torch.tensor([1.0, 0.0]).double(), torch.tensor([4.0, 0.0]).double())
    True
    >>> memory.direction(torch.tensor([1.0, 2.0], dtype=torch.float64)).tolist()
    [-0.25, -0.5]
    """

    def __init__(self, pairs: int, workers: Workers) -> None:
        self._pairs = pairs
        self._workers = workers
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
        new, old = [step, change], self._steps + self._changes
        ((length, curvature), (_, bend)) = inner(new, new, self._workers)
        if not curvature > 1e-8 * np.sqrt(length * bend):
            return False
        with_step, with_change = inner(new, old, self._workers)
        number = len(self)
        keep = np.arange(2 * number)
        if number == self._pairs:
            keep = np.delete(keep, [0, number])
            del self._steps[0], self._changes[0]
            number -= 1
        kept = self._gram[np.ix_(keep, keep)]
        with_step, with_change = with_step[keep], with_change[keep]
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
        gram[:-1, -1] = gram[-1, :-1] = inner([gradient], vectors, self._workers)[0]
        factors = np.zeros(2 * m + 1)
        factors[-1] = -1.0
        alphas = np.zeros(m)
        for k in reversed(range(m)):
            alphas[k] = factors @ gram[:, k] / gram[k, m + k]
            factors[m + k] -= alphas[k]
        factors *= gram[m - 1, 2 * m - 1] / gram[2 * m - 1, 2 * m - 1]
        for k in range(m):
            factors[k] += alphas[k] - factors @ gram[:, m + k] / gram[k, m + k]
        return self._combined(factors.tolist(), [*vectors, gradient])

    def _combined(self, factors: list[float], vectors: list[Tensor]) -> Tensor:
        like = vectors[-1]
        total = torch.empty(like.shape, dtype=like.dtype, device=like.device)
        out, flat = total.view(-1), [vector.reshape(-1) for vector in vectors]

        def combine(piece: slice) -> None:
            part = torch.mul(flat[-1][piece], factors[-1], out=out[piece])
            for factor, vector in zip(factors[:-1], flat[:-1], strict=True):
                part.add_(vector[piece], alpha=factor)

        self._workers.map(combine, _pieces(total))
        return total


def inner(
    first: Sequence[Tensor], second: Sequence[Tensor], workers: Workers
) -> NDArray[np.float64]:
    """Work out the inner products of some tensors with others, in float64.

    Parameters
    ----------
    first, second : sequence of tensor
        m and n of them, all of one shape.
    workers : Workers
        Threads that add up.

    Returns
    -------
    (m, n) float64
        The inner products, the same to the bit on any number of threads.
    """
    if not first or not second:
        return np.zeros((len(first), len(second)))
    mine, others = ([one.reshape(-1) for one in side] for side in (first, second))

    def part(piece: slice) -> Tensor:
        left, right = (
            torch.stack([one[piece] for one in side]).double() for side in (mine, others)
        )
        return left @ right.T

    products: NDArray[np.float64] = sum_in_order(workers.map(part, _pieces(mine[0]))).cpu().numpy()
    return products


def norm_of(tensor: Tensor, workers: Workers) -> float:
    """Give the norm of a tensor, the same to the bit on any number of threads."""
    return float(np.sqrt(inner([tensor], [tensor], workers)[0, 0]))


def _pieces(tensor: Tensor) -> list[slice]:
    """Divide the numbers of a tensor in a way that depends on nothing else."""
    step = _ON_HOST if devices.on_host(tensor) else _ON_DEVICE
    return [slice(low, low + step) for low in range(0, tensor.numel(), step)]
