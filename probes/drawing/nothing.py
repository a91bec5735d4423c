"""Name the error of a result that has too little for a picture."""

from __future__ import annotations

from repsearch.errors import InputError


class NothingToDrawError(InputError):
    """Too little for a picture; the message has the reason.

    Examples
    --------
    >>> from probes.drawing.interval_rows import plot_intervals
    >>> try:
    ...     plot_intervals({"plural": None}, label="accuracy")
    ... except InputError as error:
    ...     print(error)
    there is no number to draw
    """
