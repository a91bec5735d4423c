"""The window in which words co-occur, with whole-number weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from repsearch.errors import InputError

Weighting = Literal["linear", "flat", "harmonic"]


@dataclass(frozen=True)
class Window:
    """A symmetric window: how much a pair of words counts at each distance.

    Parameters
    ----------
    size : int
        Largest distance L that counts, to each side.
    weighting : {"linear", "flat", "harmonic"}
        ``"linear"``: L + 1 - distance, which is what word2vec's uniformly drawn
        windows amount to (Setting 3.1 of arXiv 2502.09863); ``"flat"``: 1;
        ``"harmonic"``: 1 / distance, as whole multiples of one over the least
        common multiple of 1 to L.

    Raises
    ------
    InputError
        A size below 1 or an unknown weighting.
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
        """Whole-number weight of a pair at distance 1 to L."""
        distances = range(1, self.size + 1)
        if self.weighting == "flat":
            return (1,) * self.size
        if self.weighting == "linear":
            return tuple(self.size + 1 - m for m in distances)
        multiple = math.lcm(*distances)
        return tuple(multiple // m for m in distances)

    @property
    def unit(self) -> int:
        """The whole number that stands for a weight of 1 (distance 1 for harmonic, flat).

        For linear weights it is L, the weight at distance 1, so that counts
        divided by it are expected counts under word2vec's random windows.
        """
        return self.weights[0]
