"""The exact loss of all pairs, whichever loss and weighting."""

from __future__ import annotations

from repsearch.training.compute import Compute
from repsearch.training.objectives.losses import Loss, Quartic
from repsearch.training.objectives.quartic_full_batch import QuarticFullBatch
from repsearch.training.objectives.tiled_full_batch import TiledFullBatch
from repsearch.training.protocols import Objective
from repsearch.training.terms.pair_terms import PairTerms


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
