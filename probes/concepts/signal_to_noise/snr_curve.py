"""Signal-to-noise ratio against dimension, and where it peaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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
from probes.shared.intervals import Interval, multiplicities
from repsearch.checks import is_whole
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]
RESAMPLES = 1000
FEWEST_FOR_PEAK = 5
"""Resamples of fewer groups are too much alike: two make a single one."""


@dataclass(frozen=True)
class SnrCurve:
    """Signal of one family against the number of leading columns.

    Parameters
    ----------
    family : str
        Its name.
    dims : tuple of int
        Numbers of columns, increasing.
    signals : tuple of Signal
        At each.
    published : tuple of PublishedSnr
        The paper's ratio at each.
    peak : Interval
        The dimension at which the share, and so the SNR, is largest, with the
        percentile interval of a bootstrap over groups of pairs. Both ends are
        among `dims`: a peak is known to their spacing and no better.
    """

    family: str
    dims: tuple[int, ...]
    signals: tuple[Signal, ...]
    published: tuple[PublishedSnr, ...]
    peak: Interval

    @property
    def at_peak(self) -> Signal:
        """The signal at the peak. Being the largest of several estimates it is on the high side."""
        return self.signals[self.dims.index(int(self.peak.value))]

    def table(self) -> list[dict[str, str | int | float]]:
        """One row a dimension, for a CSV or JSON file."""
        return [
            {
                "family": self.family,
                "d": d,
                "pairs": found.pairs,
                "share": found.share.value,
                "share_low": found.share.low,
                "share_high": found.share.high,
                "level": found.share.level,
                "snr": found.snr,
                "p_value": found.p_value,
                "null_95": found.null_95,
                "published_snr": paper.value,
                "published_rank": paper.rank,
                "corrected_snr": paper.corrected,
                "mean_share_of_spike": paper.mean_share,
            }
            for d, found, paper in zip(self.dims, self.signals, self.published, strict=True)
        ]


@one_blas_thread()
def snr_curve(
    differences: Differences,
    dims: Iterable[int] | None = None,
    *,
    seed: int = 0,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    draws: int = FLIPS,
) -> SnrCurve:
    """Signal of a family when the embeddings are cut to their first d columns.

    The columns have to be modes in their order, as those of closed-form
    embeddings are; others are turned first (`on_principal_axes`).

    Parameters
    ----------
    differences : Differences
        In all columns.
    dims : iterable of int, optional
        Numbers of columns, increasing; by default those of the paper's figure
        4 that there are.
    seed : int, default 0
        Of flips and resamples.
    level : float, default 0.95
        Nominal coverage.
    resamples : int, default 1000
        Of the bootstrap for the peak.
    draws : int, default 2000
        Flips of the null.

    Returns
    -------
    SnrCurve

    Raises
    ------
    InputError
        Dimensions that do not increase or are out of range, or pairs that
        `signal` refuses.
    """
    columns = checked_dims(dims, differences.dimension)
    if not is_whole(resamples) or resamples < 100:
        raise InputError(f"an interval needs at least 100 resamples; got {resamples!r}")
    grams = truncated_grams(differences.vectors, columns)
    found = signals(grams, differences, seed=seed, level=level, draws=draws)
    return SnrCurve(
        family=differences.name,
        dims=columns,
        signals=tuple(with_dimension(one, d) for one, d in zip(found, columns, strict=True)),
        published=tuple(published_of(g, dimension=d) for g, d in zip(grams, columns, strict=True)),
        peak=_peak(grams, differences, columns, seed=seed, level=level, resamples=resamples),
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
