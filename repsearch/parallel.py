"""Work on several times or blocks at once, to the same bits on any number of threads."""

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
    """Call a function for each item, one item a thread and BLAS on one thread in each."""
    with one_blas_thread(), ThreadPoolExecutor(number_of_threads(None)) as pool:
        return list(pool.map(function, items))


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Products and factorisations to the same bits wherever they run; also a decorator.

    BLAS adds up in another order on another number of threads. The limit is the
    process's: the thread that comes first holds it, and inner calls change nothing.
    """
    with _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _controller() -> ThreadpoolController:
    """Looked up once: finding the libraries takes milliseconds."""
    return ThreadpoolController()
