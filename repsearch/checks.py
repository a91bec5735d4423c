"""Check arguments that several steps take."""

from __future__ import annotations

import os

import numpy as np

from repsearch.errors import InputError


def is_whole(number: object) -> bool:
    """Whether something is a whole number, of Python or NumPy, and not a truth value.

    Parameters
    ----------
    number : object
        Value to check.

    Returns
    -------
    bool
        True for an int or a numpy integer.

    Examples
    --------
    >>> is_whole(3), is_whole(np.int32(3)), is_whole(3.0), is_whole(True)
    (True, True, False, False)
    """
    return isinstance(number, int | np.integer) and not isinstance(number, bool)


def number_of_threads(threads: int | None) -> int:
    """Return the number of threads to use: as asked for, or one for each processor.

    Parameters
    ----------
    threads : int or None
        Number asked for; None for all processors.

    Returns
    -------
    int
        Number of threads, at least 1.

    Raises
    ------
    InputError
        Not a whole number, or fewer than one.

    Examples
    --------
    >>> number_of_threads(2)
    2
    """
    if threads is None:
        return os.cpu_count() or 1
    if not is_whole(threads) or threads < 1:
        raise InputError(
            f"threads is {threads!r}; pass a whole number of at least 1, or None for all processors"
        )
    return int(threads)
