"""Parse JSON from files that may hold anything."""

from __future__ import annotations

import json
from typing import Any

from repsearch.errors import InputError


def parse_json(text: str | bytes, source: object, remedy: str) -> Any:
    """Parse JSON; refuse what is none, is nested too deep or holds numbers beyond all use.

    Parameters
    ----------
    text : str or bytes
        Content of a file, bytes in UTF-8.
    source : object
        The file, for messages.
    remedy : str
        What to do about it.

    Returns
    -------
    object
        Lists, dictionaries with str keys, str, numbers, None.

    Raises
    ------
    InputError
        No JSON, no UTF-8, lists in lists beyond what Python can follow, NaN and infinities,
        whole numbers of thousands of digits.

    Examples
    --------
    >>> parse_json('{"a": [1]}', "a.json", "write it anew")
    {'a': [1]}
    >>> parse_json("[" * 100_000, "a.json", "write it anew")
    Traceback (most recent call last):
    repsearch.errors.InputError: cannot read a.json: it is nested too deep; write it anew
    """
    try:
        return json.loads(text, parse_constant=_refused)
    except RecursionError:
        why = "it is nested too deep"
    except UnicodeDecodeError as error:
        why = f"it is no UTF-8 (byte {error.start + 1})"
    except json.JSONDecodeError as error:
        why = f"it is no JSON (line {error.lineno}, column {error.colno}: {error.msg})"
    except ValueError as error:
        why = f"it holds a number that makes no sense ({error})"
    raise InputError(f"cannot read {source}: {why}; {remedy}")


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")
