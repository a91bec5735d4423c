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


def with_interval(interval: Interval, form: str = ".3g") -> str:
    """Give a number with the ends of its interval.

    Parameters
    ----------
    interval : Interval
        The number.
    form : str, default ".3g"
        Format of all three, as `format` takes it: ".1%" for shares, ".0f" for counts.

    Returns
    -------
    str
        The value, then both ends in brackets.

    Examples
    --------
    >>> accuracy = Interval(value=0.5217, low=0.41, high=0.63)
    >>> with_interval(accuracy)
    '0.522 [0.41, 0.63]'
    >>> with_interval(accuracy, ".0%")
    '52% [41%, 63%]'
    """
    return (
        f"{format(interval.value, form)} "
        f"[{format(interval.low, form)}, {format(interval.high, form)}]"
    )


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
