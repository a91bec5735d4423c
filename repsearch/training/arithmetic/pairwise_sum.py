"""Add up numbered parts two by two, to the same bits whoever worked out which of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor


class Stretch(NamedTuple):
    """The sum of some parts that follow each other.

    Parameters
    ----------
    first, length : int
        Number of the first part, and how many there are.
    total : tensor
        Their sum.
    """

    first: int
    length: int
    total: Tensor


class PairwiseSum:
    """The sum of parts 0 to n - 1 by a binary tree over their numbers.

    Which two are added is settled by their numbers alone: stretches of 2^k parts that begin at
    a multiple of 2^k. So a stretch may be added up anywhere, and no more than about
    2 log2(n) of them are held at once.

    Examples
    --------
    >>> import torch
    >>> parts = [torch.tensor([x]) for x in (1e8, 1.0, -1e8, 1.0)]
    >>> here, there = PairwiseSum(), PairwiseSum()
    >>> for number in (0, 1, 2):
    ...     here.add(number, 1, parts[number].clone())
    >>> there.add(3, 1, parts[3].clone())
    >>> for stretch in there.stretches:
    ...     here.add(*stretch)
    >>> here.total().tolist()  # (1e8 + 1) + (-1e8 + 1) in float32
    [0.0]
    """

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []

    def add(self, first: int, length: int, total: Tensor) -> None:
        """Add the parts that follow those that are here.

        Parameters
        ----------
        first, length : int
            Number of the first part, and how many there are.
        total : tensor
            Their sum, which may be overwritten.
        """
        while self.stretches:
            before, as_long, other = self.stretches[-1]
            if as_long != length or before % (2 * length):
                break
            self.stretches.pop()
            first, length, total = before, 2 * length, other.add_(total)
        self.stretches.append(Stretch(first, length, total))

    def total(self) -> Tensor:
        """Give the sum, once all parts are here.

        Returns
        -------
        tensor
            Where n is no power of two, what is left is added from the right.
        """
        whole = self.stretches[-1].total
        for _, _, other in reversed(self.stretches[:-1]):
            whole = other.add_(whole)
        return whole
