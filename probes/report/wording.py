"""Write numbers as a reader wants them, each with its interval."""

from __future__ import annotations

from probes.shared.intervals import Interval

MINUS = "−"


def percent(share: float) -> str:
    """Give a share in per cent with one decimal, without the sign."""
    return signed(100 * share, 1)


def percent_range(interval: Interval) -> str:
    """Give the ends of an interval for a share, in per cent, such as ``"59.7 to 67.5"``."""
    return f"{percent(interval.low)} to {percent(interval.high)}"


def points(interval: Interval) -> str:
    """Give a difference of shares in percentage points, with its sign."""
    return signed(100 * interval.value, 1, plus=True)


def points_range(interval: Interval) -> str:
    """Give the ends of an interval for a difference of shares, in percentage points."""
    return (
        f"{signed(100 * interval.low, 1, plus=True)} to {signed(100 * interval.high, 1, plus=True)}"
    )


def correlation(value: float) -> str:
    """Give a correlation with three decimals."""
    return signed(value, 3)


def correlation_range(interval: Interval) -> str:
    """Give the ends of an interval for a correlation."""
    return f"{correlation(interval.low)} to {correlation(interval.high)}"


def signed(number: float, decimals: int, *, plus: bool = False) -> str:
    """Give a number with a proper minus, and a plus if wanted; zero has neither."""
    text = f"{abs(number):,.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        return text
    return f"{MINUS if number < 0 else '+' if plus else ''}{text}"


def level(interval: Interval) -> str:
    """Give the nominal coverage, such as ``"95 %"``."""
    return f"{100 * interval.level:g} %"
