"""Word similarity: how well cosines rank word pairs as people do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from probes.relations.relations import Pair
from probes.relations.similarity_sets import SimilaritySet
from probes.shared.intervals import Interval, check_level, check_resampling, interval_cells
from probes.shared.rank_correlation import spearman_interval
from repsearch.embeddings.neighbours import unit_rows

if TYPE_CHECKING:
    from repsearch.embeddings import Embeddings

RESAMPLES = 2000
FEWEST_PAIRS = 3


@dataclass(frozen=True)
class SimilarityResult:
    """Rank correlation of cosines with human scores.

    Parameters
    ----------
    name, embeddings : str
        Names of the similarity set and of the embeddings.
    spearman : Interval or None
        Spearman's correlation, between −1 and 1; None where there is none.
    pairs_in_file, pairs_used : int
        Pairs of the set, and those with both words in the vocabulary.
    missing : tuple of str
        Words of the set that are not in the vocabulary, in the set's order.
    reason : str
        Why there is no correlation; empty where there is one.
    """

    name: str
    embeddings: str
    spearman: Interval | None
    pairs_in_file: int
    pairs_used: int
    missing: tuple[str, ...] = field(default=(), repr=False)
    reason: str = ""

    def table(self) -> list[dict[str, str | int | float | None]]:
        """One row for a CSV or JSON file; correlation and ends are None where there is none."""
        return [
            {
                "set": self.name,
                "embeddings": self.embeddings,
                "pairs_in_file": self.pairs_in_file,
                "pairs_used": self.pairs_used,
                **interval_cells("spearman", self.spearman, missing=self.reason),
            }
        ]

    def __str__(self) -> str:
        coverage = f"{self.pairs_used:,} of {self.pairs_in_file:,} pairs"
        if self.spearman is None:
            return f"{self.name}: no correlation, {self.reason} ({coverage})"
        return f"{self.name}: Spearman {self.spearman} ({coverage})"


def similarity(
    embeddings: Embeddings,
    dataset: SimilaritySet,
    *,
    seed: int = 0,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> SimilarityResult:
    """Spearman's correlation between cosines and human scores.

    Pairs with a word that is not in the vocabulary are left out, and counted.
    Ties share their mean rank. The interval comes from resampling pairs
    (`spearman_interval`); it takes the pairs for independent draws, although a
    word may be in several (in MEN, in eight on average).

    Parameters
    ----------
    embeddings : Embeddings
        V words and their vectors (V, d).
    dataset : SimilaritySet
        The pairs and scores.
    seed : int, default 0
        Of the resampling.
    level : float, default 0.95
        Nominal coverage.
    resamples : int, default 2000
        How many.

    Returns
    -------
    SimilarityResult
        With no correlation, and the reason, where fewer than three pairs are
        in the vocabulary or all cosines or all scores are equal.

    Raises
    ------
    InputError
        When seed, level or resamples cannot be used.
    """
    check_level(level)
    check_resampling(seed=seed, resamples=resamples)
    index = embeddings.index
    used = [n for n, (a, b) in enumerate(dataset.pairs) if a in index and b in index]
    cosines = _cosines(embeddings, [dataset.pairs[n] for n in used])
    scores = dataset.scores[used]
    reason = ""
    if len(used) < FEWEST_PAIRS:
        reason = f"fewer than {FEWEST_PAIRS} pairs have both words in the vocabulary"
    elif np.ptp(scores) == 0:
        reason = "all human scores are equal"
    elif np.ptp(cosines) == 0:
        reason = "all cosines are equal"
    words = dict.fromkeys(word for pair in dataset.pairs for word in pair)
    return SimilarityResult(
        name=dataset.name,
        embeddings=embeddings.name,
        spearman=None
        if reason
        else spearman_interval(cosines, scores, seed=seed, level=level, resamples=resamples),
        pairs_in_file=len(dataset),
        pairs_used=len(used),
        missing=tuple(word for word in words if word not in index),
        reason=reason,
    )


def _cosines(embeddings: Embeddings, pairs: list[Pair]) -> NDArray[np.float64]:
    def units(place: int) -> NDArray[np.float64]:
        rows = np.array([embeddings.index[pair[place]] for pair in pairs], dtype=np.int64)
        return unit_rows(np.asarray(embeddings.vectors[rows], np.float64))

    cosines = np.einsum("ij,ij->i", units(0), units(1))
    # Equal cosines are a tie; without rounding their last bits would rank them.
    return np.asarray(np.round(cosines, 12), dtype=np.float64)
