"""Multiply M* by W together with other processes, each of which holds rows of its own."""

from __future__ import annotations

import torch
from torch import Tensor

from repsearch.training.arithmetic.matrix_products import Workers
from repsearch.training.compute import Compute
from repsearch.training.objectives.shared_sums import only_rows, sent
from repsearch.training.objectives.target_rows import FORMS, Dense, Sparse, span
from repsearch.training.processes.group import Processes
from repsearch.training.terms.pair_terms import PairTerms


class SharedRows:
    """What all rows of M* give, to the same bits: rows are worked out apart and never added.

    Parameters
    ----------
    whole : Dense or Sparse
        All rows; their form and their pieces are those of the shares.
    terms : PairTerms
        The coefficients under Setting 3.1.
    compute : Compute
        Device and precision.
    processes : Processes
        This one, the first, and the others.
    """

    def __init__(
        self, whole: Dense | Sparse, terms: PairTerms, compute: Compute, processes: Processes
    ) -> None:
        self._processes = processes
        pieces = whole.pieces
        parts = [processes.share(len(pieces), number) for number in range(processes.size)]
        self._own = FORMS[whole.name](terms, pieces[parts[0].start : parts[0].stop], compute)
        self._rows, shares = [self._own.rows], {}
        for other, part in enumerate(parts[1:], start=1):
            mine = pieces[part.start : part.stop]
            self._rows.append(span(mine))
            shares[other] = {
                "pieces": [(piece.start, piece.stop) for piece in mine],
                **sent(only_rows(terms, span(mine))),
            }
        facts = {
            "work": "rows",
            "form": whole.name,
            "dtype": compute.dtype,
            "threads": compute.threads,
        }
        self._job = processes.begin(facts, shares)

    def times(self, block: Tensor, total: Tensor, workers: Workers) -> Tensor:
        """Work out M* B.

        Parameters
        ----------
        block : (V, d) tensor
            B.
        total : (d,) tensor
            Its sum over words.
        workers : Workers
            Threads.

        Returns
        -------
        (V, d) tensor
            The product.
        """
        processes, out = self._processes, torch.empty_like(block)
        with processes.exchange(self._job):
            processes.ask({"shape": list(block.shape)}, block, total)
            out[self._rows[0]] = self._own.times(block, total, workers)
            for other in range(1, processes.size):
                processes.receive_into(out[self._rows[other]], other)
        return out
