"""The exact loss of all pairs, whichever loss and weighting."""

from __future__ import annotations

from repsearch.training.compute import Compute
from repsearch.training.losses import Loss, Quartic
from repsearch.training.pair_terms import PairTerms
from repsearch.training.quartic_full_batch import QuarticFullBatch
from repsearch.training.state import Objective
from repsearch.training.tiled_full_batch import TiledFullBatch


def full_batch(terms: PairTerms, loss: Loss, *, tied: bool, compute: Compute) -> Objective:
    """The exact loss of all pairs, in the cheapest way there is for it.

    Parameters
    ----------
    terms : PairTerms
    loss : Loss
    tied : bool
        Whether words and contexts share their vectors.
    compute : Compute

    Returns
    -------
    Objective
        `QuarticFullBatch` for the quartic loss under Setting 3.1, otherwise
        `TiledFullBatch`.
    """
    if isinstance(loss, Quartic) and terms.constant:
        return QuarticFullBatch(terms, tied=tied, compute=compute)
    return TiledFullBatch(terms, loss, tied=tied, compute=compute)
