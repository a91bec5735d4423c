"""Evaluate the exact loss of all pairs, whichever loss and weighting."""

from __future__ import annotations

from repsearch.training.compute import Compute
from repsearch.training.objectives.fused_sgns import FusedSgns, applies
from repsearch.training.objectives.losses import Loss, Quartic, Sgns
from repsearch.training.objectives.quartic_full_batch import QuarticFullBatch
from repsearch.training.objectives.tiled_full_batch import TiledFullBatch
from repsearch.training.processes.group import Processes
from repsearch.training.protocols import ExactObjective
from repsearch.training.terms.pair_terms import PairTerms


def full_batch(
    terms: PairTerms,
    loss: Loss,
    *,
    tied: bool,
    compute: Compute,
    d: int | None = None,
    processes: Processes | None = None,
) -> ExactObjective:
    """Make the exact loss of all pairs, in the cheapest way there is for it.

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
    d : int, optional
        Dimension of the embeddings, where it is known: the fused kernel has room for 256.
    processes : Processes, optional
        Others that work out their share, from `over_processes`; on the CPU alone.

    Returns
    -------
    ExactObjective
        `QuarticFullBatch` for the quartic loss under Setting 3.1; `FusedSgns` for SGNS
        on a CUDA device with rounded products of float32, if Triton is there, d is at most
        256 and Psi+P has room; otherwise `TiledFullBatch`. Its `way` says which.

    Raises
    ------
    InputError
        Over processes, a device other than the CPU or a loss of one's own.

    Examples
    --------
    >>> import torch
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> from repsearch.training import Compute, Quartic, full_batch, pair_terms
    >>> counts = BinaryAttributes([0.4, 0.3]).sample(10_000, seed=0)
    >>> terms = pair_terms(counts, rs.Setting31())
    >>> objective = full_batch(terms, Quartic(), tied=True, compute=Compute())
    >>> minimiser = torch.tensor(rs.eigenpairs(rs.mstar(counts), 2).embeddings(2).vectors).double()
    >>> float(objective.gradient(minimiser, 0).abs().max()) < 1e-5  # Theorem 1
    True
    """
    if processes is not None:
        processes.threads(compute)  # says now what they cannot work on
    if isinstance(loss, Quartic) and terms.constant:
        return QuarticFullBatch(terms, tied=tied, compute=compute, processes=processes)
    if isinstance(loss, Sgns) and applies(terms.n_words, d, compute):
        fused = FusedSgns(terms, tied=tied, compute=compute)
        reason = fused.fails(d)
        if reason is None:
            return fused
        tiled = TiledFullBatch(terms, loss, tied=tied, compute=compute)
        tiled.way = f"tiles, for the fused kernel does not run here: {reason}"
        return tiled
    return TiledFullBatch(terms, loss, tied=tied, compute=compute, processes=processes)
