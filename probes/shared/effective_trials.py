"""Give intervals of shares whose outcomes are not independent, by effective trials.

A share of right answers out of n independent ones has a beta distribution for its interval
(Jeffreys). Answers that share what they were made of are worth fewer independent ones. How
many is told by the variance of the share: n = θ(1 − θ) / V. Of few pairs that variance is
hardly known, and where most answers agree it is far too small more often than not, so that a
bootstrap is too narrow. Here the *design effect*, V over that of n₀ trials, is drawn towards
1 with the weight of `PRIOR` further things, where n₀ is what the answers are worth if the
thing asked for alone decided them: a pair for questions, the group for members of a group.
Student's quantile, with Satterthwaite's degrees of freedom of that mean of two, then stands
for the normal one.

Coverage is simulated in ``docs/calibration.md``.

References
----------
Brown, Cai and DasGupta 2001, Statistical Science 16, 101-133 (Jeffreys' interval). Korn and
Graubard 1998, Survey Methodology 24, 193-201 (effective trials of a survey). Satterthwaite
1946, Biometrics Bulletin 2, 110-114.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri, stdtrit

from probes.shared.intervals import Interval, check_level, jeffreys_interval
from probes.shared.resampling import exact_bound

Real = NDArray[np.float64]

PRIOR = 4.0
"""How many things, beside those seen, say that the design effect is 1."""


@dataclass(frozen=True)
class Stratum:
    """A share of right answers, and how many independent answers it may be worth.

    Parameters
    ----------
    share : float
        Right answers over all, from 0 to 1.
    trials : float
        Independent answers that these are worth at a design effect of 1, n₀.
    fewest, most : float
        The fewest and the most that they can be worth.
    variance : float or None
        Estimated variance of the share, which may be below 0; None where there are too few
        things for an estimate.
    things : int
        How many things were sampled: pairs, or groups.

    Examples
    --------
    >>> pairs_of_pairs(1 - np.eye(6, dtype=int), np.triu(np.ones((6, 6)), 1)).trials
    6.0
    """

    share: float
    trials: float
    fewest: float
    most: float
    variance: float | None
    things: int

    @property
    def alike(self) -> bool:
        """Whether all answers are right, or all wrong."""
        return self.share in (0.0, 1.0)

    @property
    def spread(self) -> float:
        """θ(1 − θ); of answers that are all alike, that of Jeffreys' estimate."""
        share = self.share
        if self.alike:
            share = (self.fewest * share + 0.5) / (self.fewest + 1)
        return share * (1 - share)

    @property
    def effect(self) -> float:
        """The design effect as the answers have it; the largest where they do not tell."""
        if self.alike or self.variance is None:
            return self.trials / self.fewest
        # θ̂(1 − θ̂) is on average smaller than θ(1 − θ) by the variance.
        whole = self.share * (1 - self.share) + max(self.variance, 0.0)
        return self.trials * self.variance / whole


def pairs_of_pairs(asked: ArrayLike, right: ArrayLike) -> Stratum:
    """Describe questions that are made of two pairs each.

    The variance is the square of the share less the mean product of two answers without a
    common pair, which estimates the square of the true share without bias, whatever was asked.

    Parameters
    ----------
    asked, right : (N, N) array_like of int
        How often the question "pair i is as pair j" was asked, and answered rightly. There
        must be a question.

    Returns
    -------
    Stratum
        Worth as many trials as there are pairs, if the pair that is asked for alone decides.

    References
    ----------
    Hoeffding 1963, Journal of the American Statistical Association 58, 13-30, section 5 (the
    fewest: a U-statistic of degree two on N things is as good as a mean of ⌊N/2⌋).

    Examples
    --------
    >>> asked = 1 - np.eye(8, dtype=int)
    >>> known = np.tile([1, 1, 1, 1, 1, 1, 0, 0], (8, 1)) * asked  # two are never found
    >>> found = pairs_of_pairs(asked, known)
    >>> found.share, found.trials, found.fewest
    (0.75, 8.0, 4.0)
    """
    a, r = np.asarray(asked, dtype=np.float64), np.asarray(right, dtype=np.float64)
    number, degrees = float(a.sum()), _of_pairs(a)
    share = float(r.sum()) / number
    apart = disjoint_products(a)
    return Stratum(
        share=share,
        trials=number**2 / float(np.square(a.sum(axis=0)).sum()),
        fewest=max(1.0, number / float(degrees.max())),
        most=number,
        variance=share**2 - disjoint_products(r) / apart if apart > 0 else None,
        things=int(np.count_nonzero(degrees)),
    )


def _of_pairs(table: Real) -> Real:
    """Sum what each pair takes part in."""
    return np.asarray(table.sum(axis=0) + table.sum(axis=1) - np.diagonal(table))


def disjoint_products(table: Real) -> float:
    """Sum the products of two questions' counts over all that have no pair in common.

    Parameters
    ----------
    table : (N, N) array of float
        A count for each question.

    Returns
    -------
    float

    Examples
    --------
    >>> disjoint_products(1.0 - np.eye(4))  # each of 12 questions has 2 without a common pair
    24.0
    """
    # Of two questions about the same two pairs the sum over pairs has the product twice.
    between = table - np.diag(np.diagonal(table))
    twice = np.square(between).sum() + (between * between.T).sum()
    return float(table.sum() ** 2 - np.square(_of_pairs(table)).sum() + twice)


def groups(right: ArrayLike, sizes: ArrayLike) -> Stratum:
    """Describe answers that come in groups, such as pairs joined by common words.

    Parameters
    ----------
    right, sizes : (C,) array_like of float
        Right answers and answers in each group.

    Returns
    -------
    Stratum
        Worth as many trials as groups, if these are of one size and each is all right or all
        wrong, which is also the fewest; otherwise Kish's number, (Σ s)² / Σ s².

    References
    ----------
    Kish 1965, "Survey sampling", section 8.2.

    Examples
    --------
    One of two is right in each of ten groups, which does not make the share certain:

    >>> found = groups(np.full(10, 1), np.full(10, 2))
    >>> print(share_interval([found], [1.0], level=0.95, over="groups"))
    0.500 [0.281, 0.719]
    """
    r, s = np.asarray(right, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    count, number = len(s), float(s.sum())
    share = float(r.sum()) / number
    kish = number**2 / float(np.square(s).sum())
    residuals = float(np.square(r - share * s).sum()) / number**2
    return Stratum(
        share=share,
        trials=kish,
        fewest=kish,
        most=number,
        variance=residuals * count / (count - 1) if count > 1 else None,
        things=count,
    )


def share_interval(
    strata: Sequence[Stratum], weights: ArrayLike, *, level: float, over: str
) -> Interval:
    """Give the interval of a weighted mean of shares, from effective numbers of trials.

    Parameters
    ----------
    strata : sequence of Stratum
        Independent of each other, such as families.
    weights : (F,) array_like of float
        Their weights, which sum to 1.
    level : float
        Nominal coverage, between 0 and 1.
    over : str
        What the things are, in words, such as "pairs".

    Returns
    -------
    Interval
        Within [0, 1]. The exact binomial bound for `Stratum.fewest` trials where all answers
        are alike.

    Raises
    ------
    InputError
        The level is not between 0 and 1.

    Examples
    --------
    >>> half = pairs_of_pairs(1 - np.eye(8, dtype=int), np.tri(8, 8, -1))
    >>> found = share_interval([half], [1.0], level=0.95, over="pairs")
    >>> print(found, found.method, sep="; ")
    0.500 [0.288, 0.712]; effective trials: 8 pairs, worth 22 independent answers
    """
    check_level(level)
    w = np.asarray(weights, dtype=np.float64)
    if all(one.alike for one in strata) and len({one.share for one in strata}) == 1:
        return exact_bound(
            strata[0].share,
            trials=[one.fewest for one in strata],
            weights=w,
            level=level,
            over=f"independent {over}",
        )
    value = float(np.dot(w, [one.share for one in strata]))
    expected = np.array([one.spread / one.trials for one in strata]) * w**2
    before = float(expected.sum())
    seen = float(np.dot(expected, [one.effect for one in strata]))
    # Degrees of freedom of the estimate: N − 1 for one stratum.
    freedom = before**2 / float(np.sum(expected**2 / [max(one.things - 1, 1) for one in strata]))
    variance = (PRIOR * before + freedom * seen) / (PRIOR + freedom)
    least, largest = (
        float(np.dot(w**2, [one.spread / getattr(one, end) for one in strata]))
        for end in ("most", "fewest")
    )
    trials = value * (1 - value) / min(max(variance, least), largest)
    # Where answers are their own groups nothing is estimated but the share.
    known = all(one.most <= one.fewest * (1 + 1e-12) for one in strata)
    tail = _tail(level, inf if known else (PRIOR + freedom) ** 2 / freedom)
    things = sum(one.things for one in strata)
    method = f"effective trials: {things:,} {over}, worth {trials:,.3g} independent answers"
    return replace(jeffreys_interval(value, trials, level=1 - 2 * tail, method=method), level=level)


def _tail(level: float, freedom: float) -> float:
    """Probability beyond Student's quantile under the normal law."""
    upper = (1 + level) / 2
    quantile = ndtri(upper) if freedom == inf else stdtrit(freedom, upper)
    return float(ndtr(-quantile))
