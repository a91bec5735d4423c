"""Weigh modes in documents, beside the same documents of other words of the same frequencies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from probes.topics.documents.entries import ComparedEntries
from repsearch.progress import Progress, silent

Real = NDArray[np.float64]
_CHUNK = 2_000
_COLUMNS = 256
"""Documents, and modes of exchanges, at a time: products of many columns take less time each."""


@dataclass(frozen=True, eq=False)
class Weights:
    """What documents have of modes.

    Parameters
    ----------
    weight : (D, K) float
        w_dk; NaN of a document without a known word.
    noise : (D, K) float
        Standard deviation of the weight where its words change places with others of the same
        frequency.
    p : (D, K) float
        Share of such exchanges in which *some* mode stands out from noise as far as this one
        does: adjusted for the number of modes.

    Examples
    --------
    >>> held = ComparedEntries.of(np.array([[1.0], [1.0], [-1.0], [-1.0]]), np.full(4, 0.25))
    >>> counts = csr_array([[3.0, 2.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    >>> found = weigh(counts, held, permutations=99, seed=0)
    >>> found.weight.tolist(), found.z.round(2).tolist()
    ([[1.0], [0.0]], [[1.67], [0.0]])
    """

    weight: Real
    noise: Real
    p: Real

    @property
    def z(self) -> Real:
        """(D, K) weights over their noise; 0 where there is no noise, hence no weight."""
        known = self.noise > 0
        return np.where(known, self.weight / np.where(known, self.noise, 1.0), 0.0)


def weigh(
    counts: csr_array,
    held: ComparedEntries,
    *,
    permutations: int,
    seed: int,
    progress: Progress = silent,
) -> Weights:
    """Weigh each mode in each document.

    With c_di the counts of a document of n_d words, P_i the frequencies that it is held
    against, R the compared entries and τ_k their spread,

        w_dk = Σ_i (c_di / n_d − P_i) R_ik / τ_k.

    Its variance over exchanges of words within the blocks b of one frequency is, exactly,

        (n_d τ_k)^−2 Σ_b Σ_{i in b} (e_di − ē_db)² Σ_{i in b} R_ik² / (m_b − 1),

    with e_di = c_di − n_d P_i, its mean ē_db over the m_b words of the block, over which R has
    the mean 0 (Hoeffding 1951, Annals of Mathematical Statistics 22, 558-566).

    Parameters
    ----------
    counts : (D, V) csr_array of float
        Of the words of `held`.
    held : ComparedEntries
        Entries of the modes.
    permutations : int
        Exchanges drawn.
    seed : int
        Seed of the exchanges; every document has the same ones.
    progress : Progress
        Told how many documents are weighed.

    Returns
    -------
    Weights
    """
    lengths = np.asarray(counts.sum(axis=1), dtype=np.float64)
    size = np.maximum(lengths, 1.0)[:, None]
    usable = held.spread > 0
    scale = np.where(usable, held.spread, 1.0)
    deviation = _deviations(counts, lengths, held)
    weight = np.where(usable, _sums(counts, lengths, held, held.entries) / size / scale, 0.0)
    noise = np.where(usable, deviation / size / scale, 0.0)
    known = noise > 0
    units = np.where(known, deviation, 1.0)
    rng = np.random.default_rng(seed)
    exchanges = [held.exchanged(rng) for _ in range(permutations)]
    step = max(1, _COLUMNS // weight.shape[1])
    p = np.empty_like(weight)
    for first in range(0, len(lengths), _CHUNK):
        progress("documents", first, len(lengths), "documents")
        part = slice(first, first + _CHUNK)
        some, long, kept, unit = counts[part], lengths[part], known[part], units[part]
        z = np.where(kept, np.abs(weight[part]) / np.where(kept, noise[part], 1.0), 0.0)
        beaten = np.zeros(z.shape, dtype=np.int64)
        for begin in range(0, permutations, step):
            several = np.stack(exchanges[begin : begin + step], axis=1)
            entries = held.entries[several].reshape(len(several), -1)
            sums = np.abs(_sums(some, long, held, entries)).reshape(len(long), -1, z.shape[1])
            largest = np.where(kept[:, None], sums / unit[:, None], 0.0).max(axis=2)
            # Rounding must not make an exchange of equal words less than no exchange.
            beaten += (largest[:, :, None] >= z[:, None] * (1 - 1e-9)).sum(axis=1)
        p[part] = (1 + beaten) / (1 + permutations)
    progress("documents", len(lengths), len(lengths), "documents")
    weight[lengths == 0] = np.nan
    noise[lengths == 0] = np.nan
    p[lengths == 0] = 1.0
    return Weights(weight, noise, p)


def _sums(counts: csr_array, lengths: Real, held: ComparedEntries, entries: Real) -> Real:
    """Σ_i (c_di − n_d P_i) R_ik."""
    return np.asarray(counts @ entries - lengths[:, None] * (held.frequencies @ entries))


def _deviations(counts: csr_array, lengths: Real, held: ComparedEntries) -> Real:
    """Standard deviation of `_sums` over exchanges of words of the same frequency."""
    blocks, shares = held.blocks, held.frequencies
    sizes = np.bincount(blocks).astype(np.float64)
    member = csr_array(
        (np.ones(len(blocks)), (np.arange(len(blocks)), blocks)), shape=(len(blocks), len(sizes))
    )
    n = lengths[:, None]
    squares = counts.copy()
    squares.data **= 2
    crossed = counts.copy()
    crossed.data *= shares[crossed.indices]
    of_shares, of_squares = (np.bincount(blocks, weights=one) for one in (shares, shares**2))
    total = (counts @ member).toarray() - n * of_shares
    square = (squares @ member).toarray() - 2 * n * (crossed @ member).toarray() + n**2 * of_squares
    # What a block of a single word, which has no partner, would divide by is 0.
    within = np.maximum(square - total**2 / sizes, 0.0) / np.maximum(sizes - 1, 1.0)
    return np.asarray(np.sqrt(within @ (member.T @ held.entries**2)))
