"""Lay numbers and words out for the page's script, small and harmless."""

from __future__ import annotations

import base64
import gzip
import json
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probes.shared.intervals import Interval

_DIGITS = 5
_LARGEST = 32767


def rounded(number: float | None) -> float | None:
    """Keep five digits, which is more than a picture shows.

    Parameters
    ----------
    number : float or None
        Any number.

    Returns
    -------
    float or None
        None for what is no finite number.

    Examples
    --------
    >>> rounded(0.123456789), rounded(float("inf")), rounded(None)
    (0.12346, None, None)
    """
    if number is None or not math.isfinite(number):
        return None
    return float(f"{number:.{_DIGITS}g}")


def listed_numbers(numbers: Iterable[float | None]) -> list[float | None]:
    """Keep five digits of each.

    Parameters
    ----------
    numbers : iterable of float or None
        Numbers.

    Returns
    -------
    list of float or None
    """
    return [rounded(number) for number in numbers]


def with_ends(interval: Interval | None) -> list[float | None] | None:
    """Give a number and the ends of its interval.

    Parameters
    ----------
    interval : Interval or None
        Number with its interval.

    Returns
    -------
    list of float, or None
        Value, low, high.
    """
    if interval is None:
        return None
    return [rounded(interval.value), rounded(interval.low), rounded(interval.high)]


def in_steps(columns: NDArray[np.floating[Any]]) -> dict[str, list[Any]]:
    """Write each column in whole steps of 1 / 32767 of its largest entry.

    Parameters
    ----------
    columns : (n, k) float
        Finite numbers.

    Returns
    -------
    dict
        ``step`` of each column, and ``columns`` of whole numbers; their product is within half a
        step of what was passed.

    Examples
    --------
    >>> laid = in_steps(np.array([[1.0], [-0.5]]))
    >>> [round(laid["step"][0] * whole, 4) for whole in laid["columns"][0]]
    [1.0, -0.5]
    """
    largest = np.abs(columns).max(axis=0, initial=0.0).astype(float)
    step = np.where(largest > 0, largest, 1.0) / _LARGEST
    whole = np.rint(columns / step).astype(int)
    return {"step": step.tolist(), "columns": whole.T.tolist()}


def packed(text: str) -> str:
    """Compress a text for a page, which unpacks it when it is opened.

    Equal texts give equal results, and no letter of the result can end a script or be acted on.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Base64 of its gzip file.

    Examples
    --------
    >>> unpacked(packed("</script> 猫"))
    '</script> 猫'
    """
    return base64.b64encode(gzip.compress(text.encode("utf-8"), 9, mtime=0)).decode("ascii")


def unpacked(text: str) -> str:
    """Give back what `packed` was passed.

    Parameters
    ----------
    text : str
        What it returned.

    Returns
    -------
    str
    """
    return gzip.decompress(base64.b64decode(text)).decode("utf-8")


def packed_json(content: object) -> str:
    """Compress numbers and words, as JSON.

    Parameters
    ----------
    content : object
        What JSON can hold; numbers are finite.

    Returns
    -------
    str
        As `packed` gives it.
    """
    return packed(json.dumps(content, separators=(",", ":"), allow_nan=False))
