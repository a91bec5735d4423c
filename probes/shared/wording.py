"""Write numbers into sentences: with their nouns, their intervals, as percentages."""

from __future__ import annotations

from collections.abc import Sequence

from probes.shared.intervals import Interval


def counted(number: int, noun: str, plural: str = "") -> str:
    """Give a number with its noun, as in "1 pair" and "1,200 pairs".

    Parameters
    ----------
    number : int
        Number of things.
    noun, plural : str
        Word for one thing and for more; the noun with an s by default.

    Returns
    -------
    str
        With commas between thousands.

    Examples
    --------
    >>> counted(1, "family", "families"), counted(1200, "pair")
    ('1 family', '1,200 pairs')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def with_interval(interval: Interval, form: str = ".3g", *, scale: float = 1.0) -> str:
    """Give a number with the ends of its interval.

    Parameters
    ----------
    interval : Interval
        Number with its interval.
    form : str, default ".3g"
        Format of all three, as `format` takes it: ".1%" for shares, ".0f" for counts.
    scale : float, default 1
        Factor on all three, such as 100 for points.

    Returns
    -------
    str
        Value, then both ends in brackets.

    Examples
    --------
    >>> accuracy = Interval(value=0.5217, low=0.41, high=0.63)
    >>> with_interval(accuracy)
    '0.522 [0.41, 0.63]'
    >>> with_interval(accuracy, ".0%")
    '52% [41%, 63%]'
    """
    ends = (interval.value, interval.low, interval.high)
    value, low, high = (format(scale * number, form) for number in ends)
    return f"{value} [{low}, {high}]"


def listed(words: Sequence[str]) -> str:
    """Join words with commas and a last "and".

    Parameters
    ----------
    words : sequence of str
        Words in the order in which they are to stand.

    Returns
    -------
    str
        Empty for no words.

    Examples
    --------
    >>> listed(["time", "dimension", "seed"])
    'time, dimension and seed'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def interval_of(level: float) -> str:
    """Name an interval by its level, for a legend.

    Parameters
    ----------
    level : float
        Nominal coverage.

    Returns
    -------
    str

    Examples
    --------
    >>> interval_of(0.95), interval_of(0.5)
    ('95 % interval', '50 % interval')
    """
    return f"{100 * level:.3g} % interval"
