"""Add up sums over all pairs together with other processes, each of which holds its own rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from repsearch.errors import InputError
from repsearch.training.arithmetic.pairwise_sum import PairwiseSum
from repsearch.training.compute import Compute
from repsearch.training.objectives.losses import Loss, Quartic, Sgns
from repsearch.training.objectives.tile_sums import TileSums
from repsearch.training.processes.group import Processes
from repsearch.training.terms.pair_terms import PairTerms

KNOWN: dict[str, type[Sgns | Quartic]] = {"sgns": Sgns, "quartic": Quartic}


class SharedTileSums:
    """What `TileSums` of all parts gives, to the same bits, from the shares of all processes.

    Parameters
    ----------
    terms : PairTerms
        The coefficients of the loss over pairs.
    loss : Loss
        f+ and f-.
    tied : bool
        Whether words and contexts share their vectors.
    compute : Compute
        Device and precision.
    processes : Processes
        This one, the first, and the others.

    Raises
    ------
    InputError
        A loss of one's own, which is a function and cannot be sent.
    """

    def __init__(
        self,
        terms: PairTerms,
        loss: Loss,
        *,
        tied: bool,
        compute: Compute,
        processes: Processes,
    ) -> None:
        if not isinstance(loss, tuple(KNOWN.values())):
            raise InputError(
                f"the loss {loss.name!r} is a function of yours, which cannot be sent to other "
                "processes; pass Sgns() or Quartic(), or start one process"
            )
        threads, compute = compute.threads, processes.threads(compute)
        self._tied, self._processes = tied, processes
        everything = TileSums(terms, loss, tied=tied, compute=compute)
        number = len(everything.parts)
        shares = {}
        for other in range(1, processes.size):
            part = processes.share(number, other)
            shares[other] = {
                "first": part.start,
                "stop": part.stop,
                **sent(only_rows(terms, everything.rows(part.start, part.stop))),
            }
        own = processes.share(number)
        everything.mine = own
        self._own = everything
        facts = {
            "work": "tiles",
            "loss": loss.name,
            "tied": tied,
            "dtype": compute.dtype,
            "threads": threads,
        }
        self._job = processes.begin(facts, shares)

    def of(
        self, words: Tensor, contexts: Tensor, *, loss: bool, gradient: bool
    ) -> tuple[list[Tensor], PairwiseSum]:
        """Go through all tiles once, each process through its own.

        Parameters
        ----------
        words, contexts : (V, d) tensor
            A and B.
        loss, gradient : bool
            What to work out; the rest is meaningless.

        Returns
        -------
        losses : list of () float64 tensor
            The loss of each part.
        sums : PairwiseSum
            Of the gradients of all parts.
        """
        with self._processes.exchange(self._job):
            wanted = {"loss": loss, "gradient": gradient, "shape": list(words.shape)}
            sides = (words,) if self._tied else (words, contexts)
            self._processes.ask(wanted, *sides)
            losses, sums = self._own.of(words, contexts, loss=loss, gradient=gradient)
            gather(self._processes, losses, sums)
        return losses, sums


def gather(processes: Processes, losses: list[Tensor], sums: PairwiseSum) -> None:
    """Bring the sums of all processes to the first, by way of each other.

    In each round every second process hands what it has to the one before it and is done: log2
    of their number of rounds, and with 2^k processes one array of the size of the weights in each.

    Parameters
    ----------
    processes : Processes
        This one and the others.
    losses : list of () float64 tensor
        Of the parts of this process; those of others are added.
    sums : PairwiseSum
        Likewise.
    """
    step = 1
    while step < processes.size:
        if processes.number % (2 * step):
            arrays = {str(place): one.total.numpy() for place, one in enumerate(sums.stretches)}
            arrays["losses"] = torch.stack(losses).numpy() if losses else np.zeros(0)
            places = [(one.first, one.length) for one in sums.stretches]
            processes.send(processes.number - step, {"stretches": places}, arrays)
            return
        if processes.number + step < processes.size:
            told, arrays = processes.receive(processes.number + step)
            losses.extend(torch.from_numpy(arrays["losses"]).unbind())
            for place, (first, length) in enumerate(told["stretches"]):
                sums.add(first, length, torch.from_numpy(arrays[str(place)]))
        step *= 2


def only_rows(terms: PairTerms, rows: slice) -> PairTerms:
    """Drop all rows of Psi+P but some; the others are empty.

    Parameters
    ----------
    terms : PairTerms
        The coefficients of the loss over pairs.
    rows : slice
        Words that are kept.

    Returns
    -------
    PairTerms
        Of the same words.
    """
    first, last = int(terms.indptr[rows.start]), int(terms.indptr[rows.stop])
    return PairTerms(
        np.clip(terms.indptr, first, last) - first,
        terms.columns[first:last],
        terms.positive[first:last],
        terms.left,
        terms.right,
        terms.seen,
        terms.total,
    )


def sent(terms: PairTerms) -> dict[str, Any]:
    """Give the terms as a message has them: numbers and arrays by name.

    Parameters
    ----------
    terms : PairTerms
        The coefficients of the loss over pairs.

    Returns
    -------
    dict
        For `Processes.begin`; `received` makes terms of it again.
    """
    return {name: getattr(terms, name) for name in (*_ARRAYS, *_NUMBERS)}


def received(facts: dict[str, Any], arrays: dict[str, Any]) -> PairTerms:
    """Make terms of a message.

    Parameters
    ----------
    facts, arrays : dict
        From `Processes.receive`.

    Returns
    -------
    PairTerms
        As they were sent.
    """
    return PairTerms(
        **{name: arrays[name] for name in _ARRAYS}, **{name: facts[name] for name in _NUMBERS}
    )


_ARRAYS = ("indptr", "columns", "positive", "left", "right")
_NUMBERS = ("seen", "total")
