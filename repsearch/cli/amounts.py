"""Write times and rates as a terminal shows them."""

from __future__ import annotations


def rate(speed: float, unit: str) -> str:
    """Write how much is done a second.

    Parameters
    ----------
    speed : float
        Amount a second.
    unit : str
        Its unit.

    Returns
    -------
    str
        Such as ``" 12.3 M tokens/s"``; of equal width for equal units.

    Examples
    --------
    >>> rate(1.23e7, "tokens"), rate(0.012, "steps")
    (' 12.3 M tokens/s', '0.012 steps/s')
    """
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if speed >= factor:
            return f"{speed / factor:5.1f} {prefix} {unit}/s"
    return f"{speed:5.0f} {unit}/s" if speed >= 10 else f"{speed:5.2g} {unit}/s"


def clock(seconds: float | None) -> str:
    """Write a time as a clock does.

    Parameters
    ----------
    seconds : float or None
        None where it is unknown.

    Returns
    -------
    str
        Minutes and seconds, with hours where there are some.

    Examples
    --------
    >>> clock(75), clock(3675), clock(None)
    ('1:15', '1:01:15', '-:--')
    """
    if seconds is None:
        return "-:--"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
