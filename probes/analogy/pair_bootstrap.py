"""Give intervals for accuracies of questions made of two pairs, and resample the pairs.

The questions of a family share its pairs: 35 pairs make 1,190 questions, but a
pair whose words are badly placed spoils the 68 it takes part in. Taking the
questions for independent gives intervals that are several times too narrow.
The thing that was sampled is the pair, so its interval rests on the number of
pairs (`share_interval`). What is made of shares, such as a difference, is
resampled over pairs: if pair i is drawn m_i times, the share is
Σ m_i m_j right_ij / Σ m_i m_j asked_ij over the questions (i, j), i ≠ j. It is
the bootstrap of a U-statistic of degree two.

References
----------
Arcones and Giné 1992, Annals of Statistics 20, 655-674 (bootstrap of
U-statistics).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.relations.relations import Pair
from probes.shared.effective_trials import pairs_of_pairs
from probes.shared.effective_trials import share_interval as interval_of_shares
from probes.shared.intervals import Interval, multiplicities

RESAMPLES = 2000
FEWEST_PAIRS = 3
"""Two pairs resampled are either themselves or no question, so say nothing of their spread."""

_FLOATS = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PairOutcomes:
    """Right and wrong answers of one family, arranged by the pairs that made the questions.

    Parameters
    ----------
    family : str
        Name of the family.
    pairs : tuple of (str, str)
        The N pairs.
    asked : ndarray of int, shape (N, N)
        How often the question "pair i is as pair j" was asked; usually 0 or 1. On the
        diagonal are questions of a pair by itself, which no one other pair is part of.
    right : ndarray of int, shape (N, N)
        How often it was answered rightly.

    Examples
    --------
    >>> import numpy as np
    >>> asked = 1 - np.eye(3, dtype=int)
    >>> right = np.triu(asked)
    >>> outcomes = PairOutcomes("plural", (("cat", "cats"), ("dog", "dogs"), ("ox", "oxen")),
    ...                         asked, right)
    >>> outcomes.share, outcomes.pairs_asked
    (0.5, 3)
    """

    family: str
    pairs: tuple[Pair, ...]
    asked: NDArray[np.int64]
    right: NDArray[np.int64]

    @property
    def share(self) -> float:
        """Divide right answers by all.

        Returns
        -------
        float
            Between 0 and 1; there must be a question.
        """
        return int(self.right.sum()) / int(self.asked.sum())

    @property
    def pairs_asked(self) -> int:
        """Count the pairs that take part in a question.

        Returns
        -------
        int
            At most N.
        """
        return int(np.count_nonzero(self._degrees))

    @property
    def independent_questions(self) -> float:
        """Count the questions without a pair in common that these are worth.

        Questions over the most that share one pair: N/2 where every pair meets
        every other.

        Returns
        -------
        float
            At least 1.
        """
        return max(1.0, float(self.asked.sum()) / float(self._degrees.max()))

    @property
    def _degrees(self) -> NDArray[np.int64]:
        # A question of one pair alone, on the diagonal, has it once.
        both = self.asked.sum(axis=0) + self.asked.sum(axis=1) - np.diagonal(self.asked)
        return np.asarray(both, dtype=np.int64)

    def restricted(self, pairs: Sequence[Pair]) -> PairOutcomes:
        """Keep the questions between some of the pairs.

        Parameters
        ----------
        pairs : sequence of (str, str)
            Some of these pairs.

        Returns
        -------
        PairOutcomes
            Of those pairs, in the order given.
        """
        place = {pair: row for row, pair in enumerate(self.pairs)}
        rows = [place[pair] for pair in pairs]
        grid = np.ix_(rows, rows)
        return PairOutcomes(self.family, tuple(pairs), self.asked[grid], self.right[grid])


def share_interval(outcomes: PairOutcomes, *, level: float) -> Interval:
    """Give the interval for the share of right answers in one family.

    From the effective number of answers (`probes.shared.effective_trials`); when all answers
    agree, the exact binomial bound for `PairOutcomes.independent_questions` trials; with two
    pairs that do not agree, all of [0, 1]. Its coverage is simulated in
    ``docs/calibration.md``, beside that of the percentile bootstrap over pairs.

    Parameters
    ----------
    outcomes : PairOutcomes
        With at least one question.
    level : float
        Nominal coverage.

    Returns
    -------
    Interval
        Of a fraction, within [0, 1].
    """
    return total_interval([outcomes], np.ones(1), level=level)


def total_interval(families: Sequence[PairOutcomes], weights: _FLOATS, *, level: float) -> Interval:
    """Give the interval for a weighted mean of the families' shares.

    The families are taken as given and independent of each other, their pairs as sampled; the
    cases that are apart are those of `share_interval`.

    Parameters
    ----------
    families : sequence of PairOutcomes
        Each with at least one question.
    weights : ndarray of float64, shape (families,)
        Their weights, which sum to 1.
    level : float
        Nominal coverage.

    Returns
    -------
    Interval
        Of a fraction, within [0, 1].
    """
    strata = [pairs_of_pairs(family.asked, family.right) for family in families]
    alike = all(one.alike for one in strata) and len({one.share for one in strata}) == 1
    if not alike and max(family.pairs_asked for family in families) < FEWEST_PAIRS:
        value = float(np.dot(weights, [one.share for one in strata]))
        return Interval(value, 0.0, 1.0, level, "two pairs are too few to tell")
    return interval_of_shares(strata, weights, level=level, over="pairs")


def resampled_sums(
    outcomes: PairOutcomes,
    counts: Sequence[NDArray[np.int64]],
    *,
    seed: int,
    resamples: int,
) -> list[_FLOATS]:
    """Sum m_i m_j c_ij in every resample, for each array c of counts.

    The draws depend on the seed and the family's name alone, so that they are
    the same ones for two embeddings and do not change when a family is added.
    A resample without any question is replaced by another that has one.

    Parameters
    ----------
    outcomes : PairOutcomes
        The family; gives the pairs and what was asked.
    counts : sequence of ndarray of int, shape (N, N)
        Such as ``[outcomes.right, outcomes.asked]``.
    seed : int
        Seed of the draws, from 0 up.
    resamples : int
        Resamples of the pairs.

    Returns
    -------
    list of ndarray of float64, shape (resamples,)
        One array for each of `counts`.
    """
    rng = np.random.default_rng([seed, zlib.crc32(outcomes.family.encode())])
    taking_part = np.flatnonzero(outcomes.asked.sum(axis=0) + outcomes.asked.sum(axis=1))
    m = multiplicities(len(taking_part), resamples, rng)
    grid = np.ix_(taking_part, taking_part)
    asked, *sums = (
        np.einsum("bi,bi->b", m @ c[grid].astype(np.float64), m) for c in (outcomes.asked, *counts)
    )
    usable = np.flatnonzero(asked > 0)
    empty = np.flatnonzero(asked == 0)
    if empty.size and usable.size:
        stand_ins = rng.choice(usable, size=empty.size)
        for array in sums:
            array[empty] = array[stand_ins]
    return sums
