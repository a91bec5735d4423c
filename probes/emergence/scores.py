"""Score answers, with intervals that take the pairs, not the questions, for the sample."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.analogy.pair_bootstrap import (
    FEWEST_PAIRS,
    PairOutcomes,
    share_interval,
)
from probes.analogy.studentised import studentised_interval
from probes.emergence.answers import Answers
from probes.shared.intervals import Interval, multiplicities

Real = NDArray[np.float64]

_PART = 200  # resamples ranked at a time


@dataclass(frozen=True)
class AnswerScores:
    """How well the n questions of a family are answered; each number with its interval.

    Parameters
    ----------
    questions : int
        n, at least 1.
    accuracy : Interval
        Share of right answers, as `probes.analogies` has it.
    median_rank : Interval
        The least rank that half of the answers have or better.
    reciprocal_rank : Interval
        Mean of 1 / rank; 1 where all answers are right.
    cosine : Interval
        Mean cosine of the prediction with the right word.
    margin : Interval or None
        Mean of `Answers.margins`, over the questions that have one. None where there
        is no such question; and of two pairs, for it has no bounds to be an interval.

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.emergence import emergence
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> found = emergence(
    ...     world.spectrum().embeddings(3), Relations(world.relations), dims=[3], resamples=100
    ... )
    >>> found["attribute 1"].points[0][0].scores.median_rank.value
    1.0
    """

    questions: int
    accuracy: Interval
    median_rank: Interval
    reciprocal_rank: Interval
    cosine: Interval
    margin: Interval | None


def score(answers: Answers, *, seed: int, level: float, resamples: int) -> AnswerScores | None:
    """Score the answers of one family, None if it has no question.

    The accuracy and its interval are those of `probes.analogies`; the other intervals but
    the median's are studentised bootstraps over pairs (`probes.analogy.studentised`).

    Parameters
    ----------
    answers : Answers
        Of the family.
    seed : int
        Seed of the resampling.
    level : float
        Nominal coverage of the intervals.
    resamples : int
        Number of resamples of pairs.

    Returns
    -------
    AnswerScores or None
        Each score with its interval.
    """
    asked = answers.asked
    if not len(asked.rows):
        return None
    outcomes = asked.outcomes(answers.right)
    margins = answers.margins
    known = np.isfinite(margins)
    values = {
        "reciprocal_rank": 1 / answers.ranks,
        "cosine": answers.cosines,
        "margin": np.where(known, margins, 0.0),
        "known": known.astype(np.float64),
    }
    tables = [_by_pairs(outcomes, asked.places, one) for one in values.values()]
    rank, cosine, margin, with_margin = tables
    asked_of = outcomes.asked.astype(np.float64)
    accuracy = share_interval(outcomes, level=level)
    few = outcomes.pairs_asked < FEWEST_PAIRS

    def interval(sums: Real, counts: Real, ends: tuple[float, float] | None) -> Interval:
        if few and ends is not None:
            value = float(sums.sum() / counts.sum())
            return Interval(value, *ends, level, "two pairs are too few to tell")
        return studentised_interval(
            outcomes, sums, counts, seed=seed, level=level, resamples=resamples, ends=ends
        )

    reciprocal = interval(rank, asked_of, (0.0, 1.0))
    if outcomes.right.sum() == outcomes.asked.sum():
        # A wrong answer that went unseen has a reciprocal rank of 0 at worst.
        reciprocal = Interval(1.0, accuracy.low, 1.0, level, accuracy.method)
    return AnswerScores(
        questions=len(asked.rows),
        accuracy=accuracy,
        median_rank=_median(answers, outcomes, seed=seed, level=level, resamples=resamples),
        reciprocal_rank=reciprocal,
        cosine=interval(cosine, asked_of, (-1.0, 1.0)),
        margin=interval(margin, with_margin, None) if known.any() and not few else None,
    )


def _by_pairs(outcomes: PairOutcomes, places: NDArray[np.int64], values: Real) -> Real:
    table = np.zeros(outcomes.asked.shape)
    np.add.at(table, tuple(places.T), values)
    return table


def _median(
    answers: Answers, outcomes: PairOutcomes, *, seed: int, level: float, resamples: int
) -> Interval:
    """The lower median of the ranks, question (i, j) drawn m_i m_j times."""
    order = np.argsort(answers.ranks, kind="stable")
    ranks = answers.ranks[order]
    value = float(ranks[(len(ranks) - 1) // 2])
    worst = float(max(ranks[-1], value))
    if outcomes.pairs_asked < FEWEST_PAIRS:
        return Interval(value, 1.0, worst, level, "two pairs are too few to tell")
    first, second = answers.asked.places[order].T
    rng = np.random.default_rng([seed, zlib.crc32(outcomes.family.encode()), 1])
    found = []
    for begin in range(0, resamples, _PART):
        times = multiplicities(len(outcomes.pairs), min(_PART, resamples - begin), rng)
        number = np.cumsum(times[:, first] * times[:, second], axis=1)
        some = number[:, -1] > 0
        # Where the running number of questions first reaches half of them all.
        at = np.argmax(number[some] >= number[some, -1:] / 2, axis=1)
        found.append(ranks[at])
    method = f"bootstrap over pairs, {resamples:,} resamples"
    drawn = np.concatenate(found)
    if not len(drawn):
        return Interval(value, 1.0, worst, level, "no resample has a question")
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], method="nearest")
    return Interval(value, float(min(low, value)), float(max(high, value)), level, method)
