"""Write numbers into sentences: with their nouns, their intervals, as percentages."""

from __future__ import annotations

from collections.abc import Sequence

from probes.shared.intervals import Interval


def counted(number: int, noun: str, plural: str = "") -> str:
    """Give a number with its noun, as in "1 pair" and "1,200 pairs".

    Parameters
    ----------
    number : int
        How many.
    noun, plural : str
        For one, and for more; the noun with an s by default.

    Returns
    -------
    str

    Examples
    --------
    >>> counted(1, "family", "families"), counted(1200, "pair")
    ('1 family', '1,200 pairs')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def with_interval(interval: Interval, *, digits: int = 3, scale: float = 1.0) -> str:
    """Give a number with its interval, as in "0.52 [0.41, 0.63]".

    Parameters
    ----------
    interval : Interval
        The number.
    digits : int, default 3
        Significant ones.
    scale : float, default 1
        What all three are multiplied by.

    Returns
    -------
    str
    """
    middle, low, high = (
        f"{scale * end:.{digits}g}" for end in (interval.value, interval.low, interval.high)
    )
    return f"{middle} [{low}, {high}]"


def listed(words: Sequence[str]) -> str:
    """Join words with commas and a last "and".

    Parameters
    ----------
    words : sequence of str
        In the order in which they are to stand.

    Returns
    -------
    str

    Examples
    --------
    >>> listed(["time", "dimension", "seed"])
    'time, dimension and seed'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
