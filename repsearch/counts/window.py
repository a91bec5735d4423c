"""Weigh pairs of words by their distance in a window, in whole numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from repsearch.errors import InputError

Weighting = Literal["linear", "flat", "harmonic"]


@dataclass(frozen=True)
class Window:
    """Define a symmetric window: the weight of a pair of words at each distance.

    Parameters
    ----------
    size : int
        Largest distance L that counts, to each side.
    weighting : {"linear", "flat", "harmonic"}
        Weight at distance m. ``"linear"``: L + 1 - m, the expectation, times L,
        under word2vec's windows of a size drawn uniformly from 1 to L (arXiv
        2502.09863, Setting 3.1 and appendix A.3); ``"flat"``: 1; ``"harmonic"``:
        1 / m (GloVe), times the least common multiple of 1 to L.

    Raises
    ------
    InputError
        A size below 1 or an unknown weighting.

    Examples
    --------
    >>> Window(4).weights, Window(4, "flat").weights, Window(4, "harmonic").weights
    ((4, 3, 2, 1), (1, 1, 1, 1), (12, 6, 4, 3))
    """

    size: int = 16
    weighting: Weighting = "linear"

    def __post_init__(self) -> None:
        if type(self.size) is not int or self.size < 1:
            raise InputError(
                f"the window's size is {self.size!r}; pass a whole number of at least 1"
            )
        if self.weighting not in get_args(Weighting):
            raise InputError(
                f"weighting is {self.weighting!r}; choose 'linear', 'flat' or 'harmonic'"
            )

    @property
    def weights(self) -> tuple[int, ...]:
        """Whole-number weights of a pair at distances 1 to L."""
        return self.first_weights(self.size)

    @property
    def unit(self) -> int:
        """Whole-number weight at distance 1, which stands for a weight of 1.

        Linear counts divided by it are expected counts under word2vec's random
        windows.
        """
        return self.first_weights(1)[0]

    def first_weights(self, reach: int) -> tuple[int, ...]:
        """Give the weights at the distances that a text has, however wide the window is.

        Parameters
        ----------
        reach : int
            Largest distance, at most `size`.

        Returns
        -------
        tuple of int
            Whole-number weights at distances 1 to `reach`.

        Examples
        --------
        >>> Window(10**12).first_weights(2)
        (1000000000000, 999999999999)
        """
        distances = range(1, reach + 1)
        if self.weighting == "flat":
            return (1,) * reach
        if self.weighting == "linear":
            return tuple(self.size + 1 - m for m in distances)
        multiple = math.lcm(*range(1, self.size + 1))
        return tuple(multiple // m for m in distances)

    @property
    def sum(self) -> int:
        """Sum of the weights at distances 1 to L."""
        if self.weighting == "flat":
            return self.size
        if self.weighting == "linear":
            return self.size * (self.size + 1) // 2
        return sum(self.weights)
