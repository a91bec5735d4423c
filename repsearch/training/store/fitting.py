"""Hold values that come from JSON against the annotations of the dataclass they are for."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from repsearch.checks import is_whole

_LARGEST = 2**63


def misfit(kind: type, values: Mapping[str, Any]) -> str | None:
    """Find the first field whose value is not of the type that it is annotated with.

    Parameters
    ----------
    kind : type
        Dataclass.
    values : mapping of str to object
        Values by the names of its fields; missing and unknown ones are not looked at.

    Returns
    -------
    str or None
        Name of the field; None if all fit.

    Examples
    --------
    >>> from repsearch.counts.window import Window
    >>> misfit(Window, {"size": 3, "weighting": "flat"}), misfit(Window, {"size": "3"})
    (None, 'size')
    """
    hints = get_type_hints(kind)
    for field in fields(kind):
        if field.name in values and not fits(values[field.name], hints[field.name]):
            return field.name
    return None


def fits(value: object, hint: Any) -> bool:
    """Whether a value is of an annotated type.

    Parameters
    ----------
    value : object
        Value.
    hint : object
        Annotation: a class, a protocol (``runtime_checkable``), a union, ``Literal``, a tuple,
        sequence or mapping. What else is not known fits any value.

    Returns
    -------
    bool
        Whole numbers fit float too, and must be of 64 bits.

    Examples
    --------
    >>> fits(3, float), fits(True, int), fits(10**30, float), fits((1, "a"), tuple[int, ...])
    (True, False, False, False)
    """
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in inner)
    if origin is Literal:
        return value in inner
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        return isinstance(value, tuple) and all(fits(item, inner[0]) for item in value)
    if origin is tuple:
        return (
            isinstance(value, tuple) and len(value) == len(inner) and all(map(fits, value, inner))
        )
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, Mapping)
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return isinstance(value, Sequence) and all(fits(item, inner[0]) for item in value)
    if hint is None or hint is type(None):
        return value is None
    if hint in (int, float):
        if isinstance(value, float):
            return hint is float
        return is_whole(value) and abs(value) < _LARGEST  # type: ignore[arg-type]
    # A protocol is met by whatever has its methods.
    return not isinstance(hint, type) or isinstance(value, hint)
