"""Add up pairs of words row by row on the CPU, in an order that threads do not change."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Floats: TypeAlias = NDArray[np.floating[Any]]
Groups: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]

# More parts than threads, because rows differ in length.
_PARTS_PER_THREAD = 4


def inner_products(rows: Floats, other: NDArray[np.int64], groups: Groups, threads: int) -> Floats:
    """Work out x_p = row_i . row_j of each pair.

    Parameters
    ----------
    rows : (R, d) array
        Vectors of words, and of contexts behind them if they have their own.
    other : (N,) int64
        j of each pair.
    groups : (starts, order)
        The pairs grouped by i.
    threads : int
        The result does not depend on it.

    Returns
    -------
    (N,) array
        x, in the order of the pairs.
    """
    x = np.empty(len(other), rows.dtype)
    each_part(
        groups[0], threads, lambda first, last: _multiply_rows(rows, other, *groups, first, last, x)
    )
    return x


def each_part(starts: NDArray[np.int64], threads: int, work: Callable[[int, int], object]) -> None:
    """Work on rows [first, last) in parts of about equally many pairs.

    Parameters
    ----------
    starts : (R + 1,) int64
        Pairs before each row.
    threads : int
        Parts are worked on at once.
    work : callable
        Takes first and last.
    """
    n_parts = _PARTS_PER_THREAD * threads if threads > 1 else 1
    # A row costs something even without pairs, so empty rows are divided evenly as well.
    cost = starts + np.arange(len(starts))
    bounds = np.searchsorted(cost, np.arange(n_parts + 1) * (int(cost[-1]) / n_parts)).tolist()
    bounds[0], bounds[-1] = 0, len(starts) - 1
    if threads == 1:
        work(bounds[0], bounds[-1])
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda part: work(*part), pairwise(bounds)))


def grouped(keys: Tensor, size: int) -> Groups:
    """Group the pairs of a list by row.

    Parameters
    ----------
    keys : (N,) int64 tensor
        The row of each pair.
    size : int
        Number of rows.

    Returns
    -------
    starts : (size + 1,) int64
        Where the pairs of each row begin in `order`.
    order : (N,) int64
        Pairs, row by row, in each row in the order of the list.

    Examples
    --------
    >>> import torch
    >>> [part.tolist() for part in grouped(torch.tensor([1, 0, 1]), 3)]
    [[0, 1, 3, 3], [1, 0, 2]]
    """
    groups: Groups = _group(keys.numpy(), size)
    return groups


@numba.njit(cache=True, nogil=True)
def _group(
    keys: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:  # a counting sort
    """Find where the pairs of each row begin in a list of all, and that list, in order."""
    starts = np.zeros(size + 1, np.int64)
    for key in keys:
        starts[key + 1] += 1
    starts = np.cumsum(starts)
    heads = starts[:-1].copy()
    order = np.empty(len(keys), np.int64)
    for p in range(len(keys)):
        order[heads[keys[p]]] = p
        heads[keys[p]] += 1
    return starts, order


@numba.njit(cache=True, nogil=True, fastmath={"reassoc"})  # for a vectorised sum
def _multiply_rows(
    rows: Floats,
    other: NDArray[np.int64],
    starts: NDArray[np.int64],
    order: NDArray[np.int64],
    first: int,
    last: int,
    x: Floats,
) -> None:
    """Work out x_p of the pairs p of rows [first, last)."""
    d = rows.shape[1]
    for row in range(first, last):
        mine = rows[row]
        for p in order[starts[row] : starts[row + 1]]:
            its = rows[other[p]]
            total = rows.dtype.type(0)
            for k in range(d):
                total += mine[k] * its[k]
            x[p] = total


@numba.njit(cache=True, nogil=True)
def add_rows(
    rows: Floats,
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    slopes: Floats,
    word_starts: NDArray[np.int64],
    by_word: NDArray[np.int64],
    context_starts: NDArray[np.int64],
    by_context: NDArray[np.int64],
    first: int,
    last: int,
    gradient: Floats,
) -> None:
    """Add up rows [first, last) of the gradient: their pairs as words, then those as contexts.

    Parameters
    ----------
    rows : (R, d) array
        Vectors of words, and of contexts behind them if they have their own.
    one, other : (N,) int64
        i and j of each pair.
    slopes : (N,) array
        Derivative of the loss with respect to x of each pair.
    word_starts, by_word : (R + 1,) int64, (N,) int64
        The pairs grouped by i.
    context_starts, by_context : (R + 1,) int64, (N,) int64
        The pairs grouped by j.
    first, last : int
        Rows.
    gradient : (R, d) array
        Is written.
    """
    d = rows.shape[1]
    for row in range(first, last):
        mine = gradient[row]
        mine[:] = 0
        for p in by_word[word_starts[row] : word_starts[row + 1]]:
            slope, its = slopes[p], rows[other[p]]
            for k in range(d):
                mine[k] += slope * its[k]
        for p in by_context[context_starts[row] : context_starts[row + 1]]:
            slope, its = slopes[p], rows[one[p]]
            for k in range(d):
                mine[k] += slope * its[k]
