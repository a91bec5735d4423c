"""Fit a power law to a spectrum, and test whether it bends."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probes.result import WIDTH, Result
from probes.shared.intervals import (
    Interval,
    check_level,
    check_resampling,
    interval_cells,
    percentile_interval,
)
from repsearch.checks import is_whole
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FIRST_RANK = 10
FEWEST_RANKS = 12

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PowerLaw(Result):
    """The line λ_k = scale · k^(−exponent) through eigenvalues number `first` to `last`.

    Parameters
    ----------
    interval : Interval
        The exponent as it stands in the formula, positive where eigenvalues fall off; words,
        tables and pictures have that of the rank itself, which is negative then. Descriptive:
        how far the scatter about this one line leaves the slope open, and no statement about
        other corpora.
    scale : float
        What the line has at rank 1.
    first, last : int
        Ranks fitted, from 1, both included.
    r_squared : float
        Share of the variance of log λ that the line explains. Close to 1 for
        any curve that falls steadily, so no evidence of a power law.
    halves : (float, float)
        Exponents fitted to the ranks below and above the middle of the range
        (in log rank) alone. A power law has them equal.
    bend : Interval
        The second of them less the first; descriptive as well.
    settings : dict
        ``resamples`` and ``seed`` of the intervals.

    Examples
    --------
    >>> found = fit_power_law(3 * np.arange(1, 101) ** -0.5)
    >>> round(found.exponent, 6), found.at([1, 4]).round(3).tolist()
    (0.5, [3.0, 1.5])
    """

    name = "power-law"

    interval: Interval
    scale: float
    first: int
    last: int
    r_squared: float
    halves: tuple[float, float]
    bend: Interval
    settings: dict[str, Cell] = field(default_factory=dict)

    @property
    def exponent(self) -> float:
        """Give the exponent.

        Returns
        -------
        float
            Positive where eigenvalues fall off.
        """
        return self.interval.value

    @property
    def low(self) -> float:
        """Give the low end of the exponent's interval.

        Returns
        -------
        float
            Descriptive.
        """
        return self.interval.low

    @property
    def high(self) -> float:
        """Give the high end of the exponent's interval.

        Returns
        -------
        float
            Descriptive.
        """
        return self.interval.high

    @property
    def middle(self) -> int:
        """Give the rank at which the halves meet.

        Returns
        -------
        int
            The middle of the range in log rank.
        """
        return _middle(self.first, self.last)

    @property
    def bends(self) -> bool:
        """Decide whether the halves' exponents differ by more than scatter.

        Returns
        -------
        bool
            True where this is no power law.
        """
        return 0.0 not in self.bend

    def at(self, ranks: ArrayLike) -> _Floats:
        """Give heights of the line.

        Parameters
        ----------
        ranks : (n,) array_like
            Ranks, which need not be whole or in the range.

        Returns
        -------
        (n,) float64
            In the units of the eigenvalues.
        """
        k = np.asarray(ranks, dtype=np.float64)
        return np.asarray(self.scale * k**-self.exponent, dtype=np.float64)

    def summary(self) -> str:
        """Say how eigenvalues fall, and whether one power law describes them."""
        early, late = self.halves
        bent = (
            "The line bends, so one power law is a rough summary"
            if self.bends
            else "There is no clear bend, so one power law may do"
        )
        return (
            f"Between ranks {self.first} and {self.last} eigenvalues fall about as a power of the "
            f"rank with exponent {_of_rank(self.interval)} (a descriptive interval, no statement "
            f"about other corpora). {bent}: {-early:.3f} up to rank {self.middle}, {-late:.3f} "
            f"from there, a change of {_of_rank(self.bend)}."
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each number, with its interval where it has one."""
        early, late = self.halves
        intervals = {"exponent": _of_rank(self.interval), "bend": _of_rank(self.bend)}
        numbers = {
            "scale": self.scale,
            "exponent of the first half": -early,
            "exponent of the second half": -late,
            "r_squared": self.r_squared,
        }
        rows = [
            {"quantity": name, **interval_cells("value", interval, missing="")}
            for name, interval in intervals.items()
        ]
        for name, number in numbers.items():
            cells = interval_cells("value", None, missing="")
            rows.append({"quantity": name, **cells, "value": float(number)})
        return rows

    def rests_on(self) -> dict[str, Cell]:
        """Give the ranks fitted, and how intervals were made."""
        return {
            "first": self.first,
            "last": self.last,
            "level": self.interval.level,
            "intervals": self.interval.method,
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Give the exponents in one line, wrapped at `width`."""
        early, late = self.halves
        return textwrap.fill(
            f"exponent {_of_rank(self.interval)} over ranks {self.first} to {self.last} "
            f"({-early:.3f} to rank {self.middle}, {-late:.3f} from there)",
            width,
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the exponent, and by how much that of the later half differs."""
        from probes.drawing.interval_rows import plot_intervals

        numbers = {
            "exponent": _of_rank(self.interval),
            "later half less earlier": _of_rank(self.bend),
        }
        return plot_intervals(numbers, label="exponent of the rank", reference=0.0, ax=ax)


def fit_power_law(
    eigenvalues: ArrayLike,
    *,
    first: int = FIRST_RANK,
    last: int | None = None,
    seed: int = 0,
    level: float = 0.95,
    resamples: int = 2000,
) -> PowerLaw:
    """Fit a line by least squares to log λ_k against log k.

    Every rank weighs the same, so the tail of the range, where ranks lie
    closest on a log axis, decides. The interval comes from a circular block
    bootstrap of the residuals, which keeps runs of neighbours together: about
    a line that eigenvalues do not follow, residuals are one slow wave, and
    taking them for independent would give an interval many times too narrow.
    Blocks are as long as it takes the residuals' autocorrelation to vanish.
    The stronger that is, the further coverage falls below the nominal level:
    the interval describes the scatter, and is no promise.

    Parameters
    ----------
    eigenvalues : array_like of float, shape (d,)
        Eigenvalues in decreasing order.
    first, last : int
        Ranks to fit, from 1, both included; by default 10 and that of the last
        positive eigenvalue.
    seed : int, default 0
        Seed of the bootstrap.
    level : float, default 0.95
        Nominal coverage of the intervals.
    resamples : int, default 2000
        Resamples of the residuals.

    Returns
    -------
    PowerLaw
        The line, with what it takes to distrust it.

    Raises
    ------
    InputError
        Ranks out of range or fewer than twelve, an eigenvalue in the range
        that is not positive, or an option that cannot be used.

    References
    ----------
    Politis and Romano 1992, "A circular block-resampling procedure for
    stationary data", in: Exploring the limits of bootstrap, 263-270.

    Examples
    --------
    Eigenvalues that fall faster and faster follow no power law:

    >>> ranks = np.arange(1, 101)
    >>> found = fit_power_law(np.exp(-0.1 * np.log(ranks) ** 2))
    >>> [round(half, 2) for half in found.halves], found.bends
    ([0.58, 0.82], True)
    """
    check_level(level)
    check_resampling(seed=seed, resamples=resamples)
    values = np.asarray(eigenvalues, dtype=np.float64)
    first, last = checked_ranks(values, first, last)
    x = np.log(np.arange(first, last + 1))
    y = np.log(values[first - 1 : last])
    slope, height = _line(x, y)
    middle = _middle(first, last) - first
    early, late = _half_weights(x, middle)
    # About a parabola, for a bend must not count as scatter about itself.
    curve = np.polynomial.Polynomial.fit(x, y, 2)(x)
    rng = np.random.default_rng(seed)
    residuals = y - (height + slope * x)
    around_line, method = _resampled(residuals, _line_weights(x), rng, resamples)
    around_curve, bend_method = _resampled(y - curve, late - early, rng, resamples)
    exponents = -float(early @ y), -float(late @ y)
    spread = float(y.var())
    return PowerLaw(
        interval=percentile_interval(-slope, -slope - around_line, level=level, method=method),
        scale=float(np.exp(height)),
        first=first,
        last=last,
        r_squared=1 - float(residuals.var()) / spread if spread > 0 else 1.0,
        halves=exponents,
        bend=percentile_interval(
            exponents[1] - exponents[0],
            exponents[1] - exponents[0] - around_curve,
            level=level,
            method=bend_method,
        ),
        settings={"resamples": resamples, "seed": seed},
    )


def checked_ranks(
    values: NDArray[np.floating[Any]], first: int, last: int | None
) -> tuple[int, int]:
    """Check the ranks to fit, and fill in the last.

    Parameters
    ----------
    values : (d,) float
        Eigenvalues in decreasing order.
    first, last : int
        Ranks, from 1; None stands for the last positive eigenvalue's.

    Returns
    -------
    tuple of (int, int)
        The first and the last rank.

    Raises
    ------
    InputError
        They cannot be fitted.
    """
    if values.ndim != 1 or not np.isfinite(values).all():
        raise InputError("a power law is fitted to one row of finite eigenvalues")
    positive = int(np.argmin(np.append(values > 0, False)))
    if positive == 0:
        raise InputError("no eigenvalue is positive, so there is no power law to fit")
    last = positive if last is None else last
    for rank in (first, last):
        if not is_whole(rank) or rank < 1:
            raise InputError(f"ranks are whole numbers from 1 up; got {rank!r}")
    if last > positive:
        raise InputError(
            f"only the first {positive} eigenvalues are there and positive, so a power law "
            f"cannot be fitted up to rank {last}; end at {positive}"
        )
    if last - first + 1 < FEWEST_RANKS:
        raise InputError(
            f"ranks {first} to {last} are too few for a power law; give at least {FEWEST_RANKS}"
        )
    return int(first), int(last)


def _middle(first: int, last: int) -> int:
    return round(math.sqrt(first * last))


def _line_weights(x: _Floats) -> _Floats:
    """What the least-squares slope multiplies the heights with."""
    centred = x - x.mean()
    return np.asarray(centred / (centred @ centred), dtype=np.float64)


def _half_weights(x: _Floats, middle: int) -> tuple[_Floats, _Floats]:
    """The same for the slopes of the ranks up to the middle one and from there on."""
    early, late = np.zeros_like(x), np.zeros_like(x)
    early[: middle + 1] = _line_weights(x[: middle + 1])
    late[middle:] = _line_weights(x[middle:])
    return early, late


def _resampled(
    residuals: _Floats, weights: _Floats, rng: np.random.Generator, resamples: int
) -> tuple[_Floats, str]:
    """What residuals, drawn anew in blocks, add to a slope, and how they were drawn."""
    n = len(residuals)
    block = _block_length(residuals)
    starts = rng.integers(n, size=(resamples, -(-n // block), 1))
    drawn = residuals[((starts + np.arange(block)) % n).reshape(resamples, -1)[:, :n]]
    return drawn @ weights, (
        f"descriptive: circular bootstrap of residuals in blocks of {block} ranks, "
        f"{resamples:,} resamples"
    )


def _line(x: _Floats, y: _Floats) -> tuple[float, float]:
    """Slope, and height at 0, of the least-squares line."""
    slope = float(_line_weights(x) @ y)
    return slope, float(y.mean() - slope * x.mean())


def _block_length(residuals: _Floats) -> int:
    n = len(residuals)
    shortest, longest = max(2, round(math.cbrt(n))), n // 3
    for lag in range(1, longest):
        if residuals[:-lag] @ residuals[lag:] <= 0:
            return max(shortest, lag)
    return longest


def _of_rank(exponent: Interval) -> Interval:
    """The exponent that the rank itself has, of the one in k^(-exponent)."""
    return replace(exponent, value=-exponent.value, low=-exponent.high, high=-exponent.low)
