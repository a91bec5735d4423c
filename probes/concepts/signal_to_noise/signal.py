"""Estimate the signal-to-noise ratio of a family of difference vectors.

The rows r_n = m + noise of a family have a common part m and noise of
covariance Sigma. Everything here is read off two averages of their Gram matrix:

* the mean of r_i . r_j over pairs that share no word estimates |m|^2 without bias,
* the mean of (r_i . r_i + r_j . r_j) / 2 over the same pairs estimates
  |m|^2 + Tr Sigma without bias; it is the plain mean square where no two pairs
  share a word.

Their ratio is the *share* of the mean in a squared difference; it is 1 for
perfect analogies and about 0 where there is no relation, whatever the number
of pairs. SNR = |m|^2 / Tr Sigma = share / (1 − share) is the same thing on
another scale, infinite for perfect analogies. The published ratio
lambda_max(G) rank(G) / Tr G (arXiv 2502.09863, section 4) has neither
property: it grows with the number of pairs and is 1, its least value, for
perfect analogies (`probes.concepts.signal_to_noise.published_snr`).
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from probes.concepts.differences import Differences
from probes.concepts.quantities import quantity_rows
from probes.concepts.signal_to_noise.share_estimator import ShareEstimator
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval, check_level
from probes.shared.resampling import check_draws, flips
from probes.shared.several_tests import is_finding
from probes.shared.wording import counted, with_interval
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Real = NDArray[np.float64]
FLIPS = 2000
FEWEST_GROUPS = 3
"""With two groups left, leaving one out leaves nothing to average over."""


@dataclass(frozen=True)
class Signal(Result):
    """How much of a family's differences is common to them.

    Parameters
    ----------
    family : str
        Name of the family.
    share : Interval
        |m|^2 / (|m|^2 + Tr Sigma), at most 1. The estimate can be below 0, as
        an unbiased estimate of something small must.
    squared_mean : float
        Unbiased estimate of |m|^2, in squared units of the embeddings.
    noise : float
        Unbiased estimate of Tr Sigma.
    p_value : float
        p-value of the null that the order within pairs means nothing (m = 0).
    null_95 : float
        The share that this null exceeds with probability 0.05.
    pairs : int
        Number of pairs N.
    groups : int
        Number of groups of pairs without a common word.
    dimension : int
        Number of columns d.
    settings : dict
        Flips, level and seed.

    Examples
    --------
    >>> from probes.concepts import difference_vectors
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> pairs = world.relations["attribute 1"]
    >>> found = signal(difference_vectors(world.spectrum().embeddings(6), pairs))
    >>> round(found.share.value, 3), round(found.snr, 1), round(found.overlap.value, 3)
    (0.906, 9.6, 0.994)
    """

    name = "signal"

    family: str
    share: Interval
    squared_mean: float
    noise: float
    p_value: float
    null_95: float
    pairs: int
    groups: int
    dimension: int
    settings: dict[str, Cell] = field(repr=False)

    @property
    def snr(self) -> float:
        """Ratio |m|^2 / Tr Sigma; infinite for perfect analogies, negative if the estimate is."""
        return share_to_snr(self.share.value)

    @property
    def snr_ends(self) -> tuple[float, float]:
        """Ends of the interval of `snr`; the upper one may be infinite."""
        return share_to_snr(self.share.low), share_to_snr(self.share.high)

    @property
    def overlap(self) -> Interval:
        """Cosine of the mean difference that was found with the true one, from 0 to 1.

        Its square is the reliability of a mean of C independent differences,
        C s / (1 + (C − 1) s) of the share s (Spearman and Brown).
        """
        value, low, high = (
            _reliability(share, self.groups) ** 0.5
            for share in (self.share.value, self.share.low, self.share.high)
        )
        return Interval(value, low, high, self.share.level, self.share.method)

    def summary(self) -> str:
        """Say how much is common to the pairs, and whether it could be chance.

        Returns
        -------
        str
            One paragraph.
        """
        text = (
            f"Of a squared difference of {self.family or 'the family'}, "
            f"{with_interval(self.share, '.0%')} is common to the {counted(self.pairs, 'pair')} "
            f"(all of it for perfect analogies, nothing in the mean without a relation; "
            f"p = {self.p_value:.2g})."
        )
        if not is_finding(self.p_value):
            text += " This could be chance."
        if self.groups < FEWEST_GROUPS:
            text += f" {self.groups} groups of pairs without a common word are too few to tell."
        return text

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each quantity.

        Returns
        -------
        list of dict
            Share, SNR (None where it is infinite), squared mean, noise, p-value, overlap.
        """
        rows = quantity_rows(self._numbers)
        low, high = (end if isfinite(end) else None for end in self.snr_ends)
        for row in rows:
            if row["quantity"] == "SNR":
                row |= {"low": low, "high": high, "level": self.share.level}
        return rows

    def rests_on(self) -> dict[str, Cell]:
        """Give the family, numbers of pairs, groups and columns, and the settings.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "family": self.family,
            "pairs": self.pairs,
            "groups": self.groups,
            "d": self.dimension,
            "null": "order flipped within pairs, by groups without a common word",
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Give share, SNR and p-value in one line.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            Lines of at most that width.
        """
        low, high = self.snr_ends
        return textwrap.fill(
            f"share {self.share}, SNR {self.snr:.3g} [{low:.3g}, {high:.3g}], "
            f"p = {self.p_value:.2g} ({self.pairs} pairs, d = {self.dimension})",
            width,
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the share beside what the null exceeds with probability 0.05.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from probes.drawing.interval_rows import plot_intervals

        return plot_intervals(
            {self.family or "family": self.share},
            label="common share of a squared difference (dotted: 95 % of the null)",
            reference=self.null_95,
            ax=ax,
        )

    @property
    def _numbers(self) -> dict[str, Interval | float | None]:
        return {
            "share": self.share,
            "SNR": self.snr,
            "squared mean": self.squared_mean,
            "noise": self.noise,
            "overlap": self.overlap,
            "p value": self.p_value,
            "95 % of the null": self.null_95,
        }


def signal(
    differences: Differences, *, seed: int = 0, level: float = 0.95, permutations: int = FLIPS
) -> Signal:
    """Estimate the share of the mean and the SNR of a family, with an interval and a null.

    The interval is the delete-one jackknife over groups of pairs, with
    Student's t; the null flips the order within pairs, group by group.

    Parameters
    ----------
    differences : Differences
        N pairs, of which at least two share no word.
    seed : int, default 0
        Seed of the flips.
    level : float, default 0.95
        Nominal coverage of the interval.
    permutations : int, default 2000
        Flips at most; with few groups all of them are taken.

    Returns
    -------
    Signal

    Raises
    ------
    InputError
        All pairs are joined by common words, or all differences are zero.

    Examples
    --------
    >>> from probes.concepts import Differences
    >>> rows = np.random.default_rng(0).normal(size=(12, 50))
    >>> rows[:, 0] += 5.0
    >>> found = signal(Differences(rows, tuple((f"a{k}", f"b{k}") for k in range(12))))
    >>> round(25 / (25 + 50), 2) in found.share, found.p_value < 0.01
    (True, True)
    """
    return signals(
        differences.gram[None], differences, seed=seed, level=level, permutations=permutations
    )[0]


@one_blas_thread()
def signals(
    grams: Real, differences: Differences, *, seed: int, level: float, permutations: int
) -> tuple[Signal, ...]:
    """Estimate the signal in several Gram matrices of the same pairs, with the same flips.

    Parameters
    ----------
    grams : (D, N, N) float
        Inner products of the differences, such as those of the first d columns for several d.
    differences : Differences
        The N pairs, and the number of columns that is noted.
    seed : int
        Seed of the flips.
    level : float
        Nominal coverage of the intervals.
    permutations : int
        Flips at most.

    Returns
    -------
    tuple of Signal
        One for each Gram matrix.

    Raises
    ------
    InputError
        All pairs are joined by common words, or all differences of a Gram matrix are zero.
    """
    check_level(level)
    check_draws(name="permutations", draws=permutations, least=100, seed=seed)
    sums = ShareEstimator.of(grams, differences)
    shares = sums.shares()
    lows, highs, method = _jackknife(sums, shares, level=level)
    drawn = flips(sums.groups, most=permutations, seed=seed)
    null = sums.flipped_shares(drawn.signs)
    squared_mean, length = sums.squared_mean(), sums.squared_length()
    settings: dict[str, Cell] = {"flips": len(drawn.signs), "level": level, "seed": seed}
    return tuple(
        Signal(
            family=differences.name,
            share=Interval(float(shares[k]), float(lows[k]), float(highs[k]), level, method),
            squared_mean=float(squared_mean[k]),
            noise=max(0.0, float(length[k] - squared_mean[k])),
            p_value=drawn.p_value(float(shares[k]), null[k]),
            null_95=float(np.quantile(null[k], 0.95, method="higher")),
            pairs=len(differences),
            groups=sums.groups,
            dimension=differences.dimension,
            settings=settings,
        )
        for k in range(len(grams))
    )


def null_share_quantile(probability: float, *, pairs: int, effective_dimension: float) -> float:
    """Compute the quantile of the share when there is no common part, by theory.

    For N independent Gaussian rows with m = 0 and isotropic noise in d
    dimensions, F = (1 + (N − 1) s) / (1 − s) of the share s is Fisher's F with
    d and d (N − 1) degrees of freedom, exactly. For another covariance d gives
    way to the effective dimension (Tr Sigma)^2 / Tr Sigma^2 (Satterthwaite),
    which is an approximation.

    Parameters
    ----------
    probability : float
        Probability of a share below the quantile, between 0 and 1.
    pairs : int
        Number of pairs N, at least 2; no two with a common word.
    effective_dimension : float
        Dimension d, or the participation ratio of the noise; at least 1.

    Returns
    -------
    float
        A share, at most 1.

    Raises
    ------
    InputError
        A number is out of range.

    References
    ----------
    Satterthwaite 1946, Biometrics Bulletin 2, 110-114.

    Examples
    --------
    With few pairs in few dimensions a large share is nothing unusual:

    >>> round(null_share_quantile(0.95, pairs=4, effective_dimension=5), 2)
    0.32
    >>> round(null_share_quantile(0.95, pairs=30, effective_dimension=300), 3)
    0.005
    """
    if not 0 < probability < 1:
        raise InputError(f"a probability lies between 0 and 1; got {probability!r}")
    if pairs < 2 or effective_dimension < 1:
        raise InputError(
            f"{pairs} pairs in {effective_dimension} dimensions have no null; pass at least two "
            "pairs and one dimension"
        )
    f = stats.f.ppf(probability, effective_dimension, effective_dimension * (pairs - 1))
    return float((f - 1) / (f - 1 + pairs))


def share_to_snr(share: float) -> float:
    """Turn |m|^2 / (|m|^2 + Tr Sigma) into |m|^2 / Tr Sigma.

    Parameters
    ----------
    share : float
        At most 1.

    Returns
    -------
    float
        Infinite for a share of 1.

    Examples
    --------
    >>> share_to_snr(0.75), share_to_snr(1.0)
    (3.0, inf)
    """
    return share / (1 - share) if share < 1 else float("inf")


def _reliability(share: float, groups: int) -> float:
    positive = max(0.0, share)
    return groups * positive / (1 + (groups - 1) * positive)


def _jackknife(sums: ShareEstimator, shares: Real, *, level: float) -> tuple[Real, Real, str]:
    least = -1.0 / max(1, sums.groups - 1)
    if sums.groups < FEWEST_GROUPS:
        every = np.ones_like(shares)
        method = "two groups of pairs are too few to tell"
        return np.minimum(least * every, shares), every, method
    left = sums.shares_without_one()
    c = sums.groups
    errors = np.sqrt((c - 1) / c * np.sum((left - left.mean(axis=1)[:, None]) ** 2, axis=1))
    reach = float(stats.t.ppf((1 + level) / 2, c - 1)) * errors
    method = f"jackknife over {c} groups of pairs without a common word, Student's t"
    # Estimates outside what a share can be stay inside their interval.
    low = np.minimum(shares, np.maximum(shares - reach, least))
    return low, np.maximum(shares, np.minimum(shares + reach, 1.0)), method
