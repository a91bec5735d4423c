"""Check the bounds that strategies are given."""

from __future__ import annotations

from repsearch.checks import is_whole
from repsearch.errors import InputError


def check_bounds(what: str, lowest: int, highest: int, *, least: int = 1) -> None:
    """Refuse bounds that are not whole numbers in order.

    Parameters
    ----------
    what : str
        What is bounded, for the error.
    lowest, highest : int
        The bounds.
    least : int
        Smallest number allowed.

    Raises
    ------
    InputError
        Unless ``least <= lowest <= highest``, all whole numbers.
    """
    if not is_whole(lowest) or not is_whole(highest) or not least <= lowest <= highest:
        raise InputError(
            f"{what} is to be from {lowest!r} to {highest!r}; "
            f"pass whole numbers of at least {least}, the smaller one first"
        )
