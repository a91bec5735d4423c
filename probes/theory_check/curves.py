"""Singular values against time: how far measured ones are from the closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.shared.intervals import Interval, percentile_interval
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]

_RESAMPLES = 1000
_LEVEL = 0.95


@dataclass(frozen=True)
class ModeError:
    """|measured - predicted| / predicted of one singular value over the run.

    Parameters
    ----------
    mode : int
        From 1, by size.
    median, high, largest : float
        Over the rows: the median, the 95th percentile, the largest.
    at : float
        Flow time of the largest.
    """

    mode: int
    median: float
    high: float
    largest: float
    at: float


@dataclass(frozen=True, eq=False, repr=False)
class Curves:
    """Leading singular values at the recorded rows after the start.

    Parameters
    ----------
    times : (T,) float
        Flow times.
    measured, predicted : (T, k) float
        Singular values, decreasing at each time.
    learned : (T, k) bool
        Where the closed form has its mode at half of its height or above.
    """

    times: Real
    measured: Real
    predicted: Real
    learned: NDArray[np.bool_]

    @property
    def errors(self) -> Real:
        """(T, k) relative errors; NaN where the closed form has 0."""
        sizes = np.where(self.predicted > 0, self.predicted, np.nan)
        found: Real = np.abs(self.measured - self.predicted) / sizes
        return found

    @property
    def n_modes(self) -> int:
        """Number of singular values compared."""
        return int(self.measured.shape[1])

    def median(self) -> Interval:
        """Median relative error over modes and times, the interval by a bootstrap over modes.

        Rows of one mode are no independent trials, modes nearly are. One mode alone
        has an interval of no width.
        """
        return _median(self.errors)

    def median_learned(self) -> Interval | None:
        """The same over those rows in which the mode is learned; None if there are none."""
        errors = np.where(self.learned, self.errors, np.nan)
        return None if np.isnan(errors).all() else _median(errors)

    def largest(self) -> ModeError:
        """The mode with the largest error of all."""
        return max(self.of_modes(), key=lambda mode: mode.largest)

    def of_modes(self) -> tuple[ModeError, ...]:
        """Errors mode by mode; modes that the closed form has at 0 throughout are left out."""
        found = []
        for k, column in enumerate(self.errors.T):
            known = column[~np.isnan(column)]
            if len(known):
                worst = int(np.nanargmax(column))
                found.append(
                    ModeError(
                        k + 1,
                        float(np.median(known)),
                        float(np.quantile(known, 0.95)),
                        float(column[worst]),
                        float(self.times[worst]),
                    )
                )
        return tuple(found)

    def table(self) -> list[dict[str, Cell]]:
        """Rows for a CSV or JSON file, one a time and mode."""
        errors = self.errors
        return [
            {
                "time": float(time),
                "mode": k + 1,
                "measured": float(self.measured[row, k]),
                "predicted": float(self.predicted[row, k]),
                "relative_error": None if np.isnan(errors[row, k]) else float(errors[row, k]),
            }
            for row, time in enumerate(self.times)
            for k in range(self.n_modes)
        ]


def _median(errors: Real) -> Interval:
    columns = [column[~np.isnan(column)] for column in errors.T]
    columns = [column for column in columns if len(column)]
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(columns), size=(_RESAMPLES, len(columns)))
    medians = [np.median(np.concatenate([columns[k] for k in row])) for row in drawn.tolist()]
    return percentile_interval(
        float(np.median(np.concatenate(columns))),
        medians,
        level=_LEVEL,
        method=f"bootstrap over modes, {_RESAMPLES:,} resamples",
    )
