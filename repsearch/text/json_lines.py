"""Read the text field of a JSON line."""

from __future__ import annotations

import json
from pathlib import Path

from repsearch.errors import InputError


def json_text(line: str, name: str, path: Path, number: int) -> str:
    """Read one field of a line that is a JSON object.

    Parameters
    ----------
    line : str
        The line.
    name : str
        Field that holds the text.
    path : Path
        File the line is from, for the message.
    number : int
        Number of the line in it, from 1.

    Returns
    -------
    str
        Content of the field.

    Raises
    ------
    InputError
        The line is not a JSON object, has no such field, or the field holds no text.

    Examples
    --------
    >>> json_text('{"id": 7, "text": "the cat sat"}', "text", Path("a.jsonl"), 1)
    'the cat sat'
    """
    where = f"{path}, line {number:,}"
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:  # a ValueError also for a very long number
        raise InputError(f"{where}, is no JSON ({error}); write one object a line") from None
    if not isinstance(record, dict):
        raise InputError(
            f"{where}, is no JSON object but {_json_kind(record)}; write one object a line"
        )
    text = record.get(name)
    if isinstance(text, str):
        return text
    if name in record:
        raise InputError(
            f"{where}: field {name!r} holds {_json_kind(text)}, not text; choose another field"
        )
    fields = ", ".join(map(repr, sorted(record))) or "none"
    raise InputError(f"{where}, has no field {name!r}; choose one of its fields: {fields}")


def _json_kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return kinds.get(type(value), "null" if value is None else "a number")
