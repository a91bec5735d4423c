"""Fit the exponent of a cost, and set it beside the exponents of the arithmetic."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import t as student

from benchmarks.growth.arithmetic import Sweep

FITTED = 4
"""The largest sizes, as many as are fitted."""
LEVEL = 0.95
_LEAST_BYTES = 4 << 20


@dataclass(frozen=True)
class Exponent:
    """A log-log slope with its interval."""

    value: float
    low: float
    high: float


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> Exponent:
    """Fit log cost by log size, with Student's interval for the slope.

    Residuals of four points have two degrees of freedom, so a bend widens the interval.
    """
    x, y = np.log(sizes), np.log(costs)
    x = x - x.mean()
    slope = float(x @ y / (x @ x))
    off = y - y.mean() - slope * x
    error = math.sqrt(float(off @ off) / (len(x) - 2) / float(x @ x))
    reach = float(student.ppf((1 + LEVEL) / 2, len(x) - 2)) * error
    return Exponent(slope, slope - reach, slope + reach)


@dataclass(frozen=True)
class Fitted:
    """One sweep: what was found beside what was predicted.

    Parameters
    ----------
    time, memory : Exponent or None
        Of the processor time and of the peak of memory; None where it is too small to tell.
    terms : dict of str to float
        Slope of each term of the arithmetic over the same sizes.
    """

    time: Exponent | None
    memory: Exponent | None
    terms: dict[str, float]

    @property
    def verdict(self) -> str:
        """Whether the interval lies above all terms, below all, or neither."""
        if self.time is None:
            return "too short to tell"
        if self.time.low > max(self.terms.values()):
            return "above"
        return "below" if self.time.high < min(self.terms.values()) else "as predicted"


def fitted(sweep: Sweep, rows: Sequence[dict[str, Any]]) -> Fitted:
    """Fit the largest sizes of a sweep.

    From the time of a row that of a call at tiny sizes in the same process is taken away: the
    constant is measured, not fitted.
    """
    upper = rows[-FITTED:]
    sizes = [row[sweep.axis] for row in upper]
    times = [row["processor_seconds"] - row["tiny_seconds"] for row in upper]
    peaks = [row["peak_bytes"] for row in upper]
    return Fitted(
        exponent(sizes, times) if min(times) > 0 else None,
        exponent(sizes, peaks) if min(peaks) >= _LEAST_BYTES else None,
        {
            name: exponent(sizes, [term(row) for row in upper]).value
            for name, term in sweep.terms.items()
        },
    )
