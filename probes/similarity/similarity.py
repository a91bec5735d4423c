"""Score how well cosines rank word pairs as people do."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from probes.relations.similarity_sets import SimilaritySet
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval, check_level, check_resampling, interval_cells
from probes.shared.rank_correlation import spearman_interval
from probes.shared.wording import counted
from repsearch.embeddings import WordsFound
from repsearch.embeddings.neighbours import unit_rows
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from repsearch.embeddings import Embeddings

RESAMPLES = 2000
FEWEST_PAIRS = 3


@dataclass(frozen=True)
class SimilarityResult(Result):
    """Rank correlation of cosines with human scores.

    Parameters
    ----------
    dataset, embeddings : str
        Names of the similarity set and of the embeddings.
    spearman : Interval or None
        Spearman's correlation, between −1 and 1; None where there is none.
    pairs_in_file, pairs_used : int
        Pairs of the set, and those with both words in the vocabulary.
    missing : tuple of str
        Words of the set that are not covered, in the set's order: not in the vocabulary in any
        spelling, or with a vector that is zero.
    reason : str
        Why there is no correlation; empty where there is one.
    settings : dict
        ``level``, ``resamples`` and ``seed`` of the interval.
    words : WordsFound, optional
        How the words of the set were found in the vocabulary.
    one_vector : int
        Pairs left out because both words have one vector, so that their cosine is 1
        whatever the embeddings know.

    Examples
    --------
    >>> from probes import SimilaritySet, similarity
    >>> from repsearch import Embeddings
    >>> embeddings = Embeddings(["cat", "dog"], [[1.0, 0.0], [0.0, 1.0]])
    >>> print(similarity(embeddings, SimilaritySet([("cat", "dog")], [8.0], name="toy")))
    toy: no correlation, fewer than 3 pairs have both words in the vocabulary (1 of 1 pairs)
    """

    name = "similarity"
    figure = "probes.figures.relations.similarity:plot_similarity"

    dataset: str
    embeddings: str
    spearman: Interval | None
    pairs_in_file: int
    pairs_used: int
    missing: tuple[str, ...] = field(default=(), repr=False)
    reason: str = ""
    settings: dict[str, Cell] = field(default_factory=dict, repr=False)
    words: WordsFound | None = field(default=None, repr=False)
    one_vector: int = 0

    def summary(self) -> str:
        """Say how well cosines rank the pairs as people do, and how many pairs are missing."""
        left_out = self.pairs_in_file - self.pairs_used - self.one_vector
        missing = (
            f" {counted(left_out, 'pair is', 'pairs are')} left out for "
            f"{counted(len(self.missing), 'word')} without a vector."
            if left_out
            else ""
        ) + "".join(f" {line}" for line in self._words_said())
        of = f"{counted(self.pairs_used, 'pair')} of {self.dataset or 'the set'}"
        if self.spearman is None:
            return f"Cosines and human ratings of {of} have no correlation: {self.reason}.{missing}"
        chance = " That could be chance." if 0.0 in self.spearman else ""
        return (
            f"Cosines and human ratings of {of} have Spearman's correlation {self.spearman} "
            f"({100 * self.spearman.level:g}% interval).{chance}{missing}"
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row; correlation and ends are None where there is none."""
        return [
            {
                "set": self.dataset,
                "embeddings": self.embeddings,
                "pairs_in_file": self.pairs_in_file,
                "pairs_used": self.pairs_used,
                **interval_cells("spearman", self.spearman, missing=self.reason),
            }
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the set, the embeddings, the numbers of pairs and how the interval was made."""
        return {
            "set": self.dataset,
            "embeddings": self.embeddings,
            "pairs_in_file": self.pairs_in_file,
            "pairs_used": self.pairs_used,
            **({"words_missing": len(self.missing)} if self.words is None else self.words.cells()),
            "pairs_of_one_vector": self.one_vector,
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Give the correlation and the coverage in one line, wrapped at `width`."""
        coverage = f"{self.pairs_used:,} of {self.pairs_in_file:,} pairs"
        said = (
            f"no correlation, {self.reason}"
            if self.spearman is None
            else f"Spearman {self.spearman}"
        )
        return textwrap.fill(f"{self.dataset}: {said} ({coverage})", width)

    def _words_said(self) -> list[str]:
        """How words were found, and which pairs that left out."""
        said = [] if self.words is None else [str(self.words)]
        if self.one_vector:
            said.append(
                f"{counted(self.one_vector, 'pair is', 'pairs are')} left out because both words "
                "have one vector."
            )
        return said


def similarity(
    embeddings: Embeddings,
    dataset: SimilaritySet,
    *,
    seed: int = 0,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> SimilarityResult:
    """Measure Spearman's correlation between cosines and human scores.

    A word is taken as given, and in another spelling where only that is in the
    vocabulary (`repsearch.embeddings.look_up`). Pairs with a word that is not
    there, or whose vector is zero, are left out, and counted; so are pairs of two
    words that fall on one vector.
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
        Seed of the resampling.
    level : float, default 0.95
        Nominal coverage of the interval.
    resamples : int, default 2000
        Resamples of the pairs.

    Returns
    -------
    SimilarityResult
        With no correlation, and the reason, where fewer than three pairs are
        in the vocabulary or all cosines or all scores are equal.

    Raises
    ------
    InputError
        When seed, level or resamples cannot be used.

    Examples
    --------
    >>> from probes import SimilaritySet
    >>> from repsearch import Embeddings
    >>> embeddings = Embeddings(
    ...     ["cat", "lion", "car", "bus"], [[1, 0.1], [1, 0.3], [0.1, 1], [0.3, 1]]
    ... )
    >>> pairs = [("cat", "lion"), ("cat", "car"), ("lion", "bus"), ("car", "plane")]
    >>> found = similarity(embeddings, SimilaritySet(pairs, [9.0, 1.5, 2.0, 5.0]))
    >>> found.pairs_used, found.missing, f"{found.spearman.value:.1f}"
    (3, ('plane',), '1.0')
    """
    check_level(level)
    check_resampling(seed=seed, resamples=resamples)
    words = dataset.look_up(embeddings)
    rows = words.rows
    covered = [n for n, (a, b) in enumerate(dataset.pairs) if a in rows and b in rows]
    used = [
        n
        for n in covered
        if len(set(dataset.pairs[n])) == 1 or len({rows[w] for w in dataset.pairs[n]}) > 1
    ]
    cosines = _cosines(
        embeddings, [(rows[a], rows[b]) for a, b in (dataset.pairs[n] for n in used)]
    )
    scores = dataset.scores[used]
    reason = ""
    if len(used) < FEWEST_PAIRS:
        reason = f"fewer than {FEWEST_PAIRS} pairs have both words in the vocabulary"
    elif np.ptp(scores) == 0:
        reason = "all human scores are equal"
    elif np.ptp(cosines) == 0:
        reason = "all cosines are equal"
    return SimilarityResult(
        dataset=dataset.name,
        embeddings=embeddings.name,
        spearman=None
        if reason
        else spearman_interval(cosines, scores, seed=seed, level=level, resamples=resamples),
        pairs_in_file=len(dataset),
        pairs_used=len(used),
        missing=tuple(word for word in dataset.words() if word not in rows),
        reason=reason,
        settings={"level": level, "resamples": resamples, "seed": seed},
        words=words,
        one_vector=len(covered) - len(used),
    )


def _cosines(embeddings: Embeddings, pairs: list[tuple[int, int]]) -> NDArray[np.float64]:
    rows = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    first, second = (
        unit_rows(np.asarray(embeddings.vectors[rows[:, place]], np.float64)) for place in (0, 1)
    )
    cosines = np.einsum("ij,ij->i", first, second)
    # Equal cosines are a tie; without rounding their last bits would rank them.
    return np.asarray(np.round(cosines, 12), dtype=np.float64)
