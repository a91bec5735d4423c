"""Make the objective of a loss for a kind of batch."""

from __future__ import annotations

from repsearch.corpus.corpus import Corpus
from repsearch.dynamics.clock.batches import Batch, FullBatch, SampledPairs, StreamedPairs
from repsearch.errors import InputError
from repsearch.target.weighting import Unweighted, Weighting, Word2Vec
from repsearch.training.compute import Compute
from repsearch.training.objectives.full_batch import full_batch
from repsearch.training.objectives.losses import Loss
from repsearch.training.objectives.sampled_pairs import SampledPairsObjective
from repsearch.training.objectives.streamed_pairs import StreamedObjective
from repsearch.training.processes.group import Processes
from repsearch.training.protocols import Objective
from repsearch.training.terms.pair_terms import PairTerms


def objective_of(
    terms: PairTerms,
    loss: Loss,
    batch: Batch,
    weighting: Weighting,
    *,
    tied: bool,
    compute: Compute,
    seed: int,
    corpus: Corpus | None,
    d: int | None = None,
    processes: Processes | None = None,
) -> Objective:
    """Make the objective of a loss under a weighting, whose steps draw on pairs as `batch` says.

    Parameters
    ----------
    terms : PairTerms
        The coefficients of the loss over pairs.
    loss : Loss
        f+ and f-.
    batch : FullBatch, SampledPairs or StreamedPairs
        How a step draws on pairs.
    weighting : Weighting
        Psi+ and Psi-, which a stream applies itself.
    tied : bool
        Whether words and contexts share their vectors.
    compute : Compute
        Device and precision.
    seed : int
        Seed of the draws.
    corpus : Corpus or None
        The text, for a stream.
    d : int, optional
        Dimension of the embeddings, on which it depends what is fastest.
    processes : Processes, optional
        Others that work out their share of exact gradients.

    Returns
    -------
    Objective
        Whose `rate` is the clock's.

    Raises
    ------
    InputError
        A batch that is none of the three, a stream without its text, a text without a stream,
        drawn pairs over processes.
    """
    if processes is not None and not isinstance(batch, FullBatch):
        raise InputError(
            f"{type(batch).__name__} draws few pairs a step, and these are not shared out to "
            "processes; pass FullBatch(), or start one process"
        )
    if corpus is not None and not isinstance(batch, StreamedPairs):
        raise InputError("a corpus is given, but only StreamedPairs reads it; drop one of them")
    if isinstance(batch, FullBatch):
        return full_batch(terms, loss, tied=tied, compute=compute, d=d, processes=processes)
    if isinstance(batch, SampledPairs):
        return SampledPairsObjective(terms, loss, batch, tied=tied, compute=compute, seed=seed)
    if isinstance(batch, StreamedPairs):
        if corpus is None:
            raise InputError("StreamedPairs reads the text itself; pass corpus=")
        if not isinstance(weighting, Word2Vec | Unweighted):
            raise InputError(
                f"{weighting} weighs pairs by how often they occur in all of the text, which a "
                "stream does not know; pass SampledPairs(...), or weighting=Word2Vec(...)"
            )
        return StreamedObjective(
            corpus, weighting, loss, batch, tied=tied, compute=compute, seed=seed
        )
    raise InputError(
        f"batch is {batch!r}; pass FullBatch(), SampledPairs(...) or StreamedPairs(...)"
    )
