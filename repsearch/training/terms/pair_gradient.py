"""Work out loss and gradient of a list of weighted pairs, L = sum_p a_p f+(x_p) + b_p f-(x_p).

With x_p = w_i . w'_j the gradient with respect to w_i is the sum of s_p w'_j over the
pairs of i, s_p = a_p f+'(x_p) + b_p f-'(x_p), and that of w'_j the sum of s_p w_i. On the
CPU the pairs are grouped by row first and each row is added up by one thread in the order
of the list, so that no addition depends on how the rows are divided among threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numba
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from repsearch.training.objectives.losses import Loss

Floats: TypeAlias = NDArray[np.floating[Any]]
Groups: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]

# Torch gives work of up to 32,768 elements to one thread. Where it bounds longer arrays depends
# on their number, and it rounds what is left over at the end of a piece in another way.
_ELEMENTS = 1 << 14
# Two rows of weights a pair are held at a time on other devices.
_PAIRS = 1 << 17
# More parts than threads, because rows differ in length.
_PARTS_PER_THREAD = 4


@dataclass(frozen=True, eq=False)
class PairList:
    """Pairs of words and what each counts in the two halves of a loss.

    Parameters
    ----------
    words, contexts : (N,) int64 tensor
        i and j. A pair may come more than once.
    positive, negative : (N,) tensor
        Coefficients a of f+ and b of f-, of the weights' dtype.
    """

    words: Tensor
    contexts: Tensor
    positive: Tensor
    negative: Tensor


def pair_loss(weights: Tensor, pairs: PairList, loss: Loss, *, threads: int) -> float:
    """Work out the loss of a list of pairs, added up in float64.

    Parameters
    ----------
    weights : (V, d) or (2, V, d) tensor
        W of tied weights; words and contexts of untied ones.
    pairs : PairList
        On the device of the weights.
    loss : Loss
        f+ and f-.
    threads : int
        Threads on the CPU. The result does not depend on it.

    Returns
    -------
    float
        The loss.

    Examples
    --------
    >>> from repsearch.training import Quartic
    >>> pairs = PairList(*torch.tensor([[0], [1]]), *torch.ones(2, 1))
    >>> pair_loss(torch.tensor([[1.0], [2.0]]), pairs, Quartic(), threads=1)  # x = 2: x^2 / 2
    2.0
    """
    flat, i, j = _as_tied(weights, pairs)
    if flat.device.type == "cpu":
        rows = flat.numpy()
        x = torch.from_numpy(_inner_products(rows, j.numpy(), _grouped(i, len(rows)), threads))
    else:
        x = torch.cat([_gathered_products(flat, i[p], j[p]) for p in _pieces(len(i), _PAIRS)])
    # Both halves of the loss in pieces that torch adds up in one order.
    return math.fsum(
        float(_mixed(loss.values, x[p], pairs.positive[p], pairs.negative[p]).double().sum())
        for p in _pieces(len(x), _ELEMENTS)
    )


def pair_gradient(weights: Tensor, pairs: PairList, loss: Loss, *, threads: int) -> Tensor:
    """Work out the gradient of the loss of a list of pairs, dense.

    The work is 6 N d operations and, because the gradient is dense, V d numbers
    written. The same bits on any number of threads of a CPU; on a CUDA device torch
    sorts the rows before it adds them up.

    Parameters
    ----------
    weights : (V, d) or (2, V, d) tensor
        W of tied weights; words and contexts of untied ones.
    pairs : PairList
        On the device of the weights.
    loss : Loss
        f+ and f-.
    threads : int
        Threads on the CPU. The result does not depend on it.

    Returns
    -------
    (V, d) or (2, V, d) tensor
        The gradient.

    Examples
    --------
    >>> from repsearch.training import Quartic
    >>> pairs = PairList(*torch.tensor([[0], [1]]), *torch.ones(2, 1))
    >>> pair_gradient(torch.tensor([[1.0], [2.0]]), pairs, Quartic(), threads=1).tolist()
    [[4.0], [2.0]]
    """
    flat, i, j = _as_tied(weights, pairs)
    if flat.device.type == "cpu":
        gradient = _by_rows(flat, i, j, pairs, loss, threads)
    else:
        gradient = _by_sorting(flat, i, j, pairs, loss)
    return gradient.reshape(weights.shape)


def _as_tied(weights: Tensor, pairs: PairList) -> tuple[Tensor, Tensor, Tensor]:
    """Take untied weights for tied ones of twice as many words, the contexts behind the words."""
    flat = weights.detach().reshape(-1, weights.shape[-1]).contiguous()
    shift = weights.shape[1] if weights.ndim == 3 else 0
    return flat, pairs.words.contiguous(), pairs.contexts + shift


def _mixed(
    halves: Callable[[Tensor], tuple[Tensor, Tensor]], x: Tensor, positive: Tensor, negative: Tensor
) -> Tensor:
    plus, minus = halves(x)
    # A half that does not count must not turn an overflow into NaN.
    return torch.where(positive == 0, 0, positive * plus) + torch.where(
        negative == 0, 0, negative * minus
    )


def _pieces(length: int, size: int) -> list[slice]:
    return [slice(low, low + size) for low in range(0, max(length, 1), size)]


# ------------------------------------------------------- any device


def _gathered_products(flat: Tensor, i: Tensor, j: Tensor) -> Tensor:
    return (flat[i] * flat[j]).sum(1)


def _by_sorting(flat: Tensor, i: Tensor, j: Tensor, pairs: PairList, loss: Loss) -> Tensor:
    """Add up with torch alone: on CUDA, index_put_ that accumulates sorts rows, without atomics."""
    gradient = torch.zeros_like(flat)
    for p in _pieces(len(i), _PAIRS):
        of_i, of_j = flat[i[p]], flat[j[p]]
        x = (of_i * of_j).sum(1)
        slopes = _mixed(loss.slopes, x, pairs.positive[p], pairs.negative[p])[:, None]
        rows = torch.cat([i[p], j[p]])
        gradient.index_put_((rows,), torch.cat([slopes * of_j, slopes * of_i]), accumulate=True)
    return gradient


# ------------------------------------------------------- CPU


def _by_rows(
    flat: Tensor, i: Tensor, j: Tensor, pairs: PairList, loss: Loss, threads: int
) -> Tensor:
    rows, size = flat.numpy(), len(flat)
    one, other = i.numpy(), j.numpy()
    by_word, by_context = _grouped(i, size), _grouped(j, size)
    x = torch.from_numpy(_inner_products(rows, other, by_word, threads))
    slopes = torch.empty_like(x)
    for p in _pieces(len(x), _ELEMENTS):
        slopes[p] = _mixed(loss.slopes, x[p], pairs.positive[p], pairs.negative[p])
    gradient = np.empty_like(rows)
    _each_part(
        by_word[0] + by_context[0],
        threads,
        lambda first, last: _add_rows(
            rows, one, other, slopes.numpy(), *by_word, *by_context, first, last, gradient
        ),
    )
    return torch.from_numpy(gradient)


def _inner_products(rows: Floats, other: NDArray[np.int64], groups: Groups, threads: int) -> Floats:
    x = np.empty(len(other), rows.dtype)
    _each_part(
        groups[0], threads, lambda first, last: _multiply_rows(rows, other, *groups, first, last, x)
    )
    return x


def _each_part(starts: NDArray[np.int64], threads: int, work: Callable[[int, int], object]) -> None:
    """Work on rows [first, last) in parts of about equally many pairs."""
    n_parts = _PARTS_PER_THREAD * threads if threads > 1 else 1
    # A row costs something of its own, so that empty ones are shared out as well.
    cost = starts + np.arange(len(starts))
    bounds = np.searchsorted(cost, np.arange(n_parts + 1) * (int(cost[-1]) / n_parts)).tolist()
    bounds[0], bounds[-1] = 0, len(starts) - 1
    if threads == 1:
        work(bounds[0], bounds[-1])
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda part: work(*part), pairwise(bounds)))


def _grouped(keys: Tensor, size: int) -> Groups:
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
def _add_rows(
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
    """Add up rows [first, last) of the gradient: their pairs as words, then those as contexts."""
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
