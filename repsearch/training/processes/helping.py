"""Work out a process's share whenever the first process asks for it, until that one is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from repsearch.training.arithmetic.matrix_products import Workers
from repsearch.training.compute import Compute
from repsearch.training.objectives.shared_sums import KNOWN, gather, received
from repsearch.training.objectives.target_rows import FORMS
from repsearch.training.objectives.tile_sums import TileSums
from repsearch.training.processes.group import Processes, joined, torchrun_started
from repsearch.training.terms.pair_terms import PairTerms

Work = Callable[[dict[str, Any]], None]


@contextmanager
def over_processes() -> Iterator[Processes | None]:
    """Share the work of a ``with`` block out to the processes that torchrun has started.

    The first process runs the block. Each other one stays here: it does what the first asks of
    it and leaves Python when that one is done, so that nothing after this line runs twice. It
    must come before anything that reads, prints or writes.

    Yields
    ------
    Processes or None
        For `train`, `resume` and `minimise`; None in a process that is alone.

    Raises
    ------
    SystemExit
        In all processes but the first, at the end.
    ProcessLostError
        One of them has ended before its time.

    Examples
    --------
    >>> from repsearch import training
    >>> with training.over_processes() as processes:
    ...     print(processes)  # not started by torchrun
    None
    """
    found = torchrun_started()
    if found is None:
        yield None
        return
    processes = joined(*found)
    if processes.number:
        help_first(processes)
        processes.leave()
        raise SystemExit(0)
    try:
        yield processes
    finally:
        processes.end()


def help_first(processes: Processes) -> None:
    """Do what the first process asks, until it says that this was all.

    Parameters
    ----------
    processes : Processes
        Of which this one is not the first.
    """
    work: Work | None = None
    while True:
        facts, arrays = processes.receive(0)
        if facts["do"] == "end":
            return
        if facts["do"] == "begin":
            work = None  # what it held is not needed any more
            work = _KINDS[facts["work"]](facts, received(facts, arrays), processes)
        else:
            assert work is not None
            work(facts)


def _compute(facts: dict[str, Any], processes: Processes) -> Compute:
    return processes.threads(Compute(dtype=facts["dtype"], threads=facts["threads"]))


def _tiles(facts: dict[str, Any], terms: PairTerms, processes: Processes) -> Work:
    """Add up some parts of the tiles."""
    compute, tied = _compute(facts, processes), facts["tied"]
    limits = {"first": facts["first"], "stop": facts["stop"]}
    sums = TileSums(terms, KNOWN[facts["loss"]](), tied=tied, compute=compute, **limits)

    def work(wanted: dict[str, Any]) -> None:
        # As one tensor, as in the first process: bits may depend on where a row begins in memory.
        sides = torch.empty((1 if tied else 2, *wanted["shape"]), dtype=compute.torch_dtype)
        for side in sides:
            processes.broadcast(side)
        losses, found = sums.of(
            sides[0], sides[-1], loss=wanted["loss"], gradient=wanted["gradient"]
        )
        gather(processes, losses, found)

    return work


def _rows(facts: dict[str, Any], terms: PairTerms, processes: Processes) -> Work:
    """Multiply some rows of M*."""
    compute = _compute(facts, processes)
    pieces = [slice(*ends) for ends in facts["pieces"]]
    target, workers = FORMS[facts["form"]](terms, pieces, compute), Workers(compute)

    def work(wanted: dict[str, Any]) -> None:
        block = torch.empty(wanted["shape"], dtype=compute.torch_dtype)
        total = torch.empty(wanted["shape"][1], dtype=compute.torch_dtype)
        processes.broadcast(block)
        processes.broadcast(total)
        processes.send_tensor(target.times(block, total, workers), 0)

    return work


_KINDS = {"tiles": _tiles, "rows": _rows}
