"""Weigh pairs of words by their distance in a window, in whole numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, get_args

import numpy as np

from repsearch.errors import InputError

Weighting = Literal["linear", "flat", "harmonic"]
_DEFAULT = 16
_NUMBER = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30}|/0*[1-9][0-9]{0,29})?")
_MOST_OWN = 10_000
"""Own weights are listed one by one, in files as well."""


@dataclass(frozen=True, init=False, repr=False)
class Window:
    """Define a window: the weight of a pair of words at each distance, to the left and the right.

    Parameters
    ----------
    size : int, optional
        Largest distance L that has a weight. By default the number of `weights`, the larger of
        `left` and `right` where both are given, or 16.
    weighting : {"linear", "flat", "harmonic"}, optional
        Weight at distance m. ``"linear"``, the default: L + 1 - m, the expectation, times L,
        under word2vec's windows of a size drawn uniformly from 1 to L (arXiv
        2502.09863, Setting 3.1 and appendix A.3); ``"flat"``: 1; ``"harmonic"``:
        1 / m (GloVe), times the least common multiple of 1 to L.
    weights : sequence of int, float or Fraction, optional
        Weights of your own at distances 1, 2, ..., in the place of `weighting`: none negative,
        some zero if you like. A float is taken for the decimal number that it prints as.
        All are multiplied by the least number that makes them whole.
    left, right : int, optional
        How far the window reaches before and after a word, at most `size`; so far by default. 0
        leaves a side out. A pair at distance m has the same weight on either side.

    Raises
    ------
    InputError
        A size below 1, an unknown weighting, weights that are negative, no numbers or all zero,
        a side that is beyond the size; both sides 0.

    Examples
    --------
    >>> Window(4).weights, Window(4, "flat").weights, Window(4, "harmonic").weights
    ((4, 3, 2, 1), (1, 1, 1, 1), (12, 6, 4, 3))
    >>> Window(weights=(1, 0.5, 0.25)).weights, Window(weights=(1, 0.5, 0.25)).unit
    ((4, 2, 1), 4)
    >>> Window(left=1, right=3).sides(3)
    ((3, 0, 0), (3, 2, 1))
    """

    size: int
    weighting: Weighting | Literal["own"]
    # What is no parameter of this name is not stored with the settings of a training run, whose
    # windows are alike on both sides and have a weighting of a name.
    left: int = field(init=False)
    right: int = field(init=False)
    own: tuple[Fraction, ...] | None = field(init=False)

    def __init__(
        self,
        size: int | None = None,
        weighting: Weighting | None = None,
        *,
        weights: Iterable[float | Fraction] | None = None,
        left: int | None = None,
        right: int | None = None,
    ) -> None:
        own = None if weights is None else _fractions(weights)
        if own is not None:
            if weighting is not None:
                raise InputError(
                    f"weighting is {weighting!r}, but weights are given one by one; leave one out"
                )
            if size not in (None, len(own)):
                raise InputError(
                    f"the window's size is {size!r}, but {len(own)} weights are given; leave the "
                    "size out"
                )
            size = len(own)
        for name, side in (("left", left), ("right", right)):
            if side is not None and (type(side) is not int or side < 0):
                raise InputError(f"{name} is {side!r}; pass a whole number of words, or 0 for none")
        if size is None:
            size = _DEFAULT if left is None or right is None else max(left, right, 1)
        if type(size) is not int or size < 1:
            raise InputError(f"the window's size is {size!r}; pass a whole number of at least 1")
        if weighting is not None and weighting not in get_args(Weighting):
            raise InputError(f"weighting is {weighting!r}; choose 'linear', 'flat' or 'harmonic'")
        for name, side in (("left", left), ("right", right)):
            if side is not None and side > size:
                raise InputError(
                    f"{name} is {side}, beyond the window's size, {size}; pass at most that, or "
                    "a larger size"
                )
        sides = (size if left is None else left, size if right is None else right)
        if own is not None and not any(own[: max(sides)]):
            raise InputError(
                "all weights within the window are 0, so that no pair counts; pass a positive one"
            )
        if not any(sides):
            raise InputError("left and right both are 0, so that no pair counts; pass one of them")
        known = weighting or "linear"
        for name, value in (
            *(("size", size), ("weighting", known if own is None else "own")),
            *(("left", sides[0]), ("right", sides[1]), ("own", own)),
        ):
            object.__setattr__(self, name, value)

    @property
    def weights(self) -> tuple[int, ...]:
        """Whole-number weights of a pair at distances 1 to L, on a side that reaches so far."""
        return self.first_weights(self.size)

    @property
    def unit(self) -> int:
        """Whole number that stands for a weight of 1; of `weighting`, the weight at distance 1.

        Linear counts divided by it are expected counts under word2vec's random
        windows.
        """
        if self.own is not None:
            return math.lcm(*(one.denominator for one in self.own))
        return self.first_weights(1)[0]

    @property
    def symmetric(self) -> bool:
        """Whether pairs have the same weight in both orders, so that counts are symmetric."""
        if self.left == self.right:
            return True
        low, high = sorted((self.left, self.right))
        return self.own is not None and not any(self.own[low:high])

    @property
    def plain(self) -> bool:
        """Whether it has a weighting of a name and reaches equally far to both sides, L."""
        return self.own is None and self.left == self.right == self.size

    @property
    def in_words(self) -> str:
        """What it is called in a sentence, such as ``"linear window of 5"``."""
        weights = f"{self.weighting} window"
        if self.own is not None:
            shown = [_shown(one) for one in self.own]
            if len(shown) > 6:
                shown = [*shown[:4], "...", shown[-1]]
            weights = f"window with the weights {', '.join(shown)}"
        elif self.left == self.right == self.size:
            return f"{weights} of {self.size}"
        elif self.size != max(self.left, self.right):
            weights = f"{weights} of {self.size}, cut to"
        else:
            weights = f"{weights} of"
        if self.left == self.right == self.size:
            return weights
        if self.left == self.right:
            reach = f"{self.left} to each side"
        else:
            sides = ((self.left, "to the left"), (self.right, "to the right"))
            reach = " and ".join(f"{n} {side}" for n, side in sides if n)
        return f"{weights}, {reach}" if self.own is not None else f"{weights} {reach}"

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
        if self.own is not None:
            return tuple(int(one * self.unit) for one in self.own[:reach])
        if self.weighting == "flat":
            return (1,) * reach
        if self.weighting == "linear":
            return tuple(self.size + 1 - m for m in distances)
        multiple = math.lcm(*range(1, self.size + 1))
        return tuple(multiple // m for m in distances)

    def sides(self, reach: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Give the weights before and after a word at the distances that a text has.

        Parameters
        ----------
        reach : int
            Largest distance, at most `size`.

        Returns
        -------
        left, right : tuple of int
            Whole-number weights at distances 1 to `reach`, 0 where the side does not reach.

        Examples
        --------
        >>> Window(5, "flat", left=0).sides(2)
        ((0, 0), (1, 1))
        """
        weights = self.first_weights(reach)

        def cut(side: int) -> tuple[int, ...]:
            return weights[:side] + (0,) * (reach - side)

        return cut(self.left), cut(self.right)

    @property
    def sum(self) -> int:
        """Sum of the weights at distances 1 to L."""
        if self.weighting == "flat":
            return self.size
        if self.weighting == "linear":
            return self.size * (self.size + 1) // 2
        return sum(self.weights)

    def record(self) -> dict[str, Any]:
        """Describe the window as JSON can hold it.

        Returns
        -------
        dict
            ``size`` and ``weighting``; of one that is not `plain` also ``left``, ``right`` and
            ``weights``, the weights of one's own as texts such as "1/3".

        Examples
        --------
        >>> Window.from_record(Window(weights=(1, 0.5), left=0).record())
        Window(weights=(1, 0.5), left=0, right=2)
        """
        found: dict[str, Any] = {"size": self.size, "weighting": self.weighting}
        if not self.plain:
            found |= {"left": self.left, "right": self.right}
            found |= {} if self.own is None else {"weights": [str(one) for one in self.own]}
        return found

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Window:
        """Make the window that `record` describes.

        Parameters
        ----------
        record : mapping
            As `record` gives it.

        Returns
        -------
        Window
            The same.

        Raises
        ------
        InputError
            No such window.
        """
        sides = {name: record.get(name) for name in ("left", "right")}
        if record["weighting"] != "own":
            return cls(record["size"], record["weighting"], **sides)
        return cls(record["size"], weights=weights_of(record.get("weights", [])), **sides)

    def __repr__(self) -> str:
        if self.own is not None:
            shown = ", ".join(_shown(one, code=True) for one in self.own)
            said = f"weights=({shown}{',' * (len(self.own) == 1)})"
        else:
            said = f"size={self.size}, weighting={self.weighting!r}"
        if not self.left == self.right == self.size:
            said += f", left={self.left}, right={self.right}"
        return f"Window({said})"


def weights_of(texts: Iterable[str]) -> tuple[Fraction, ...]:
    """Read weights that are written as whole numbers, decimals or fractions.

    Parameters
    ----------
    texts : iterable of str
        Such as "2", "0.5" or "1/3".

    Returns
    -------
    tuple of Fraction
        The numbers, exactly.

    Raises
    ------
    InputError
        One that is no number.

    Examples
    --------
    >>> weights_of(["2", "0.5", "1/3"])
    (Fraction(2, 1), Fraction(1, 2), Fraction(1, 3))
    """
    found = []
    for text in texts:
        if not _NUMBER.fullmatch(text.strip()):
            raise InputError(
                f"weights are to be numbers, not {text!r:.60}; write whole numbers, decimals or "
                "fractions, such as 3,1.5,1/3"
            )
        found.append(Fraction(text))
    return tuple(found)


def _fractions(weights: Iterable[float | Fraction]) -> tuple[Fraction, ...]:
    """Weights of one's own as exact numbers; a float as the decimal number that it prints as."""
    passed: object = weights
    one_by_one = isinstance(passed, Iterable) and not isinstance(passed, str)
    given: list[object] = list(weights) if one_by_one else []
    if not 0 < len(given) <= _MOST_OWN:
        raise InputError(
            f"weights are {weights!r:.60}; pass one number for each distance, from 1 to at most "
            f"{_MOST_OWN:,}"
        )
    return tuple(_fraction(one) for one in given)


def _fraction(weight: object) -> Fraction:
    if isinstance(weight, np.integer | np.floating):
        weight = weight.item()
    if isinstance(weight, bool) or not (
        isinstance(weight, int | float | Fraction) and 0 <= weight < math.inf
    ):
        raise InputError(
            f"weights are to be numbers of at least 0, not {weight!r:.60}; pass one for each "
            "distance"
        )
    return Fraction(repr(weight)) if isinstance(weight, float) else Fraction(weight)


def _shown(weight: Fraction, *, code: bool = False) -> str:
    if weight.denominator == 1:
        return str(weight)
    if Fraction(repr(float(weight))) == weight:
        return repr(float(weight))
    return repr(weight) if code else str(weight)
