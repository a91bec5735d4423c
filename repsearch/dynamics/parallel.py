"""Work on several times or blocks at once, to the same bits on any number of threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import scipy.linalg  # noqa: F401  (its BLAS is to be known to the controller)
from threadpoolctl import ThreadpoolController

from repsearch.checks import number_of_threads

Item = TypeVar("Item")
Result = TypeVar("Result")


def each(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Call a function for each item, one item a thread and BLAS on one thread in each.

    BLAS adds up in another order on another number of threads.
    """
    with (
        _controller().limit(limits=1, user_api="blas"),
        ThreadPoolExecutor(number_of_threads(None)) as pool,
    ):
        return list(pool.map(function, items))


@cache
def _controller() -> ThreadpoolController:
    """Looked up once: finding the libraries takes milliseconds."""
    return ThreadpoolController()
