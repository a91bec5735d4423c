"""Minimise a loss over all embeddings of a dimension, from counts."""

from __future__ import annotations

import math

import numpy as np
import torch

from repsearch.checks import is_whole
from repsearch.counts.counts import Counts
from repsearch.dynamics import Given
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.minimum.descent import Descent, Limits
from repsearch.minimum.minimum import Minimum
from repsearch.minimum.scaling import word_weights
from repsearch.minimum.start import closed_form
from repsearch.progress import Progress, silent
from repsearch.target.weighting import Weighting
from repsearch.target.word2vec_program import Word2VecC
from repsearch.training.arithmetic.matrix_products import Workers
from repsearch.training.arithmetic.reproducible import one_torch_thread
from repsearch.training.compute import Compute
from repsearch.training.initial_weights import initial_weights
from repsearch.training.objectives.full_batch import full_batch
from repsearch.training.objectives.losses import Loss, Sgns
from repsearch.training.processes.group import Processes
from repsearch.training.terms.pair_terms import PairTerms, pair_terms


def minimise(
    counts: Counts,
    d: int = 200,
    *,
    loss: Loss | None = None,
    weighting: Weighting | None = None,
    tied: bool = False,
    ridge: float = 0.0,
    start: Given | None = None,
    contexts: Given | None = None,
    iterations: int = 100,
    seconds: float = math.inf,
    tolerance: float = 1e-2,
    compute: Compute | None = None,
    seed: int = 0,
    progress: Progress = silent,
    processes: Processes | None = None,
) -> Minimum:
    """Find the embeddings of a dimension at which a loss of all pairs is least.

    L-BFGS on the exact loss of all pairs (arXiv 2502.09863, eqs. 1 and 3), begun at the closed
    form of the loss to second order, in a scale of words and modes in which the loss curves
    alike in all directions. Where it ends, the curvature is measured along directions in which
    a saddle would show; a saddle is left and the search goes on. The same bits on any number of
    threads of a CPU.

    Ctrl-C ends it with the best embeddings so far, once it has begun to iterate.

    Parameters
    ----------
    counts : Counts
        Co-occurrence counts.
    d : int
        Dimension of the embeddings.
    loss : Loss, optional
        `Sgns` (the default), `Quartic` or a `CustomLoss` of `repsearch.training`.
    weighting : Weighting, optional
        `Word2VecC` by default, what word2vec.c and gensim sample with their defaults.
    tied : bool
        Whether contexts are the words, W' = W; in word2vec they are not.
    ridge : float
        Half of this times the sum of squares of all weights is added to the loss: a Gaussian
        prior, which keeps modes of chance small (docs/minimum.md says how to choose it).
    start : Given, optional
        Where to begin instead of at the closed form.
    contexts : Given, optional
        Vectors of contexts to begin with, of untied weights with a `start`.
    iterations : int
        Most iterations.
    seconds : float
        No iteration is begun after so many; the certificate comes on top.
    tolerance : float
        Norm of the gradient, relative to the start, at which it has converged.
    compute : Compute, optional
        Device and precision; float32 on the CPU by default.
    seed : int
        Seed of the closed form's start vector and of the certificate's directions.
    progress : Progress, optional
        Is told iterations, with the loss.
    processes : Processes, optional
        Others that work out their share of the loss and its gradient, from
        `repsearch.training.over_processes`. If one is lost, it ends as by Ctrl-C.

    Returns
    -------
    Minimum
        Embeddings, loss, history, status and certificate.

    Raises
    ------
    InputError
        Arguments out of range, counts without a pair, a start that does not fit.

    Examples
    --------
    The quartic loss under Setting 3.1 has its minimum in closed form.

    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> from repsearch.training import Quartic
    >>> counts = BinaryAttributes([0.4, 0.3]).sample(10_000, seed=0)
    >>> found = rs.minimise(counts, 2, loss=Quartic(), weighting=rs.Setting31(), tied=True)
    >>> exact = rs.eigenpairs(rs.mstar(counts), 2).embeddings()
    >>> bool(abs(found.embeddings.vectors - exact.vectors).max() < 1e-4)
    True
    """
    limits = Limits(iterations, seconds, tolerance)
    _check(counts, d, ridge, start, contexts, limits, seed, tied=tied)
    loss, weighting = loss or Sgns(), weighting or Word2VecC()
    compute = compute or Compute(dtype="float32")
    # Before the eigenpairs, so that a device that is not there is told at once.
    _ = compute.torch_device
    terms = pair_terms(counts, weighting, compute.dtype)
    h, h_contexts = word_weights(terms, loss.expansion)
    if start is None:
        found = closed_form(
            counts,
            weighting,
            loss.expansion,
            np.sqrt(h * h_contexts),
            d,
            tied=tied,
            seed=seed,
            threads=compute.threads,
            progress=progress,
            device=compute.device,
        )
        start = Given(found if tied else found[0])
        contexts = None if tied else Given(found[1])
    weights = initial_weights(start, counts.words, d, tied=tied, compute=compute, contexts=contexts)
    objective = full_batch(terms, loss, tied=tied, compute=compute, processes=processes)
    descent = Descent(
        objective,
        h,
        h_contexts,
        float(ridge),
        _at_zero(terms, loss),
        limits,
        compute.dtype,
        seed,
        Workers(compute),
        progress,
    )
    with one_torch_thread():
        ended, status, certificate = descent.run(weights)
    words, *others = [ended] if tied else list(ended)
    made = [
        Embeddings(counts.words, side.contiguous().cpu().numpy(), f"minimum of {loss.name}")
        for side in (words, *others)
    ]
    return Minimum(
        embeddings=made[0],
        contexts=made[1] if others else None,
        loss=descent.losses[-1],
        zero_loss=descent.zero_loss,
        losses=np.array(descent.losses),
        gradients=descent.relative,
        seconds=np.array(descent.seconds),
        status=status,
        certificate=certificate,
        evaluations=descent.evaluations,
    )


def _at_zero(terms: PairTerms, loss: Loss) -> float:
    """Give the loss of embeddings of 0."""
    positive = float(terms.positive.sum(dtype=np.float64))
    negative = float(terms.left.sum(1) @ terms.right.sum(1)) - terms.seen * positive
    plus, minus = loss.values(torch.zeros(1, dtype=torch.float64))
    return float(plus) * positive + float(minus) * negative


def _check(
    counts: Counts,
    d: int,
    ridge: float,
    start: Given | None,
    contexts: Given | None,
    limits: Limits,
    seed: int,
    *,
    tied: bool,
) -> None:
    size = len(counts.words)
    if not is_whole(d) or not 1 <= d <= size:
        raise InputError(f"d is {d!r}; pass a whole number from 1 to {size}, the number of words")
    if not 0 <= ridge < math.inf:
        raise InputError(f"ridge is {ridge!r}; pass 0 or a small positive number")
    if not is_whole(limits.iterations) or limits.iterations < 1:
        raise InputError(f"iterations is {limits.iterations!r}; pass a whole number of at least 1")
    if not limits.seconds > 0:
        raise InputError(f"seconds is {limits.seconds!r}; pass a positive number")
    if not 0 < limits.tolerance < 1:
        raise InputError(
            f"tolerance is {limits.tolerance!r}; pass a small positive number such as 0.01"
        )
    if not is_whole(seed) or seed < 0:
        raise InputError(f"seed is {seed!r}; pass a whole number of at least 0")
    if (start is None or tied) and contexts is not None:
        raise InputError(
            "contexts say where untied weights begin; pass them with start= and tied=False"
        )
