"""Work out loss and gradient of a list of weighted pairs, L = sum_p a_p f+(x_p) + b_p f-(x_p).

With x_p = w_i . w'_j the gradient with respect to w_i is the sum of s_p w'_j over the
pairs of i, s_p = a_p f+'(x_p) + b_p f-'(x_p), and that of w'_j the sum of s_p w_i. On the
CPU the pairs are grouped by row first and each row is added up by one thread in the order
of the list, so that no addition depends on how the rows are divided among threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from repsearch.training.objectives.losses import Loss
from repsearch.training.terms.row_sums import add_rows, each_part, grouped, inner_products

# Torch gives work of up to 32,768 elements to one thread. Where it splits longer arrays depends
# on their number, and it rounds what is left over at the end of a piece in another way.
_ELEMENTS = 1 << 14
# Two rows of weights a pair are held at a time on other devices.
_PAIRS = 1 << 17


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
        x = torch.from_numpy(inner_products(rows, j.numpy(), grouped(i, len(rows)), threads))
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


def _by_rows(
    flat: Tensor, i: Tensor, j: Tensor, pairs: PairList, loss: Loss, threads: int
) -> Tensor:
    rows, size = flat.numpy(), len(flat)
    one, other = i.numpy(), j.numpy()
    by_word, by_context = grouped(i, size), grouped(j, size)
    x = torch.from_numpy(inner_products(rows, other, by_word, threads))
    slopes = torch.empty_like(x)
    for p in _pieces(len(x), _ELEMENTS):
        slopes[p] = _mixed(loss.slopes, x[p], pairs.positive[p], pairs.negative[p])
    gradient = np.empty_like(rows)
    each_part(
        by_word[0] + by_context[0],
        threads,
        lambda first, last: add_rows(
            rows, one, other, slopes.numpy(), *by_word, *by_context, first, last, gradient
        ),
    )
    return torch.from_numpy(gradient)
