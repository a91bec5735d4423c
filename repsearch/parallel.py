"""Share out work over threads, to the same bits on any number of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

import scipy.linalg  # noqa: F401  (its BLAS is to be known to the controller)
from threadpoolctl import ThreadpoolController

from repsearch.checks import number_of_threads

Item = TypeVar("Item")
Result = TypeVar("Result")


def each(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Call a function for each item, one item a thread, with BLAS on one thread in each.

    Parameters
    ----------
    function : callable
        From an item to its result.
    items : iterable
        What it is called with.

    Returns
    -------
    list
        Results in the order of the items.

    Examples
    --------
    >>> each(lambda n: n * n, [1, 2, 3])
    [1, 4, 9]
    """
    with one_blas_thread(), ThreadPoolExecutor(number_of_threads(None)) as pool:
        return list(pool.map(function, items))


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Confine BLAS to one thread, so that sums have the same bits anywhere; also a decorator.

    BLAS adds up in another order on another number of threads. The limit is the
    process's: the thread that comes first sets it, and inner calls change nothing.

    Yields
    ------
    None
        Once, while the limit holds.

    Examples
    --------
    >>> import numpy as np
    >>> with one_blas_thread():
    ...     print(np.ones(3) @ np.ones(3))
    3.0
    """
    with _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _controller() -> ThreadpoolController:
    """Find the BLAS libraries, once: it takes milliseconds."""
    return ThreadpoolController()
