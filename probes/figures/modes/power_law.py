"""A power law through a spectrum, with what it takes to distrust it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probes.shared.intervals import Interval, check_level, check_resampling, percentile_interval
from repsearch.checks import is_whole
from repsearch.errors import InputError

FIRST_RANK = 10
FEWEST_RANKS = 12

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PowerLaw:
    """The line λ_k = scale · k^(−exponent) through eigenvalues number `first` to `last`.

    Parameters
    ----------
    interval : Interval
        The exponent, positive where eigenvalues fall off. Descriptive: how far
        the scatter about this one line leaves the slope open, and no statement
        about other corpora.
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
    """

    interval: Interval
    scale: float
    first: int
    last: int
    r_squared: float
    halves: tuple[float, float]
    bend: Interval

    @property
    def exponent(self) -> float:
        """The exponent itself."""
        return self.interval.value

    @property
    def low(self) -> float:
        """Low end of the descriptive interval."""
        return self.interval.low

    @property
    def high(self) -> float:
        """High end of the descriptive interval."""
        return self.interval.high

    @property
    def middle(self) -> int:
        """The rank at which the halves meet."""
        return _middle(self.first, self.last)

    @property
    def bends(self) -> bool:
        """Whether the halves' exponents differ by more than scatter: this is no power law."""
        return 0.0 not in self.bend

    def at(self, ranks: ArrayLike) -> _Floats:
        """Heights of the line at ranks (n,), which need not be whole or in the range."""
        k = np.asarray(ranks, dtype=np.float64)
        return np.asarray(self.scale * k**-self.exponent, dtype=np.float64)

    def __str__(self) -> str:
        early, late = self.halves
        return (
            f"exponent {self.interval} over ranks {self.first} to {self.last} "
            f"({early:.3f} to rank {self.middle}, {late:.3f} from there)"
        )


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
        In decreasing order.
    first, last : int
        Ranks to fit, from 1, both included; by default 10 and that of the last
        positive eigenvalue.
    seed : int, default 0
        Of the bootstrap.
    level : float, default 0.95
        Nominal coverage.
    resamples : int, default 2000
        How many.

    Raises
    ------
    InputError
        Ranks out of range or fewer than twelve, an eigenvalue in the range
        that is not positive, or an option that cannot be used.

    References
    ----------
    Politis and Romano 1992, "A circular block-resampling procedure for
    stationary data", in: Exploring the limits of bootstrap, 263-270.
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
    )


def checked_ranks(
    values: NDArray[np.floating[Any]], first: int, last: int | None
) -> tuple[int, int]:
    """Give the ranks to fit, `last` being filled in.

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
