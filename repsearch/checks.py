"""Checks that several steps make of what they are passed."""

from __future__ import annotations

import os

import numpy as np

from repsearch.errors import InputError


def is_whole(number: object) -> bool:
    """Whether something is a whole number, of Python or NumPy, and not a truth value."""
    return isinstance(number, int | np.integer) and not isinstance(number, bool)


def number_of_threads(threads: int | None) -> int:
    """As asked for, or one for each processor.

    Raises
    ------
    InputError
        Fewer than one.
    """
    if threads is None:
        return os.cpu_count() or 1
    if not is_whole(threads) or threads < 1:
        raise InputError(
            f"threads is {threads!r}; pass a whole number of at least 1, or None for all processors"
        )
    return int(threads)
