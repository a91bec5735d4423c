"""Define how a model is trained whose learning times are predicted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from repsearch.checks import is_whole
from repsearch.dynamics.clock.batches import Batch, FullBatch, MeanOverPairs, SampledPairs
from repsearch.dynamics.clock.loss_expansion import QUARTIC, SGNS, LossExpansion
from repsearch.errors import InputError

BatchName = Literal["sum", "mean", "positives", "pairs"]
LossName = Literal["quartic", "sgns"]


@dataclass(frozen=True)
class Setup:
    """How a model is trained: gradient descent from W_ij(0) ~ N(0, scale^2).

    Parameters
    ----------
    d : int
        Dimension of the embeddings.
    scale : float
        Standard deviation of an entry of W(0).
    tied : bool
        Whether words and contexts share their vectors.
    loss : LossExpansion
        What is minimised, near the origin.
    batch : Batch
        How a step draws on pairs.
    learning_rate : float or None
        Learning rate; None for a tenth of the largest stable one.

    Raises
    ------
    InputError
        A dimension or scale out of range.

    Examples
    --------
    >>> setup = Setup(100, 1e-3, True, QUARTIC, FullBatch(), None)
    >>> setup.in_words(0.01)
    'quartic loss, sum over all pairs, learning rate 0.01 (a tenth of the largest stable one)'
    """

    d: int
    scale: float
    tied: bool
    loss: LossExpansion
    batch: Batch
    learning_rate: float | None

    def __post_init__(self) -> None:
        if not is_whole(self.d) or self.d < 1:
            raise InputError(f"d is {self.d!r}; pass a whole number of at least 1")
        if not 0 < self.scale < math.inf:
            raise InputError(f"scale is {self.scale!r}; pass a positive standard deviation")

    def in_words(self, learning_rate: float) -> str:
        """Name loss, batches and learning rate.

        Parameters
        ----------
        learning_rate : float
            The learning rate in use.

        Returns
        -------
        str
            Such as "quartic loss, sum over all pairs, learning rate 0.01".
        """
        default = " (a tenth of the largest stable one)" if self.learning_rate is None else ""
        return (
            f"{_loss_in_words(self.loss)}, {_batch_in_words(self.batch)}, learning rate "
            f"{learning_rate:.3g}{default}"
        )


def loss_called(name: LossName) -> LossExpansion:
    """Give a loss by its name.

    Parameters
    ----------
    name : {"quartic", "sgns"}
        The quartic loss, or word2vec's own.

    Returns
    -------
    LossExpansion
        Its slopes and curvatures at the origin.

    Examples
    --------
    >>> loss_called("sgns").curvature
    0.25
    """
    return QUARTIC if name == "quartic" else SGNS


def batch_called(name: BatchName, *, n_words: int, negatives: float) -> Batch:
    """Give a batch by its name.

    Parameters
    ----------
    name : {"sum", "mean", "positives", "pairs"}
        The sum over all pairs (eqs. 1 and 3); their mean; or, for pairs drawn as word2vec
        does, the mean over the positive ones or over all.
    n_words : int
        Number of words, V.
    negatives : float
        Negative pairs per positive pair, k.

    Returns
    -------
    Batch
        What the loss of a step is in expectation.

    Examples
    --------
    >>> batch_called("pairs", n_words=1000, negatives=4).scale
    0.2
    """
    if name == "sum":
        return FullBatch()
    if name == "mean":
        return MeanOverPairs(n_words)
    # Of a mean, the size of the batch does not matter.
    return SampledPairs(1, negatives, "mean" if name == "pairs" else "mean over positives")


def _loss_in_words(loss: LossExpansion) -> str:
    return {QUARTIC: "quartic loss", SGNS: "SGNS loss"}.get(loss, "another loss")


def _batch_in_words(batch: Batch) -> str:
    if isinstance(batch, FullBatch):
        return "sum over all pairs"
    if isinstance(batch, MeanOverPairs):
        return "mean over all pairs"
    if isinstance(batch, SampledPairs) and batch.reduction == "mean":
        return "pairs drawn, mean over all of them"
    if isinstance(batch, SampledPairs) and batch.reduction == "mean over positives":
        return "pairs drawn, mean over the positive ones"
    return str(batch)
