"""Follow the common share of one family over time, with what its intervals are resampled from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probes.concepts.differences import Differences
from probes.concepts.signal_to_noise.share_estimator import ShareEstimator
from probes.concepts.signal_to_noise.signal import Signal
from probes.emergence.linear.rise_times import rise_times
from probes.shared.intervals import Interval, multiplicities

Real = NDArray[np.float64]
FEWEST_GROUPS = 5
"""Resamples of fewer groups are too much alike to show a spread."""


class Rise(NamedTuple):
    """From when on a curve stays at half of its final value or above.

    Parameters
    ----------
    time : Interval
        Flow time.
    between : (float, float)
        The two times looked at around it.
    """

    time: Interval
    between: tuple[float, float]


@dataclass(frozen=True, eq=False)
class FamilyOverTime:
    """Estimates for one family at T times, and how its C groups of pairs are resampled.

    Parameters
    ----------
    times : (T,) float
        Flow times, increasing.
    differences : Differences
        Its pairs; the vectors are those of the last time.
    sums : ShareEstimator
        Sums of the Gram matrices over groups, at the T times.
    signals : tuple of Signal
        Common share at each time.
    seed : int
        Seed of the bootstrap over groups.
    level : float
        Nominal coverage of the intervals.
    resamples : int
        Number of resamples, B.
    """

    times: Real
    differences: Differences
    sums: ShareEstimator
    signals: tuple[Signal, ...]
    seed: int
    level: float
    resamples: int

    def draw(self) -> Real:
        """Draw groups with replacement, alike at every call.

        Returns
        -------
        (B, C) ndarray
            How often each group is drawn.
        """
        rng = np.random.default_rng(self.seed)
        drawn = multiplicities(self.sums.groups, self.resamples, rng)
        # Of one group drawn again and again there is no share.
        found: Real = drawn[np.count_nonzero(drawn, axis=1) > 1]
        return found

    def share_rise(self, first: int = 0) -> Rise | None:
        """Find when the common share last rises to half of its final value.

        Parameters
        ----------
        first : int, default 0
            First of the times that is looked at, before which a share tells nothing. A share
            that is at half by then may have been so at any time before.

        Returns
        -------
        Rise or None
            None where the final share is not positive.
        """
        shares = self.sums.shares()
        if first == len(self.times) - 1 and shares[-1] > 0:
            ends = (float(self.times[max(first - 1, 0)]), float(self.times[-1]))
            low, method = float(self.times[0]), "risen by the only time that can tell"
            return Rise(Interval(ends[1], low, ends[1], self.level, method), ends)
        return self._rise(shares, self.sums.resampled_shares(self.draw()).T, first)

    def growth(self) -> Rise | None:
        """Find when |m|^2 last rises to half of its final value.

        Returns
        -------
        Rise or None
            None where the final value is not positive.
        """
        draw, cross = self.draw(), self.sums.cross
        across = np.einsum("bc,kbc->kb", draw, draw @ cross)
        # Up to a factor of each resample's own, which its half does not depend on.
        across -= np.einsum("kcc->kc", cross) @ (draw**2).T
        return self._rise(self.sums.squared_mean(), across.T)

    def _rise(self, curve: Real, drawn: Real, first: int = 0) -> Rise | None:
        """None where the final value is not positive.

        In each resample the rise is taken to be anywhere between the two times around it.
        """
        if curve[-1] <= 0:
            return None
        times, earliest = self.times[first:], float(self.times[0])
        curve, drawn = curve[first:], drawn[:, first:]
        found = rise_times(times, curve[None], curve[-1:] / 2)
        value, before, after = (float(one[0]) for one in found)
        if before == times[0] == after:
            before = float(self.times[max(first - 1, 0)])
        # A resample of differences that are all zero has no share.
        positive = drawn[np.isfinite(drawn).all(axis=1) & (drawn[:, -1] > 0)]
        rises = rise_times(times, positive, positive[:, -1] / 2)
        # One that is up by the first time may have been up at any time before.
        lower = np.where(rises.after <= times[0], earliest, rises.before) if first else rises.before
        interval = self.interval(value, lower, rises.after)
        low, high = min(interval.low, before), max(interval.high, after)
        return Rise(replace(interval, low=low, high=high), (before, after))

    def interval(self, value: float, lower: Real, upper: Real) -> Interval:
        """Give a time with its interval.

        Parameters
        ----------
        value : float
            The time itself.
        lower, upper : (B,) float
            Between which times it lies in each resample; NaN where it has none.

        Returns
        -------
        Interval
            From quantiles of the lower and the upper ends; from the first to the last time
            where there are too few groups to resample.
        """
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
