"""Measure how far singular values over time are from the closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.shared.intervals import Interval, percentile_interval
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]

RESAMPLES = 1000
LEVEL = 0.95


@dataclass(frozen=True)
class ModeError:
    """Relative error |measured - predicted| / predicted of one singular value over the run.

    Parameters
    ----------
    mode : int
        Number of the mode by size, from 1.
    median, high, largest : float
        Over the recorded rows: the median, the 95th percentile and the largest error.
    at : float
        Flow time of the largest error.

    Examples
    --------
    >>> import numpy as np
    >>> times, predicted = np.array([1.0, 2.0, 3.0]), np.array([[2.0], [4.0], [4.0]])
    >>> learned = np.ones((3, 1), dtype=bool)
    >>> Curves(times, 1.01 * predicted, predicted, learned).largest().mode
    1
    """

    mode: int
    median: float
    high: float
    largest: float
    at: float


@dataclass(frozen=True, eq=False, repr=False)
class Curves:
    """Leading singular values of a run and of the closed form, after the start.

    Parameters
    ----------
    times : (T,) float
        Flow times of the recorded rows.
    measured, predicted : (T, k) float
        Singular values of the run and of the closed form, decreasing at each time.
    learned : (T, k) bool
        Where the closed form has its mode at half of its height or above.
    cut_off : (k,) float, optional
        What the closed form's own solution by some of the eigenpairs may be off by, relative to
        each singular value: its largest change when a third of them is left out.

    Examples
    --------
    >>> import numpy as np
    >>> times, predicted = np.array([1.0, 2.0]), np.array([[2.0, 0.5], [4.0, 3.0]])
    >>> found = Curves(times, 1.01 * predicted, predicted, predicted > 1)
    >>> round(found.median().value, 6), found.n_modes
    (0.01, 2)
    """

    times: Real
    measured: Real
    predicted: Real
    learned: NDArray[np.bool_]
    cut_off: Real | None = None

    @property
    def largest_cut_off(self) -> float:
        """Largest of `cut_off`; 0 where nothing was."""
        return 0.0 if self.cut_off is None else float(self.cut_off.max(initial=0.0))

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
        """Give the median relative error over modes and times.

        Returns
        -------
        Interval
            By a bootstrap over modes, for rows of one mode are no independent trials and
            modes nearly are. One mode alone has an interval of no width.
        """
        return _median(self.errors)

    def median_learned(self) -> Interval | None:
        """Give the median relative error over those rows in which the mode is learned.

        Returns
        -------
        Interval or None
            None if there are no such rows.
        """
        errors = np.where(self.learned, self.errors, np.nan)
        return None if np.isnan(errors).all() else _median(errors)

    def largest(self) -> ModeError:
        """Give the mode with the largest error of all.

        Returns
        -------
        ModeError
            Its errors.
        """
        return max(self.of_modes(), key=lambda mode: mode.largest)

    def of_modes(self) -> tuple[ModeError, ...]:
        """Give the errors mode by mode.

        Returns
        -------
        tuple of ModeError
            Without the modes that the closed form has at 0 throughout.
        """
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
        """Give the numbers, one row for each time and mode.

        Returns
        -------
        list of dict
            Columns ``time``, ``mode``, ``measured``, ``predicted`` and ``relative_error``,
            which is None where the closed form has 0.
        """
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
    drawn = rng.integers(len(columns), size=(RESAMPLES, len(columns)))
    medians = [np.median(np.concatenate([columns[k] for k in row])) for row in drawn.tolist()]
    return percentile_interval(
        float(np.median(np.concatenate(columns))),
        medians,
        level=LEVEL,
        method=f"bootstrap over modes, {RESAMPLES:,} resamples",
    )
