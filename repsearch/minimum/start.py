"""Begin with the closed form of the quartic loss under weights of words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from repsearch.counts.counts import Counts
from repsearch.dynamics import LossExpansion
from repsearch.progress import Progress
from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.target.from_ratios import target_from_ratios
from repsearch.target.mstar import mstar
from repsearch.target.scaled import scaled
from repsearch.target.target import Target
from repsearch.target.weighting import Setting31, Weighting, Word2Vec
from repsearch.target.word2vec_program import Word2VecC

_TOLERANCE = 1e-2  # of Lanczos: it is but a start
_FAINT = 1e-2


def closed_form(
    counts: Counts,
    weighting: Weighting,
    expansion: LossExpansion,
    h: NDArray[np.float64],
    d: int,
    *,
    tied: bool,
    seed: int,
    threads: int | None,
    progress: Progress,
    device: str = "cpu",
) -> NDArray[np.float64]:
    """Give the minimiser of the loss to second order at 0, under weights h_i h_j of pairs.

    arXiv 2502.09863, Proposition 2. Where it has fewer than d modes the others get small
    random vectors, for descent does not leave columns of 0.

    Parameters
    ----------
    counts : Counts
        Co-occurrence counts.
    weighting : Weighting
        Psi+ and Psi-.
    expansion : LossExpansion
        Derivatives of the loss at 0.
    h : (V,) float64
        Weights of words.
    d : int
        Dimension.
    tied : bool
        Whether words and contexts share their vectors.
    seed : int
        Seed of Lanczos and of the random vectors.
    threads : int or None
        Threads of the products.
    progress : Progress
        Told how far the eigenpairs are.
    device : str
        Where they are worked out.

    Returns
    -------
    (V, d) or (2, V, d) float64
        W, or words and contexts.
    """
    if not weighting.symmetric:
        # M* has eigenpairs only if it is symmetric; to begin with, its symmetric kin will do.
        if isinstance(weighting, Word2Vec | Word2VecC):
            weighting = replace(weighting, symmetrise=True)
        else:
            weighting = Setting31()
    g = h / h.mean()
    size = len(g)
    found = eigenpairs(
        scaled(_target(counts, weighting, expansion), g),
        min(d, size),
        by="value" if tied else "magnitude",
        tolerance=_TOLERANCE,
        seed=seed,
        threads=threads,
        device=device,
        progress=progress,
    )
    values = found.eigenvalues.astype(float)
    if tied:
        values = np.maximum(values, 0)
    gamma = np.sqrt(g)[:, None]
    words = found.eigenvectors.astype(float) * np.sqrt(np.abs(values))
    contexts = words * np.where(values < 0, -1.0, 1.0)
    both = np.zeros((2, size, d))
    both[:, :, : words.shape[1]] = words, contexts
    lengths = np.linalg.norm(both[0], axis=0)
    lost = lengths <= 1e-6 * (lengths.max() or 1.0)
    if lost.any():
        faint = _FAINT * (np.median(lengths[~lost]) if not lost.all() else 1.0) / np.sqrt(size)
        both[:, :, lost] = faint * np.random.default_rng(seed).normal(size=(2, size, lost.sum()))
    both /= gamma
    start: NDArray[np.float64] = both[0] if tied else both
    return start


def _target(counts: Counts, weighting: Weighting, expansion: LossExpansion) -> Target:
    """Make what the loss factorises near 0: M* where both halves are equally curved."""
    (up, bend_up), (down, bend_down) = expansion.positive, expansion.negative
    as_quartic = bend_up == bend_down and up == -down == -2 * bend_up
    if as_quartic or min(bend_up, bend_down) == 0:
        return mstar(counts, weighting, dtype="float32")
    constant = -down / bend_down

    def entry(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        # (up r + down) / (bend_up r + bend_down), also for a huge r.
        share = 1 - 1 / (1 + ratio * (bend_up / bend_down))
        return -(up / bend_up) * share + constant * (1 - share) - constant

    return target_from_ratios("M*", counts, weighting, entry, constant, "float32")
