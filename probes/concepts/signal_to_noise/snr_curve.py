"""Follow the signal-to-noise ratio of a family over the number of columns, to its peak."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from probes.concepts.differences import Differences
from probes.concepts.signal_to_noise.published_snr import PublishedSnr, published_of
from probes.concepts.signal_to_noise.share_estimator import ShareEstimator
from probes.concepts.signal_to_noise.signal import FLIPS, Signal, signals
from probes.concepts.signal_to_noise.truncation import (
    checked_dims,
    truncated_grams,
    with_dimension,
)
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval, multiplicities
from probes.shared.several_tests import is_finding
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, with_interval
from repsearch.checks import is_whole
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]
RESAMPLES = 1000
FEWEST_FOR_PEAK = 5
"""Resamples of fewer groups are too much alike: two make a single one."""


@dataclass(frozen=True)
class SnrCurve(Result):
    """Signal of one family against the number of leading columns.

    Parameters
    ----------
    family : str
        Name of the family.
    dims : tuple of int
        Numbers of columns, increasing.
    signals : tuple of Signal
        The signal in each.
    published : tuple of PublishedSnr
        The paper's ratio in each.
    peak : Interval
        The dimension at which the share, and so the SNR, is largest, with the
        percentile interval of a bootstrap over groups of pairs. Both ends are
        among `dims`: a peak is known to their spacing and no better.
    settings : dict
        Resamples, flips, level and seed.

    Examples
    --------
    >>> from probes.concepts import difference_vectors
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> pairs = world.relations["attribute 1"]
    >>> curve = snr_curve(difference_vectors(world.spectrum().embeddings(6), pairs), [5, 6])
    >>> int(curve.peak.value), [round(one.snr, 1) for one in curve.signals]
    (5, [16.4, 9.6])
    """

    name = "snr-curve"
    figure = "probes.figures.relations.snr_curves:plot_snr_curve"

    family: str
    dims: tuple[int, ...]
    signals: tuple[Signal, ...]
    published: tuple[PublishedSnr, ...]
    peak: Interval
    settings: dict[str, Cell] = field(repr=False)

    @property
    def at_peak(self) -> Signal:
        """Signal at the peak. Being the largest of several estimates it is on the high side."""
        return self.signals[self.dims.index(int(self.peak.value))]

    @property
    def at_edge(self) -> Literal["first", "last"] | None:
        """Whether the peak is at an end of the numbers of columns, beyond which it may lie.

        Not at a single column, nor at all there are, which nothing lies beyond.
        """
        d = int(self.peak.value)
        if d == self.dims[0] and d > 1 and len(self.dims) > 1:
            return "first"
        return "last" if d == self.dims[-1] and d != self.settings.get("columns", d) else None

    def summary(self) -> str:
        """Say in which dimension the share is largest, and what it is in all columns.

        Returns
        -------
        str
            One paragraph.
        """
        best, last = self.at_peak, self.signals[-1]
        text = (
            f"The common share of a squared difference of {self.family or 'the family'} is largest "
            f"in the first {with_interval(self.peak, '.0f')} columns, where it is "
            f"{with_interval(best.share, '.0%')}; it is the largest of "
            f"{counted(len(self.dims), 'estimate')} and so on the high side. In "
            f"{self.dims[-1]:,} columns it is {with_interval(last.share, '.0%')} "
            f"(p = {last.p_value:.2g})."
        )
        if self.at_edge:
            text += (
                f" That is the {self.at_edge} number of columns looked at: the largest may lie "
                "beyond; pass other dims."
            )
        if not is_finding(last.p_value):
            text += " That could be chance."
        return text

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each number of columns.

        Returns
        -------
        list of dict
            Share with its interval, SNR (None where it is infinite), p-value, published ratio.
        """
        return [
            signal_row(found, paper)
            for found, paper in zip(self.signals, self.published, strict=True)
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the family, numbers of pairs and groups, and the settings.

        Returns
        -------
        dict
            Name to value.
        """
        found = self.signals[-1]
        return {
            "family": self.family,
            "pairs": found.pairs,
            "groups": found.groups,
            "null": "order flipped within pairs, by groups without a common word",
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out share, SNR and p-value of each number of columns.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal; the table has its own width.

        Returns
        -------
        str
            A table.
        """
        rows = [
            (
                f"{d:,}",
                with_interval(found.share, ".2f"),
                f"{found.snr:.3g}",
                f"{found.p_value:.2g}",
                f"{paper.value:.3g}",
            )
            for d, found, paper in zip(self.dims, self.signals, self.published, strict=True)
        ]
        return fixed_width(("d", "common share", "SNR", "p", "published SNR"), rows, left=())


def signal_row(found: Signal, paper: PublishedSnr) -> dict[str, Cell]:
    """Lay a signal and the published ratio out as a row of a table.

    Parameters
    ----------
    found : Signal
        Signal of a family in some number of columns.
    paper : PublishedSnr
        Published ratio of the same differences.

    Returns
    -------
    dict
        An infinite SNR, that of perfect analogies, is None.
    """
    return {
        "family": found.family,
        "d": found.dimension,
        "pairs": found.pairs,
        "share": found.share.value,
        "share_low": found.share.low,
        "share_high": found.share.high,
        "level": found.share.level,
        "snr": found.snr if isfinite(found.snr) else None,
        "p_value": found.p_value,
        "null_95": found.null_95,
        "published_snr": paper.value,
        "published_rank": paper.rank,
        "corrected_snr": paper.corrected,
        "mean_share_of_spike": paper.mean_share,
    }


@one_blas_thread()
def snr_curve(
    differences: Differences,
    dims: Iterable[int] | None = None,
    *,
    seed: int = 0,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    permutations: int = FLIPS,
) -> SnrCurve:
    """Estimate the signal of a family in the first d columns, for several d.

    The columns have to be modes in their order, as those of closed-form
    embeddings are; others are turned first (`on_principal_axes`).

    Parameters
    ----------
    differences : Differences
        The family, in all columns.
    dims : iterable of int, optional
        Numbers of columns, increasing; by default those of the paper's figure
        4 that there are, and all.
    seed : int, default 0
        Seed of flips and resamples.
    level : float, default 0.95
        Nominal coverage of the intervals.
    resamples : int, default 1000
        Resamples of the bootstrap for the peak.
    permutations : int, default 2000
        Flips of the null at most.

    Returns
    -------
    SnrCurve

    Raises
    ------
    InputError
        Dimensions that do not increase or are out of range, too few resamples, pairs that
        all are joined by common words, or differences that are all zero in the first columns.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(20, 64))
    >>> rows[:, 4:8] += 3.0  # the mean lies on four of the first 8 columns, the noise on all
    >>> pairs = tuple((f"a{k}", f"b{k}") for k in range(20))
    >>> curve = snr_curve(Differences(rows, pairs), [2, 4, 8, 16, 64])
    >>> 8 in curve.peak, curve.signals[-1].share.value < curve.at_peak.share.value
    (True, True)
    """
    columns = checked_dims(dims, differences.dimension)
    if not is_whole(resamples) or resamples < 100:
        raise InputError(f"an interval needs at least 100 resamples; got {resamples!r}")
    grams = truncated_grams(differences.vectors, columns)
    found = signals(grams, differences, seed=seed, level=level, permutations=permutations)
    return SnrCurve(
        family=differences.name,
        dims=columns,
        signals=tuple(with_dimension(one, d) for one, d in zip(found, columns, strict=True)),
        published=tuple(published_of(g, dimension=d) for g, d in zip(grams, columns, strict=True)),
        peak=_peak(grams, differences, columns, seed=seed, level=level, resamples=resamples),
        settings={
            "columns": differences.dimension,
            "resamples": resamples,
            **found[0].settings,
        },
    )


def _peak(
    grams: Real,
    differences: Differences,
    dims: tuple[int, ...],
    *,
    seed: int,
    level: float,
    resamples: int,
) -> Interval:
    sums = ShareEstimator.of(grams, differences)
    value = dims[int(np.argmax(sums.shares()))]
    if sums.groups < FEWEST_FOR_PEAK:
        method = f"{sums.groups} groups of pairs are too few to tell"
        return Interval(float(value), float(dims[0]), float(dims[-1]), level, method)
    times = multiplicities(sums.groups, resamples, np.random.default_rng(seed))
    shares = sums.resampled_shares(times)
    # A resample of one group alone says nothing.
    shares = shares[:, np.isfinite(shares).all(axis=0)]
    best = np.asarray(dims)[np.argmax(shares, axis=0)]
    low, high = np.quantile(best, [(1 - level) / 2, (1 + level) / 2], method="nearest")
    return Interval(
        float(value),
        float(min(low, value)),
        float(max(high, value)),
        level,
        f"bootstrap over {sums.groups} groups of pairs, {len(best):,} resamples",
    )
