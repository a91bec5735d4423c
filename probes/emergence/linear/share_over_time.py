"""The common share of one family over time, with what its intervals are resampled from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probes.concepts.differences import Differences
from probes.concepts.signal_to_noise.share_estimator import ShareEstimator
from probes.concepts.signal_to_noise.signal import Signal
from probes.emergence.linear.last_rises import last_rises
from probes.shared.intervals import Interval, multiplicities

Real = NDArray[np.float64]
FEWEST_GROUPS = 5
"""Resamples of fewer groups are too much alike to show a spread."""


class Rise(NamedTuple):
    """When a curve rises for good, and the two times looked at around that."""

    time: Interval
    between: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Course:
    """Estimates for one family at T times, and how its C groups of pairs are resampled.

    Parameters
    ----------
    times : (T,) float
        Flow times, increasing.
    differences : Differences
        Its pairs; the vectors are those of the last time.
    sums : ShareEstimator
        Of the Gram matrices at the T times.
    signals : tuple of Signal
        At each time.
    seed, level, resamples
        Of the bootstrap over groups.
    """

    times: Real
    differences: Differences
    sums: ShareEstimator
    signals: tuple[Signal, ...]
    seed: int
    level: float
    resamples: int

    def draw(self) -> Real:
        """(B, C) how often each group is drawn; the same at every call."""
        rng = np.random.default_rng(self.seed)
        drawn = multiplicities(self.sums.groups, self.resamples, rng)
        # Of one group drawn again and again there is no share.
        found: Real = drawn[np.count_nonzero(drawn, axis=1) > 1]
        return found

    def share_rise(self) -> Rise | None:
        """Last rise of the common share to half of its final value."""
        return self._rise(self.sums.shares(), self.sums.resampled_shares(self.draw()).T)

    def growth(self) -> Rise | None:
        """Last rise of |m|^2 to half of its final value."""
        draw, cross = self.draw(), self.sums.cross
        across = np.einsum("bc,kbc->kb", draw, draw @ cross)
        # Up to a factor of each resample's own, which its half does not depend on.
        across -= np.einsum("kcc->kc", cross) @ (draw**2).T
        return self._rise(self.sums.squared_mean(), across.T)

    def _rise(self, curve: Real, drawn: Real) -> Rise | None:
        """None where the final value is not positive.

        In each resample the rise is taken to be anywhere between the two times around it.
        """
        if curve[-1] <= 0:
            return None
        found = last_rises(self.times, curve[None], curve[-1:] / 2)
        value, before, after = (float(one[0]) for one in found)
        # A resample of differences that are all zero has no share.
        positive = drawn[np.isfinite(drawn).all(axis=1) & (drawn[:, -1] > 0)]
        rises = last_rises(self.times, positive, positive[:, -1] / 2)
        interval = self.interval(value, rises.before, rises.after)
        low, high = min(interval.low, before), max(interval.high, after)
        return Rise(replace(interval, low=low, high=high), (before, after))

    def interval(self, value: float, lower: Real, upper: Real) -> Interval:
        """Interval of a time, from its lower and its upper ends in the resamples."""
        groups = self.sums.groups
        lower, upper = lower[np.isfinite(lower)], upper[np.isfinite(upper)]
        if groups < FEWEST_GROUPS or not len(lower):
            low, high = min(float(self.times[0]), value), max(float(self.times[-1]), value)
            method = f"{groups} groups of pairs are too few to tell"
            return Interval(value, low, high, self.level, method)
        low = float(np.quantile(lower, (1 - self.level) / 2))
        high = float(np.quantile(upper, (1 + self.level) / 2))
        method = f"bootstrap over {groups} groups of pairs, {self.resamples:,} resamples"
        return Interval(value, min(low, value), max(high, value), self.level, method)
