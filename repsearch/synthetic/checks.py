"""Check the numbers that worlds are made from."""

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
    """Refuse anything but a whole number from `least` to `most`.

    Parameters
    ----------
    name : str
        What the number is called in the error.
    number : object
        What was passed.
    least, most : int
        Smallest and largest number allowed; without `most` there is no largest.

    Raises
    ------
    InputError
        No whole number, or one out of range.
    """
    if not is_whole(number) or number < least or (most is not None and number > most):
        allowed = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise InputError(f"{name} is {number!r}; pass a whole number {allowed}")


def check_size(number: int, of: str) -> None:
    """Refuse a world whose dense arrays would not fit in memory.

    Parameters
    ----------
    number : int
        Number of words.
    of : str
        What makes so many words, for the error.

    Raises
    ------
    InputError
        More words than `MOST_WORDS`.
    """
    if number > MOST_WORDS:
        raise InputError(f"{of} makes {number:,} words; stay within {MOST_WORDS:,}")


def check_positive(name: str, number: Any) -> None:
    """Refuse anything but a positive, finite number.

    Parameters
    ----------
    name : str
        What the number is called in the error.
    number : object
        What was passed.

    Raises
    ------
    InputError
        No number, or one that is not positive or not finite.
    """
    if not is_number(number) or not 0 < number < math.inf:
        raise InputError(f"{name} is {number!r}; pass a positive number")


def as_sequence(name: str, values: object) -> list[Any]:
    """List the entries of a sequence or array.

    Parameters
    ----------
    name : str
        What the sequence is called in the error.
    values : object
        What was passed.

    Returns
    -------
    list
        The entries, unchecked.

    Raises
    ------
    InputError
        No sequence and no array; a string counts as neither.
    """
    if isinstance(values, str) or not isinstance(values, Sequence | np.ndarray):
        raise InputError(f"{name} is {values!r}; pass a sequence of numbers")
    return list(values)


def as_numbers(name: str, values: object) -> tuple[float, ...]:
    """List the numbers of a sequence or array, all of them finite.

    Parameters
    ----------
    name : str
        What the sequence is called in the error.
    values : object
        What was passed.

    Returns
    -------
    tuple of float
        The entries in their order.

    Raises
    ------
    InputError
        No sequence, or an entry that is not a finite number.
    """
    for value in (found := as_sequence(name, values)):
        if not is_number(value) or not math.isfinite(value):
            raise InputError(f"{name} holds {value!r}; pass finite numbers alone")
    return tuple(map(float, found))


def is_number(number: Any) -> bool:
    """Tell whether something is a real number and not a truth value.

    Parameters
    ----------
    number : object
        What was passed.

    Returns
    -------
    bool
        True for Python's and numpy's integers and floats, NaN included.
    """
    return isinstance(number, int | float | np.integer | np.floating) and not isinstance(
        number, bool
    )
