"""Checks of the numbers that worlds are made from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from repsearch.checks import is_whole
from repsearch.errors import InputError

MOST_WORDS = 8192
"""A world holds dense V x V arrays; this many words make one of 512 MiB."""


def check_whole(name: str, number: Any, least: int, most: int | None = None) -> None:
    """Refuse anything but a whole number from `least` to `most`."""
    if not is_whole(number) or number < least or (most is not None and number > most):
        allowed = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise InputError(f"{name} is {number!r}; pass a whole number {allowed}")


def check_size(number: int, of: str) -> None:
    """Refuse worlds whose dense arrays would not fit."""
    if number > MOST_WORDS:
        raise InputError(f"{of} makes {number:,} words; stay within {MOST_WORDS:,}")


def check_positive(name: str, number: Any) -> None:
    """Refuse anything but a positive, finite number."""
    if not is_number(number) or not 0 < number < math.inf:
        raise InputError(f"{name} is {number!r}; pass a positive number")


def as_sequence(name: str, values: object) -> list[Any]:
    """The entries of a sequence or array; anything else is refused."""
    if isinstance(values, str) or not isinstance(values, Sequence | np.ndarray):
        raise InputError(f"{name} is {values!r}; pass a sequence of numbers")
    return list(values)


def as_numbers(name: str, values: object) -> tuple[float, ...]:
    """The finite numbers of a sequence; anything else is refused."""
    for value in (found := as_sequence(name, values)):
        if not is_number(value) or not math.isfinite(value):
            raise InputError(f"{name} holds {value!r}; pass finite numbers alone")
    return tuple(map(float, found))


def is_number(number: Any) -> bool:
    """Whether something is a real number and not a truth value."""
    return isinstance(number, int | float | np.integer | np.floating) and not isinstance(
        number, bool
    )
